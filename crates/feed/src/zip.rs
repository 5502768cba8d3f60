//! Reads a zip file entry by entry (APPNOTE.TXT 6.3.10), with memory for one entry: the list of
//! entries is read as a stream too, since the exports have hundreds of thousands.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Seek, SeekFrom};
use std::os::unix::fs::FileExt;

use flate2::{Decompress, FlushDecompress, Status};

/// The first bytes of a zip file.
pub(crate) const MAGIC: [u8; 4] = *b"PK\x03\x04";
const ENTRY: u32 = 0x0201_4b50;
const END: [u8; 4] = *b"PK\x05\x06";
const END_64: u32 = 0x0606_4b50;
const END_64_PLACE: u32 = 0x0706_4b50;
/// The end record, with the longest comment.
const END_LONGEST: u64 = 22 + 0xffff;
const STORED: u16 = 0;
const DEFLATED: u16 = 8;

fn odd(what: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, format!("zip: {what}"))
}

/// The entries of a zip file, in the order of its list.
pub struct Zip {
    file: File,
    list: BufReader<File>,
    left: u64,
    largest: usize,
    inflate: Decompress,
}

/// An entry: its name, and its bytes or why there are none.
pub struct Entry {
    /// Its name.
    pub name: String,
    /// Its bytes, or why there are none.
    pub bytes: io::Result<Vec<u8>>,
}

/// An entry as it is packed.
pub(crate) struct Packed {
    pub(crate) name: String,
    pub(crate) method: u16,
    pub(crate) crc: u32,
    /// Its length unpacked, in bytes.
    pub(crate) size: u64,
    pub(crate) bytes: Vec<u8>,
}

impl Zip {
    /// Finds the list. Entries larger than `largest` bytes are told and not read.
    ///
    /// # Errors
    /// When it is no zip file, or cannot be read.
    pub fn open(file: File, largest: usize) -> io::Result<Self> {
        let length = file.metadata()?.len();
        let (entries, at) = end(&file, length)?;
        let mut list = BufReader::new(file.try_clone()?);
        list.seek(SeekFrom::Start(at))?;
        Ok(Self { file, list, left: entries, largest, inflate: Decompress::new(false) })
    }

    /// The next entry that is no folder; none after the last.
    ///
    /// # Errors
    /// When the list itself cannot be read: what follows is lost.
    pub fn entry(&mut self) -> io::Result<Option<Entry>> {
        while self.left > 0 {
            self.left -= 1;
            let head = Head::read(&mut self.list)?;
            if !head.name.ends_with('/') {
                let bytes = self.bytes(&head);
                return Ok(Some(Entry { name: head.name, bytes }));
            }
        }
        Ok(None)
    }

    /// The next entry that is no folder, as it is packed; none after the last. It is not held to its
    /// checksum: whoever unpacks it does that.
    ///
    /// # Errors
    /// When the list or an entry cannot be read.
    pub(crate) fn next_packed(&mut self) -> io::Result<Option<Packed>> {
        while self.left > 0 {
            self.left -= 1;
            let head = Head::read(&mut self.list)?;
            if !head.name.ends_with('/') {
                let bytes = self.packed(&head)?.0;
                let Head { name, method, crc, size, .. } = head;
                return Ok(Some(Packed { name, method, crc, size, bytes }));
            }
        }
        Ok(None)
    }

    fn bytes(&mut self, head: &Head) -> io::Result<Vec<u8>> {
        let (bytes, size) = self.packed(head)?;
        let bytes = match head.method {
            STORED => bytes,
            DEFLATED => self.inflated(&bytes, size)?,
            other => return Err(odd(&format!("an entry is packed by method {other}"))),
        };
        let mut sum = flate2::Crc::new();
        sum.update(&bytes);
        if bytes.len() != size || sum.sum() != head.crc {
            return Err(odd("an entry does not match its checksum"));
        }
        Ok(bytes)
    }

    /// An entry as it is packed, and how long it is unpacked.
    fn packed(&self, head: &Head) -> io::Result<(Vec<u8>, usize)> {
        if head.flags & 1 == 1 {
            return Err(odd("an entry is encrypted"));
        }
        let sizes = usize::try_from(head.packed).ok().zip(usize::try_from(head.size).ok());
        let fits =
            |(packed, size): &(usize, usize)| *packed <= self.largest && *size <= self.largest;
        let (packed, size) = sizes
            .filter(fits)
            .ok_or_else(|| odd(&format!("an entry is longer than {} bytes", self.largest)))?;
        let mut local = [0; 30];
        self.file.read_exact_at(&mut local, head.at)?;
        if !local.starts_with(&MAGIC) {
            return Err(odd("an entry is not where the list says"));
        }
        let skip = 30 + u64::from(u16_at(&local, 26)) + u64::from(u16_at(&local, 28));
        let mut bytes = vec![0; packed];
        self.file.read_exact_at(&mut bytes, head.at.saturating_add(skip))?;
        Ok((bytes, size))
    }

    fn inflated(&mut self, packed: &[u8], size: usize) -> io::Result<Vec<u8>> {
        self.inflate.reset(false);
        // One byte more, so that an entry that is longer than it says is seen to be.
        let mut out = Vec::with_capacity(size + 1);
        let end = self.inflate.decompress_vec(packed, &mut out, FlushDecompress::Finish);
        match end {
            Ok(Status::StreamEnd) => Ok(out),
            Ok(_) => Err(odd("an entry is not as long as it says")),
            Err(error) => Err(odd(&error.to_string())),
        }
    }
}

/// What the list says of an entry.
struct Head {
    name: String,
    flags: u16,
    method: u16,
    crc: u32,
    packed: u64,
    size: u64,
    at: u64,
}

impl Head {
    fn read(list: &mut impl BufRead) -> io::Result<Self> {
        let mut fixed = [0; 46];
        list.read_exact(&mut fixed)?;
        if u32_at(&fixed, 0) != ENTRY {
            return Err(odd("the list of entries is broken"));
        }
        let mut read = |at: usize| {
            let mut bytes = vec![0; usize::from(u16_at(&fixed, at))];
            list.read_exact(&mut bytes).map(|()| bytes)
        };
        let (name, extra, _comment) = (read(28)?, read(30)?, read(32)?);
        let mut head = Self {
            name: String::from_utf8_lossy(&name).into_owned(),
            flags: u16_at(&fixed, 8),
            method: u16_at(&fixed, 10),
            crc: u32_at(&fixed, 16),
            packed: u32_at(&fixed, 20).into(),
            size: u32_at(&fixed, 24).into(),
            at: u32_at(&fixed, 42).into(),
        };
        head.widen(&extra);
        Ok(head)
    }

    /// Numbers that need more than 32 bits stand in the extra field 1, in this order (4.5.3).
    fn widen(&mut self, extra: &[u8]) {
        let mut rest = extra;
        while let (Some(id), Some(length)) = (rest.get(..2), rest.get(2..4)) {
            let length = usize::from(u16_at(length, 0));
            let body = rest.get(4..4 + length).unwrap_or_default();
            if u16_at(id, 0) == 1 {
                let mut wide = body.as_chunks::<8>().0.iter().map(|n| u64::from_le_bytes(*n));
                for number in [&mut self.size, &mut self.packed, &mut self.at] {
                    if *number == u64::from(u32::MAX) {
                        *number = wide.next().unwrap_or(*number);
                    }
                }
            }
            rest = rest.get(4 + length..).unwrap_or_default();
        }
    }
}

/// The number of entries, and where their list begins.
fn end(file: &File, length: u64) -> io::Result<(u64, u64)> {
    let from = length.saturating_sub(END_LONGEST);
    let mut tail = vec![0; usize::try_from(length - from).unwrap_or_default()];
    file.read_exact_at(&mut tail, from)?;
    let at = tail.windows(END.len()).rposition(|bytes| bytes == END);
    let at = at.filter(|at| at + 22 <= tail.len()).ok_or_else(|| odd("it has no end"))?;
    let record = tail.get(at..).unwrap_or_default();
    let (entries, list) = (u16_at(record, 10), u32_at(record, 16));
    if entries != u16::MAX && list != u32::MAX {
        return Ok((entries.into(), list.into()));
    }
    let place = at.checked_sub(20).and_then(|at| tail.get(at..at + 20)).unwrap_or_default();
    if u32_at(place, 0) != END_64_PLACE {
        return Ok((entries.into(), list.into()));
    }
    let mut wide = [0; 56];
    file.read_exact_at(&mut wide, u64_at(place, 8))?;
    if u32_at(&wide, 0) != END_64 {
        return Err(odd("its end is broken"));
    }
    Ok((u64_at(&wide, 32), u64_at(&wide, 48)))
}

fn number<const N: usize>(bytes: &[u8], at: usize) -> [u8; N] {
    bytes.get(at..).and_then(|rest| rest.first_chunk()).copied().unwrap_or([0; N])
}

fn u16_at(bytes: &[u8], at: usize) -> u16 {
    u16::from_le_bytes(number(bytes, at))
}

fn u32_at(bytes: &[u8], at: usize) -> u32 {
    u32::from_le_bytes(number(bytes, at))
}

fn u64_at(bytes: &[u8], at: usize) -> u64 {
    u64::from_le_bytes(number(bytes, at))
}

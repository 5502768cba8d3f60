//! The sections of a database, each in a temporary file until all are known, and then one file.

use std::fs::File;
use std::io::{self, BufReader, BufWriter, Read, Seek, SeekFrom, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use dockward_advisory::database::write::{
    Checksum, Kind, Placed, directory_bits, entry, head, head_length, run_of,
};

/// The length of an entry of an index, in bytes.
const ENTRY: u64 = 16;

/// A section that is being written.
pub(crate) struct Section {
    kind: Kind,
    file: BufWriter<File>,
    pub(crate) length: u64,
}

impl Section {
    pub(crate) fn new(kind: Kind, folder: &Path) -> io::Result<Self> {
        Ok(Self { kind, file: BufWriter::new(tempfile::tempfile_in(folder)?), length: 0 })
    }

    pub(crate) fn put(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.length += bytes.len() as u64;
        self.file.write_all(bytes)
    }

    fn reader(&mut self) -> io::Result<BufReader<File>> {
        self.file.flush()?;
        let mut file = self.file.get_ref().try_clone()?;
        file.seek(SeekFrom::Start(0))?;
        Ok(BufReader::with_capacity(1 << 16, file))
    }
}

/// Entries in the order of their hashes, and the directory over them.
pub(crate) struct Entries {
    section: Section,
    count: u64,
}

impl Entries {
    pub(crate) fn new(kind: Kind, folder: &Path) -> io::Result<Self> {
        Ok(Self { section: Section::new(kind, folder)?, count: 0 })
    }

    pub(crate) fn put(&mut self, hash: u64, offset: u64) -> io::Result<()> {
        self.count += 1;
        if self.count > u64::from(u32::MAX) {
            return Err(io::Error::other("more names than a database can hold"));
        }
        self.section.put(&entry(hash, offset))
    }

    /// The directory, then the entries.
    pub(crate) fn finish(mut self, kind: Kind, folder: &Path) -> io::Result<[Section; 2]> {
        let mut directory = Section::new(kind, folder)?;
        let bits = directory_bits(self.count);
        let mut reader = self.section.reader()?;
        let (mut run, mut before) = (0, 0_u32);
        for _ in 0..self.section.length / ENTRY {
            let (mut hash, mut rest) = ([0; 8], [0; 8]);
            reader.read_exact(&mut hash)?;
            reader.read_exact(&mut rest)?;
            while run <= run_of(u64::from_le_bytes(hash), bits) {
                directory.put(&before.to_le_bytes())?;
                run += 1;
            }
            before += 1;
        }
        while run <= 1 << bits {
            directory.put(&before.to_le_bytes())?;
            run += 1;
        }
        Ok([directory, self.section])
    }
}

/// Puts sections into one file, and that in the place of `target`: whoever has the old one open keeps
/// it as it was.
pub(crate) fn publish(sections: Vec<Section>, target: &Path, folder: &Path) -> io::Result<u64> {
    let mut file = tempfile::Builder::new().prefix(".advisories-").tempfile_in(folder)?;
    let mut at = head_length(sections.len());
    let mut placed = Vec::new();
    let mut out = BufWriter::with_capacity(1 << 16, file.as_file_mut());
    out.write_all(&vec![0; usize::try_from(at).unwrap_or_default()])?;
    for mut section in sections {
        let pad = at.next_multiple_of(8) - at;
        out.write_all(&[0; 8][..pad as usize])?;
        at += pad;
        let (length, checksum) = copy(section.reader()?, &mut out)?;
        placed.push(Placed { kind: section.kind, offset: at, length, checksum });
        at += length;
    }
    out.seek(SeekFrom::Start(0))?;
    out.write_all(&head(&placed, at))?;
    out.flush()?;
    drop(out);
    // Advisories are no secret, and scans may run as somebody else.
    file.as_file().set_permissions(std::fs::Permissions::from_mode(0o644))?;
    file.as_file().sync_all()?;
    file.persist(target).map_err(|error| error.error)?;
    File::open(folder)?.sync_all()?;
    Ok(at)
}

fn copy(mut from: impl Read, to: &mut impl Write) -> io::Result<(u64, u64)> {
    let (mut length, mut sum) = (0, Checksum::default());
    let mut buffer = vec![0; 1 << 16];
    loop {
        let read = from.read(&mut buffer)?;
        let Some(bytes) = buffer.get(..read).filter(|bytes| !bytes.is_empty()) else {
            return Ok((length, sum.value()));
        };
        sum = sum.with(bytes);
        length += read as u64;
        to.write_all(bytes)?;
    }
}

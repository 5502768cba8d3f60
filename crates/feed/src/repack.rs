//! A zip of records anew: entries that stay are copied as they are packed, others are left out or
//! added (APPNOTE.TXT 6.3.10).

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;

use flate2::write::DeflateEncoder;
use flate2::{Compression, Crc};

use crate::listing::{Listing, seconds};
use crate::zip::{Packed, Zip};

/// The largest record, in bytes.
pub(crate) const LARGEST_RECORD: usize = 64 << 20;
const DEFLATED: u16 = 8;
/// 2.0: deflate.
const NEEDED: u16 = 20;
/// Names are UTF-8.
const FLAGS: u16 = 1 << 11;

/// What is had of a record to know which one it is, and of when.
#[derive(serde::Deserialize)]
pub(crate) struct Stamp {
    pub(crate) id: String,
    modified: String,
}

impl Stamp {
    pub(crate) fn read(json: &[u8]) -> Option<(String, jiff::Timestamp)> {
        let stamp: Self = serde_json::from_slice(json).ok()?;
        Some((stamp.id, seconds(&stamp.modified)?))
    }
}

/// The records of a zip, every one unpacked and held to its checksum. An entry that is no record is
/// an error: what came is not what a source publishes.
pub(crate) fn held(zip: &Path) -> io::Result<Listing> {
    let mut zip = Zip::open(File::open(zip)?, LARGEST_RECORD)?;
    let mut listing = Listing::default();
    while let Some(entry) = zip.entry()? {
        let bytes = entry
            .bytes
            .map_err(|why| io::Error::other(format!("{}: {why}", crate::osv::line(&entry.name))))?;
        let (id, time) = Stamp::read(&bytes).ok_or_else(|| {
            io::Error::other(format!("{} is no record", crate::osv::line(&entry.name)))
        })?;
        listing.0.insert(id, time);
    }
    Ok(listing)
}

/// Writes `to`: the records of `from`, but for those that are gone, and those of `fresh` in the place
/// of older ones.
pub(crate) fn repack(
    from: &Path,
    fresh: &BTreeMap<String, Vec<u8>>,
    gone: &[String],
    to: &Path,
) -> io::Result<()> {
    let left_out: BTreeSet<&str> = fresh.keys().chain(gone).map(String::as_str).collect();
    let mut zip = Zip::open(File::open(from)?, LARGEST_RECORD)?;
    let mut writer = Writer::new(to)?;
    while let Some(entry) = zip.next_packed()? {
        let id = entry.name.strip_suffix(".json").unwrap_or(&entry.name);
        if !left_out.contains(id) {
            writer.put(&entry)?;
        }
    }
    for (id, json) in fresh {
        writer.put(&packed(format!("{id}.json"), json)?)?;
    }
    writer.finish()
}

fn packed(name: String, bytes: &[u8]) -> io::Result<Packed> {
    let mut sum = Crc::new();
    sum.update(bytes);
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes)?;
    let size = bytes.len() as u64;
    Ok(Packed { name, method: DEFLATED, crc: sum.sum(), size, bytes: encoder.finish()? })
}

/// Writes entries, then their list.
struct Writer {
    file: BufWriter<File>,
    at: u64,
    list: Vec<u8>,
    count: u64,
}

fn too_large() -> io::Error {
    io::Error::other("a zip of more than 4 GB is not written")
}

fn short(number: u64) -> io::Result<u32> {
    u32::try_from(number).map_err(|_| too_large())
}

impl Writer {
    fn new(path: &Path) -> io::Result<Self> {
        let file = BufWriter::new(File::create(path)?);
        Ok(Self { file, at: 0, list: Vec::new(), count: 0 })
    }

    fn put(&mut self, entry: &Packed) -> io::Result<()> {
        let at = short(self.at)?;
        let name = u16::try_from(entry.name.len()).map_err(|_| too_large())?;
        let mut facts = Vec::new();
        for number in [FLAGS, entry.method, 0, 0] {
            // Method, then time and date of DOS: none.
            facts.extend(number.to_le_bytes());
        }
        for number in [entry.crc, short(entry.bytes.len() as u64)?, short(entry.size)?] {
            facts.extend(number.to_le_bytes());
        }
        facts.extend(name.to_le_bytes());
        facts.extend([0; 2]);
        let head = [b"PK\x03\x04", &NEEDED.to_le_bytes()[..], &facts].concat();
        for part in [&head, entry.name.as_bytes(), &entry.bytes] {
            self.file.write_all(part)?;
            self.at += part.len() as u64;
        }
        let versions = [NEEDED.to_le_bytes(), NEEDED.to_le_bytes()].concat();
        self.list.extend([b"PK\x01\x02", &versions[..], &facts].concat());
        // No comment, first disk, no attributes.
        self.list.extend([0; 2 + 2 + 2 + 4]);
        self.list.extend(at.to_le_bytes());
        self.list.extend(entry.name.bytes());
        self.count += 1;
        Ok(())
    }

    fn finish(mut self) -> io::Result<()> {
        let (list, length) = (self.at, self.list.len() as u64);
        self.file.write_all(&self.list)?;
        let count = u16::try_from(self.count).ok().filter(|count| *count < u16::MAX);
        if count.is_none() {
            self.wide_end(list, length)?;
        }
        let count = count.unwrap_or(u16::MAX).to_le_bytes();
        let (length, list) = (short(length)?.to_le_bytes(), short(list)?.to_le_bytes());
        self.file.write_all(
            &[b"PK\x05\x06\0\0\0\0", &count[..], &count, &length, &list, &[0; 2]].concat(),
        )?;
        let file = self.file.into_inner().map_err(io::IntoInnerError::into_error)?;
        file.sync_all()
    }

    /// The end of a list of more entries than 16 bits count (4.3.14, 4.3.15).
    fn wide_end(&mut self, list: u64, length: u64) -> io::Result<()> {
        let end = list + length;
        let mut record = b"PK\x06\x06".to_vec();
        record.extend(44_u64.to_le_bytes());
        record.extend([45_u16.to_le_bytes(), 45_u16.to_le_bytes()].concat());
        record.extend([0; 8]);
        for number in [self.count, self.count, length, list] {
            record.extend(number.to_le_bytes());
        }
        record.extend(b"PK\x06\x07\0\0\0\0");
        record.extend(end.to_le_bytes());
        record.extend(1_u32.to_le_bytes());
        self.file.write_all(&record)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(id: &str, day: u8) -> Vec<u8> {
        format!(r#"{{"id":"{id}","modified":"2026-01-{day:02}T00:00:00Z"}}"#).into_bytes()
    }

    fn fresh(records: &[(&str, u8)]) -> BTreeMap<String, Vec<u8>> {
        records.iter().map(|(id, day)| ((*id).to_owned(), record(id, *day))).collect()
    }

    /// A zip of nothing.
    fn empty(path: &Path) {
        Writer::new(path).unwrap().finish().unwrap();
    }

    #[test]
    fn records_are_replaced_added_and_left_out() {
        let folder = tempfile::tempdir().unwrap();
        let [a, b, c] = ["a", "b", "c"].map(|name| folder.path().join(name));
        empty(&a);
        repack(&a, &fresh(&[("X-1", 1), ("X-2", 1), ("X-3", 1)]), &[], &b).unwrap();
        repack(&b, &fresh(&[("X-2", 5), ("X-4", 2)]), &["X-3".to_owned()], &c).unwrap();
        let text = held(&c).unwrap().written();
        assert_eq!(
            text,
            "2026-01-05T00:00:00Z,X-2\n2026-01-02T00:00:00Z,X-4\n2026-01-01T00:00:00Z,X-1\n"
        );
    }

    #[test]
    fn more_entries_than_sixteen_bits_count_are_written_and_read() {
        let folder = tempfile::tempdir().unwrap();
        let [a, b, c] = ["a", "b", "c"].map(|name| folder.path().join(name));
        empty(&a);
        let many =
            (0..70_000).map(|at| (format!("X-{at}"), record(&format!("X-{at}"), 1))).collect();
        repack(&a, &many, &[], &b).unwrap();
        assert_eq!(held(&b).unwrap().0.len(), 70_000);
        repack(&b, &BTreeMap::new(), &["X-69999".to_owned()], &c).unwrap();
        assert_eq!(held(&c).unwrap().0.len(), 69_999);
    }

    #[test]
    fn a_zip_that_was_cut_or_holds_no_records_is_an_error() {
        let folder = tempfile::tempdir().unwrap();
        let [a, b] = ["a", "b"].map(|name| folder.path().join(name));
        empty(&a);
        repack(&a, &fresh(&[("X-1", 1)]), &[], &b).unwrap();
        let bytes = std::fs::read(&b).unwrap();
        for end in [0, 10, bytes.len() / 2, bytes.len() - 1] {
            std::fs::write(&a, &bytes[..end]).unwrap();
            assert!(held(&a).is_err(), "{end}");
        }
        let mut bent = bytes;
        bent[40] ^= 0xff;
        std::fs::write(&a, &bent).unwrap();
        assert!(held(&a).is_err());
    }
}

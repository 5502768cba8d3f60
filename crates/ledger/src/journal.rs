//! The journal: what is not in a signed tree yet, one record after another in files that are only
//! appended to. A record is in the kernel before its append returns, so the end of the process loses
//! none; and what was cut short is told from what was damaged:
//!
//! ```text
//! kind (E entry, S state) · length (4 bytes) · index (8) · check of these (4) · bytes · check (8)
//! ```
//!
//! Numbers have their lowest byte first; checks are the first bytes of SHA-256. A write that was cut
//! short by the end of the process leaves a record whose head is missing or fits, and whose bytes
//! are missing at the file's end. All else that does not fit is damage.

use std::fs::File;
use std::io::{self, Write as _};

use ring::digest::{Context, SHA256};

use crate::files::{FILE, Folder};
use crate::reserve;

pub(crate) const TITLE: &[u8] = b"dockward journal 1\n";
const HEAD: usize = 13;
/// The longest file that is read, in bytes: several times what an open ledger may have unsigned.
pub(crate) const LONGEST: u64 = 512 << 20;
/// The longest record, in bytes.
const LONGEST_RECORD: usize = 8 << 20;

/// What a record holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A leaf.
    Entry,
    /// What is open at this point: [`crate::state::State`].
    State,
}

impl Kind {
    const fn byte(self) -> u8 {
        match self {
            Self::Entry => b'E',
            Self::State => b'S',
        }
    }
}

/// A record as it was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Record<'a> {
    /// What it holds.
    pub kind: Kind,
    /// The leaf's index; of a state the next one's.
    pub index: u64,
    /// What it holds.
    pub bytes: &'a [u8],
}

/// How a file ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// After a whole record.
    Whole,
    /// In a record that was being written; the record begins at this byte.
    Cut(usize),
    /// What begins at this byte is nothing that was ever written here.
    Damaged(usize),
}

fn check(parts: &[&[u8]]) -> [u8; 8] {
    let mut context = Context::new(&SHA256);
    parts.iter().for_each(|part| context.update(part));
    context.finish().as_ref().first_chunk().copied().unwrap_or_default()
}

/// Adds a record to what is to be written.
pub(crate) fn add(to: &mut Vec<u8>, kind: Kind, index: u64, bytes: &[u8]) {
    let length = u32::try_from(bytes.len()).unwrap_or(u32::MAX);
    let mut head = [0; HEAD];
    let (first, rest) = (kind.byte(), [&length.to_le_bytes()[..], &index.to_le_bytes()].concat());
    head.iter_mut().zip(std::iter::once(first).chain(rest)).for_each(|(to, from)| *to = from);
    to.extend_from_slice(&head);
    to.extend_from_slice(check(&[&head]).first_chunk::<4>().unwrap_or(&[0; 4]));
    to.extend_from_slice(bytes);
    to.extend_from_slice(&check(&[&head, bytes]));
}

/// The records of a journal's file, and how it ends.
#[must_use]
pub fn read(bytes: &[u8]) -> (Vec<Record<'_>>, End) {
    let mut records = Vec::new();
    let Some(mut rest) = bytes.strip_prefix(TITLE) else {
        let end = if TITLE.starts_with(bytes) { End::Cut(0) } else { End::Damaged(0) };
        return (records, end);
    };
    while !rest.is_empty() {
        let at = bytes.len() - rest.len();
        match one(rest) {
            Ok((record, after)) => {
                records.push(record);
                rest = after;
            }
            Err(Bad::Cut) => return (records, End::Cut(at)),
            Err(Bad::Damaged) => return (records, End::Damaged(at)),
        }
    }
    (records, End::Whole)
}

enum Bad {
    Cut,
    Damaged,
}

fn one(bytes: &[u8]) -> Result<(Record<'_>, &[u8]), Bad> {
    let (head, rest) = bytes.split_first_chunk::<HEAD>().ok_or(Bad::Cut)?;
    let (sum, rest) = rest.split_first_chunk::<4>().ok_or(Bad::Cut)?;
    let [kind, a, b, c, d, index @ ..] = *head;
    let kind = match kind {
        b'E' => Kind::Entry,
        b'S' => Kind::State,
        _ => return Err(Bad::Damaged),
    };
    let length = usize::try_from(u32::from_le_bytes([a, b, c, d])).map_err(|_| Bad::Damaged)?;
    if !check(&[head]).starts_with(sum) || length > LONGEST_RECORD {
        return Err(Bad::Damaged);
    }
    let (bytes, rest) = rest.split_at_checked(length).ok_or(Bad::Cut)?;
    let (sum, rest) = rest.split_first_chunk::<8>().ok_or(Bad::Cut)?;
    if check(&[head, bytes]) != *sum {
        return Err(Bad::Damaged);
    }
    Ok((Record { kind, index: u64::from_le_bytes(index), bytes }, rest))
}

/// A file of the journal that is written to.
#[derive(Debug)]
pub(crate) struct Journal {
    file: File,
    length: u64,
}

impl Journal {
    /// Begins a file with what is open at that index. It is in the kernel, and in its folder, when
    /// this returns, or not there.
    pub(crate) fn begin(
        folder: &Folder,
        generation: u64,
        index: u64,
        state: &[u8],
    ) -> io::Result<Self> {
        let mut first = TITLE.to_vec();
        add(&mut first, Kind::State, index, state);
        let name = name(generation);
        let begun = folder.create(&name, FILE).and_then(|mut file| {
            file.write_all(&first)?;
            Ok(Self { file, length: first.len() as u64 })
        });
        if begun.is_err() {
            // Half of it would take room, and be told as cut.
            let _ = folder.remove(&name);
        }
        begun
    }

    /// Writes records, all or none.
    ///
    /// # Errors
    /// The second value is whether none of it is left behind; else nothing more may be written here.
    pub(crate) fn write(&mut self, records: &[u8]) -> Result<(), (io::Error, bool)> {
        match self.file.write_all(records) {
            Ok(()) => {
                self.length = self.length.saturating_add(records.len() as u64);
                Ok(())
            }
            Err(error) => {
                let clean = self.file.set_len(self.length).is_ok();
                Err((error, clean))
            }
        }
    }

    /// Keeps room for as many bytes more.
    pub(crate) fn keep(&self, size: u64) -> io::Result<()> {
        if size == 0 { Ok(()) } else { reserve::keep(&self.file, self.length, size) }
    }

    /// What was written is on the disk when this returns.
    pub(crate) fn sync(&self) -> io::Result<()> {
        self.file.sync_data()
    }

    /// The same file, to be synced while others write.
    pub(crate) fn shared(&self) -> io::Result<File> {
        self.file.try_clone()
    }
}

/// The name of the file of that generation.
pub(crate) fn name(generation: u64) -> String {
    format!("{generation:020}")
}

/// The generations that are in a folder of journals, in order. Other names are left out.
pub(crate) fn generations(folder: &Folder) -> io::Result<Vec<u64>> {
    let names = folder.list()?.into_iter().filter(|(_, is_folder)| !is_folder);
    let numbers = names.filter_map(|(text, _)| text.parse().ok().filter(|n| name(*n) == text));
    Ok(numbers.collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn three() -> Vec<u8> {
        let mut bytes = TITLE.to_vec();
        add(&mut bytes, Kind::State, 7, b"{}");
        add(&mut bytes, Kind::Entry, 7, b"seven");
        add(&mut bytes, Kind::Entry, 8, b"");
        bytes
    }

    #[test]
    fn what_was_written_is_read_and_a_cut_gives_whole_records_only() {
        let bytes = three();
        let (all, end) = read(&bytes);
        assert_eq!((all.len(), end), (3, End::Whole));
        assert_eq!(all[1], Record { kind: Kind::Entry, index: 7, bytes: b"seven" });
        let mut whole = 0;
        for length in 0..bytes.len() {
            let (some, end) = read(&bytes[..length]);
            assert!(all.starts_with(&some));
            match end {
                End::Whole => whole += 1,
                End::Cut(at) => assert!(at <= length),
                End::Damaged(_) => panic!("cut at {length}"),
            }
        }
        assert_eq!(whole, 3, "after the title and after each record but the last");
    }

    #[test]
    fn a_changed_bit_is_damage_and_never_a_cut() {
        let bytes = three();
        for at in 0..bytes.len() {
            for bit in 0..8 {
                let mut other = bytes.clone();
                other[at] ^= 1 << bit;
                assert!(matches!(read(&other).1, End::Damaged(place) if place <= at), "{at} {bit}");
            }
        }
    }
}

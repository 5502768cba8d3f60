//! Sorts more than fits into memory: runs of bounded size in a temporary file, merged at the end.
//!
//! Items are ordered by key and then by value, so that what comes out depends on what was put in and
//! not on the order of it.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::os::unix::fs::FileExt;
use std::path::Path;

/// How much of a run is read at once, in bytes.
const READ: usize = 32 << 10;
/// The longest key or value, in bytes.
const LONGEST: usize = 256 << 20;

/// A key and a value.
pub(crate) type Item = (Vec<u8>, Vec<u8>);

/// Takes items in any order.
pub(crate) struct Sorter {
    file: BufWriter<File>,
    written: u64,
    runs: Vec<Run>,
    held: Vec<Item>,
    bytes: usize,
    memory: usize,
}

impl Sorter {
    /// Keeps about `memory` bytes, and the rest in a file below `folder` that has no name.
    pub(crate) fn new(folder: &Path, memory: usize) -> io::Result<Self> {
        let file = BufWriter::new(tempfile::tempfile_in(folder)?);
        Ok(Self { file, written: 0, runs: Vec::new(), held: Vec::new(), bytes: 0, memory })
    }

    pub(crate) fn push(&mut self, key: Vec<u8>, value: Vec<u8>) -> io::Result<()> {
        if key.len() > LONGEST || value.len() > LONGEST {
            return Err(io::Error::other("an item is too long to be sorted"));
        }
        // Beside the bytes, each of the two has a header and the allocator's own.
        self.bytes += key.len() + value.len() + 96;
        self.held.push((key, value));
        if self.bytes > self.memory { self.spill() } else { Ok(()) }
    }

    fn spill(&mut self) -> io::Result<()> {
        self.held.sort_unstable();
        let from = self.written;
        for (key, value) in self.held.drain(..) {
            for part in [&key, &value] {
                self.file.write_all(&(part.len() as u32).to_le_bytes())?;
                self.file.write_all(part)?;
                self.written += 4 + part.len() as u64;
            }
        }
        self.runs.push(Run { at: from, end: self.written, buffer: Vec::new(), used: 0 });
        self.bytes = 0;
        Ok(())
    }

    /// All of them, in order.
    pub(crate) fn sorted(mut self) -> io::Result<Sorted> {
        self.spill()?;
        self.held = Vec::new();
        let file = self.file.into_inner().map_err(io::IntoInnerError::into_error)?;
        let mut sorted = Sorted { file, runs: self.runs, next: BinaryHeap::new() };
        for run in 0..sorted.runs.len() {
            sorted.refill(run)?;
        }
        Ok(sorted)
    }
}

/// A part of the file that is in order.
struct Run {
    at: u64,
    end: u64,
    buffer: Vec<u8>,
    used: usize,
}

impl Run {
    fn read(&mut self, file: &File, length: usize) -> io::Result<Vec<u8>> {
        let mut out = Vec::with_capacity(length);
        while out.len() < length {
            if self.used == self.buffer.len() {
                let left = usize::try_from(self.end - self.at).unwrap_or(READ).min(READ);
                if left == 0 {
                    return Err(io::ErrorKind::UnexpectedEof.into());
                }
                self.buffer.resize(left, 0);
                file.read_exact_at(&mut self.buffer, self.at)?;
                (self.at, self.used) = (self.at + left as u64, 0);
            }
            let rest = self.buffer.get(self.used..).unwrap_or_default();
            let taken = rest.get(..(length - out.len()).min(rest.len())).unwrap_or_default();
            out.extend_from_slice(taken);
            self.used += taken.len();
        }
        Ok(out)
    }

    fn part(&mut self, file: &File) -> io::Result<Vec<u8>> {
        let mut length = [0; 4];
        length.copy_from_slice(&self.read(file, 4)?);
        self.read(file, u32::from_le_bytes(length) as usize)
    }

    fn next(&mut self, file: &File) -> io::Result<Option<Item>> {
        if self.at == self.end && self.used == self.buffer.len() {
            return Ok(None);
        }
        Ok(Some((self.part(file)?, self.part(file)?)))
    }
}

/// Gives items in order.
pub(crate) struct Sorted {
    file: File,
    runs: Vec<Run>,
    next: BinaryHeap<Reverse<(Item, usize)>>,
}

impl Sorted {
    fn refill(&mut self, run: usize) -> io::Result<()> {
        let item = self.runs.get_mut(run).map(|own| own.next(&self.file)).transpose()?.flatten();
        if let Some(item) = item {
            self.next.push(Reverse((item, run)));
        }
        Ok(())
    }

    pub(crate) fn next(&mut self) -> io::Result<Option<Item>> {
        let Some(Reverse((item, run))) = self.next.pop() else { return Ok(None) };
        self.refill(run)?;
        Ok(Some(item))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_small_runs_give_what_one_sort_gives() {
        let folder = tempfile::tempdir().unwrap();
        let items: Vec<Item> = (0..5_000_u64)
            .map(|i| (i.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 50, i))
            .map(|(key, i)| (key.to_be_bytes().to_vec(), vec![b'x'; (i % 300) as usize]))
            .collect();
        let sort = |memory| {
            let mut sorter = Sorter::new(folder.path(), memory).unwrap();
            items.iter().for_each(|(key, value)| sorter.push(key.clone(), value.clone()).unwrap());
            let mut sorted = sorter.sorted().unwrap();
            std::iter::from_fn(|| sorted.next().unwrap()).collect::<Vec<_>>()
        };
        let mut wanted = items.clone();
        wanted.sort();
        assert!(sort(10_000) == wanted);
        assert!(sort(usize::MAX) == wanted);
    }
}

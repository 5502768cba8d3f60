//! Where the bytes of a tar come from: a stream, or a window of a file.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::os::unix::fs::FileExt;
use std::sync::Arc;

/// Bytes with a position that only moves on.
pub(crate) trait Bytes: BufRead {
    /// Moves on by `count` bytes, or to the end; how many it were.
    ///
    /// # Errors
    ///
    /// Reading failed.
    fn skip(&mut self, count: u64) -> io::Result<u64> {
        let mut left = count;
        while left > 0 {
            let here = self.fill_buf()?.len();
            if here == 0 {
                break;
            }
            let step = usize::try_from(left).unwrap_or(usize::MAX).min(here);
            self.consume(step);
            left -= step as u64;
        }
        Ok(count - left)
    }
}

/// Bytes that go past once.
pub(crate) type Streamed<R> = BufReader<R>;

impl<R: Read> Bytes for Streamed<R> {}

/// A part of a file, read at its own place: many can be read of one file at once, and what is
/// skipped is not read.
#[derive(Debug)]
pub(crate) struct Window {
    file: Arc<File>,
    position: u64,
    end: u64,
    buffer: Box<[u8]>,
    at: usize,
    filled: usize,
}

/// Small enough that a walk over headers between large bodies reads little, large enough that many
/// small files take one read.
const BUFFER: usize = 8 << 10;

impl Window {
    /// The bytes `start..start + length` of a file.
    pub(crate) fn new(file: Arc<File>, start: u64, length: u64) -> Self {
        let buffer = vec![0; BUFFER].into_boxed_slice();
        let end = start.saturating_add(length);
        Self { file, position: start, end, buffer, at: 0, filled: 0 }
    }

    fn left(&self) -> u64 {
        self.end.saturating_sub(self.position)
    }

    fn read_here(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let length = usize::try_from(self.left()).unwrap_or(usize::MAX).min(out.len());
        let out = out.get_mut(..length).unwrap_or_default();
        let count = loop {
            match self.file.read_at(out, self.position) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                other => break other?,
            }
        };
        self.position += count as u64;
        Ok(count)
    }
}

impl Read for Window {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if self.at == self.filled && out.len() >= self.buffer.len() {
            return self.read_here(out);
        }
        let here = self.fill_buf()?;
        let count = here.len().min(out.len());
        if let (Some(to), Some(from)) = (out.get_mut(..count), here.get(..count)) {
            to.copy_from_slice(from);
        }
        self.consume(count);
        Ok(count)
    }
}

impl BufRead for Window {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.at == self.filled {
            let mut buffer = std::mem::take(&mut self.buffer);
            let read = self.read_here(&mut buffer);
            self.buffer = buffer;
            (self.at, self.filled) = (0, read?);
        }
        Ok(self.buffer.get(self.at..self.filled).unwrap_or_default())
    }

    fn consume(&mut self, count: usize) {
        self.at = self.filled.min(self.at + count);
    }
}

impl Bytes for Window {
    fn skip(&mut self, count: u64) -> io::Result<u64> {
        let buffered = (self.filled - self.at) as u64;
        if count <= buffered {
            self.at += usize::try_from(count).unwrap_or(0);
            return Ok(count);
        }
        (self.at, self.filled) = (0, 0);
        let beyond = (count - buffered).min(self.left());
        self.position += beyond;
        Ok(buffered + beyond)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_shows_its_part_of_a_file_and_no_more() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("file");
        let text: Vec<u8> = (0..40_000_u32).map(|n| u8::try_from(n % 251).unwrap()).collect();
        std::fs::write(&path, &text).unwrap();
        let file = Arc::new(File::open(&path).unwrap());
        let mut window = Window::new(Arc::clone(&file), 100, 30_000);
        let mut start = [0; 10];
        window.read_exact(&mut start).unwrap();
        assert_eq!(start[..], text[100..110]);
        assert_eq!(window.skip(5).unwrap(), 5, "within the buffer");
        assert_eq!(window.skip(20_000).unwrap(), 20_000, "beyond it");
        let mut rest = Vec::new();
        window.read_to_end(&mut rest).unwrap();
        assert_eq!(rest, text[20_115..30_100]);
        assert_eq!(window.skip(9).unwrap(), 0);
        let mut beyond = Window::new(file, 39_990, u64::MAX);
        assert_eq!(beyond.read_to_end(&mut Vec::new()).unwrap(), 10);
    }
}

//! Bytes that were read from a connection and not yet used.

use std::io;

/// An engine writes its answers in pieces of 4 KiB; more at a time saves calls for long ones.
const PIECE: usize = 32 * 1024;

/// A buffer that grows only as far as the caps on heads and chunk lines let it.
#[derive(Debug, Default)]
pub(super) struct Buffer {
    bytes: Vec<u8>,
    /// Used up so far.
    start: usize,
    /// Read so far.
    end: usize,
}

impl Buffer {
    /// What is there.
    pub(super) fn bytes(&self) -> &[u8] {
        self.bytes.get(self.start..self.end).unwrap_or_default()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.start == self.end
    }

    /// Marks the first bytes as used.
    pub(super) fn used(&mut self, count: usize) {
        self.start = self.end.min(self.start + count);
        if self.is_empty() {
            (self.start, self.end) = (0, 0);
        }
    }

    /// Where `what` begins, at `from` or after.
    pub(super) fn find(&self, what: &[u8], from: usize) -> Option<usize> {
        let rest = self.bytes().get(from..)?;
        let at = rest.windows(what.len()).position(|some| some == what)?;
        Some(from + at)
    }

    /// Adds what `read` puts into the space that it is given.
    pub(super) fn fill(
        &mut self,
        read: impl FnOnce(&mut [u8]) -> io::Result<usize>,
    ) -> io::Result<usize> {
        self.make_room();
        let space = self.bytes.get_mut(self.end..).unwrap_or_default();
        let most = space.len();
        let more = read(space)?.min(most);
        self.end += more;
        Ok(more)
    }

    fn make_room(&mut self) {
        if self.bytes.len() - self.end >= PIECE / 2 {
            return;
        }
        self.bytes.copy_within(self.start..self.end, 0);
        (self.start, self.end) = (0, self.end - self.start);
        let wanted = self.end + PIECE;
        if self.bytes.len() < wanted {
            self.bytes.resize(wanted, 0);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn put(buffer: &mut Buffer, text: &[u8]) {
        let put = buffer.fill(|space| {
            space[..text.len()].copy_from_slice(text);
            Ok(text.len())
        });
        assert_eq!(put.unwrap(), text.len());
    }

    #[test]
    fn what_is_used_goes_and_the_rest_stays() {
        let mut buffer = Buffer::default();
        put(&mut buffer, b"abc");
        put(&mut buffer, b"def");
        assert_eq!(buffer.find(b"de", 1), Some(3));
        assert_eq!(buffer.find(b"de", 4), None);
        buffer.used(4);
        assert_eq!(buffer.bytes(), b"ef");
        buffer.used(9);
        assert!(buffer.is_empty());
    }

    #[test]
    fn a_long_stream_does_not_make_the_buffer_grow() {
        let mut buffer = Buffer::default();
        for _ in 0..1000 {
            put(&mut buffer, &[b'x'; 1000]);
            buffer.used(1000);
        }
        put(&mut buffer, b"tail");
        assert_eq!(buffer.bytes(), b"tail");
        assert!(buffer.bytes.len() <= 2 * PIECE);
    }
}

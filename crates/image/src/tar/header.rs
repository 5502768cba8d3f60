//! One header block, as it lies in the archive.

use super::{BLOCK, number};

/// A header block whose checksum is right.
pub(super) struct Header<'a>(&'a [u8; BLOCK]);

/// Which of the formats a header is in: it decides what the bytes after the magic mean.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Format {
    /// Before POSIX.1-1988.
    V7,
    Ustar,
    Gnu,
    Star,
}

/// What a block is.
pub(super) enum Block<'a> {
    /// Nothing but zeros: two of them end an archive.
    Zeros,
    Header(Header<'a>),
    /// The checksum is wrong.
    Damaged,
}

impl<'a> Block<'a> {
    pub(super) fn of(bytes: &'a [u8; BLOCK]) -> Self {
        let header = Header(bytes);
        if header.is_sound() {
            Self::Header(header)
        } else if bytes.iter().all(|byte| *byte == 0) {
            Self::Zeros
        } else {
            Self::Damaged
        }
    }
}

impl<'a> Header<'a> {
    /// A block that was seen to be a header before.
    pub(super) const fn known(bytes: &'a [u8; BLOCK]) -> Self {
        Self(bytes)
    }

    /// A field; all are within the block, which its type says.
    fn field(&self, from: usize, length: usize) -> &'a [u8] {
        self.0.get(from..from + length).unwrap_or_default()
    }

    /// A text field: up to its first NUL.
    fn text(&self, from: usize, length: usize) -> &'a [u8] {
        until_nul(self.field(from, length))
    }

    /// The sum of all bytes, the checksum's own field counted as spaces; old tars summed signed bytes.
    fn is_sound(&self) -> bool {
        let Some(stored) = number::parse(self.field(148, 8)) else { return false };
        let own: i64 = self.field(148, 8).iter().map(|byte| i64::from(*byte)).sum();
        let all: u64 = self.0.iter().map(|byte| u64::from(*byte)).sum();
        let unsigned = i64::try_from(all).unwrap_or(i64::MAX) - own + 8 * i64::from(b' ');
        if i64::try_from(stored) == Ok(unsigned) {
            return true;
        }
        let signed = |bytes: &[u8]| bytes.iter().map(|b| i64::from(b.cast_signed())).sum::<i64>();
        let signed = signed(self.0) - signed(self.field(148, 8)) + 8 * i64::from(b' ');
        i64::try_from(stored) == Ok(signed)
    }

    fn format(&self) -> Format {
        match (self.field(257, 6), self.field(263, 2)) {
            (b"ustar\0", _) if self.field(508, 4) == b"tar\0" => Format::Star,
            (b"ustar\0", _) => Format::Ustar,
            (b"ustar ", b" \0") => Format::Gnu,
            _ => Format::V7,
        }
    }

    pub(super) fn type_flag(&self) -> u8 {
        self.field(156, 1).first().copied().unwrap_or(0)
    }

    pub(super) fn size(&self) -> Option<u64> {
        number::parse(self.field(124, 12))
    }

    pub(super) fn link(&self) -> &'a [u8] {
        self.text(157, 100)
    }

    /// The name in its two parts: a prefix, which may be empty, and the rest.
    pub(super) fn name(&self) -> (&'a [u8], &'a [u8]) {
        let prefix = match self.format() {
            Format::Ustar => self.text(345, 155),
            Format::Star => self.text(345, 131),
            Format::V7 | Format::Gnu => &[],
        };
        (prefix, self.text(0, 100))
    }

    /// Whether blocks that continue the map of an old GNU sparse file follow.
    pub(super) fn sparse_goes_on(&self) -> bool {
        self.field(482, 1) != [0]
    }

    /// The numbers of a device.
    pub(super) fn device(&self) -> (Option<u64>, Option<u64>) {
        match self.format() {
            Format::V7 => (None, None),
            _ => (number::parse(self.field(329, 8)), number::parse(self.field(337, 8))),
        }
    }
}

/// Whether something that starts like this is a tar.
pub(crate) fn is_header(start: &[u8]) -> bool {
    let block = start.first_chunk::<BLOCK>();
    block.is_some_and(|block| matches!(Block::of(block), Block::Header(_) | Block::Zeros))
}

/// A text up to its first NUL.
pub(super) fn until_nul(text: &[u8]) -> &[u8] {
    text.split(|byte| *byte == 0).next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A header with these fields and a right checksum.
    fn block(fields: &[(usize, &[u8])]) -> [u8; BLOCK] {
        let mut block = [0; BLOCK];
        for (at, bytes) in fields {
            block[*at..at + bytes.len()].copy_from_slice(bytes);
        }
        block[148..156].fill(b' ');
        let sum: u32 = block.iter().map(|byte| u32::from(*byte)).sum();
        block[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
        block
    }

    fn name(block: &[u8; BLOCK]) -> (String, String) {
        let Block::Header(header) = Block::of(block) else { panic!("no header") };
        let (prefix, name) = header.name();
        (String::from_utf8_lossy(prefix).into(), String::from_utf8_lossy(name).into())
    }

    #[test]
    fn the_bytes_after_the_magic_are_a_prefix_in_ustar_only() {
        let ustar = block(&[(0, b"name"), (257, b"ustar\x0000"), (345, b"folder")]);
        assert_eq!(name(&ustar), ("folder".into(), "name".into()));
        let gnu = block(&[(0, b"name"), (257, b"ustar  \0"), (345, b"00000000000")]);
        assert_eq!(name(&gnu), (String::new(), "name".into()));
        let v7 = block(&[(0, b"name"), (345, b"folder")]);
        assert_eq!(name(&v7), (String::new(), "name".into()));
        let star = block(&[(257, b"ustar\x0000"), (345, &[b'p'; 140]), (508, b"tar\0")]);
        assert_eq!(name(&star).0.len(), 131);
    }

    #[test]
    fn a_checksum_of_signed_bytes_is_right_too() {
        let mut old = block(&[(0, b"caf\xe9")]);
        let Block::Header(_) = Block::of(&old) else { panic!("unsigned") };
        let sum = 8 * 32 + i64::from(b'c') + i64::from(b'a') + i64::from(b'f') + (0xe9 - 256);
        old[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
        assert!(matches!(Block::of(&old), Block::Header(_)));
        old[0] = b'd';
        assert!(matches!(Block::of(&old), Block::Damaged));
    }

    #[test]
    fn zeros_are_the_end() {
        assert!(matches!(Block::of(&[0; BLOCK]), Block::Zeros));
    }
}

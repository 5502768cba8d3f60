//! Numbers and texts in a run of bytes. Every read is checked: what is not there is [`Damaged`].

use super::Damaged;

/// What is still to be read.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Cursor<'a>(pub(crate) &'a [u8]);

impl<'a> Cursor<'a> {
    pub(crate) const fn is_empty(self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn take(&mut self, length: usize) -> Result<&'a [u8], Damaged> {
        let (taken, rest) = self.0.split_at_checked(length).ok_or(Damaged("a field is cut"))?;
        self.0 = rest;
        Ok(taken)
    }

    pub(crate) fn array<const N: usize>(&mut self) -> Result<[u8; N], Damaged> {
        let (taken, rest) = self.0.split_first_chunk().ok_or(Damaged("a field is cut"))?;
        self.0 = rest;
        Ok(*taken)
    }

    pub(crate) fn byte(&mut self) -> Result<u8, Damaged> {
        self.array::<1>().map(|[byte]| byte)
    }

    /// A number of seven bits a byte, the lowest first (LEB128).
    pub(crate) fn number(&mut self) -> Result<u64, Damaged> {
        let mut value = 0;
        for shift in (0..63).step_by(7) {
            let byte = self.byte()?;
            value |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return Ok(value);
            }
        }
        Err(Damaged("a number is too long"))
    }

    pub(crate) fn length(&mut self) -> Result<usize, Damaged> {
        usize::try_from(self.number()?).map_err(|_| Damaged("a length is too long"))
    }

    /// Bytes with their number before them.
    pub(crate) fn run(&mut self) -> Result<&'a [u8], Damaged> {
        let length = self.length()?;
        self.take(length)
    }

    pub(crate) fn text(&mut self) -> Result<&'a str, Damaged> {
        std::str::from_utf8(self.run()?).map_err(|_| Damaged("a text is not UTF-8"))
    }
}

pub(crate) fn put_number(out: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        out.push((value & 0x7f) as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

pub(crate) fn put_run(out: &mut Vec<u8>, bytes: &[u8]) {
    put_number(out, bytes.len() as u64);
    out.extend_from_slice(bytes);
}

pub(crate) fn put_text(out: &mut Vec<u8>, text: &str) {
    put_run(out, text.as_bytes());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_texts_come_back_as_they_were() {
        let mut out = Vec::new();
        let numbers = [0, 1, 127, 128, 300, u64::from(u32::MAX), (1 << 63) - 1];
        for number in numbers {
            put_number(&mut out, number);
        }
        put_text(&mut out, "ä");
        let mut cursor = Cursor(&out);
        for number in numbers {
            assert_eq!(cursor.number(), Ok(number));
        }
        assert_eq!(cursor.text(), Ok("ä"));
        assert!(cursor.is_empty());
    }

    #[test]
    fn what_is_cut_or_too_long_is_damaged() {
        assert!(Cursor(&[0x80]).number().is_err());
        assert!(Cursor(&[0xff; 12]).number().is_err());
        assert!(Cursor(&[5, b'a']).text().is_err());
        assert!(Cursor(&[1, 0xff]).text().is_err());
        assert!(Cursor(&[1, 2, 3]).array::<4>().is_err());
    }
}

//! The chunked coding (RFC 9112, section 7.1), without extensions and trailers: the engine and the
//! docker command use neither, and readers differ in where they end.

use super::Bad;

/// Digits of a chunk's size: as many as 64 bits have.
const MOST_DIGITS: u8 = 16;

/// How far a chunked body was read. It takes input cut anywhere.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(crate) struct Chunked {
    state: State,
}

#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
enum State {
    #[default]
    BeforeSize,
    Size {
        digits: u8,
        value: u64,
    },
    AfterSize(u64),
    Data(u64),
    AfterData,
    BeforeFeed,
    LastReturn,
    LastFeed,
    Ended,
}

/// What a piece of a body's bytes became.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Decoded {
    /// Bytes of content, now at the beginning of the piece.
    pub(crate) content: usize,
    /// Bytes of the piece that belong to the body; what follows them is not touched.
    pub(crate) consumed: usize,
}

impl Chunked {
    /// Whether the last chunk and the line that ends the body were read.
    pub(crate) fn ended(&self) -> bool {
        self.state == State::Ended
    }

    /// Moves the content in `bytes` to their beginning.
    ///
    /// # Errors
    /// Anything that is no plain chunk.
    pub(crate) fn decode(&mut self, bytes: &mut [u8]) -> Result<Decoded, Bad> {
        let mut at = 0_usize;
        let mut content = 0_usize;
        while at < bytes.len() && !self.ended() {
            if let State::Data(left) = self.state {
                let here = usize::try_from(left).unwrap_or(usize::MAX).min(bytes.len() - at);
                bytes.copy_within(at..at + here, content);
                content += here;
                at += here;
                let left = left - here as u64;
                self.state = if left == 0 { State::AfterData } else { State::Data(left) };
            } else if let Some(&byte) = bytes.get(at) {
                self.state = self.state.after(byte)?;
                at += 1;
            }
        }
        Ok(Decoded { content, consumed: at })
    }
}

impl State {
    /// The state after a byte that is no data.
    fn after(self, byte: u8) -> Result<Self, Bad> {
        match (self, byte) {
            (Self::BeforeSize, _) => {
                Self::Size { digits: 0, value: 0 }.with_digit(byte, "a chunk without a size")
            }
            (Self::Size { value, .. }, b'\r') => Ok(Self::AfterSize(value)),
            (Self::Size { .. }, b';' | b' ' | b'\t') => Err(Bad("a chunk with an extension")),
            (Self::Size { .. }, _) => self.with_digit(byte, "a chunk's size that is no number"),
            (Self::AfterSize(0), b'\n') => Ok(Self::LastReturn),
            (Self::AfterSize(size), b'\n') => Ok(Self::Data(size)),
            (Self::AfterData, b'\r') => Ok(Self::BeforeFeed),
            (Self::BeforeFeed, b'\n') => Ok(Self::BeforeSize),
            (Self::LastReturn, b'\r') => Ok(Self::LastFeed),
            (Self::LastReturn, _) => Err(Bad("a trailer after the last chunk")),
            (Self::LastFeed, b'\n') => Ok(Self::Ended),
            (Self::AfterSize(_) | Self::BeforeFeed | Self::LastFeed, _) => {
                Err(Bad("a carriage return alone in a chunk"))
            }
            (Self::AfterData, _) => Err(Bad("a chunk longer than its size")),
            (Self::Data(_) | Self::Ended, _) => Ok(self),
        }
    }

    fn with_digit(self, byte: u8, wrong: &'static str) -> Result<Self, Bad> {
        let Self::Size { digits, value } = self else { return Err(Bad(wrong)) };
        let digit = char::from(byte).to_digit(16).ok_or(Bad(wrong))?;
        let too_large = Bad("a chunk's size that is too large");
        // The engine's lengths are signed (Go's int64).
        let value = value.checked_mul(16).filter(|&value| i64::try_from(value).is_ok());
        let value = value.and_then(|value| value.checked_add(u64::from(digit)));
        match value {
            Some(value) if digits < MOST_DIGITS => Ok(Self::Size { digits: digits + 1, value }),
            _ => Err(too_large),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn whole(body: &[u8]) -> Result<(Vec<u8>, usize, bool), Bad> {
        let mut bytes = body.to_vec();
        let mut reader = Chunked::default();
        let decoded = reader.decode(&mut bytes)?;
        bytes.truncate(decoded.content);
        Ok((bytes, decoded.consumed, reader.ended()))
    }

    #[test]
    fn content_is_the_same_however_the_body_is_cut() {
        let body = b"5\r\nhello\r\n00A\r\n, my world\r\n1\r\n!\r\n0\r\n\r\nGET ";
        let (content, consumed, ended) = whole(body).unwrap();
        assert_eq!((&*content, consumed, ended), (&b"hello, my world!"[..], body.len() - 4, true));
        for size in 1..body.len() {
            let mut reader = Chunked::default();
            let mut content = Vec::new();
            for piece in body.chunks(size) {
                let mut piece = piece.to_vec();
                let decoded = reader.decode(&mut piece).unwrap();
                content.extend_from_slice(&piece[..decoded.content]);
            }
            assert_eq!(content, b"hello, my world!", "{size}");
            assert!(reader.ended(), "{size}");
        }
    }

    #[test]
    fn what_is_no_plain_chunk_is_refused() {
        for body in [
            &b"5;a=b\r\nhello\r\n"[..],
            b"5 \r\nhello\r\n",
            b" 5\r\nhello\r\n",
            b"+5\r\nhello\r\n",
            b"-1\r\n",
            b"0x5\r\nhello\r\n",
            b"5_0\r\n",
            b"\r\nhello\r\n",
            b"5\nhello\r\n",
            b"5\r\r\nhello\r\n",
            b"5\r\nhello!\r\n",
            b"5\r\nhello\n",
            b"5\r\nhello\rx",
            b"0\r\nX: y\r\n\r\n",
            b"0\r\n\n",
            b"0\r\n\rx",
            b"10000000000000000\r\n",
            b"ffffffffffffffff\r\n",
            b"00000000000000005\r\n",
        ] {
            assert!(whole(body).is_err(), "{:?}", String::from_utf8_lossy(body));
        }
    }

    #[test]
    fn a_body_that_is_cut_short_has_not_ended() {
        for body in [&b""[..], b"5\r\nhell", b"5\r\nhello\r\n", b"0\r\n", b"0\r\n\r"] {
            assert!(!whole(body).unwrap().2, "{body:?}");
        }
    }
}

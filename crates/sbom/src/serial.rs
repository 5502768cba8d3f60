//! Serial numbers that come from the content.

use std::io::{self, Write};

use data_encoding::HEXLOWER;
use ring::digest::{Context, SHA256};
use serde::Serialize;

/// A UUID of what `document` is in JSON: version 8, by SHA-256, as RFC 9562 (appendix B.2) shows.
pub(crate) fn uuid(document: &impl Serialize) -> io::Result<String> {
    let mut hash = Hash(Context::new(&SHA256));
    serde_json::to_writer(&mut hash, document)?;
    let digest = hash.0.finish();
    let mut bytes = [0; 16];
    bytes.iter_mut().zip(digest.as_ref()).for_each(|(to, from)| *to = *from);
    bytes[6] = bytes[6] & 0x0f | 0x80;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    let (a, rest) = bytes.split_at(4);
    let (b, rest) = rest.split_at(2);
    let (c, rest) = rest.split_at(2);
    let (d, e) = rest.split_at(2);
    Ok([a, b, c, d, e].map(|part| HEXLOWER.encode(part)).join("-"))
}

/// The first 8 hexadecimal digits of a text's SHA-256.
pub(crate) fn short(text: &str) -> String {
    let digest = ring::digest::digest(&SHA256, text.as_bytes());
    HEXLOWER.encode(digest.as_ref()).chars().take(8).collect()
}

struct Hash(Context);

impl Write for Hash {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.update(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_serial_number_is_a_uuid_of_version_8_and_comes_from_the_content() {
        let one = uuid(&"a").unwrap();
        assert_eq!(one, uuid(&"a").unwrap());
        assert_ne!(one, uuid(&"b").unwrap());
        let shape: Vec<usize> = one.split('-').map(str::len).collect();
        assert_eq!(shape, [8, 4, 4, 4, 12]);
        assert_eq!(one.chars().nth(14), Some('8'), "{one}");
        assert!(matches!(one.chars().nth(19), Some('8' | '9' | 'a' | 'b')), "{one}");
    }
}

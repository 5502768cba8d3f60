//! Where a head ends, and that it has no byte that could mean another end to another reader.

use super::Bad;

/// How far a head that comes in pieces was looked at.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Scan {
    seen: usize,
}

impl Scan {
    /// The length of the head at the beginning of `bytes`, with the empty line that ends it, or none
    /// where it is not complete. Give it the same bytes again with more behind.
    ///
    /// # Errors
    /// A control character other than the `\r\n` of line ends, which RFC 9112, section 2.2 lets
    /// readers take for a line end, a blank, or nothing.
    pub(crate) fn end(&mut self, bytes: &[u8]) -> Result<Option<usize>, Bad> {
        for (at, &byte) in bytes.iter().enumerate().skip(self.seen) {
            let before = at.checked_sub(1).and_then(|at| bytes.get(at));
            match byte {
                b'\n' if before != Some(&b'\r') => return Err(Bad("a line feed alone")),
                _ if byte != b'\n' && before == Some(&b'\r') => {
                    return Err(Bad("a carriage return alone"));
                }
                b'\n' if at == 1 => return Err(Bad("it begins with an empty line")),
                b'\n' if ends(bytes, at) => return Ok(Some(at.saturating_add(1))),
                b'\r' | b'\n' => {}
                0..=0x1f | 0x7f => return Err(Bad("a control character")),
                _ => {}
            }
            self.seen = at.saturating_add(1);
        }
        Ok(None)
    }
}

fn ends(bytes: &[u8], at: usize) -> bool {
    bytes.get(..=at).is_some_and(|head| head.ends_with(b"\r\n\r\n"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_is_found_however_the_head_is_cut() {
        let head = b"GET / HTTP/1.1\r\nHost: x\r\n\r\nbody";
        let whole = Scan::default().end(head).unwrap();
        assert_eq!(whole, Some(head.len() - 4));
        let mut scan = Scan::default();
        for cut in 0..head.len() {
            let found = scan.end(&head[..cut]).unwrap();
            assert_eq!(found, whole.filter(|&end| end <= cut), "{cut}");
        }
    }

    #[test]
    fn what_may_be_another_line_end_is_refused_as_soon_as_it_comes() {
        for head in [
            &b"GET / HTTP/1.1\nHost: x\n\n"[..],
            b"GET / HTTP/1.1\r\nHost: x\n\r\n",
            b"GET / HTTP/1.1\r\nA: b\rC: d\r\n\r\n",
            b"GET / HTTP/1.1\r\r\n",
            b"\r\nGET / HTTP/1.1\r\n\r\n",
            b"\nGET / HTTP/1.1\r\n\r\n",
            b"GET / HTTP/1.1\r\nA: \0",
            b"GET / HTTP/1.1\r\nA:\tb",
            b"GET / HTTP/1.1\r\nA: \x7f",
            b"\x16\x03\x01\x02",
        ] {
            assert!(Scan::default().end(head).is_err(), "{:?}", String::from_utf8_lossy(head));
        }
    }
}

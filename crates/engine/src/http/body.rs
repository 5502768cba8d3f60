//! The body of an answer, in each of the three ways to say where it ends.

use super::head::{Framing, Head, not_http};
use super::{Fault, Source, within};

/// Room made before the first byte came: a length alone is only a promise.
const FIRST_ROOM: usize = 64 * 1024;
/// Bytes of a chunk's size and its extensions.
const CHUNK_LINE: usize = 1024;

const PART: &str = "a body";

/// Reads the whole body, of at most `limit` bytes.
pub(super) fn read(
    source: &mut Source<'_>,
    head: &Head,
    limit: usize,
    trailers: usize,
) -> Result<Vec<u8>, Fault> {
    let mut body = Vec::new();
    match head.framing {
        Framing::Nothing => {}
        Framing::Length(length) => {
            within(length, PART, limit)?;
            body.reserve_exact(length.min(FIRST_ROOM));
            take(source, &mut body, length)?;
        }
        Framing::Chunked => chunks(source, &mut body, limit, trailers)?,
        Framing::UntilClosed => until_closed(source, &mut body, limit)?,
    }
    Ok(body)
}

/// Moves exactly this many bytes.
fn take(source: &mut Source<'_>, body: &mut Vec<u8>, mut count: usize) -> Result<(), Fault> {
    while count > 0 {
        if source.buffer.is_empty() {
            source.need()?;
        }
        let there = source.buffer.bytes();
        let some = there.get(..count.min(there.len())).unwrap_or_default();
        body.extend_from_slice(some);
        count -= some.len();
        let moved = some.len();
        source.buffer.used(moved);
    }
    Ok(())
}

fn chunks(
    source: &mut Source<'_>,
    body: &mut Vec<u8>,
    limit: usize,
    trailers: usize,
) -> Result<(), Fault> {
    loop {
        let size = chunk_size_line(source)?;
        if size == 0 {
            return skip_trailers(source, trailers);
        }
        within(body.len().saturating_add(size), PART, limit)?;
        take(source, body, size)?;
        chunk_end(source)?;
    }
}

/// The line before a chunk.
pub(super) fn chunk_size_line(source: &mut Source<'_>) -> Result<usize, Fault> {
    line(source, CHUNK_LINE, chunk_size)?
}

/// The empty line after a chunk.
pub(super) fn chunk_end(source: &mut Source<'_>) -> Result<(), Fault> {
    if line(source, CHUNK_LINE, <[u8]>::is_empty)? {
        return Ok(());
    }
    Err(not_http("a chunk is longer than it says"))
}

/// What follows the last chunk is not used, and is capped all the same.
pub(super) fn skip_trailers(source: &mut Source<'_>, limit: usize) -> Result<(), Fault> {
    let mut left = limit;
    loop {
        let length = line(source, left, <[u8]>::len)?;
        if length == 0 {
            return Ok(());
        }
        left = left.saturating_sub(length);
    }
}

/// One line without its end, as `read` sees it.
fn line<T>(
    source: &mut Source<'_>,
    limit: usize,
    read: impl FnOnce(&[u8]) -> T,
) -> Result<T, Fault> {
    const END: &[u8] = b"\r\n";
    let length = source.up_to(END, "a chunk's line", limit + END.len())?;
    let text = source.buffer.bytes().get(..length - END.len());
    let value = read(text.unwrap_or_default());
    source.buffer.used(length);
    Ok(value)
}

/// RFC 9112, section 7.1: hexadecimal digits, then perhaps extensions.
fn chunk_size(line: &[u8]) -> Result<usize, Fault> {
    let digits = line.split(|&b| b == b';').next().unwrap_or_default();
    let text = str::from_utf8(digits.trim_ascii_end()).unwrap_or_default();
    if text.is_empty() || !text.bytes().all(|b| b.is_ascii_hexdigit()) {
        return Err(not_http("a chunk's size is not a number"));
    }
    // Too many digits are a chunk too large, not a broken one.
    Ok(usize::from_str_radix(text, 16).unwrap_or(usize::MAX))
}

/// Only a proper end of the connection counts: a reset is a truncated body.
fn until_closed(source: &mut Source<'_>, body: &mut Vec<u8>, limit: usize) -> Result<(), Fault> {
    loop {
        let there = source.buffer.bytes();
        within(body.len().saturating_add(there.len()), PART, limit)?;
        body.extend_from_slice(there);
        let moved = there.len();
        source.buffer.used(moved);
        if !source.fill()? {
            return Ok(());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_chunk_says_its_size_in_hexadecimal_digits_only() {
        assert_eq!(chunk_size(b"1a").unwrap(), 26);
        assert_eq!(chunk_size(b"1A ;name=\"x\"").unwrap(), 26);
        assert_eq!(chunk_size(b"0").unwrap(), 0);
        assert_eq!(chunk_size(b"fffffffffffffffff").unwrap(), usize::MAX);
        for line in ["", " 1", "+1", "0x1", "-1", ";x", "1 2"] {
            assert!(chunk_size(line.as_bytes()).is_err(), "{line}");
        }
    }
}

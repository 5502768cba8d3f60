//! The readers of what callers and engines write, for whoever tries them with any bytes at all.

use crate::Head;
use crate::http::chunked::Chunked;
use crate::http::scan::Scan;
use crate::http::{answer, request};

/// A request's head at the beginning of `bytes`, with its length. None where it is refused or not
/// complete.
#[must_use]
pub fn request_head(bytes: &[u8]) -> Option<(Head, usize)> {
    let length = Scan::default().end(bytes).ok()??;
    let parsed = request::parse(bytes.get(..length)?).ok()?;
    Some((parsed.head, length))
}

/// The status of an answer's head at the beginning of `bytes`, and the head as it is handed on. None
/// where it is refused or not complete.
#[must_use]
pub fn answer_head(bytes: &[u8]) -> Option<(u16, Vec<u8>)> {
    let length = Scan::default().end(bytes).ok()??;
    let parsed = answer::parse(bytes.get(..length)?).ok()?;
    Some((parsed.status, parsed.write("")))
}

/// The content of a chunked body that comes in pieces, how many bytes are behind it, and whether it
/// came to its end. None where it is refused.
#[must_use]
pub fn chunked_body(pieces: &mut dyn Iterator<Item = &[u8]>) -> Option<(Vec<u8>, usize, bool)> {
    let (mut reader, mut content, mut behind) = (Chunked::default(), Vec::new(), 0_usize);
    for piece in pieces {
        let mut piece = piece.to_vec();
        let decoded = reader.decode(&mut piece).ok()?;
        content.extend_from_slice(piece.get(..decoded.content)?);
        behind = behind.saturating_add(piece.len().saturating_sub(decoded.consumed));
    }
    Some((content, behind, reader.ended()))
}

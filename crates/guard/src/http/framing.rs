//! How long a body is, by its head (RFC 9112, section 6.3). What that section lets a reader repair is
//! refused here.

use super::{Bad, fields};
use crate::{Body, Header};

/// The body's length by `Content-Length` and `Transfer-Encoding`.
pub(crate) fn of(headers: &[Header], http_1_0: bool) -> Result<Body, Bad> {
    let length = fields::only(headers, "content-length", "more than one Content-Length")?;
    let coding = fields::only(headers, "transfer-encoding", "more than one Transfer-Encoding")?;
    match (length, coding) {
        (None, None) => Ok(Body::Nothing),
        (Some(_), Some(_)) => Err(Bad("both Content-Length and Transfer-Encoding")),
        (Some(length), None) => digits(length).map(Body::Sized),
        (None, Some(_)) if http_1_0 => Err(Bad("Transfer-Encoding in HTTP/1.0")),
        (None, Some(b"chunked")) => Ok(Body::Chunked),
        (None, Some(_)) => Err(Bad("a Transfer-Encoding other than `chunked`")),
    }
}

/// Digits and nothing else: no sign, no list, no blank, and no more than 64 bits hold.
fn digits(text: &[u8]) -> Result<u64, Bad> {
    let bad = Bad("a Content-Length that is no number");
    if text.is_empty() || !text.iter().all(u8::is_ascii_digit) {
        return Err(bad);
    }
    let text = str::from_utf8(text).map_err(|_| bad)?;
    // A signed number holds lengths in the engine (Go's int64).
    let length: i64 = text.parse().map_err(|_| Bad("a Content-Length that is too large"))?;
    u64::try_from(length).map_err(|_| Bad("a Content-Length that is too large"))
}

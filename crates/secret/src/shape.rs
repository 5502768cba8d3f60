//! Forms that are secrets under any name.

mod cloud;
mod private_key;
mod token;
mod url;
mod web_token;

use crate::held::Held;
use crate::span::{Span, merge};

pub(crate) use cloud::AWS_SECRET_LENGTH;

/// All of them in a text, in order.
pub(crate) fn all(text: &str) -> Vec<Span> {
    let held = Held::of(text);
    let finders: [fn(&str, Held) -> Vec<Span>; 5] =
        [private_key::find, token::find, web_token::find, cloud::find, url::find];
    merge(finders.into_iter().flat_map(|find| find(text, held)).collect())
}

/// Whether a word begins at `at`: what stands before it is no part of a word, or is an escape such
/// as `\n`.
fn begins_word(bytes: &[u8], at: usize) -> bool {
    let before = |n: usize| at.checked_sub(n).and_then(|i| bytes.get(i)).copied();
    match before(1) {
        None => true,
        Some(b'n' | b'r' | b't') if before(2) == Some(b'\\') => true,
        Some(byte) => !byte.is_ascii_alphanumeric() && byte != b'_',
    }
}

/// Where the run of bytes that `belongs` ends, from `start` on.
fn run_end(bytes: &[u8], start: usize, belongs: fn(u8) -> bool) -> usize {
    let rest = bytes.get(start..).unwrap_or_default();
    start + rest.iter().take_while(|byte| belongs(**byte)).count()
}

/// Letters and digits.
fn alphanumeric(byte: u8) -> bool {
    byte.is_ascii_alphanumeric()
}

/// The URL-safe alphabet of base64 (RFC 4648, section 5).
fn url_safe(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_')
}

/// The alphabet of base64 (RFC 4648, section 4) and its padding.
fn base64(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'=')
}

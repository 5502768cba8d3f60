//! Runs of digits of any length.

use std::cmp::Ordering;

/// The bytes as long as `keep` holds, and the rest.
pub(super) fn split(text: &[u8], keep: impl Fn(u8) -> bool) -> (&[u8], &[u8]) {
    let end = text.iter().position(|&b| !keep(b)).unwrap_or(text.len());
    text.split_at(end)
}

/// The digits at the start, and the rest.
pub(super) fn take(text: &[u8]) -> (&[u8], &[u8]) {
    split(text, |b| b.is_ascii_digit())
}

/// As numbers: zeros before them don't count, and none at all is zero.
pub(super) fn compare(a: &[u8], b: &[u8]) -> Ordering {
    let (a, b) = (without_zeros(a), without_zeros(b));
    a.len().cmp(&b.len()).then_with(|| a.cmp(b))
}

fn without_zeros(digits: &[u8]) -> &[u8] {
    split(digits, |b| b == b'0').1
}

/// The text before the first `mark`, and what follows it.
pub(super) fn cut(text: &[u8], mark: u8) -> Option<(&[u8], &[u8])> {
    let at = text.iter().position(|&b| b == mark)?;
    Some((text.get(..at)?, text.get(at + 1..)?))
}

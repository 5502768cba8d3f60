//! Semantic versions: `1.2.3-rc.1+build` (semver.org 2.0.0, section 11), as crates.io, npm and the
//! SEMVER ranges of OSV have them.
//!
//! Read as loosely as node-semver and Go do: `v` or `=` before it, fewer numbers or more, and no
//! hyphen before what is not yet released (`1.2.3beta`).

use std::cmp::Ordering;

use super::digits;

/// Compares two versions. Any text has its place: what has no number at its start comes before
/// all that have one above zero.
#[must_use]
pub fn compare(a: &str, b: &str) -> Ordering {
    let (a, b) = (Parts::of(a), Parts::of(b));
    numbers(a.numbers, b.numbers).then_with(|| before(a.before, b.before))
}

/// A version, taken apart.
#[derive(Clone, Copy)]
pub(super) struct Parts<'a> {
    pub(super) numbers: &'a [u8],
    /// What makes it a version before the one of its numbers; empty where it is that one.
    pub(super) before: &'a [u8],
}

impl<'a> Parts<'a> {
    pub(super) fn of(text: &'a str) -> Self {
        let text = text.trim().trim_start_matches(['v', 'V', '=', ' ']).as_bytes();
        let (numbers, rest) = digits::split(text, |c| c.is_ascii_digit() || c == b'.');
        let (rest, _build) = digits::split(rest, |c| c != b'+');
        Self { numbers, before: rest.strip_prefix(b"-").unwrap_or(rest) }
    }
}

/// One number after another; one that isn't there is zero.
pub(super) fn numbers(a: &[u8], b: &[u8]) -> Ordering {
    let (mut a, mut b) = (a.split(|c| *c == b'.'), b.split(|c| *c == b'.'));
    loop {
        let (one, other) = (a.next(), b.next());
        if one.is_none() && other.is_none() {
            return Ordering::Equal;
        }
        let order = digits::compare(one.unwrap_or_default(), other.unwrap_or_default());
        if order != Ordering::Equal {
            return order;
        }
    }
}

/// Of two that are on the way to the same version; the version itself comes last.
pub(super) fn before(a: &[u8], b: &[u8]) -> Ordering {
    if a.is_empty() || b.is_empty() {
        return a.is_empty().cmp(&b.is_empty());
    }
    identifiers(a.split(|c| *c == b'.'), b.split(|c| *c == b'.'))
}

/// Identifiers, one after another; where all are alike, the longer list comes later.
pub(super) fn identifiers<'a>(
    mut a: impl Iterator<Item = &'a [u8]>,
    mut b: impl Iterator<Item = &'a [u8]>,
) -> Ordering {
    loop {
        let order = match (a.next(), b.next()) {
            (None, None) => return Ordering::Equal,
            (Some(a), Some(b)) => identifier(a, b),
            (a, b) => a.is_some().cmp(&b.is_some()),
        };
        if order != Ordering::Equal {
            return order;
        }
    }
}

/// Numbers come before words.
fn identifier(a: &[u8], b: &[u8]) -> Ordering {
    match (is_number(a), is_number(b)) {
        (true, true) => digits::compare(a, b),
        (false, false) => a.cmp(b),
        (a, b) => b.cmp(&a),
    }
}

pub(super) fn is_number(text: &[u8]) -> bool {
    !text.is_empty() && text.iter().all(u8::is_ascii_digit)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::order::ascending;

    #[test]
    fn the_specifications_own_example_is_in_order() {
        ascending(compare, "1.0.0-alpha 1.0.0-alpha.1 1.0.0-alpha.beta 1.0.0-beta 1.0.0-beta.2");
        ascending(compare, "1.0.0-beta.11 1.0.0-rc.1 1.0.0 2.0.0 2.1.0 2.1.1 2.1.2-0 2.1.10");
    }

    #[test]
    fn build_metadata_and_what_is_written_loosely_count_for_nothing() {
        for (a, b) in [
            ("1.0.0+1", "1.0.0+2"),
            ("v1.2.3", "1.2.3"),
            ("=v1.2.3", "1.2.3"),
            ("1.2", "1.2.0"),
            ("1.2.3beta.1", "1.2.3-beta.1"),
            ("1.0.0-rc.1+x-y", "1.0.0-rc.1"),
        ] {
            assert_eq!(compare(a, b), Ordering::Equal, "{a} {b}");
        }
    }

    #[test]
    fn numbers_have_any_length() {
        ascending(
            compare,
            "0.9.99999999999999999999 0.10.0 99999999999999999999.0 100000000000000000000.0",
        );
        ascending(compare, "1.0.0-99999999999999999999 1.0.0-100000000000000000000 1.0.0-a");
    }
}

//! Versions of Debian packages: `[epoch:]upstream[-revision]` (deb-version(7)).

use std::cmp::Ordering;

use super::digits;

/// A version that is ordered as dpkg does it.
#[derive(Debug, Clone, Copy)]
pub struct Version<'a>(pub &'a str);

impl Ord for Version<'_> {
    fn cmp(&self, other: &Self) -> Ordering {
        compare(self.0, other.0)
    }
}

impl PartialOrd for Version<'_> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Version<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Version<'_> {}

/// Compares two versions. Any text has its place, so what dpkg would refuse does no harm.
#[must_use]
pub fn compare(a: &str, b: &str) -> Ordering {
    let (a, b) = (parts(a), parts(b));
    digits::compare(a.0, b.0).then_with(|| piece(a.1, b.1)).then_with(|| piece(a.2, b.2))
}

/// The upstream part of a version: without epoch and revision.
#[must_use]
pub fn upstream(version: &str) -> &str {
    let rest = version.split_once(':').map_or(version, |(_, rest)| rest);
    rest.rsplit_once('-').map_or(rest, |(upstream, _)| upstream)
}

/// Epoch, upstream version and revision. An epoch is digits; a colon after anything else belongs
/// to the version.
fn parts(version: &str) -> (&[u8], &[u8], &[u8]) {
    let text = version.trim().as_bytes();
    let (epoch, rest) = match digits::cut(text, b':') {
        Some((epoch, rest)) if epoch.iter().all(u8::is_ascii_digit) => (epoch, rest),
        _ => (&[][..], text),
    };
    match rest.iter().rposition(|&b| b == b'-') {
        Some(at) => (epoch, &rest[..at], &rest[at + 1..]),
        None => (epoch, rest, &[]),
    }
}

/// Turns of text and number, until one differs.
fn piece(mut a: &[u8], mut b: &[u8]) -> Ordering {
    while !a.is_empty() || !b.is_empty() {
        let (text_a, rest_a) = digits::split(a, |c| !c.is_ascii_digit());
        let (text_b, rest_b) = digits::split(b, |c| !c.is_ascii_digit());
        let (number_a, next_a) = digits::take(rest_a);
        let (number_b, next_b) = digits::take(rest_b);
        let order = text(text_a, text_b).then_with(|| digits::compare(number_a, number_b));
        if order != Ordering::Equal {
            return order;
        }
        (a, b) = (next_a, next_b);
    }
    Ordering::Equal
}

/// A tilde comes before the end, the end before letters, letters before all else.
fn text(a: &[u8], b: &[u8]) -> Ordering {
    let rank = |byte: Option<&u8>| match byte {
        Some(b'~') => -1,
        None => 0,
        Some(c) if c.is_ascii_alphabetic() => i32::from(*c),
        Some(c) => i32::from(*c) + 256,
    };
    let longest = a.len().max(b.len());
    (0..longest)
        .map(|i| rank(a.get(i)).cmp(&rank(b.get(i))))
        .find(|o| o.is_ne())
        .unwrap_or(Ordering::Equal)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_upstream_part_is_without_epoch_and_revision() {
        for (version, part) in [
            ("5:28.5.2-1~debian.12~bookworm", "28.5.2"),
            ("20.10.24+dfsg1-1+deb12u1+b6", "20.10.24+dfsg1"),
            ("6.1.119-1", "6.1.119"),
            ("1.2-rc1-3", "1.2-rc1"),
            ("7", "7"),
        ] {
            assert_eq!(upstream(version), part);
        }
    }

    #[test]
    fn equal_versions_may_be_written_differently() {
        assert_eq!(Version("0:1.0-0"), Version("1.00"));
        assert!(Version("1.0~rc1") < Version("1.0"));
        assert!(Version("1:0") > Version("9"));
    }
}

//! Versions of Go modules and of Go itself: `v1.2.3`, pseudo-versions
//! (`v0.0.0-20190813141303-74dc4d7220e7`), `v2.0.0+incompatible`, `go1.21rc2`
//! (go.dev/ref/mod#versions; golang.org/x/mod/semver).
//!
//! The Go vulnerability database has them without `v`, and Go's own as semantic versions:
//! `go1.21rc2` is `1.21.0-rc.2` there.

use std::cmp::Ordering;

use super::{digits, semver};

/// Compares two versions. Any text has its place.
#[must_use]
pub fn compare(a: &str, b: &str) -> Ordering {
    let ((one, of_go), (other, also_of_go)) = (parts(a), parts(b));
    semver::numbers(one.numbers, other.numbers).then_with(|| {
        if one.before.is_empty() || other.before.is_empty() {
            return one.before.is_empty().cmp(&other.before.is_empty());
        }
        semver::identifiers(pieces(one.before, of_go), pieces(other.before, also_of_go))
    })
}

/// The parts, and whether it is a tag of Go itself.
fn parts(text: &str) -> (semver::Parts<'_>, bool) {
    let tag = text.trim().strip_prefix("go");
    (semver::Parts::of(tag.unwrap_or(text)), tag.is_some())
}

/// Identifiers; of a tag of Go itself `rc2` is `rc.2`.
fn pieces(text: &[u8], of_go: bool) -> impl Iterator<Item = &[u8]> {
    text.split(|c| *c == b'.').flat_map(move |piece| {
        let (word, number) = digits::split(piece, |c| !c.is_ascii_digit());
        let whole = !of_go || word.is_empty() || !semver::is_number(number);
        let (first, second) = if whole { (piece, None) } else { (word, Some(number)) };
        std::iter::once(first).chain(second)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::order::ascending;

    #[test]
    fn pseudo_versions_stand_before_the_version_that_they_lead_to() {
        ascending(
            compare,
            "v0.0.0-20180523222229-09b5706aa936 v0.0.0-20190813141303-74dc4d7220e7 v0.0.1",
        );
        ascending(compare, "v1.4.3 v1.4.4-0.20260603142855-434819b4421e v1.4.4-rc.1 v1.4.4");
        ascending(compare, "v1.3.0-pre v1.3.0-pre.0.20200331193331-03aab09f5b5c v1.3.0");
    }

    #[test]
    fn what_says_only_how_a_module_is_made_counts_for_nothing() {
        assert_eq!(compare("v4.6.4+incompatible", "4.6.4"), Ordering::Equal);
    }

    #[test]
    fn tags_of_go_itself_are_semantic_versions() {
        ascending(compare, "go1.20.14 go1.21beta1 go1.21rc2 go1.21.0 go1.21.3");
        ascending(compare, "1.21.0-0 go1.21rc2 1.21.0-rc.3 go1.21rc10 1.21.0 go1.21.1");
        for (tag, version) in [("go1.21rc2", "1.21.0-rc.2"), ("go1.21", "1.21.0")] {
            assert_eq!(compare(tag, version), Ordering::Equal, "{tag}");
        }
    }
}

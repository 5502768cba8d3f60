//! Versions of Python packages: `[N!]N(.N)*[{a|b|rc}N][.postN][.devN][+local]` (PEP 440), read as
//! loosely as its appendix B allows.
//!
//! What is none of these comes before all that are, in the order that setuptools once had for it
//! (PEP 440, "Compatibility with setuptools"): such versions are still in lists.

use std::cmp::Ordering;

use super::{digits, pep440_legacy as legacy};

/// Compares two versions. Any text has its place.
#[must_use]
pub fn compare(a: &str, b: &str) -> Ordering {
    match (Version::parse(a), Version::parse(b)) {
        (Some(a), Some(b)) => a.compare(&b),
        (None, None) => legacy::compare(a.trim(), b.trim()),
        (a, b) => a.is_some().cmp(&b.is_some()),
    }
}

/// The parts, numbers as digits of any length.
#[derive(Default)]
struct Version<'a> {
    epoch: &'a [u8],
    release: &'a [u8],
    pre: Option<(Stage, &'a [u8])>,
    post: Option<&'a [u8]>,
    dev: Option<&'a [u8]>,
    local: Option<&'a [u8]>,
}

/// How far a pre-release is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Stage {
    Alpha,
    Beta,
    Candidate,
}

/// Their words; one that another begins with comes after it.
const STAGES: [(&str, Stage); 8] = [
    ("alpha", Stage::Alpha),
    ("a", Stage::Alpha),
    ("beta", Stage::Beta),
    ("b", Stage::Beta),
    ("preview", Stage::Candidate),
    ("pre", Stage::Candidate),
    ("rc", Stage::Candidate),
    ("c", Stage::Candidate),
];

impl<'a> Version<'a> {
    fn parse(text: &'a str) -> Option<Self> {
        let mut version = Self::default();
        let mut rest = text.trim().as_bytes();
        rest = rest.strip_prefix(b"v").or_else(|| rest.strip_prefix(b"V")).unwrap_or(rest);
        if let (epoch @ [_, ..], [b'!', after @ ..]) = digits::take(rest) {
            (version.epoch, rest) = (epoch, after);
        }
        (version.release, rest) = release(rest)?;
        if let Some((stage, after)) = STAGES.iter().find_map(|(w, s)| Some((*s, word(rest, w)?))) {
            let (number, after) = number(after);
            (version.pre, rest) = (Some((stage, number)), after);
        }
        if let Some((number, after)) = post(rest) {
            (version.post, rest) = (Some(number), after);
        }
        if let Some(after) = word(rest, "dev") {
            let (number, after) = number(after);
            (version.dev, rest) = (Some(number), after);
        }
        if let Some(local) = rest.strip_prefix(b"+") {
            (version.local, rest) = (Some(local), &[]);
        }
        (rest.is_empty() && version.local.is_none_or(is_local)).then_some(version)
    }

    fn compare(&self, other: &Self) -> Ordering {
        digits::compare(self.epoch, other.epoch)
            .then_with(|| super::semver::numbers(self.release, other.release))
            .then_with(|| self.phase().cmp(&other.phase()))
            .then_with(|| optional(self.pre.map(|p| p.1), other.pre.map(|p| p.1)))
            .then_with(|| optional(self.post, other.post))
            // Without comes last: a version under development comes before the version.
            .then_with(|| self.dev.is_none().cmp(&other.dev.is_none()))
            .then_with(|| optional(self.dev, other.dev))
            .then_with(|| local(self.local, other.local))
    }

    /// What is only under development comes before the pre-releases, and they before the version.
    fn phase(&self) -> (u8, Option<Stage>) {
        match (self.pre, self.post, self.dev) {
            (Some((stage, _)), ..) => (1, Some(stage)),
            (None, None, Some(_)) => (0, None),
            _ => (2, None),
        }
    }
}

/// None comes first.
fn optional(a: Option<&[u8]>, b: Option<&[u8]>) -> Ordering {
    match (a, b) {
        (Some(a), Some(b)) => digits::compare(a, b),
        (a, b) => a.is_some().cmp(&b.is_some()),
    }
}

/// Numbers with single full stops between them, and the rest.
fn release(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let mut end = digits::take(text).0.len();
    while let Some([b'.', more @ ..]) = text.get(end..) {
        match digits::take(more).0.len() {
            0 => break,
            digits => end += 1 + digits,
        }
    }
    (end > 0).then(|| text.split_at(end))
}

/// What follows a word, which any one separator may stand before.
fn word<'a>(text: &'a [u8], word: &str) -> Option<&'a [u8]> {
    let text = unseparated(text);
    let (start, rest) = text.split_at_checked(word.len())?;
    start.eq_ignore_ascii_case(word.as_bytes()).then_some(rest)
}

fn unseparated(text: &[u8]) -> &[u8] {
    match text {
        [b'.' | b'-' | b'_', rest @ ..] => rest,
        _ => text,
    }
}

/// The number behind a word; none is zero.
fn number(text: &[u8]) -> (&[u8], &[u8]) {
    match digits::take(unseparated(text)) {
        ([], _) => (&[], text),
        found => found,
    }
}

/// `.post2`, `-r2`, or `-2` alone.
fn post(text: &[u8]) -> Option<(&[u8], &[u8])> {
    if let Some(after) = ["post", "rev", "r"].iter().find_map(|name| word(text, name)) {
        return Some(number(after));
    }
    let (number, after) = digits::take(text.strip_prefix(b"-")?);
    (!number.is_empty()).then_some((number, after))
}

const SEPARATORS: fn(&u8) -> bool = |c| matches!(c, b'.' | b'-' | b'_');

fn is_local(text: &[u8]) -> bool {
    text.split(SEPARATORS).all(|p| !p.is_empty() && p.iter().all(u8::is_ascii_alphanumeric))
}

/// Segments one after another: words before numbers, and the longer list after its beginning.
fn local(a: Option<&[u8]>, b: Option<&[u8]>) -> Ordering {
    let (Some(a), Some(b)) = (a, b) else { return a.is_some().cmp(&b.is_some()) };
    let (mut a, mut b) = (a.split(SEPARATORS), b.split(SEPARATORS));
    loop {
        let order = match (a.next(), b.next()) {
            (None, None) => return Ordering::Equal,
            (Some(a), Some(b)) => segment(a, b),
            (a, b) => a.is_some().cmp(&b.is_some()),
        };
        if order != Ordering::Equal {
            return order;
        }
    }
}

fn segment(a: &[u8], b: &[u8]) -> Ordering {
    match (super::semver::is_number(a), super::semver::is_number(b)) {
        (true, true) => digits::compare(a, b),
        (false, false) => lower(a).cmp(lower(b)),
        (a, b) => a.cmp(&b),
    }
}

fn lower(text: &[u8]) -> impl Iterator<Item = u8> {
    text.iter().map(u8::to_ascii_lowercase)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::order::ascending;

    #[test]
    fn the_peps_own_examples_are_in_order() {
        ascending(
            compare,
            "1.dev0 1.0.dev456 1.0a1 1.0a2.dev456 1.0a12.dev456 1.0a12 1.0b1.dev456 1.0b2",
        );
        ascending(
            compare,
            "1.0b2.post345.dev456 1.0b2.post345 1.0rc1.dev456 1.0rc1 1.0 1.0+abc.5 1.0+abc.7",
        );
        ascending(compare, "1.0+abc.7 1.0+5 1.0.post456.dev34 1.0.post456 1.0.15 1.1.dev1 1!0.1");
    }

    #[test]
    fn one_version_is_written_in_many_ways() {
        for (a, b) in [
            ("v1.0-ALPHA_1", "1a1"),
            ("1.0.0-pre", "1rc0"),
            ("1.0-1", "1.post1"),
            ("1.0_rev.2", "1.0.post2"),
            ("1.0.DEV", "1.0dev0"),
            ("1.0+Ubuntu-1", "1.0+ubuntu.1"),
            ("0!1.0c1", "1.0rc01"),
        ] {
            assert_eq!(compare(a, b), Ordering::Equal, "{a} {b}");
        }
    }

    #[test]
    fn what_is_no_version_comes_first() {
        ascending(compare, "foo 0.1-bulbasaur 1.0.x 2.0.1rc2-git 0.0.dev1 0.8");
    }
}

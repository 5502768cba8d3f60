//! Versions of Alpine packages: `1.2.3a_rc4~hash-r5` (apk-package(5)).

use std::cmp::Ordering;

use super::digits;

/// A version that is ordered as apk does it.
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

/// What comes after a version's numbers, before all others first.
const BEFORE: [&[u8]; 4] = [b"alpha", b"beta", b"pre", b"rc"];
const AFTER: [&[u8]; 5] = [b"cvs", b"svn", b"git", b"hg", b"p"];

/// A part of a version. Where one version has another kind of part than the other, the kind
/// decides: the later in this list comes first in the order, except for suffixes that say `not
/// yet released`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    First,
    Number,
    Letter,
    Suffix,
    SuffixNumber,
    Hash,
    Revision,
    End,
    Odd,
}

#[derive(Debug, Clone, Copy)]
struct Part<'a> {
    kind: Kind,
    text: &'a [u8],
}

/// Compares two versions. Any text has its place, so what apk would refuse does no harm.
#[must_use]
pub fn compare(a: &str, b: &str) -> Ordering {
    let (mut rest_a, mut rest_b) = (a.trim().as_bytes(), b.trim().as_bytes());
    let (mut part_a, mut part_b) = (first(&mut rest_a), first(&mut rest_b));
    while part_a.kind == part_b.kind {
        let order = same(part_a, part_b);
        if order != Ordering::Equal || part_a.kind >= Kind::End {
            return order;
        }
        (part_a, part_b) = (next(part_a.kind, &mut rest_a), next(part_b.kind, &mut rest_b));
    }
    match (is_before(part_a), is_before(part_b)) {
        (true, _) => Ordering::Less,
        (_, true) => Ordering::Greater,
        _ => part_b.kind.cmp(&part_a.kind),
    }
}

fn is_before(part: Part<'_>) -> bool {
    part.kind == Kind::Suffix && BEFORE.contains(&part.text)
}

fn same(a: Part<'_>, b: Part<'_>) -> Ordering {
    match a.kind {
        // `1.01` comes before `1.1`, as fractions do.
        Kind::Number if a.text.first() == Some(&b'0') || b.text.first() == Some(&b'0') => {
            a.text.cmp(b.text)
        }
        Kind::First | Kind::Number | Kind::SuffixNumber | Kind::Revision => {
            digits::compare(a.text, b.text)
        }
        Kind::Suffix => rank(a.text).cmp(&rank(b.text)),
        Kind::Letter | Kind::Hash | Kind::Odd => a.text.cmp(b.text),
        Kind::End => Ordering::Equal,
    }
}

fn rank(suffix: &[u8]) -> usize {
    let place = |list: &[&[u8]]| list.iter().position(|s| *s == suffix);
    place(&BEFORE).or_else(|| place(&AFTER).map(|at| at + BEFORE.len())).unwrap_or(usize::MAX)
}

fn first<'a>(rest: &mut &'a [u8]) -> Part<'a> {
    let (number, after) = digits::take(rest);
    if number.is_empty() {
        return odd(rest);
    }
    *rest = after;
    Part { kind: Kind::First, text: number }
}

fn odd<'a>(rest: &mut &'a [u8]) -> Part<'a> {
    Part { kind: Kind::Odd, text: std::mem::take(rest) }
}

/// The part after one of kind `last`; only what may stand there is taken.
fn next<'a>(last: Kind, rest: &mut &'a [u8]) -> Part<'a> {
    let whole = *rest;
    let Some((&mark, after)) = whole.split_first() else {
        return Part { kind: Kind::End, text: &[] };
    };
    let letters = |text: &'a [u8]| digits::split(text, |c| c.is_ascii_lowercase());
    let (kind, (text, left)) = match mark {
        b'.' if last <= Kind::Number => (Kind::Number, digits::take(after)),
        b'a'..=b'z' if last <= Kind::Number => (Kind::Letter, whole.split_at(1)),
        b'_' if last <= Kind::SuffixNumber => (Kind::Suffix, letters(after)),
        b'0'..=b'9' if last == Kind::Suffix => (Kind::SuffixNumber, digits::take(whole)),
        b'~' if last < Kind::Hash => (Kind::Hash, digits::split(after, |c| c.is_ascii_hexdigit())),
        b'-' if after.first() == Some(&b'r') && last < Kind::Revision => {
            (Kind::Revision, digits::take(after.get(1..).unwrap_or_default()))
        }
        _ => return odd(rest),
    };
    // `-r` alone is `-r0`.
    if (text.is_empty() && kind != Kind::Revision)
        || (kind == Kind::Suffix && rank(text) == usize::MAX)
    {
        return odd(rest);
    }
    *rest = left;
    Part { kind, text }
}

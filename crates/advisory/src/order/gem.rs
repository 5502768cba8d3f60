//! Versions of gems: `1.2.3.rc1` (Gem::Version of RubyGems).

use std::cmp::Ordering;

use super::digits;

/// Compares two versions. Any text has its place.
#[must_use]
pub fn compare(a: &str, b: &str) -> Ordering {
    let (mut a, mut b) = (Segments::of(a), Segments::of(b));
    loop {
        let order = match (a.next(), b.next()) {
            (None, None) => return Ordering::Equal,
            // One that isn't there is zero.
            (one, other) => one.unwrap_or(Segment::ZERO).cmp(&other.unwrap_or(Segment::ZERO)),
        };
        if order != Ordering::Equal {
            return order;
        }
    }
}

/// A run of digits or of letters; words come before numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Segment<'a> {
    Word(&'a [u8]),
    Number(&'a [u8]),
}

impl Segment<'_> {
    const ZERO: Self = Segment::Number(b"");

    fn is_zero(&self) -> bool {
        matches!(self, Segment::Number(n) if digits::compare(n, b"").is_eq())
    }

    fn cmp(&self, other: &Self) -> Ordering {
        match (self, other) {
            (Segment::Word(a), Segment::Word(b)) => a.cmp(b),
            (Segment::Number(a), Segment::Number(b)) => digits::compare(a, b),
            (Segment::Word(_), Segment::Number(_)) => Ordering::Less,
            (Segment::Number(_), Segment::Word(_)) => Ordering::Greater,
        }
    }
}

/// The segments of a version, without the zeros that end its leading numbers: `1.0.a` is `1.a`.
struct Segments<'a> {
    rest: &'a [u8],
    /// Whether nothing but numbers came so far.
    leading: bool,
    /// Zeros that count, as a number comes after them, and that number.
    held: (usize, Option<Segment<'a>>),
}

impl<'a> Segments<'a> {
    fn of(text: &'a str) -> Self {
        Self { rest: text.trim().as_bytes(), leading: true, held: (0, None) }
    }

    /// The next segment as it is written; a hyphen is the word `pre`.
    fn written(&mut self) -> Option<Segment<'a>> {
        let kept = |c: u8| c.is_ascii_alphanumeric() || c == b'-';
        self.rest = digits::split(self.rest, |c| !kept(c)).1;
        let first = *self.rest.first()?;
        let (run, rest) = match first {
            b'-' => self.rest.split_at(1),
            b'0'..=b'9' => digits::take(self.rest),
            _ => digits::split(self.rest, |c| c.is_ascii_alphabetic()),
        };
        self.rest = rest;
        Some(match first {
            b'-' => Segment::Word(b"pre"),
            b'0'..=b'9' => Segment::Number(run),
            _ => Segment::Word(run),
        })
    }
}

impl<'a> Iterator for Segments<'a> {
    type Item = Segment<'a>;

    fn next(&mut self) -> Option<Segment<'a>> {
        if self.held.0 > 0 {
            self.held.0 -= 1;
            return Some(Segment::ZERO);
        }
        if let Some(after) = self.held.1.take() {
            return Some(after);
        }
        let mut zeros = 0;
        let mut segment = self.written();
        while self.leading && segment.is_some_and(|s| s.is_zero()) {
            zeros += 1;
            segment = self.written();
        }
        self.leading &= matches!(segment, Some(Segment::Number(_)));
        if zeros > 0 && self.leading {
            self.held = (zeros - 1, segment);
            return Some(Segment::ZERO);
        }
        segment
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::order::ascending;

    #[test]
    fn words_come_before_numbers_and_a_hyphen_is_one() {
        ascending(compare, "1.0.0.a 1.0.0.b1 1.0.0.b2 1.0.0.rc.1 1.0.0 1.0.1-java 1.0.1 1.1");
        assert_eq!(compare("1.0-1", "1.0.pre.1"), Ordering::Equal);
    }

    #[test]
    fn zeros_at_the_end_of_the_leading_numbers_count_for_nothing() {
        for (a, b) in [("1", "1.0.0"), ("1.0.0.a", "1.a"), ("0.0.b", "b"), ("1.0.0.1", "1.0.0.1.0")]
        {
            assert_eq!(compare(a, b), Ordering::Equal, "{a} {b}");
        }
        ascending(compare, "1 1.0.0.1 1.0.1 1.1.a.0.1 1.1.a.1");
    }
}

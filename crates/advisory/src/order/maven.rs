//! Versions of Maven's artifacts: `1.2.3-beta-4`, `2.0-SNAPSHOT`, `31.1-jre`
//! (maven.apache.org/pom.html, "Version Order Specification").
//!
//! Tokens are parted by full stops, hyphens, and where letters and digits meet, which counts as a
//! hyphen; so does a full stop before a word. Where a list begins with what is nothing (`1-0-rc`),
//! Maven's code puts the rest one list deeper than its specification says; this is the specification.

use std::cmp::Ordering;

use super::digits;

/// Compares two versions. Any text has its place.
#[must_use]
pub fn compare(a: &str, b: &str) -> Ordering {
    let (mut a, mut b) = (Tokens::of(a), Tokens::of(b));
    loop {
        let order = match (a.next(), b.next()) {
            (None, None) => return Ordering::Equal,
            (one, other) => {
                let end = Token { hyphen: true, text: b"", glued: false };
                one.unwrap_or(end).cmp(&other.unwrap_or(end))
            }
        };
        if order != Ordering::Equal {
            return order;
        }
    }
}

#[derive(Debug, Clone, Copy)]
struct Token<'a> {
    /// Begins a list of its own: what is nothing before it counts for nothing.
    hyphen: bool,
    text: &'a [u8],
    /// A number follows without a separator: `a1` is `alpha-1`.
    glued: bool,
}

/// What a word means; those that aren't known come after all that are.
const WORDS: [(&str, Rank); 10] = [
    ("alpha", Rank::Alpha),
    ("beta", Rank::Beta),
    ("milestone", Rank::Milestone),
    ("rc", Rank::Candidate),
    ("cr", Rank::Candidate),
    ("snapshot", Rank::Snapshot),
    ("ga", Rank::Release),
    ("final", Rank::Release),
    ("release", Rank::Release),
    ("sp", Rank::ServicePack),
];
const GLUED: [(&str, Rank); 3] = [("a", Rank::Alpha), ("b", Rank::Beta), ("m", Rank::Milestone)];

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Rank {
    Alpha,
    Beta,
    Milestone,
    Candidate,
    Snapshot,
    /// The version itself, where the tokens end.
    Release,
    ServicePack,
    Word,
    NumberOfList,
    Number,
}

impl Token<'_> {
    fn rank(&self) -> Rank {
        let of = |list: &[(&str, Rank)]| {
            list.iter().find(|(w, _)| self.text.eq_ignore_ascii_case(w.as_bytes())).map(|(_, r)| *r)
        };
        match self.text.first() {
            None => Rank::Release,
            Some(b'0'..=b'9') if self.hyphen => Rank::NumberOfList,
            Some(b'0'..=b'9') => Rank::Number,
            _ if self.glued => of(&GLUED).or_else(|| of(&WORDS)).unwrap_or(Rank::Word),
            _ => of(&WORDS).unwrap_or(Rank::Word),
        }
    }

    fn is_nothing(&self) -> bool {
        match self.rank() {
            Rank::Number | Rank::NumberOfList => digits::compare(self.text, b"").is_eq(),
            rank => rank == Rank::Release,
        }
    }

    fn cmp(&self, other: &Self) -> Ordering {
        let rank = self.rank();
        rank.cmp(&other.rank()).then_with(|| match rank {
            Rank::Number | Rank::NumberOfList => digits::compare(self.text, other.text),
            Rank::Word => lower(self.text).cmp(lower(other.text)),
            _ => Ordering::Equal,
        })
    }
}

fn lower(text: &[u8]) -> impl Iterator<Item = u8> {
    text.iter().map(u8::to_ascii_lowercase)
}

/// Where reading has come to.
#[derive(Clone, Copy)]
struct Written<'a> {
    rest: &'a [u8],
    /// Whether the next token comes after a hyphen.
    hyphen: bool,
}

impl<'a> Iterator for Written<'a> {
    type Item = Token<'a>;

    fn next(&mut self) -> Option<Token<'a>> {
        let first = *self.rest.first()?;
        let is_digit = first.is_ascii_digit();
        let in_token = |c: u8| c != b'.' && c != b'-' && c.is_ascii_digit() == is_digit;
        let (text, rest) = digits::split(self.rest, in_token);
        let glued = rest.first().is_some_and(u8::is_ascii_digit);
        // Nothing between two separators is zero.
        let token = match text {
            [] => Token { hyphen: self.hyphen, text: b"0", glued: false },
            _ => Token { hyphen: self.hyphen || !is_digit, text, glued },
        };
        (self.hyphen, self.rest) = match rest {
            [b'.', rest @ ..] => (false, rest),
            [b'-', rest @ ..] => (true, rest),
            _ => (true, rest),
        };
        Some(token)
    }
}

/// The tokens that count: those that are nothing don't before a hyphen or the end.
struct Tokens<'a> {
    written: Written<'a>,
    /// While more bytes than this are left, every token counts.
    all_until: usize,
}

impl<'a> Tokens<'a> {
    fn of(text: &'a str) -> Self {
        let written = Written { rest: text.trim().as_bytes(), hyphen: false };
        Self { written, all_until: usize::MAX }
    }

    fn next(&mut self) -> Option<Token<'a>> {
        if self.written.rest.len() > self.all_until {
            return self.written.next();
        }
        let mut from = self.written;
        let mut token = self.written.next()?;
        let mut any = false;
        while token.is_nothing() {
            any = true;
            let here = self.written;
            token = self.written.next()?;
            if token.is_nothing() && token.hyphen {
                from = here;
            } else if !token.is_nothing() {
                self.all_until = here.rest.len();
            }
        }
        if any && !token.hyphen {
            self.written = from;
            return self.written.next();
        }
        Some(token)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::order::ascending;

    #[test]
    fn the_specifications_own_examples_are_in_order() {
        ascending(compare, "1-alpha2 1-alpha-123 1-beta-2 1-beta123 1-m2 1-m11 1-rc 1-cr2 1-rc123");
        ascending(
            compare,
            "1-rc123 1-SNAPSHOT 1 1-sp 1-sp2 1-sp123 1-abc 1-def 1-pom-1 1-1-snapshot 1-1 1-2 1-123",
        );
        ascending(compare, "1-foo2 1-foo10 1.foo-11 1-1 1.1-rc1 1.1 1.1.1 31.1-android 31.1-jre");
    }

    #[test]
    fn what_is_nothing_counts_for_nothing_before_a_hyphen_and_at_the_end() {
        for (a, b) in [
            ("1", "1.0.0"),
            ("1.ga", "1-final"),
            ("1.0.0-foo.0.0", "1-foo"),
            ("1.0.0-0.0.0", "1"),
            ("1-a1", "1-alpha-1"),
            ("1.0.RELEASE", "1"),
            ("1.0.RC2", "1-cr2"),
            ("1x1", "1-x-1"),
            ("1-", "1"),
        ] {
            assert_eq!(compare(a, b), Ordering::Equal, "{a} {b}");
        }
        ascending(compare, "1 1-0.1 1-1 1.0.1 1.1");
    }
}

//! Python versions that are none by PEP 440, in setuptools' order of before that
//! (`pkg_resources.parse_version` of version 7).

use std::cmp::Ordering;

use super::digits;

/// Compares two texts: their parts one after another, and a shorter list comes first.
pub(super) fn compare(a: &str, b: &str) -> Ordering {
    Parts::of(a).cmp(Parts::of(b))
}

/// A part: words come before numbers.
#[derive(Debug, Clone, Copy)]
enum Part<'a> {
    Word(&'a [u8]),
    Number(&'a [u8]),
}

/// The word for the end of a version, and for a hyphen.
const FINAL: &[u8] = b"final";
const HYPHEN: &[u8] = b"final-";

/// Numbers are filled up with zeros to this many digits, and compared as text then.
const WIDTH: usize = 8;

impl Ord for Part<'_> {
    fn cmp(&self, other: &Self) -> Ordering {
        match (self, other) {
            (Part::Word(a), Part::Word(b)) => lower(a).cmp(lower(b)),
            (Part::Number(a), Part::Number(b)) => filled(a).cmp(filled(b)),
            (Part::Word(_), Part::Number(_)) => Ordering::Less,
            (Part::Number(_), Part::Word(_)) => Ordering::Greater,
        }
    }
}

impl PartialEq for Part<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Part<'_> {}

impl PartialOrd for Part<'_> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

fn lower(text: &[u8]) -> impl Iterator<Item = u8> {
    text.iter().map(u8::to_ascii_lowercase)
}

fn filled(number: &[u8]) -> impl Iterator<Item = u8> {
    let missing = WIDTH.saturating_sub(number.len());
    std::iter::repeat_n(b'0', missing).chain(number.iter().copied())
}

impl Part<'_> {
    fn is_zero(&self) -> bool {
        matches!(self, Part::Number(n) if n.len() <= WIDTH && n.iter().all(|c| *c == b'0'))
    }

    fn is_hyphen(&self) -> bool {
        matches!(self, Part::Word(word) if *word == HYPHEN)
    }
}

/// The parts that count: zeros before a word don't, nor do hyphens before a word that comes before
/// `final`.
struct Parts<'a> {
    written: Written<'a>,
    hyphens: usize,
    zeros: usize,
    after: Option<Part<'a>>,
}

impl<'a> Parts<'a> {
    const fn of(text: &'a str) -> Self {
        let written = Written { rest: text.as_bytes(), ended: false };
        Self { written, hyphens: 0, zeros: 0, after: None }
    }

    /// Reads up to a part that is neither hyphen nor zero, and decides whether those count.
    fn read(&mut self) {
        loop {
            match self.written.next() {
                Some(part) if part.is_hyphen() => {
                    (self.hyphens, self.zeros) = (self.hyphens + 1, 0)
                }
                Some(part) if part.is_zero() => self.zeros += 1,
                part => {
                    self.after = part;
                    break;
                }
            }
        }
        if let Some(word @ Part::Word(_)) = self.after {
            if self.zeros == 0 && word < Part::Word(FINAL) {
                self.hyphens = 0;
            }
            self.zeros = 0;
        }
    }
}

impl<'a> Iterator for Parts<'a> {
    type Item = Part<'a>;

    fn next(&mut self) -> Option<Part<'a>> {
        if self.hyphens == 0 && self.zeros == 0 && self.after.is_none() {
            self.read();
        }
        if self.hyphens > 0 {
            self.hyphens -= 1;
            return Some(Part::Word(HYPHEN));
        }
        if self.zeros > 0 {
            self.zeros -= 1;
            return Some(Part::Number(b"0"));
        }
        self.after.take()
    }
}

/// The parts as they are written, and `final` at the end.
struct Written<'a> {
    rest: &'a [u8],
    ended: bool,
}

impl<'a> Iterator for Written<'a> {
    type Item = Part<'a>;

    fn next(&mut self) -> Option<Part<'a>> {
        self.rest = digits::split(self.rest, |c| c == b'.').1;
        let Some(first) = self.rest.first() else {
            return (!std::mem::replace(&mut self.ended, true)).then_some(Part::Word(FINAL));
        };
        let kind = kind(*first);
        let (run, rest) = match kind {
            Kind::Hyphen => self.rest.split_at(1),
            _ => digits::split(self.rest, |c| self::kind(c) == kind),
        };
        self.rest = rest;
        Some(match kind {
            Kind::Hyphen => Part::Word(HYPHEN),
            Kind::Digit => Part::Number(run),
            Kind::Letter | Kind::Stop | Kind::Other => Part::Word(meant(run)),
        })
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Digit,
    Letter,
    Hyphen,
    Stop,
    Other,
}

const fn kind(c: u8) -> Kind {
    match c {
        b'0'..=b'9' => Kind::Digit,
        b'a'..=b'z' | b'A'..=b'Z' => Kind::Letter,
        b'-' => Kind::Hyphen,
        b'.' => Kind::Stop,
        _ => Kind::Other,
    }
}

fn meant(word: &[u8]) -> &[u8] {
    for (written, meant) in [("pre", "c"), ("preview", "c"), ("rc", "c"), ("dev", "@")] {
        if word.eq_ignore_ascii_case(written.as_bytes()) {
            return meant.as_bytes();
        }
    }
    word
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::order::ascending;

    #[test]
    fn words_come_before_numbers_and_hyphens_after_the_end() {
        ascending(compare, "1.dev-x 1.a-x 1-x 1.0.x 1.x.5");
    }

    #[test]
    fn zeros_and_hyphens_before_a_word_count_for_nothing() {
        for (a, b) in [("1.0.0x", "1x"), ("1--rc_", "1.rc_"), ("1-0-a_", "1a_"), ("1.PRE_", "1c_")]
        {
            assert_eq!(compare(a, b), Ordering::Equal, "{a} {b}");
        }
        assert_ne!(compare("1-0a_", "1a_"), Ordering::Equal);
    }
}

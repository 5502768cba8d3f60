//! Versions of Composer's packages: `1.2.3-beta2`, `v2.0-p1`, `dev-main`, `3.x-dev` (composer/semver,
//! which normalises a version and compares it by PHP's `version_compare`).

use std::cmp::Ordering;

use super::digits;

/// Compares two versions. Any text has its place.
#[must_use]
pub fn compare(a: &str, b: &str) -> Ordering {
    let (mut a, mut b) = (Parts::of(a), Parts::of(b));
    loop {
        let (one, other) = (a.next(), b.next());
        let order = one.cmp(&other);
        if order != Ordering::Equal || one == Part::End {
            return order;
        }
    }
}

/// A part, in the order of PHP's table; words that it doesn't know come first and are all alike.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Part<'a> {
    Unknown,
    Dev,
    Alpha,
    Beta,
    Candidate,
    End,
    Number(Number<'a>),
    /// `1.x` is below nothing but the next version.
    Any,
    Patch,
}

#[derive(Debug, Clone, Copy)]
struct Number<'a>(&'a [u8]);

impl Ord for Number<'_> {
    fn cmp(&self, other: &Self) -> Ordering {
        digits::compare(self.0, other.0)
    }
}

impl PartialOrd for Number<'_> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Number<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Number<'_> {}

/// How many numbers a version has at least; those that aren't written are zero, or any.
const NUMBERS: usize = 4;

struct Parts<'a> {
    rest: &'a [u8],
    /// How many numbers came, while nothing but numbers did.
    numbers: Option<usize>,
    any: bool,
}

impl<'a> Parts<'a> {
    fn of(text: &'a str) -> Self {
        let text = text.trim().as_bytes();
        let text = text.strip_prefix(b"v").or_else(|| text.strip_prefix(b"V")).unwrap_or(text);
        // What comes after a plus is of a build, after an at sign the least stability asked for.
        let rest = digits::split(text, |c| c != b'+' && c != b'@').0;
        let numbers = rest.first().is_some_and(u8::is_ascii_digit).then_some(0);
        Self { rest, numbers, any: false }
    }

    fn next(&mut self) -> Part<'a> {
        loop {
            let (word, number, after) = written(self.rest);
            if word.is_empty() && !number.is_empty() {
                self.rest = after;
                self.numbers = self.numbers.map(|count| count + 1);
                return Part::Number(Number(number));
            }
            self.any |= self.numbers.is_some() && is_any(word);
            if let Some(count @ 0..NUMBERS) = self.numbers {
                self.numbers = Some(count + 1);
                return if self.any { Part::Any } else { Part::Number(Number(b"")) };
            }
            // `stable` is the version itself, whatever is behind it.
            let ends = word.eq_ignore_ascii_case(b"stable");
            (self.rest, self.numbers) = (if ends { &[] } else { after }, None);
            if let Some(part) = named(word) {
                return part;
            }
        }
    }
}

/// The next word or the next number, and the rest.
fn written(text: &[u8]) -> (&[u8], &[u8], &[u8]) {
    let text = digits::split(text, |c| !c.is_ascii_alphanumeric() && c != b'*').1;
    match digits::split(text, |c| c.is_ascii_alphabetic() || c == b'*') {
        ([], rest) => {
            let (number, rest) = digits::take(rest);
            (&[], number, rest)
        }
        (word, rest) => (word, &[], rest),
    }
}

fn is_any(word: &[u8]) -> bool {
    matches!(word, b"x" | b"X" | b"*")
}

/// The part that a word is; none where it says nothing.
fn named(word: &[u8]) -> Option<Part<'static>> {
    let is = |names: &[&str]| names.iter().any(|name| word.eq_ignore_ascii_case(name.as_bytes()));
    Some(match word {
        [] => Part::End,
        _ if is(&["x", "*"]) => return None,
        _ if is(&["stable"]) => Part::End,
        _ if is(&["dev"]) => Part::Dev,
        _ if is(&["alpha", "a"]) => Part::Alpha,
        _ if is(&["beta", "b"]) => Part::Beta,
        _ if is(&["rc"]) => Part::Candidate,
        _ if is(&["patch", "pl", "p"]) => Part::Patch,
        _ => Part::Unknown,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::order::ascending;

    #[test]
    fn stabilities_are_in_order() {
        ascending(
            compare,
            "dev-main 1.0.0-dev 1.0-alpha 1.0a1 1.0-alpha.2-dev 1.0.0-alpha2 1-beta1 1.0RC1 1.0",
        );
        ascending(
            compare,
            "1.0.0.0 1.0.0-p1 1.0-patch2 1.0.0.1 1.0.1 1.99 1.x-dev 2.0-dev 2.0.0 2010.01.02",
        );
    }

    #[test]
    fn one_version_is_written_in_many_ways() {
        for (a, b) in [
            ("v1.2", "1.2.0.0"),
            ("1.2-stable", "1.2"),
            ("1.2-stable3-dev", "1.2"),
            ("1.2.3-B1", "1.2.3-beta.1"),
            ("1.2+abc", "1.2.0@dev"),
            ("1.x-dev", "1.*.x-dev"),
        ] {
            assert_eq!(compare(a, b), Ordering::Equal, "{a} {b}");
        }
    }
}

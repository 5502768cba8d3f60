//! Versions as the programs themselves say them: `v1.7.24`, `20.10.24+dfsg1`, `1.4.0-rc.3`,
//! `6.1.0-28-amd64`.
//!
//! Numbers, and maybe a word that says `not yet released`; what packagers and builders add
//! (`+ds1`, `~ds1`, `-ce`, `-amd64`) makes a version neither older nor newer.

use std::cmp::Ordering;
use std::fmt;

/// How many numbers a version has at most.
const NUMBERS: usize = 4;

/// What comes before the version of that number, in order.
const BEFORE: [&str; 5] = ["tp", "alpha", "beta", "pre", "rc"];

/// A version of a program.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Version {
    numbers: [u64; NUMBERS],
    stage: Stage,
}

/// Whether it is the version of that number, or one on the way to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Stage {
    Before { word: usize, number: u64 },
    Released,
}

impl Version {
    /// The version at the start of `text`; none where that is no version of at least two numbers
    /// (`dev`, `master`, a commit).
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let text = text.strip_prefix('v').unwrap_or(text);
        let end = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
        let (core, rest) = text.split_at(end);
        let (mut numbers, mut count) = ([0; NUMBERS], 0);
        for number in core.trim_end_matches('.').split('.') {
            *numbers.get_mut(count)? = number.parse().ok()?;
            count += 1;
        }
        (count >= 2).then_some(Self { numbers, stage: stage(rest) })
    }

    /// The release line: its first two numbers.
    #[must_use]
    pub const fn line(&self) -> (u64, u64) {
        (self.numbers[0], self.numbers[1])
    }
}

fn stage(rest: &str) -> Stage {
    let Some(rest) = rest.strip_prefix(['-', '~']) else { return Stage::Released };
    for (word, name) in BEFORE.iter().enumerate() {
        if let Some(after) = rest.strip_prefix(name) {
            let after = after.strip_prefix('.').unwrap_or(after);
            let end = after.find(|c: char| !c.is_ascii_digit()).unwrap_or(after.len());
            let number = after.get(..end).and_then(|n| n.parse().ok()).unwrap_or(0);
            return Stage::Before { word, number };
        }
    }
    Stage::Released
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [first, second, third, fourth] = self.numbers;
        write!(f, "{first}.{second}.{third}")?;
        if fourth > 0 {
            write!(f, ".{fourth}")?;
        }
        match self.stage {
            Stage::Before { word, number } => {
                write!(f, "-{}.{number}", BEFORE.get(word).unwrap_or(&"pre"))
            }
            Stage::Released => Ok(()),
        }
    }
}

/// Compares two texts as versions; what is none comes before all that are.
#[must_use]
pub fn compare(a: &str, b: &str) -> Ordering {
    Version::parse(a).cmp(&Version::parse(b))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_ordered_by_number_then_stage() {
        let ordered = [
            "1.0.0-rc8",
            "1.0.0-rc93",
            "1.0.0",
            "1.1.2",
            "1.1.12",
            "1.2.0-beta.0",
            "1.2.0-rc.1",
            "1.2.0-rc.3",
            "1.2.0",
            "1.10.0",
            "v20.10.24",
            "28.5.2",
        ];
        for pair in ordered.windows(2) {
            assert_eq!(compare(pair[0], pair[1]), Ordering::Less, "{pair:?}");
            assert_eq!(compare(pair[1], pair[0]), Ordering::Greater, "{pair:?}");
        }
    }

    #[test]
    fn what_packagers_add_counts_for_nothing() {
        for (written, same) in [
            ("26.1.5+dfsg1", "26.1.5"),
            ("1.1.12+ds1", "1.1.12"),
            ("v1.7.24~ds1", "1.7.24"),
            ("18.09.1-ce", "18.9.1"),
            ("6.1.0-28-amd64", "6.1"),
            ("1.0.0~rc93+ds1", "1.0.0-rc93"),
            ("20.10.24", "20.10.24.0"),
        ] {
            assert_eq!(compare(written, same), Ordering::Equal, "{written}");
        }
    }

    #[test]
    fn what_is_no_version_is_none() {
        for text in
            ["", "dev", "v", "7", "HEAD-1c2d", "1..2", "1.2.3.4.5", "99999999999999999999.1"]
        {
            assert_eq!(Version::parse(text), None, "{text}");
        }
        assert_eq!(Version::parse("v1.4.0-rc.3+dev").unwrap().to_string(), "1.4.0-rc.3");
    }
}

//! `modified_id.csv`: which records a source has, and when each was changed (OSV's bucket).

use std::collections::BTreeMap;
use std::fmt::Write as _;

use jiff::Timestamp;

/// The most records that a list may have; the largest of the real ones has some 250,000.
const MOST: usize = 3_000_000;
/// The longest id, in bytes.
const LONGEST: usize = 200;

/// Records by id, with the time at which each was changed, in whole seconds.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Listing(pub BTreeMap<String, Timestamp>);

/// How a list differs from what is had.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Changes {
    /// Ids of records that are new or were changed.
    pub changed: Vec<String>,
    /// Ids of records that are gone.
    pub gone: Vec<String>,
}

impl Changes {
    /// Whether there are none.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.changed.is_empty() && self.gone.is_empty()
    }
}

impl Listing {
    /// Reads lines of `TIME,ID`; in the bucket's own list the id has the ecosystem before it.
    ///
    /// # Errors
    /// In a person's words: the first line that is none.
    pub fn parse(text: &[u8]) -> Result<Self, String> {
        let text = std::str::from_utf8(text).map_err(|_| "it is not UTF-8".to_owned())?;
        let mut records = BTreeMap::new();
        for (line, at) in text.lines().zip(1..).filter(|(line, _)| !line.trim().is_empty()) {
            let (time, id) =
                line.trim().split_once(',').ok_or_else(|| format!("line {at} is no `TIME,ID`"))?;
            let time = seconds(time).ok_or_else(|| format!("line {at} has no time"))?;
            if !is_id(id) {
                return Err(format!("line {at} has an id that is none"));
            }
            let newest = records.entry(id.to_owned()).or_insert(time);
            *newest = (*newest).max(time);
            if records.len() > MOST {
                return Err(format!("it has more than {MOST} records"));
            }
        }
        Ok(Self(records))
    }

    /// When the newest record was changed.
    #[must_use]
    pub fn newest(&self) -> Option<Timestamp> {
        self.0.values().max().copied()
    }

    /// What has to be had and what has to go, so that `had` becomes this. A record that is listed
    /// older than it is had is not had again, unless that is wanted.
    #[must_use]
    pub fn since(&self, had: &Self, allow_older: bool) -> Changes {
        let is_changed = |(id, time): &(&String, &Timestamp)| {
            had.0.get(*id).is_none_or(|had| *time > had || (allow_older && *time != had))
        };
        let gone = had.0.keys().filter(|id| !self.0.contains_key(*id));
        Changes {
            changed: self.0.iter().filter(is_changed).map(|(id, _)| id.clone()).collect(),
            gone: gone.cloned().collect(),
        }
    }

    /// As the bucket has it: newest first.
    #[must_use]
    pub fn written(&self) -> String {
        let mut lines: Vec<_> = self.0.iter().collect();
        lines.sort_by(|(a, at), (b, bt)| bt.cmp(at).then_with(|| a.cmp(b)));
        lines.into_iter().fold(String::new(), |mut text, (id, time)| {
            // Writing to a string cannot fail.
            let _ = writeln!(text, "{time},{id}");
            text
        })
    }
}

/// A time, in whole seconds: the list and the records have it in different precision.
pub(crate) fn seconds(text: &str) -> Option<Timestamp> {
    let time: Timestamp = text.trim().parse().ok()?;
    Timestamp::from_second(time.as_second()).ok()
}

/// Whether it can be the name of a record's file.
pub(crate) fn is_id(text: &str) -> bool {
    let fits =
        |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | ':' | '+' | '~');
    !text.is_empty() && text.len() <= LONGEST && text.chars().all(fits) && !text.starts_with('.')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(text: &str) -> Listing {
        Listing::parse(text.as_bytes()).unwrap()
    }

    #[test]
    fn a_list_is_read_and_written_as_the_bucket_has_it() {
        let text = "2026-08-01T09:00:02.625Z,BIT-a-2026-1\n\n2025-01-01T00:00:00Z,ALSA-2026:5\r\n";
        let read = list(text);
        assert_eq!(read.newest().unwrap().to_string(), "2026-08-01T09:00:02Z");
        assert_eq!(
            read.written(),
            "2026-08-01T09:00:02Z,BIT-a-2026-1\n2025-01-01T00:00:00Z,ALSA-2026:5\n"
        );
        assert_eq!(list(&read.written()), read);
    }

    #[test]
    fn what_is_no_list_is_refused_by_its_line() {
        for (text, why) in [
            ("<html>", "line 1 is no `TIME,ID`"),
            ("2026-08-01T09:00:02Z,a\nyesterday,b", "line 2 has no time"),
            ("2026-08-01T09:00:02Z,../../etc/passwd", "line 1 has an id that is none"),
            ("2026-08-01T09:00:02Z,", "line 1 has an id that is none"),
        ] {
            assert_eq!(Listing::parse(text.as_bytes()).unwrap_err(), why);
        }
        assert!(Listing::parse(b"\xff").is_err());
    }

    #[test]
    fn changes_are_new_newer_and_gone_records() {
        let had = list("2026-01-01T00:00:00Z,a\n2026-01-01T00:00:00Z,b\n2026-01-02T00:00:00Z,c\n");
        let now = list("2026-01-01T00:00:00Z,a\n2026-01-01T00:00:00Z,c\n2026-01-03T00:00:00Z,d\n");
        let changes = now.since(&had, false);
        assert_eq!((changes.changed, changes.gone), (vec!["d".to_owned()], vec!["b".to_owned()]));
        assert_eq!(now.since(&had, true).changed, ["c", "d"]);
        assert!(had.since(&had, false).is_empty());
    }
}

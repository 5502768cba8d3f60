//! An advisory as it stands in the file.

use dockward_model::inventory::{AdvisoryFacts, RatedBy, Rating};
use dockward_model::verdict::Severity;
use jiff::Timestamp;

use super::Damaged;
use super::bytes::{Cursor, put_run, put_text};

/// Where an advisory stands: its offset in its section, in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AdvisoryAt(pub u64);

/// A time that is not known.
const NO_TIME: i64 = i64::MIN;
const NO_SEVERITY: u8 = 255;

/// The bytes of an advisory, with their number before them. Times are kept to the second.
#[must_use]
pub fn advisory_bytes(facts: &AdvisoryFacts) -> Vec<u8> {
    let mut out = Vec::new();
    for text in [&facts.id, &facts.source, &facts.summary, &facts.url] {
        put_text(&mut out, text);
    }
    put_rating(&mut out, &facts.rating);
    for time in [facts.published, facts.modified] {
        out.extend(time.map_or(NO_TIME, Timestamp::as_second).to_le_bytes());
    }
    for list in [&facts.cves, &facts.aliases] {
        let mut names = Vec::new();
        list.iter().for_each(|name| put_text(&mut names, name));
        put_run(&mut out, &names);
    }
    let mut whole = Vec::new();
    put_run(&mut whole, &out);
    whole
}

pub(super) fn put_rating(out: &mut Vec<u8>, rating: &Rating) {
    out.push(rating.severity.map_or(NO_SEVERITY, severity_number));
    out.push(match rating.by {
        RatedBy::Nobody => 0,
        RatedBy::Vendor => 1,
        RatedBy::Cvss => 2,
    });
    put_text(out, &rating.written);
}

fn severity_number(severity: Severity) -> u8 {
    Severity::WORST_FIRST
        .iter()
        .zip(0..)
        .find(|(known, _)| **known == severity)
        .map_or(255, |p| p.1)
}

/// A rating as it stands in the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RatingText<'a> {
    /// How bad; absent where nobody says so.
    pub severity: Option<Severity>,
    /// Who says so.
    pub by: RatedBy,
    /// What they wrote.
    pub written: &'a str,
}

impl<'a> RatingText<'a> {
    pub(super) fn read(cursor: &mut Cursor<'a>) -> Result<Self, Damaged> {
        let severity = Severity::WORST_FIRST.get(usize::from(cursor.byte()?)).copied();
        let by = match cursor.byte()? {
            1 => RatedBy::Vendor,
            2 => RatedBy::Cvss,
            _ => RatedBy::Nobody,
        };
        Ok(Self { severity, by, written: cursor.text()? })
    }

    /// The same in words of its own.
    #[must_use]
    pub fn owned(self) -> Rating {
        let written = self.written.to_owned();
        Rating { severity: self.severity, by: self.by, written, borrowed: None }
    }
}

/// An advisory, its texts those of the file.
#[derive(Debug, Clone, Copy)]
pub struct Advisory<'a> {
    /// Its id in its own source.
    pub id: &'a str,
    /// The source, such as `Debian`.
    pub source: &'a str,
    /// One line; may be empty.
    pub summary: &'a str,
    /// Where to read it; may be empty.
    pub url: &'a str,
    /// How bad it is.
    pub rating: RatingText<'a>,
    /// When it was published.
    pub published: Option<Timestamp>,
    /// When it was last changed.
    pub modified: Option<Timestamp>,
    cves: Cursor<'a>,
    aliases: Cursor<'a>,
}

impl<'a> Advisory<'a> {
    pub(super) fn read(section: &'a [u8], at: AdvisoryAt) -> Result<Self, Damaged> {
        let from = usize::try_from(at.0).ok().and_then(|from| section.get(from..));
        let mut cursor =
            Cursor(Cursor(from.ok_or(Damaged("an advisory is not in the file"))?).run()?);
        let (id, source) = (cursor.text()?, cursor.text()?);
        let (summary, url) = (cursor.text()?, cursor.text()?);
        let rating = RatingText::read(&mut cursor)?;
        let mut time =
            || cursor.array().map(|bytes| Timestamp::from_second(i64::from_le_bytes(bytes)).ok());
        let (published, modified) = (time()?, time()?);
        let (cves, aliases) = (Cursor(cursor.run()?), Cursor(cursor.run()?));
        Ok(Self { id, source, summary, url, rating, published, modified, cves, aliases })
    }

    /// The CVE numbers that it is about. A damaged list ends early.
    pub fn cves(&self) -> impl Iterator<Item = &'a str> + 'a {
        texts(self.cves)
    }

    /// Its other names. A damaged list ends early.
    pub fn aliases(&self) -> impl Iterator<Item = &'a str> + 'a {
        texts(self.aliases)
    }

    /// The weaknesses that it is about: its CVE numbers, or its own id where it names none.
    pub fn weaknesses(&self) -> impl Iterator<Item = &'a str> + 'a {
        let own = self.cves.is_empty().then_some(self.id);
        own.into_iter().chain(self.cves())
    }

    /// Whether a name is one of its own, upper and lower case alike.
    #[must_use]
    pub fn is_named(&self, name: &str) -> bool {
        let mut names = std::iter::once(self.id).chain(self.cves()).chain(self.aliases());
        names.any(|own| own.eq_ignore_ascii_case(name))
    }

    /// The same in words of its own.
    #[must_use]
    pub fn facts(&self) -> AdvisoryFacts {
        AdvisoryFacts {
            id: self.id.to_owned(),
            cves: self.cves().map(str::to_owned).collect(),
            aliases: self.aliases().map(str::to_owned).collect(),
            summary: self.summary.to_owned(),
            rating: self.rating.owned(),
            published: self.published,
            modified: self.modified,
            url: self.url.to_owned(),
            source: self.source.to_owned(),
        }
    }
}

fn texts<'a>(mut rest: Cursor<'a>) -> impl Iterator<Item = &'a str> + 'a {
    std::iter::from_fn(move || rest.text().ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_advisory_comes_back_as_it_was() {
        let facts = AdvisoryFacts {
            id: "DSA-1".into(),
            cves: vec!["CVE-2021-1234".into(), "CVE-2021-1235".into()],
            aliases: vec!["GHSA-x".into()],
            summary: "bad".into(),
            rating: Rating {
                severity: Some(Severity::Critical),
                by: RatedBy::Cvss,
                written: "CVSS:3.1/…".into(),
                borrowed: None,
            },
            published: None,
            modified: "2021-02-03T04:05:06Z".parse().ok(),
            url: "https://example.org".into(),
            source: "Debian".into(),
        };
        let bytes = [vec![1, 2, 3], advisory_bytes(&facts)].concat();
        let read = Advisory::read(&bytes, AdvisoryAt(3)).unwrap();
        assert_eq!(read.facts(), facts);
        assert!(
            read.is_named("dsa-1") && read.is_named("CVE-2021-1235") && read.is_named("ghsa-X")
        );
        assert!(!read.is_named("CVE-2021-123"));
        assert_eq!(read.weaknesses().count(), 2);
        assert!(Advisory::read(&bytes, AdvisoryAt(u64::MAX)).is_err());
        for cut in 3..bytes.len() {
            assert!(Advisory::read(bytes.get(..cut).unwrap(), AdvisoryAt(3)).is_err());
        }
    }
}

//! What an advisory says of one package of one ecosystem.

use dockward_model::inventory::Rating;

use super::bytes::{Cursor, put_number, put_run, put_text};
use super::{AdvisoryAt, Damaged, advisory};

/// What an advisory makes of the versions that it names.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub enum Status {
    /// Those in its ranges and lists have the weakness.
    #[default]
    Affected = 0,
    /// As above, and mending it was put off.
    Deferred = 1,
    /// As above, and it will not be mended.
    WillNotFix = 2,
    /// Nobody has decided yet whether any has it.
    Undecided = 3,
    /// None has it: the note says why.
    NotAffected = 4,
}

impl Status {
    const ALL: [Self; 5] =
        [Self::Affected, Self::Deferred, Self::WillNotFix, Self::Undecided, Self::NotAffected];
}

/// How the versions of a range are ordered (OSV, `ranges[].type`).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[repr(u8)]
pub enum RangeKind {
    /// As the ecosystem does it.
    #[default]
    Ecosystem = 0,
    /// By Semantic Versioning 2.0.
    Semver = 1,
}

/// Where a range begins or ends (OSV, `ranges[].events[]`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Event<'a> {
    /// This version and those after it have the weakness; `0` is before all others.
    Introduced(&'a str),
    /// This version and those after it don't.
    Fixed(&'a str),
    /// Those after this version don't.
    LastAffected(&'a str),
    /// Of this version and those after it nothing is said.
    Limit(&'a str),
}

/// A row as it is before it is written.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct NewRow {
    /// The ecosystem with its release, such as `Debian:11`.
    pub ecosystem: String,
    /// The name of the package in it, as the ecosystem's advisories name it.
    pub name: String,
    /// What is said of the versions.
    pub status: Status,
    /// What the source adds in its own words; may be empty.
    pub note: String,
    /// The one architecture that it is about; empty for all.
    pub architecture: String,
    /// The module stream that it is about, `name:stream`; empty for packages without.
    pub module: String,
    /// Where the source rates this package otherwise than the advisory as a whole.
    pub rating: Option<Rating>,
    /// Ranges: a kind, and what was written as (event, version).
    pub ranges: Vec<NewRange>,
    /// Versions that have it, beside those in ranges.
    pub versions: Vec<String>,
}

/// A range as it is before it is written.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct NewRange {
    /// How its versions are ordered.
    pub kind: RangeKind,
    /// Where it begins and ends, in the order in which the record says it.
    pub events: Vec<NewEvent>,
}

/// An event as it is before it is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NewEvent {
    /// See [`Event::Introduced`].
    Introduced(String),
    /// See [`Event::Fixed`].
    Fixed(String),
    /// See [`Event::LastAffected`].
    LastAffected(String),
    /// See [`Event::Limit`].
    Limit(String),
}

const FROM_THE_FIRST: u8 = 0;
const INTRODUCED: u8 = 1;
const FIXED: u8 = 2;
const LAST_AFFECTED: u8 = 3;
const LIMIT: u8 = 4;

const HAS_NOTE: u8 = 1;
const HAS_ARCHITECTURE: u8 = 2;
const HAS_MODULE: u8 = 4;
const HAS_RATING: u8 = 8;
const HAS_VERSIONS: u8 = 16;

impl NewRow {
    /// Its bytes, but for its package and its advisory.
    #[must_use]
    pub fn body(&self) -> Vec<u8> {
        let mut out = Vec::new();
        let flag = |is: bool, bit: u8| if is { bit } else { 0 };
        out.push(self.status as u8);
        out.push(
            flag(!self.note.is_empty(), HAS_NOTE)
                | flag(!self.architecture.is_empty(), HAS_ARCHITECTURE)
                | flag(!self.module.is_empty(), HAS_MODULE)
                | flag(self.rating.is_some(), HAS_RATING)
                | flag(!self.versions.is_empty(), HAS_VERSIONS),
        );
        for text in [&self.note, &self.architecture, &self.module] {
            if !text.is_empty() {
                put_text(&mut out, text);
            }
        }
        if let Some(rating) = &self.rating {
            advisory::put_rating(&mut out, rating);
        }
        let mut ranges = Vec::new();
        for range in &self.ranges {
            let mut events = Vec::new();
            range.events.iter().for_each(|event| put_event(&mut events, event));
            ranges.push(range.kind as u8);
            put_run(&mut ranges, &events);
        }
        put_run(&mut out, &ranges);
        if !self.versions.is_empty() {
            self.versions.iter().for_each(|version| put_text(&mut out, version));
        }
        out
    }
}

fn put_event(out: &mut Vec<u8>, event: &NewEvent) {
    let (tag, version) = match event {
        NewEvent::Introduced(version) if version == "0" => return out.push(FROM_THE_FIRST),
        NewEvent::Introduced(version) => (INTRODUCED, version),
        NewEvent::Fixed(version) => (FIXED, version),
        NewEvent::LastAffected(version) => (LAST_AFFECTED, version),
        NewEvent::Limit(version) => (LIMIT, version),
    };
    out.push(tag);
    put_text(out, version);
}

/// Adds a row to the rows of its package.
pub fn put_row(out: &mut Vec<u8>, advisory: AdvisoryAt, body: &[u8]) {
    let mut head = Vec::new();
    put_number(&mut head, advisory.0);
    put_number(out, (head.len() + body.len()) as u64);
    out.extend(head);
    out.extend_from_slice(body);
}

/// Adds the block of a package: its names, then its rows as [`put_row`] makes them.
pub fn put_block(out: &mut Vec<u8>, ecosystem: &str, name: &str, rows: &[u8]) {
    put_text(out, ecosystem);
    put_text(out, name);
    put_run(out, rows);
}

/// The rows of a block, if it is that of this package.
pub(super) fn block<'a>(
    mut cursor: Cursor<'a>,
    ecosystem: &str,
    name: &str,
) -> Result<Option<Cursor<'a>>, Damaged> {
    // Two packages may have one hash: the names decide.
    if cursor.run()? != ecosystem.as_bytes() || cursor.run()? != name.as_bytes() {
        return Ok(None);
    }
    cursor.run().map(|rows| Some(Cursor(rows)))
}

/// What an advisory says of one package of one ecosystem, as it stands in the file.
#[derive(Debug, Clone, Copy)]
pub struct Row<'a> {
    /// The advisory.
    pub advisory: AdvisoryAt,
    /// What is said of the versions.
    pub status: Status,
    /// What the source adds in its own words; may be empty.
    pub note: &'a str,
    /// The one architecture that it is about; empty for all.
    pub architecture: &'a str,
    /// The module stream that it is about, `name:stream`; empty for packages without.
    pub module: &'a str,
    /// Where the source rates this package otherwise than the advisory as a whole.
    pub rating: Option<advisory::RatingText<'a>>,
    ranges: Cursor<'a>,
    versions: Cursor<'a>,
}

impl<'a> Row<'a> {
    pub(super) fn read(rows: &mut Cursor<'a>) -> Result<Self, Damaged> {
        let mut cursor = Cursor(rows.run()?);
        let advisory = AdvisoryAt(cursor.number()?);
        let status = cursor.byte()?;
        let status = Status::ALL.into_iter().find(|known| *known as u8 == status);
        let flags = cursor.byte()?;
        let mut text = |bit| if flags & bit == 0 { Ok("") } else { cursor.text() };
        let (note, architecture) = (text(HAS_NOTE)?, text(HAS_ARCHITECTURE)?);
        let module = text(HAS_MODULE)?;
        let rating = match flags & HAS_RATING {
            0 => None,
            _ => Some(advisory::RatingText::read(&mut cursor)?),
        };
        let ranges = Cursor(cursor.run()?);
        let status = status.ok_or(Damaged("a status is none"))?;
        let versions = if flags & HAS_VERSIONS == 0 { Cursor::default() } else { cursor };
        Ok(Self { advisory, status, note, architecture, module, rating, ranges, versions })
    }

    /// Its ranges.
    #[must_use]
    pub const fn ranges(&self) -> Ranges<'a> {
        Ranges(self.ranges)
    }

    /// The versions that it lists.
    pub fn versions(&self) -> impl Iterator<Item = Result<&'a str, Damaged>> + 'a {
        let mut rest = self.versions;
        std::iter::from_fn(move || {
            (!rest.is_empty()).then(|| rest.text().inspect_err(|_| rest = Cursor::default()))
        })
    }
}

/// The ranges of a row.
#[derive(Debug, Clone, Copy)]
pub struct Ranges<'a>(Cursor<'a>);

impl<'a> Iterator for Ranges<'a> {
    type Item = Result<Range<'a>, Damaged>;

    fn next(&mut self) -> Option<Self::Item> {
        (!self.0.is_empty())
            .then(|| Range::read(&mut self.0).inspect_err(|_| self.0 = Cursor::default()))
    }
}

/// A range of a row.
#[derive(Debug, Clone, Copy)]
pub struct Range<'a> {
    /// How its versions are ordered.
    pub kind: RangeKind,
    events: Cursor<'a>,
}

impl<'a> Range<'a> {
    fn read(cursor: &mut Cursor<'a>) -> Result<Self, Damaged> {
        let kind = match cursor.byte()? {
            0 => RangeKind::Ecosystem,
            1 => RangeKind::Semver,
            _ => return Err(Damaged("a range is of no kind")),
        };
        Ok(Self { kind, events: Cursor(cursor.run()?) })
    }

    /// Where it begins and ends, in the order in which the record said it.
    #[must_use]
    pub const fn events(&self) -> Events<'a> {
        Events(self.events)
    }
}

/// The events of a range.
#[derive(Debug, Clone, Copy)]
pub struct Events<'a>(Cursor<'a>);

impl<'a> Iterator for Events<'a> {
    type Item = Result<Event<'a>, Damaged>;

    fn next(&mut self) -> Option<Self::Item> {
        (!self.0.is_empty()).then(|| event(&mut self.0).inspect_err(|_| self.0 = Cursor::default()))
    }
}

fn event<'a>(cursor: &mut Cursor<'a>) -> Result<Event<'a>, Damaged> {
    Ok(match cursor.byte()? {
        FROM_THE_FIRST => Event::Introduced("0"),
        INTRODUCED => Event::Introduced(cursor.text()?),
        FIXED => Event::Fixed(cursor.text()?),
        LAST_AFFECTED => Event::LastAffected(cursor.text()?),
        LIMIT => Event::Limit(cursor.text()?),
        _ => return Err(Damaged("an event is of no kind")),
    })
}

#[cfg(test)]
mod tests {
    use dockward_model::inventory::RatedBy;
    use dockward_model::verdict::Severity;

    use super::*;

    #[test]
    fn a_row_comes_back_as_it_was_and_cut_anywhere_it_is_damaged() {
        let new = NewRow {
            status: Status::Deferred,
            note: "later".into(),
            architecture: "amd64".into(),
            module: "nodejs:20".into(),
            rating: Some(Rating {
                severity: Some(Severity::Low),
                by: RatedBy::Vendor,
                written: "low".into(),
                borrowed: None,
            }),
            ranges: vec![NewRange {
                kind: RangeKind::Semver,
                events: vec![
                    NewEvent::Introduced("0".into()),
                    NewEvent::Fixed("1.2".into()),
                    NewEvent::Introduced("2".into()),
                    NewEvent::LastAffected("2.5".into()),
                    NewEvent::Limit("3".into()),
                ],
            }],
            versions: vec!["0.1".into(), "0.2".into()],
            ..NewRow::default()
        };
        let (mut rows, mut out) = (Vec::new(), Vec::new());
        put_row(&mut rows, AdvisoryAt(77), &new.body());
        put_block(&mut out, "Debian:11", "x", &rows);
        let mut found = block(Cursor(&out), "Debian:11", "x").unwrap().unwrap();
        let row = Row::read(&mut found).unwrap();
        assert_eq!((row.advisory, row.status), (AdvisoryAt(77), Status::Deferred));
        assert_eq!((row.note, row.architecture, row.module), ("later", "amd64", "nodejs:20"));
        assert_eq!(row.rating.unwrap().owned(), new.rating.unwrap());
        let range = row.ranges().next().unwrap().unwrap();
        let events: Vec<_> = range.events().map(Result::unwrap).collect();
        assert_eq!(events[..2], [Event::Introduced("0"), Event::Fixed("1.2")]);
        assert_eq!(
            events[2..],
            [Event::Introduced("2"), Event::LastAffected("2.5"), Event::Limit("3")]
        );
        assert_eq!(row.versions().collect::<Result<Vec<_>, _>>(), Ok(vec!["0.1", "0.2"]));
        assert!(found.is_empty());
        assert!(block(Cursor(&out), "Debian:12", "x").unwrap().is_none());
        for cut in 0..out.len() {
            let cut = block(Cursor(out.get(..cut).unwrap()), "Debian:11", "x");
            assert!(cut.is_err() || cut.unwrap().is_none());
        }
    }
}

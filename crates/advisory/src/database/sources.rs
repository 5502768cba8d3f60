//! What a database was built from.

use jiff::Timestamp;

use super::Damaged;
use super::bytes::{Cursor, put_number, put_run, put_text};

const NO_TIME: i64 = i64::MIN;

/// When and from what a database was built.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Built {
    /// When.
    pub at: Option<Timestamp>,
    /// The sources, by name.
    pub sources: Vec<Source>,
}

/// A source of a database: an ecosystem's advisories, CISA's catalogue (`KEV`), scores (`EPSS`).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Source {
    /// Its name: the ecosystem without a release, such as `Debian`; `KEV`, `EPSS`.
    pub name: String,
    /// Where it was read, as the builder was told: a path, an address.
    pub from: String,
    /// When its newest record was changed.
    pub newest: Option<Timestamp>,
    /// How many records of it are in the database.
    pub records: u64,
    /// How many were left out because they were withdrawn.
    pub withdrawn: u64,
    /// How many could not be understood.
    pub refused: u64,
}

/// An ecosystem that has rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ecosystem<'a> {
    /// Its name with the release, such as `Debian:11`.
    pub name: &'a str,
    /// How many rows it has.
    pub rows: u64,
    /// When the newest advisory that names it was changed.
    pub newest: Option<Timestamp>,
}

/// The bytes of [`super::layout::Kind::Sources`].
#[must_use]
pub fn sources_bytes(built: &Built) -> Vec<u8> {
    let mut out = Vec::new();
    put_time(&mut out, built.at);
    for source in &built.sources {
        let mut one = Vec::new();
        put_text(&mut one, &source.name);
        put_text(&mut one, &source.from);
        put_time(&mut one, source.newest);
        for count in [source.records, source.withdrawn, source.refused] {
            put_number(&mut one, count);
        }
        put_run(&mut out, &one);
    }
    out
}

/// The bytes of an ecosystem in [`super::layout::Kind::Ecosystems`].
#[must_use]
pub fn ecosystem_bytes(ecosystem: Ecosystem<'_>) -> Vec<u8> {
    let mut out = Vec::new();
    put_text(&mut out, ecosystem.name);
    put_number(&mut out, ecosystem.rows);
    put_time(&mut out, ecosystem.newest);
    out
}

fn put_time(out: &mut Vec<u8>, time: Option<Timestamp>) {
    out.extend(time.map_or(NO_TIME, Timestamp::as_second).to_le_bytes());
}

fn time(cursor: &mut Cursor<'_>) -> Result<Option<Timestamp>, Damaged> {
    Ok(Timestamp::from_second(i64::from_le_bytes(cursor.array()?)).ok())
}

pub(super) fn built(section: &[u8]) -> Result<Built, Damaged> {
    let mut cursor = Cursor(section);
    let at = time(&mut cursor)?;
    let mut sources = Vec::new();
    while !cursor.is_empty() {
        let mut one = Cursor(cursor.run()?);
        sources.push(Source {
            name: one.text()?.to_owned(),
            from: one.text()?.to_owned(),
            newest: time(&mut one)?,
            records: one.number()?,
            withdrawn: one.number()?,
            refused: one.number()?,
        });
    }
    Ok(Built { at, sources })
}

pub(super) fn ecosystems<'a>(
    section: &'a [u8],
) -> impl Iterator<Item = Result<Ecosystem<'a>, Damaged>> {
    let mut rest = Cursor(section);
    std::iter::from_fn(move || {
        let next = (!rest.is_empty()).then(|| ecosystem(&mut rest))?;
        Some(next.inspect_err(|_| rest = Cursor::default()))
    })
}

fn ecosystem<'a>(cursor: &mut Cursor<'a>) -> Result<Ecosystem<'a>, Damaged> {
    Ok(Ecosystem { name: cursor.text()?, rows: cursor.number()?, newest: time(cursor)? })
}

//! Advisories in one run of bytes: a file of ours that is mapped into memory, or anything that claims
//! to be one.
//!
//! Nothing is unpacked to be opened, and nothing is allocated to find that a package has no rows.
//! Every read is checked: a damaged file gives [`Damaged`] or a miss, and never more than was asked.
//! Who makes such bytes uses what [`mod@write`] has; who keeps them in a file is `dockward-feed`.

mod advisory;
mod bytes;
mod index;
mod layout;
mod row;
mod scores;
mod sources;

use dockward_model::inventory::{Exploited, Likelihood};
use jiff::civil::Date;

pub use advisory::{Advisory, AdvisoryAt, RatingText};
pub use row::{Event, Events, Range, RangeKind, Ranges, Row, Status};
pub use scores::cve_number;
pub use sources::{Built, Ecosystem, Source};

use bytes::Cursor;
use index::Index;
use layout::{Checksum, Kind, Section};

/// What a builder needs to write a database: the bytes of each thing, and where it belongs.
pub mod write {
    pub use super::advisory::advisory_bytes;
    pub use super::index::{directory_bits, entry, name_hash, package_hash, run_of};
    pub use super::layout::{Checksum, Kind, MAGIC, Placed, VERSION, head, head_length};
    pub use super::row::{NewEvent, NewRange, NewRow, put_block, put_row};
    pub use super::scores::{EXPLOITED, LIKELY, exploited_record, likely_record};
    pub use super::sources::{ecosystem_bytes, sources_bytes};
}

/// A part of a database that cannot be read, in a person's words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the database is damaged: {0}")]
pub struct Damaged(pub &'static str);

/// Why some bytes are no database.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum DatabaseError {
    /// It does not begin as one does.
    #[error("this is no database of Dockward's")]
    NotADatabase,
    /// It is one of an older or newer Dockward.
    #[error("the database has layout {0}, and this Dockward reads layout {ours}", ours = layout::VERSION)]
    OtherVersion(u32),
    /// It was cut, or something was added.
    #[error("the database is {is} bytes long, and should be {said}")]
    Length {
        /// What its header says, in bytes.
        said: u64,
        /// How long it is, in bytes.
        is: u64,
    },
    /// A part was changed.
    #[error("the database is damaged: the checksum of its {0} does not match")]
    Checksum(&'static str),
    /// A part cannot be read.
    #[error("{0}")]
    Damaged(Damaged),
}

impl From<Damaged> for DatabaseError {
    fn from(damaged: Damaged) -> Self {
        Self::Damaged(damaged)
    }
}

impl DatabaseError {
    /// What to do about it.
    #[must_use]
    pub const fn hint(&self) -> &'static str {
        "build it anew: `dockward db update`, or `dockward db build FEED…`"
    }
}

/// A database. It borrows its bytes, and can be copied and shared between threads as it is.
#[derive(Debug, Clone, Copy)]
pub struct Database<'a> {
    sections: [Section<'a>; Kind::ALL.len()],
    /// The day of the scores of EPSS.
    scored: Option<Date>,
}

impl<'a> Database<'a> {
    /// Reads header and table, and nothing else but the sources' names.
    ///
    /// # Errors
    /// When the bytes are no database, one of another layout, or cut.
    pub fn read(bytes: &'a [u8]) -> Result<Self, DatabaseError> {
        let mut database = Self { sections: layout::sections(bytes)?, scored: None };
        let built = database.built()?;
        let scores = built.sources.iter().find(|source| source.name == "EPSS");
        database.scored = scores
            .and_then(|source| source.newest)
            .map(|newest| newest.to_zoned(jiff::tz::TimeZone::UTC).date());
        Ok(database)
    }

    fn section(&self, kind: Kind) -> Section<'a> {
        let mut all = Kind::ALL.iter().zip(self.sections);
        all.find(|(known, _)| **known == kind).map(|(_, section)| section).unwrap_or_default()
    }

    /// Reads every byte and compares it with the checksums.
    ///
    /// # Errors
    /// The first section whose bytes are not those that were written.
    pub fn verify(&self) -> Result<(), DatabaseError> {
        for (kind, section) in Kind::ALL.into_iter().zip(self.sections) {
            if Checksum::default().with(section.bytes).value() != section.checksum {
                return Err(DatabaseError::Checksum(kind.name()));
            }
        }
        Ok(())
    }

    /// When and from what it was built.
    ///
    /// # Errors
    /// When the section cannot be read.
    pub fn built(&self) -> Result<Built, Damaged> {
        sources::built(self.section(Kind::Sources).bytes)
    }

    /// Every ecosystem that has rows, by name.
    pub fn ecosystems(&self) -> impl Iterator<Item = Result<Ecosystem<'a>, Damaged>> + use<'a> {
        sources::ecosystems(self.section(Kind::Ecosystems).bytes)
    }

    /// The rows of a package: of an ecosystem such as `Debian:11`, by the name that its advisories
    /// use.
    #[must_use]
    pub fn rows(&self, ecosystem: &str, name: &str) -> Rows<'a> {
        let index = Index {
            directory: self.section(Kind::PackageDirectory).bytes,
            entries: self.section(Kind::PackageEntries).bytes,
        };
        let blocks = self.section(Kind::Rows).bytes;
        for offset in index.find(index::package_hash(ecosystem, name)) {
            let from = usize::try_from(offset).ok().and_then(|from| blocks.get(from..));
            let found = from.ok_or(Damaged("rows are not in the file"));
            match found.and_then(|from| row::block(Cursor(from), ecosystem, name)) {
                Ok(Some(rows)) => return Rows { rest: rows, damaged: None },
                Ok(None) => {}
                Err(damaged) => return Rows { rest: Cursor::default(), damaged: Some(damaged) },
            }
        }
        Rows { rest: Cursor::default(), damaged: None }
    }

    /// The advisory of a row.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn advisory(&self, at: AdvisoryAt) -> Result<Advisory<'a>, Damaged> {
        Advisory::read(self.section(Kind::Advisories).bytes, at)
    }

    /// The advisories that have a name: an id, a CVE number, an alias; by source and id.
    pub fn named(&self, name: &str) -> impl Iterator<Item = Result<Advisory<'a>, Damaged>> {
        let index = Index {
            directory: self.section(Kind::NameDirectory).bytes,
            entries: self.section(Kind::NameEntries).bytes,
        };
        let section = self.section(Kind::Advisories).bytes;
        let found = index.find(index::name_hash(name));
        found
            .map(move |at| Advisory::read(section, AdvisoryAt(at)))
            .filter(move |advisory| advisory.as_ref().map_or(true, |found| found.is_named(name)))
    }

    /// What CISA's catalogue says of a CVE.
    #[must_use]
    pub fn exploited(&self, cve: &str) -> Option<Exploited> {
        scores::exploited(self.section(Kind::Exploited).bytes, cve)
    }

    /// How likely a CVE is to be exploited.
    #[must_use]
    pub fn likelihood(&self, cve: &str) -> Option<Likelihood> {
        scores::likelihood(self.section(Kind::Likely).bytes, cve, self.scored)
    }
}

/// The rows of a package. A damaged one ends them.
#[derive(Debug, Clone, Copy)]
pub struct Rows<'a> {
    rest: Cursor<'a>,
    damaged: Option<Damaged>,
}

impl<'a> Iterator for Rows<'a> {
    type Item = Result<Row<'a>, Damaged>;

    fn next(&mut self) -> Option<Self::Item> {
        if let Some(damaged) = self.damaged.take() {
            return Some(Err(damaged));
        }
        (!self.rest.is_empty())
            .then(|| Row::read(&mut self.rest).inspect_err(|_| self.rest = Cursor::default()))
    }
}

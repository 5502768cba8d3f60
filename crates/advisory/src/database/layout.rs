//! Where things are in the file: a header, a table of sections, sections.
//!
//! ```text
//! header      "DOCKWARD" | version u32 | sections u32 | length of the file u64 | checksum u64
//! section     kind u32 | 0 u32 | offset u64 | length u64 | checksum u64          (as many as said)
//! sections    each begins at a multiple of 8
//! ```
//! All numbers are little-endian. The header's checksum is over header and table without itself, and
//! is held at each opening; a section's is over its bytes, and is held by [`super::Database::verify`].

use super::bytes::Cursor;
use super::{Damaged, DatabaseError};

/// The first bytes of a file.
pub const MAGIC: [u8; 8] = *b"DOCKWARD";
/// The version of this layout. A file of another one is refused and built anew.
pub const VERSION: u32 = 1;
const HEADER: usize = 32;
const ENTRY: usize = 32;
/// A file says how many sections it has; more than this is no file of ours.
const MOST_SECTIONS: usize = 64;

/// What a section holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u32)]
pub enum Kind {
    /// When it was built, and what from.
    Sources = 1,
    /// Ecosystems with their number of rows.
    Ecosystems = 2,
    /// Where the entries of each hash's first bits begin in [`Self::PackageEntries`].
    PackageDirectory = 3,
    /// Hash of ecosystem and name, and the offset of its block in [`Self::Rows`], by hash.
    PackageEntries = 4,
    /// Rows, a block for each package.
    Rows = 5,
    /// Advisories, one after another.
    Advisories = 6,
    /// As [`Self::PackageDirectory`], of names of advisories.
    NameDirectory = 7,
    /// Hash of an id, a CVE or an alias, and the offset of an advisory that has it.
    NameEntries = 8,
    /// Weaknesses that are exploited, by number.
    Exploited = 9,
    /// How likely each is to be, by number.
    Likely = 10,
}

impl Kind {
    /// All of them, in the order in which they stand in a file.
    pub const ALL: [Self; 10] = [
        Self::Sources,
        Self::Ecosystems,
        Self::PackageDirectory,
        Self::PackageEntries,
        Self::Rows,
        Self::Advisories,
        Self::NameDirectory,
        Self::NameEntries,
        Self::Exploited,
        Self::Likely,
    ];

    /// Its name in messages.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Sources => "sources",
            Self::Ecosystems => "ecosystems",
            Self::PackageDirectory => "directory of packages",
            Self::PackageEntries => "entries of packages",
            Self::Rows => "rows",
            Self::Advisories => "advisories",
            Self::NameDirectory => "directory of names",
            Self::NameEntries => "entries of names",
            Self::Exploited => "exploited",
            Self::Likely => "likely",
        }
    }
}

/// A section of a file.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Section<'a> {
    pub(crate) bytes: &'a [u8],
    pub(crate) checksum: u64,
}

/// Where a section will be, and its checksum: what a builder knows of it.
#[derive(Debug, Clone, Copy)]
pub struct Placed {
    /// What it holds.
    pub kind: Kind,
    /// Its first byte, from the start of the file.
    pub offset: u64,
    /// Its length in bytes.
    pub length: u64,
    /// [`Checksum`] of its bytes.
    pub checksum: u64,
}

/// The length of header and table for as many sections, in bytes: where the first section begins.
#[must_use]
pub const fn head_length(sections: usize) -> u64 {
    (HEADER + sections * ENTRY) as u64
}

/// Header and table of a file of `length` bytes.
#[must_use]
pub fn head(sections: &[Placed], length: u64) -> Vec<u8> {
    let mut out = Vec::new();
    out.extend(MAGIC);
    out.extend(VERSION.to_le_bytes());
    out.extend((sections.len() as u32).to_le_bytes());
    out.extend(length.to_le_bytes());
    let mut table = Vec::new();
    for section in sections {
        table.extend((section.kind as u32).to_le_bytes());
        table.extend(0_u32.to_le_bytes());
        table.extend(section.offset.to_le_bytes());
        table.extend(section.length.to_le_bytes());
        table.extend(section.checksum.to_le_bytes());
    }
    let checksum = Checksum::default().with(&out).with(&table).value();
    out.extend(checksum.to_le_bytes());
    out.extend(table);
    out
}

/// The sections of a file, each within it.
pub(crate) fn sections(bytes: &[u8]) -> Result<[Section<'_>; Kind::ALL.len()], DatabaseError> {
    let mut cursor = Cursor(bytes);
    let cut = |_| DatabaseError::NotADatabase;
    if cursor.array().map_err(cut)? != MAGIC {
        return Err(DatabaseError::NotADatabase);
    }
    let version = u32::from_le_bytes(cursor.array().map_err(cut)?);
    if version != VERSION {
        return Err(DatabaseError::OtherVersion(version));
    }
    let count = u32::from_le_bytes(cursor.array()?) as usize;
    let length = u64::from_le_bytes(cursor.array()?);
    let checksum = u64::from_le_bytes(cursor.array()?);
    if count > MOST_SECTIONS {
        return Err(Damaged("too many sections").into());
    }
    let table = cursor.take(count * ENTRY)?;
    let before = bytes.get(..HEADER - size_of::<u64>()).unwrap_or_default();
    if Checksum::default().with(before).with(table).value() != checksum {
        return Err(DatabaseError::Checksum("header"));
    }
    if length != bytes.len() as u64 {
        return Err(DatabaseError::Length { said: length, is: bytes.len() as u64 });
    }
    placed(bytes, table).map_err(DatabaseError::from)
}

fn placed<'a>(bytes: &'a [u8], table: &[u8]) -> Result<[Section<'a>; Kind::ALL.len()], Damaged> {
    let mut found = [None; Kind::ALL.len()];
    let mut cursor = Cursor(table);
    while !cursor.is_empty() {
        let kind = u32::from_le_bytes(cursor.array()?);
        cursor.take(size_of::<u32>())?;
        let offset = u64::from_le_bytes(cursor.array()?);
        let length = u64::from_le_bytes(cursor.array()?);
        let checksum = u64::from_le_bytes(cursor.array()?);
        let range = usize::try_from(offset).ok().zip(usize::try_from(length).ok());
        let inside = range
            .and_then(|(from, length)| bytes.get(from..from.checked_add(length)?))
            .ok_or(Damaged("a section is not in the file"))?;
        let place = Kind::ALL.iter().position(|known| *known as u32 == kind);
        if let Some(slot) = place.and_then(|at| found.get_mut(at)) {
            *slot = Some(Section { bytes: inside, checksum });
        }
    }
    let mut sections = [Section::default(); Kind::ALL.len()];
    for (section, found) in sections.iter_mut().zip(found) {
        *section = found.ok_or(Damaged("a section is missing"))?;
    }
    Ok(sections)
}

/// A checksum against damage, not against forgery: FNV-1a of 64 bits.
#[derive(Debug, Clone, Copy)]
pub struct Checksum(u64);

impl Default for Checksum {
    fn default() -> Self {
        Self(0xcbf2_9ce4_8422_2325)
    }
}

impl Checksum {
    /// With these bytes as well.
    #[must_use]
    pub fn with(self, bytes: &[u8]) -> Self {
        let step = |sum: u64, byte: &u8| (sum ^ u64::from(*byte)).wrapping_mul(0x100_0000_01b3);
        Self(bytes.iter().fold(self.0, step))
    }

    /// The sum.
    #[must_use]
    pub const fn value(self) -> u64 {
        self.0
    }
}

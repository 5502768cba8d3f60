//! Where the files of a log are, and what is in a bundle of entries (C2SP tlog-tiles).

use crate::hash::HASH;
use crate::tree::{Place, WIDTH};

/// A file of the log below `tile/`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Tile {
    /// Hashes.
    Hashes(Place),
    /// A bundle of entries, by its index.
    Entries(u64),
}

/// A file of the log, whole or with the first `width` hashes or entries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct TileFile {
    /// What it is of.
    pub tile: Tile,
    /// How many hashes or entries it has, 1 to 256.
    pub width: u64,
}

impl TileFile {
    /// Its path in the log: `tile/0/x001/234.p/5`.
    #[must_use]
    pub fn path(&self) -> String {
        let (folder, index) = match self.tile {
            Tile::Hashes(place) => (format!("tile/{}", place.level), place.index),
            Tile::Entries(index) => ("tile/entries".to_owned(), index),
        };
        let end = if self.width < WIDTH { format!(".p/{}", self.width) } else { String::new() };
        format!("{folder}/{}{end}", number(index))
    }

    /// Reads such a path; none where it is written otherwise than [`path`](Self::path) writes it.
    #[must_use]
    pub fn parse(path: &str) -> Option<Self> {
        let mut words = path.strip_prefix("tile/")?.split('/');
        let kind = words.next()?;
        let (mut index, mut width) = (0_u64, WIDTH);
        while let Some(word) = words.next() {
            let whole = word.strip_suffix(".p");
            let digits = whole.unwrap_or(word);
            let digits = digits.strip_prefix('x').unwrap_or(digits);
            index = index.checked_mul(1000)?.checked_add(digits.parse().ok()?)?;
            if whole.is_some() {
                width = words.next()?.parse().ok()?;
            }
        }
        let tile = match kind {
            "entries" => Tile::Entries(index),
            level => Tile::Hashes(Place { level: level.parse().ok()?, index }),
        };
        Some(Self { tile, width })
            .filter(|file| (1..=WIDTH).contains(&width) && file.path() == path)
    }
}

/// An index in groups of three digits, each but the last after an `x`.
fn number(index: u64) -> String {
    let mut text = format!("{:03}", index % 1000);
    let mut rest = index / 1000;
    while rest > 0 {
        text = format!("x{:03}/{text}", rest % 1000);
        rest /= 1000;
    }
    text
}

/// The longest entry, in bytes: its length is written in two.
pub const LONGEST_ENTRY: usize = u16::MAX as usize;

/// A bundle: of each entry its length in two bytes, the higher first, and the entry. None where one
/// is too long.
#[must_use]
pub fn bundle<'a>(entries: impl IntoIterator<Item = &'a [u8]>) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    for entry in entries {
        bytes.extend(u16::try_from(entry.len()).ok()?.to_be_bytes());
        bytes.extend_from_slice(entry);
    }
    Some(bytes)
}

/// The entries of a bundle; none where it ends in the middle of one.
#[must_use]
pub fn unbundled(mut bytes: &[u8]) -> Option<Vec<&[u8]>> {
    let mut entries = Vec::new();
    while !bytes.is_empty() {
        let (length, rest) = bytes.split_first_chunk::<2>()?;
        let (entry, rest) = rest.split_at_checked(u16::from_be_bytes(*length).into())?;
        entries.push(entry);
        bytes = rest;
    }
    Some(entries)
}

/// The bytes of a part of a tile, out of those of the whole one. None where it has not so many hashes
/// or entries.
#[must_use]
pub fn part_of(file: TileFile, whole: &[u8]) -> Option<&[u8]> {
    let length = match file.tile {
        Tile::Hashes(_) => usize::try_from(file.width).ok()?.checked_mul(HASH)?,
        Tile::Entries(_) => {
            let entries = unbundled(whole)?;
            let some = entries.get(..usize::try_from(file.width).ok()?)?;
            some.iter().map(|entry| entry.len() + 2).sum()
        }
    };
    whole.get(..length)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_those_of_the_specification() {
        let hashes = |level, index| Tile::Hashes(Place { level, index });
        let cases = [
            (hashes(0, 0), 256, "tile/0/000"),
            (hashes(1, 273), 112, "tile/1/273.p/112"),
            (hashes(0, 1_234_067), 256, "tile/0/x001/x234/067"),
            (Tile::Entries(1_234_067), 3, "tile/entries/x001/x234/067.p/3"),
        ];
        for (tile, width, path) in cases {
            let file = TileFile { tile, width };
            assert_eq!(file.path(), path);
            assert_eq!(TileFile::parse(path), Some(file));
        }
    }

    #[test]
    fn a_path_has_one_form() {
        let wrong = [
            "tile/0/0",
            "tile/0/x000/001",
            "tile/00/000",
            "tile/0/000.p/0",
            "tile/0/000.p/256",
            "tile/0/000.p/01",
            "tile/0/000/x001",
            "tile/0/001.p/1/2",
            "tile/entries",
            "tile/0/+01",
            "tile/0/x001/x002",
            "tile/x/000",
            "checkpoint",
            "tile/0/../000",
            "tile/256/000",
        ];
        for path in wrong {
            assert_eq!(TileFile::parse(path), None, "{path}");
        }
    }

    #[test]
    fn a_bundle_gives_its_entries_back_and_none_when_cut() {
        let long = vec![7; LONGEST_ENTRY];
        let entries: Vec<&[u8]> = vec![b"", b"a", &long, b"bc"];
        let bytes = bundle(entries.iter().copied()).unwrap();
        assert_eq!(unbundled(&bytes).unwrap(), entries);
        assert_eq!(unbundled(&bytes[..bytes.len() - 1]), None);
        assert_eq!(bundle([&*vec![0; LONGEST_ENTRY + 1]]), None);
        let part = |width| part_of(TileFile { tile: Tile::Entries(0), width }, &bytes);
        assert_eq!(part(2), bundle(entries[..2].iter().copied()).as_deref());
        assert_eq!((part(4), part(5)), (Some(&*bytes), None));
    }
}

//! Pages, and trees of them.

use std::borrow::Cow;

use super::super::bytes::{be16, be32, size, slice};
use super::super::wal::Wal;
use super::record::varint;

/// The file's own head, on the first page.
const FILE_HEAD: usize = 100;
const INTERIOR: u8 = 0x05;
const LEAF: u8 = 0x0d;

/// The pages of a database, with the committed ones of its log in their place.
pub(super) struct Pages<'a> {
    database: &'a [u8],
    wal: Wal<'a>,
    /// The size of a page, and how much of it is used, in bytes.
    page: usize,
    usable: usize,
    /// UTF-8 is 1, UTF-16 with either byte order 2 and 3; nothing was written where it is 0.
    encoding: u32,
    /// Pages that were read: each is in one place of one tree.
    read: Vec<bool>,
    /// How many bytes rows may still take: no more than there are.
    left: usize,
}

impl<'a> Pages<'a> {
    pub(super) fn open(database: &'a [u8], wal: Wal<'a>) -> Result<Self, String> {
        let first = wal.pages.get(&1).copied().unwrap_or(database);
        let page = match be16(first, 16) {
            Some(1) => 65_536,
            Some(page) => usize::from(page),
            None => return Err("is cut in its head".to_owned()),
        };
        let reserved = first.get(20).copied().map_or(0, usize::from);
        let usable = page.saturating_sub(reserved);
        if !page.is_power_of_two() || page < 512 || usable < 480 {
            return Err("has pages of a size that SQLite never writes".to_owned());
        }
        if wal.count.is_some() && wal.page != page {
            return Err("has pages of another size than the log beside it".to_owned());
        }
        let encoding = be32(first, 56).unwrap_or(0);
        let there = wal.pages.last_key_value().map_or(0, |(number, _)| size(*number));
        // A log can't name more pages than it and the database hold.
        let there = there.min(database.len() / page + wal.pages.len());
        let read = vec![false; (database.len() / page).max(there) + 1];
        let left = database.len() + wal.pages.len() * page;
        Ok(Self { database, wal, page, usable, encoding, read, left })
    }

    /// That the file is shorter than it says.
    pub(super) fn cut(&self) -> Option<String> {
        let first = self.get(1)?;
        let count = self.wal.count.or_else(|| be32(first, 28)).map_or(0, size);
        let missing = (1..=count)
            .rev()
            .find(|n| u32::try_from(*n).ok().is_none_or(|number| self.get(number).is_none()));
        // Looked for from the end: whatever count is told, the first look ends it.
        missing.map(|page| format!("is cut: page {page} of {count} is not there"))
    }

    /// Whether a text of the database is this one, in ASCII.
    pub(super) fn is_text(&self, bytes: &[u8], text: &str) -> bool {
        let text = text.as_bytes();
        match self.encoding {
            2 => bytes.chunks(2).eq(text.iter().map(|c| [*c, 0])),
            3 => bytes.chunks(2).eq(text.iter().map(|c| [0, *c])),
            _ => bytes == text,
        }
    }

    fn get(&self, number: u32) -> Option<&'a [u8]> {
        let at = size(number).checked_sub(1)?;
        let page = self.wal.pages.get(&number).copied();
        page.or_else(|| slice(self.database, at.checked_mul(self.page)?, self.page))
    }

    /// A page that was not read before: a second time means that the tree goes in circles.
    fn take(&mut self, number: u32) -> Result<&'a [u8], String> {
        let bytes = self.get(number).ok_or_else(|| format!("page {number} is not there"))?;
        match self.read.get_mut(size(number)) {
            Some(read) if !*read => *read = true,
            _ => return Err(format!("page {number} is in two places")),
        }
        slice(bytes, 0, self.usable).ok_or_else(|| format!("page {number} is cut"))
    }

    /// A row that begins at a place of a leaf (fileformat2, 1.5 and 1.6), with its further pages.
    fn row(&mut self, page: &'a [u8], at: usize) -> Result<Cow<'a, [u8]>, String> {
        let cell = page.get(at..).unwrap_or_default();
        let lengths = varint(cell).and_then(|(length, taken)| {
            let (_, key) = varint(cell.get(taken..)?)?;
            Some((usize::try_from(length).ok()?, cell.get(taken + key..)?))
        });
        let (length, rest) = lengths.ok_or("a row begins where none can")?;
        self.left = self.left.checked_sub(length).ok_or("rows are longer than the file")?;
        let local = self.local(length);
        let row = slice(rest, 0, local).ok_or("a row is longer than its page")?;
        if local == length {
            return Ok(row.into());
        }
        let (mut row, mut next) = (row.to_vec(), be32(rest, local).unwrap_or(0));
        while row.len() < length {
            let page = self.take(next)?;
            next = be32(page, 0).unwrap_or(0);
            let part = page.get(4..).unwrap_or_default();
            row.extend(part.iter().take(length - row.len()));
        }
        Ok(row.into())
    }

    /// How much of a row of this length is on its leaf.
    const fn local(&self, length: usize) -> usize {
        let usable = self.usable;
        let (most, least) = (usable - 35, (usable - 12) * 32 / 255 - 23);
        if length <= most {
            return length;
        }
        let whole = least + (length - least) % (usable - 4);
        if whole <= most { whole } else { least }
    }
}

/// A walk through a table's tree, row by row.
pub(super) struct Tree<'a> {
    /// Pages that are still to be read, the next one last.
    todo: Vec<u32>,
    /// The leaf that is read, and the places of its rows that are still to be read, the next one
    /// last.
    leaf: &'a [u8],
    rows: Vec<usize>,
}

impl<'a> Tree<'a> {
    pub(super) fn new(root: u32) -> Self {
        Self { todo: vec![root], leaf: &[], rows: Vec::new() }
    }

    /// The next row, or why one or those of a page could not be read.
    pub(super) fn next(&mut self, pages: &mut Pages<'a>) -> Option<Result<Cow<'a, [u8]>, String>> {
        loop {
            if let Some(row) = self.rows.pop() {
                return Some(pages.row(self.leaf, row));
            }
            let number = self.todo.pop()?;
            let opened = pages.take(number).and_then(|page| self.open(number, page));
            if let Err(why) = opened {
                return Some(Err(why));
            }
        }
    }

    /// Takes up the rows of a leaf, or the pages below another page.
    fn open(&mut self, number: u32, page: &'a [u8]) -> Result<(), String> {
        let start = if number == 1 { FILE_HEAD } else { 0 };
        let head = page.get(start..).unwrap_or_default();
        let count = be16(head, 3).map_or(0, usize::from);
        let cells = |from: usize| {
            let places = page.get(start + from..).unwrap_or_default();
            places.chunks_exact(2).take(count).filter_map(|place| be16(place, 0).map(usize::from))
        };
        match head.first() {
            Some(&LEAF) => {
                self.leaf = page;
                self.rows = cells(8).collect();
                self.rows.reverse();
            }
            Some(&INTERIOR) => {
                let last = be32(head, 8);
                let below = cells(12).filter_map(|cell| be32(page, cell)).chain(last);
                let begins = self.todo.len();
                self.todo.extend(below);
                self.todo.get_mut(begins..).unwrap_or_default().reverse();
            }
            _ => return Err(format!("page {number} is none of a table")),
        }
        Ok(())
    }
}

//! Berkeley DB's hash, `Packages` (its `src/dbinc/db_page.h`; rpm's `lib/backend/bdb_ro.c`). Pages
//! are as large and their numbers in the byte order that the first page says.
//!
//! Every page of the file is looked at, and not bucket by bucket: those of a bucket are marked as
//! such, and free ones are not.

use super::Visit;
use super::bytes::{array, size, slice};

const MAGIC: u32 = 0x0006_1561;
const MAGIC_BTREE: u32 = 0x0005_3162;
/// What stands before a page's own index.
const HEAD: usize = 26;
/// Kinds of pages: two of a bucket's, and one of a value that is larger than a page.
const UNSORTED: u8 = 2;
const SORTED: u8 = 13;
const OVERFLOW: u8 = 7;
/// Kinds of items on a page.
const ON_PAGE: u8 = 1;
const OFF_PAGE: u8 = 3;

pub(super) fn is_one(database: &[u8]) -> bool {
    Database::magic(database).is_some()
}

struct Database<'a> {
    bytes: &'a [u8],
    is_big: bool,
    page: usize,
    /// Pages of large values that were read: each belongs to one value.
    read: Vec<bool>,
}

/// Each value, but for the one that counts them.
pub(super) fn blobs(database: &[u8], visit: &mut Visit<'_>) {
    let mut database = match Database::open(database) {
        Ok(database) => database,
        Err(why) => return visit(Err(why)),
    };
    let last = database.number(database.bytes, 32).map_or(0, size);
    for page in 1..=last {
        let Some(bytes) = database.page(page) else {
            return visit(Err(format!("is cut in page {page} of {last}: packages may be missing")));
        };
        if matches!(bytes.get(25), Some(&(UNSORTED | SORTED))) {
            database.values(page, bytes, visit);
        }
    }
}

impl<'a> Database<'a> {
    /// The magic, and whether numbers are big endian.
    fn magic(bytes: &[u8]) -> Option<(u32, bool)> {
        let magic = array(bytes, 12)?;
        let both = [(u32::from_le_bytes(magic), false), (u32::from_be_bytes(magic), true)];
        both.into_iter().find(|(magic, _)| matches!(*magic, MAGIC | MAGIC_BTREE))
    }

    fn open(bytes: &'a [u8]) -> Result<Self, String> {
        let (magic, is_big) = Self::magic(bytes).unwrap_or_default();
        if magic != MAGIC {
            return Err("is a tree of Berkeley DB, and only its hashes are read".to_owned());
        }
        let mut database = Self { bytes, is_big, page: 0, read: Vec::new() };
        let (version, page) = (database.number(bytes, 16), database.number(bytes, 20).map(size));
        let version = version.filter(|version| (7..=10).contains(version));
        let page = page.filter(|page| page.is_power_of_two() && (512..=65_536).contains(page));
        let (Some(_), Some(page)) = (version, page) else {
            return Err("has a version or a page size that Berkeley DB never writes".to_owned());
        };
        // Encryption, and checksums of pages (DBMETA_CHKSUM), which move all that follows.
        if bytes.get(24) != Some(&0) || bytes.get(26).is_none_or(|flags| flags & 1 != 0) {
            return Err("is encrypted or has checksums, which rpm never writes".to_owned());
        }
        database.page = page;
        database.read = vec![false; bytes.len() / page];
        Ok(database)
    }

    fn number(&self, bytes: &[u8], at: usize) -> Option<u32> {
        let number = array(bytes, at)?;
        Some(if self.is_big { u32::from_be_bytes(number) } else { u32::from_le_bytes(number) })
    }

    fn short(&self, bytes: &[u8], at: usize) -> Option<usize> {
        let number = array(bytes, at)?;
        let number =
            if self.is_big { u16::from_be_bytes(number) } else { u16::from_le_bytes(number) };
        Some(usize::from(number))
    }

    fn page(&self, number: usize) -> Option<&'a [u8]> {
        slice(self.bytes, number.checked_mul(self.page)?, self.page)
    }

    /// The values of a bucket's page. Items stand from its end on, key and value in turn.
    fn values(&mut self, page: usize, bytes: &'a [u8], visit: &mut Visit<'_>) {
        let count = self.short(bytes, 20).unwrap_or(0);
        let (mut end, mut key) = (self.page, None::<&[u8]>);
        for index in 0..count {
            let begin = self.short(bytes, HEAD + 2 * index).filter(|begin| *begin < end);
            let Some(item) = begin.and_then(|begin| bytes.get(begin..end)) else {
                return visit(Err(format!("page {page}: item {index} lies where none can")));
            };
            end = begin.unwrap_or(end);
            match key.take() {
                None => key = Some(item),
                // Number 0 holds the highest number.
                Some([ON_PAGE, 0, 0, 0, 0]) => {}
                Some(_) => match self.value(item) {
                    Ok(value) => visit(Ok(&value)),
                    Err(why) => visit(Err(format!("page {page}, item {index}: {why}"))),
                },
            }
        }
    }

    fn value(&mut self, item: &'a [u8]) -> Result<std::borrow::Cow<'a, [u8]>, String> {
        match item {
            [ON_PAGE, value @ ..] => Ok(value.into()),
            [OFF_PAGE, ..] => match (self.number(item, 4), self.number(item, 8)) {
                (Some(first), Some(length)) => {
                    self.chain(size(first), size(length)).map(Into::into)
                }
                _ => Err("a large value without its place".to_owned()),
            },
            _ => Err("an item of a kind that rpm never writes".to_owned()),
        }
    }

    /// A value of several pages.
    fn chain(&mut self, first: usize, length: usize) -> Result<Vec<u8>, String> {
        if length > self.bytes.len() {
            return Err(format!("a value of {length} bytes, more than the file has"));
        }
        let (mut value, mut next) = (Vec::new(), first);
        while value.len() < length {
            let bytes = self.page(next).filter(|page| page.get(25) == Some(&OVERFLOW));
            let bytes = bytes.ok_or_else(|| format!("page {next} of a value is not there"))?;
            match self.read.get_mut(next) {
                Some(read) if !*read => *read = true,
                _ => return Err(format!("page {next} is in two values, or twice in one")),
            }
            let part = self.short(bytes, 22).and_then(|length| slice(bytes, HEAD, length));
            value.extend(part.ok_or_else(|| format!("page {next} is longer than a page"))?);
            next = self.number(bytes, 16).map_or(0, size);
        }
        value.truncate(length);
        Ok(value)
    }
}

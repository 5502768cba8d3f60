//! A package's header: an index of entries, and the data that they point into. All numbers are big
//! endian (rpm's `docs/manual/format_header.md`, `lib/header.c`).

use std::collections::BTreeMap;

use super::bytes::{be16, be32, size, slice};

/// The most entries and the most bytes of data that rpm itself takes (`HEADER_TAGS_MAX`,
/// `HEADER_DATA_MAX`).
const MOST_ENTRIES: usize = 0xffff;
const MOST_DATA: usize = 0x0fff_ffff;
const ENTRY: usize = 16;

/// A header whose index was read. What its entries point to is looked at when it is asked for.
#[derive(Debug, Clone)]
pub struct Header<'a> {
    entries: BTreeMap<u32, Entry>,
    data: &'a [u8],
}

#[derive(Debug, Clone, Copy)]
struct Entry {
    kind: u32,
    offset: usize,
    count: usize,
}

impl<'a> Header<'a> {
    /// A header as it stands in a database: without the magic that it has in a file.
    ///
    /// # Errors
    ///
    /// Where it is shorter than it says, or larger than rpm takes.
    pub fn parse(blob: &'a [u8]) -> Result<Self, String> {
        let (Some(entries), Some(length)) = (be32(blob, 0), be32(blob, 4)) else {
            return Err("it is shorter than its head".to_owned());
        };
        let (count, length) = (size(entries), size(length));
        if count == 0 || count > MOST_ENTRIES || length > MOST_DATA {
            return Err(format!("it has {count} entries and {length} bytes, which rpm never has"));
        }
        let index = slice(blob, 8, count * ENTRY);
        let data = slice(blob, 8 + count * ENTRY, length);
        let (Some(index), Some(data)) = (index, data) else {
            let has = blob.len();
            return Err(format!("it says {count} entries and {length} bytes, and has {has} bytes"));
        };
        // What stands behind the immutable region replaces what stands in it.
        let entries = index.chunks_exact(ENTRY).filter_map(entry).collect();
        Ok(Self { entries, data })
    }

    /// The string of a tag; the first where there are several (translations come after it).
    pub(super) fn text(&self, tag: u32) -> Option<&'a [u8]> {
        self.texts(tag).next()
    }

    /// The strings of a tag.
    pub(super) fn texts(&self, tag: u32) -> impl Iterator<Item = &'a [u8]> + use<'a> {
        // String, array of strings, translated strings.
        let entry = self.entries.get(&tag).filter(|entry| matches!(entry.kind, 6 | 8 | 9));
        let count = entry.map_or(0, |entry| if entry.kind == 6 { 1 } else { entry.count });
        let mut rest = entry.and_then(|entry| self.data.get(entry.offset..)).unwrap_or_default();
        (0..count).map_while(move |_| {
            let end = rest.iter().position(|&byte| byte == 0)?;
            let (text, behind) = rest.split_at_checked(end)?;
            rest = behind.get(1..).unwrap_or_default();
            Some(text)
        })
    }

    /// The numbers of a tag, of 16 or 32 bits.
    pub(super) fn numbers(&self, tag: u32) -> impl Iterator<Item = u32> + use<'a> {
        let entry = self.entries.get(&tag).filter(|entry| matches!(entry.kind, 3 | 4));
        let (kind, count) = entry.map_or((0, 0), |entry| (entry.kind, entry.count));
        let data = entry.and_then(|entry| self.data.get(entry.offset..)).unwrap_or_default();
        (0..count).map_while(move |at| match kind {
            3 => be16(data, at.checked_mul(2)?).map(u32::from),
            _ => be32(data, at.checked_mul(4)?),
        })
    }
}

fn entry(bytes: &[u8]) -> Option<(u32, Entry)> {
    let number = |at| be32(bytes, at);
    let (offset, count) = (size(number(8)?), size(number(12)?));
    Some((number(0)?, Entry { kind: number(4)?, offset, count }))
}

//! SQLite's write-ahead log (sqlite.org/fileformat2.html, 4): pages that are not in the database
//! yet. They count as far as they are committed, and each earlier frame is whole.

use std::collections::BTreeMap;

use super::bytes::{array, be32, size, slice};

const HEAD: usize = 32;
const FRAME_HEAD: usize = 24;

/// The committed pages of a log.
#[derive(Debug, Default)]
pub(super) struct Wal<'a> {
    /// The size of its pages, in bytes.
    pub(super) page: usize,
    /// The newest committed copy of each page, by number.
    pub(super) pages: BTreeMap<u32, &'a [u8]>,
    /// How many pages the database has after the last commit; none where nothing was committed.
    pub(super) count: Option<u32>,
}

/// What was committed. What stands behind it is of a transaction that never was, or of an earlier
/// turn of the log, as every log may have it.
pub(super) fn committed(bytes: &[u8]) -> Result<Wal<'_>, &'static str> {
    let field = |at| be32(bytes, at);
    let (Some(magic), Some(page)) = (field(0), field(8).map(size)) else {
        return Err("the log beside it is cut in its head");
    };
    let is_big = match magic {
        0x377f_0682 => false,
        0x377f_0683 => true,
        _ => return Err("the log beside it is none of SQLite"),
    };
    if !page.is_power_of_two() || !(512..=65_536).contains(&page) {
        return Err("the log beside it has pages of a size that SQLite never writes");
    }
    let head = slice(bytes, 0, 24).unwrap_or_default();
    let (salts, mut sum) = (slice(bytes, 16, 8), checksum((0, 0), head, is_big));
    if Some(sum) != field(24).zip(field(28)) {
        return Err("the log beside it has a wrong checksum in its head");
    }
    let (mut wal, mut open) = (Wal { page, ..Wal::default() }, Vec::new());
    for frame in bytes.get(HEAD..).unwrap_or_default().chunks_exact(FRAME_HEAD + page) {
        let Some((head, content)) = frame.split_at_checked(FRAME_HEAD) else { break };
        let (number, count) = (be32(head, 0).unwrap_or(0), be32(head, 4).unwrap_or(0));
        sum = checksum(sum, slice(head, 0, 8).unwrap_or_default(), is_big);
        sum = checksum(sum, content, is_big);
        let is_whole = be32(head, 16).zip(be32(head, 20)) == Some(sum);
        if slice(head, 8, 8) != salts || !is_whole || number == 0 {
            break;
        }
        open.push((number, content));
        if count != 0 {
            wal.pages.extend(open.drain(..));
            wal.count = Some(count);
        }
    }
    Ok(wal)
}

/// Two sums over pairs of numbers of 32 bits, in the byte order that the log's magic says.
fn checksum((mut a, mut b): (u32, u32), bytes: &[u8], is_big: bool) -> (u32, u32) {
    let number = |pair: &[u8], at| {
        let number = array(pair, at).unwrap_or_default();
        if is_big { u32::from_be_bytes(number) } else { u32::from_le_bytes(number) }
    };
    for pair in bytes.chunks_exact(8) {
        a = a.wrapping_add(number(pair, 0)).wrapping_add(b);
        b = b.wrapping_add(number(pair, 4)).wrapping_add(a);
    }
    (a, b)
}

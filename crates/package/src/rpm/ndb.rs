//! rpm's own format, `Packages.db` (rpm's `lib/backend/ndb/rpmpkg.c`): pages of slots, each of which
//! names some blocks of 16 bytes, in which a blob stands between a head and a tail. All numbers are
//! little endian.

use super::Visit;
use super::bytes::{le32, size, slice};

const MAGIC: &[u8] = b"RpmP";
const PAGE: usize = 4096;
const SLOT: usize = 16;
const BLOCK: usize = 16;
const HEAD: usize = 16;
const TAIL: usize = 12;
/// The file's head takes the place of the first two slots.
const FIRST: usize = 2;

pub(super) fn is_one(database: &[u8]) -> bool {
    database.starts_with(MAGIC)
}

/// The blob of each slot, in the slots' order.
pub(super) fn blobs(database: &[u8], visit: &mut Visit<'_>) {
    let (Some(0), Some(pages)) = (le32(database, 4), le32(database, 12)) else {
        return visit(Err("is of an ndb version that is not known, or cut".to_owned()));
    };
    // Blobs don't overlap: what they take together is in the file.
    let mut left = database.len();
    for slot in FIRST..size(pages).saturating_mul(PAGE / SLOT) {
        let Some(bytes) = slice(database, slot.saturating_mul(SLOT), SLOT) else {
            return visit(Err(format!("is cut in slot {slot}: packages may be missing")));
        };
        if !bytes.starts_with(b"Slot") {
            visit(Err(format!("slot {slot} is none")));
            continue;
        }
        let field = |at| le32(bytes, at).map_or(0, size);
        let (index, offset, count) = (field(4), field(8), field(12));
        if offset == 0 {
            continue;
        }
        let taken = count.saturating_mul(BLOCK);
        let Some(rest) = left.checked_sub(taken) else {
            return visit(Err("has slots with more blocks than there are".to_owned()));
        };
        left = rest;
        let blocks = slice(database, offset.saturating_mul(BLOCK), taken);
        let blob = blocks.ok_or("lies beyond the end of the file").and_then(|b| blob(b, index));
        visit(blob.map_err(|why| format!("the blob of slot {slot} {why}")));
    }
}

fn blob(blocks: &[u8], index: usize) -> Result<&[u8], &'static str> {
    let tail = blocks.len().checked_sub(TAIL).ok_or("is too short")?;
    let (body, tail) = blocks.split_at_checked(tail).ok_or("is too short")?;
    if !body.starts_with(b"BlbS") || tail.get(8..) != Some(b"BlbE") {
        return Err("has no head or no tail");
    }
    if le32(body, 4).map(size) != Some(index) {
        return Err("is another slot's");
    }
    let length = le32(body, 12).map_or(usize::MAX, size);
    if le32(tail, 4).map(size) != Some(length) {
        return Err("has two lengths");
    }
    if le32(tail, 0) != Some(adler32(body)) {
        return Err("has a wrong checksum");
    }
    slice(body, HEAD, length).ok_or("is longer than its blocks")
}

/// Adler-32 (RFC 1950, 8.2).
fn adler32(bytes: &[u8]) -> u32 {
    const BASE: u32 = 65_521;
    let (mut a, mut b) = (1_u32, 0_u32);
    // So many bytes can be summed before the sums leave 32 bits.
    for chunk in bytes.chunks(5552) {
        for &byte in chunk {
            a += u32::from(byte);
            b += a;
        }
        (a, b) = (a % BASE, b % BASE);
    }
    (b << 16) | a
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sum_is_that_of_the_rfc() {
        assert_eq!(adler32(b"Wikipedia"), 0x11e6_0398);
        assert_eq!(adler32(&[0xff; 100_000]), {
            let (a, b) =
                (0..100_000).fold((1_u64, 0), |(a, b), _| (a + 255, (b + a + 255) % 65_521));
            u32::try_from((b << 16) | (a % 65_521)).unwrap()
        });
    }
}

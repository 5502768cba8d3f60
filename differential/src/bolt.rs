//! A file of bbolt's, as Trivy's database is one (bbolt's `page.go`, `bucket.go`, `meta.go`).
//!
//! It is written once and only read: each bucket lies as a whole, inline, in the value of its key, and the root is a
//! single leaf that goes on over as many pages as it takes.

use std::collections::BTreeMap;

use anyhow::{Context as _, Result};

const PAGE: usize = 4096;
const MAGIC: u32 = 0xED0C_DAED;
const VERSION: u32 = 2;
const LEAF: u16 = 0x02;
const META: u16 = 0x04;
const FREE_LIST: u16 = 0x10;
const BUCKET: u32 = 0x01;
const ELEMENT: usize = 16;

/// A bucket's entry.
#[derive(Debug)]
pub(crate) enum Entry {
    Value(String),
    Bucket(Bucket),
}

/// Keys in their order.
pub(crate) type Bucket = BTreeMap<String, Entry>;

/// The whole file.
pub(crate) fn file(root: &Bucket) -> Result<Vec<u8>> {
    let mut leaf = page(3, LEAF, leaf(root)?, root.len())?;
    let pages = leaf.len().div_ceil(PAGE);
    leaf.resize(pages * PAGE, 0);
    let overflow = u32::try_from(pages - 1)?;
    leaf.get_mut(12..16).context("no head")?.copy_from_slice(&overflow.to_le_bytes());
    let end = 3 + pages as u64;
    let mut free = page(2, FREE_LIST, Vec::new(), 0)?;
    free.resize(PAGE, 0);
    Ok([meta(0, end)?, meta(1, end)?, free, leaf].concat())
}

/// A page: number, kind, how many elements, how many pages more, content.
fn page(number: u64, kind: u16, content: Vec<u8>, count: usize) -> Result<Vec<u8>> {
    let mut out = number.to_le_bytes().to_vec();
    out.extend(kind.to_le_bytes());
    out.extend(u16::try_from(count).context("a bucket of more than 65,535 keys")?.to_le_bytes());
    out.extend(0_u32.to_le_bytes());
    out.extend(content);
    Ok(out)
}

/// Where the root is, and where the file ends.
fn meta(number: u64, end: u64) -> Result<Vec<u8>> {
    let mut out = MAGIC.to_le_bytes().to_vec();
    out.extend(VERSION.to_le_bytes());
    out.extend(u32::try_from(PAGE)?.to_le_bytes());
    out.extend(0_u32.to_le_bytes());
    // The root's page and its sequence, the list of free pages, the end, the transaction.
    for number in [3, 0, 2, end, number] {
        out.extend(number.to_le_bytes());
    }
    let sum = fnv(&out);
    out.extend(sum.to_le_bytes());
    let mut out = page(number, META, out, 0)?;
    out.resize(PAGE, 0);
    Ok(out)
}

/// FNV-1a of 64 bits.
fn fnv(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |sum, byte| {
        (sum ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}

/// A leaf's elements, then their keys and values; each element says how far from itself those are.
fn leaf(bucket: &Bucket) -> Result<Vec<u8>> {
    let (mut elements, mut content) = (Vec::new(), Vec::new());
    for (key, entry) in bucket {
        let (flags, value) = match entry {
            Entry::Value(text) => (0, text.clone().into_bytes()),
            Entry::Bucket(bucket) => (BUCKET, inline(bucket)?),
        };
        // A bucket must lie at a multiple of 8, or bbolt copies it whenever it is asked for.
        content.resize((content.len() + key.len()).next_multiple_of(8) - key.len(), 0);
        let from_here = bucket.len() * ELEMENT - elements.len() + content.len();
        for number in [flags, u32::try_from(from_here)?, u32::try_from(key.len())?] {
            elements.extend(number.to_le_bytes());
        }
        elements.extend(u32::try_from(value.len())?.to_le_bytes());
        content.extend(key.bytes());
        content.extend(value);
    }
    Ok([elements, content].concat())
}

/// A bucket without a page of its own: root 0, its sequence, then what would be its page.
fn inline(bucket: &Bucket) -> Result<Vec<u8>> {
    Ok([vec![0; 16], page(0, LEAF, leaf(bucket)?, bucket.len())?].concat())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_has_two_heads_and_a_root_that_goes_on() {
        let long = "x".repeat(3 * PAGE);
        let inner = Bucket::from([("key".to_owned(), Entry::Value(long))]);
        let bytes = file(&Bucket::from([("bucket".to_owned(), Entry::Bucket(inner))])).unwrap();
        assert_eq!(bytes.len(), (3 + 4) * PAGE);
        assert_eq!(bytes[3 * PAGE + 12], 3);
        for meta in [&bytes[16..PAGE], &bytes[PAGE + 16..2 * PAGE]] {
            assert_eq!(meta[..4], MAGIC.to_le_bytes());
            assert_eq!(meta[56..64], fnv(&meta[..56]).to_le_bytes());
        }
        // The sum of `a` in the reference's list of FNV-1a.
        assert_eq!(fnv(b"a"), 0xaf63_dc4c_8601_ec8c);
    }
}

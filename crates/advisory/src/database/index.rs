//! From a hash to an offset: entries ordered by hash, and a directory of where each run of them
//! begins.
//!
//! The directory has `2^bits + 1` numbers of 32 bits: the entries whose hash begins with `i` are those
//! from the `i`-th number up to the next. It has about as many numbers as there are entries, so a
//! lookup reads two numbers and one or two entries.

use super::layout::Checksum;

const NUMBER: usize = size_of::<u32>();
/// Hash and offset.
const ENTRY: usize = 2 * size_of::<u64>();

/// The hash of a package's name in an ecosystem.
#[must_use]
pub fn package_hash(ecosystem: &str, name: &str) -> u64 {
    let sum = Checksum::default().with(ecosystem.as_bytes()).with(&[0]).with(name.as_bytes());
    mixed(sum.value())
}

/// The hash of an advisory's id, a CVE or an alias; upper and lower case are the same.
#[must_use]
pub fn name_hash(name: &str) -> u64 {
    let step = |sum: Checksum, byte: u8| sum.with(&[byte.to_ascii_uppercase()]);
    mixed(name.bytes().fold(Checksum::default(), step).value())
}

/// Spreads every bit over all others (the last step of MurmurHash3): the first bits choose the run.
const fn mixed(mut hash: u64) -> u64 {
    hash ^= hash >> 33;
    hash = hash.wrapping_mul(0xff51_afd7_ed55_8ccd);
    hash ^= hash >> 33;
    hash = hash.wrapping_mul(0xc4ce_b9fe_1a85_ec53);
    hash ^ (hash >> 33)
}

/// How many of a hash's first bits choose a run, for as many entries.
#[must_use]
pub const fn directory_bits(entries: u64) -> u32 {
    let bits = u64::BITS - entries.leading_zeros();
    if bits > 28 { 28 } else { bits }
}

/// The number of the run that a hash is in.
#[must_use]
pub const fn run_of(hash: u64, bits: u32) -> u64 {
    if bits == 0 { 0 } else { hash >> (u64::BITS - bits) }
}

/// An entry's bytes.
#[must_use]
pub fn entry(hash: u64, offset: u64) -> [u8; ENTRY] {
    let mut bytes = [0; ENTRY];
    let (first, second) = bytes.split_at_mut(ENTRY / 2);
    first.copy_from_slice(&hash.to_le_bytes());
    second.copy_from_slice(&offset.to_le_bytes());
    bytes
}

/// Directory and entries of a file.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Index<'a> {
    pub(crate) directory: &'a [u8],
    pub(crate) entries: &'a [u8],
}

impl<'a> Index<'a> {
    /// The offsets that stand beside a hash. A damaged directory gives none.
    pub(crate) fn find(self, hash: u64) -> impl Iterator<Item = u64> + 'a {
        let run = self.run(hash).unwrap_or_default();
        let (entries, _) = run.as_chunks::<ENTRY>();
        entries
            .iter()
            .filter_map(move |entry| {
                let (own, offset) = entry.split_first_chunk()?;
                (u64::from_le_bytes(*own) == hash).then_some(offset)?.first_chunk().copied()
            })
            .map(u64::from_le_bytes)
    }

    fn run(self, hash: u64) -> Option<&'a [u8]> {
        let (numbers, _) = self.directory.as_chunks::<NUMBER>();
        let bits = numbers.len().checked_sub(1)?.checked_ilog2()?;
        let at = usize::try_from(run_of(hash, bits)).ok()?;
        let number = |at: usize| numbers.get(at).map(|bytes| u32::from_le_bytes(*bytes) as usize);
        let (from, to) = (number(at)?, number(at.checked_add(1)?)?);
        self.entries.get(from.checked_mul(ENTRY)?..to.checked_mul(ENTRY)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hash_is_found_in_its_run_and_nowhere_else() {
        let mut hashes: Vec<u64> =
            (0..100).map(|i| package_hash("Debian:11", &i.to_string())).collect();
        hashes.sort_unstable();
        let bits = directory_bits(100);
        let entries: Vec<u8> = hashes.iter().zip(0..).flat_map(|(h, at)| entry(*h, at)).collect();
        let directory: Vec<u8> = (0..=1_u64 << bits)
            .flat_map(|run| {
                let before = hashes.iter().filter(|hash| run_of(**hash, bits) < run).count();
                (before as u32).to_le_bytes()
            })
            .collect();
        let index = Index { directory: &directory, entries: &entries };
        for (hash, at) in hashes.iter().zip(0..) {
            assert_eq!(index.find(*hash).collect::<Vec<_>>(), [at]);
        }
        assert_eq!(index.find(package_hash("Debian:12", "1")).count(), 0);
        for cut in 0..directory.len() {
            let cut = Index { directory: directory.get(..cut).unwrap(), entries: &entries };
            assert!(hashes.iter().all(|hash| cut.find(*hash).count() <= 1));
        }
    }
}

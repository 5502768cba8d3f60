//! Hashes of a Merkle tree, as RFC 6962 (section 2.1) makes them: SHA-256, with a byte before what
//! is hashed that keeps leaves and nodes apart.

use std::fmt;

use data_encoding::BASE64;
use ring::digest::{Context, SHA256, digest};

/// The length of a hash, in bytes.
pub const HASH: usize = 32;

/// A hash of a tree, a node or a leaf.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Hash(pub [u8; HASH]);

impl Hash {
    /// The hash of a tree without leaves.
    #[must_use]
    pub fn empty() -> Self {
        Self::of(digest(&SHA256, b"").as_ref())
    }

    /// The hash of an entry.
    #[must_use]
    pub fn leaf(entry: &[u8]) -> Self {
        let mut context = Context::new(&SHA256);
        context.update(&[0]);
        context.update(entry);
        Self::of(context.finish().as_ref())
    }

    /// The hash of a node above two others.
    #[must_use]
    pub fn node(left: Self, right: Self) -> Self {
        let mut context = Context::new(&SHA256);
        context.update(&[1]);
        context.update(&left.0);
        context.update(&right.0);
        Self::of(context.finish().as_ref())
    }

    /// The hash above a number of hashes that is a power of two; of none, the empty tree's.
    #[must_use]
    pub fn above(hashes: &[Self]) -> Self {
        let mut row = hashes.to_vec();
        while row.len() > 1 {
            let pairs = row.chunks(2).map(|pair| match pair {
                [left, right] => Self::node(*left, *right),
                [alone] => *alone,
                _ => Self::empty(),
            });
            row = pairs.collect();
        }
        row.first().copied().unwrap_or_else(Self::empty)
    }

    /// The hash in base64, with padding.
    #[must_use]
    pub fn base64(&self) -> String {
        BASE64.encode(&self.0)
    }

    /// Reads base64 with padding, and no other form of it.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        BASE64.decode(text.as_bytes()).ok()?.try_into().ok().map(Self)
    }

    /// The hashes of a tile; none where its length is no multiple of theirs.
    #[must_use]
    pub fn all(tile: &[u8]) -> Option<Vec<Self>> {
        let (hashes, rest) = tile.as_chunks::<HASH>();
        rest.is_empty().then(|| hashes.iter().map(|hash| Self(*hash)).collect())
    }

    fn of(bytes: &[u8]) -> Self {
        let mut hash = [0; HASH];
        hash.iter_mut().zip(bytes).for_each(|(to, from)| *to = *from);
        Self(hash)
    }
}

impl fmt::Display for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.base64())
    }
}

impl fmt::Debug for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

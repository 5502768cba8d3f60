//! A tree as its tiles hold it (C2SP tlog-tiles): level L of the tiles has the hashes of whole
//! subtrees of 256^L leaves, 256 of them in a tile.

use crate::Hash;

/// How many hashes, or entries, a whole tile has.
pub const WIDTH: u64 = 256;

/// A tile's place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// 0 for hashes of entries.
    pub level: u8,
    /// Counted from the left, from 0.
    pub index: u64,
}

/// The right edge of a tree: what is needed to let it grow, and its hash.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Edge {
    size: u64,
    /// The hashes of each level that fill no tile yet.
    levels: Vec<Vec<Hash>>,
}

impl Edge {
    /// The edge of a tree of that many leaves, whose unfilled tiles are read with `tile`: level,
    /// index and how many hashes. None where one is not there.
    pub fn read(size: u64, mut tile: impl FnMut(Place, u64) -> Option<Vec<Hash>>) -> Option<Self> {
        let (mut levels, mut count) = (Vec::new(), size);
        for level in 0_u8.. {
            let (index, width) = (count / WIDTH, count % WIDTH);
            let hashes = match width {
                0 => Vec::new(),
                width => tile(Place { level, index }, width)?,
            };
            levels.push(hashes);
            count = index;
            if count == 0 {
                break;
            }
        }
        Some(Self { size, levels })
    }

    /// How many leaves there are.
    #[must_use]
    pub const fn size(&self) -> u64 {
        self.size
    }

    /// The hashes that fill no tile yet, from level 0 up, with the place of their tile.
    pub fn unfilled(&self) -> impl Iterator<Item = (Place, &[Hash])> {
        let mut count = self.size;
        (0_u8..).zip(&self.levels).map(move |(level, hashes)| {
            let index = count / WIDTH;
            count = index;
            (Place { level, index }, &**hashes)
        })
    }

    /// One more leaf; `filled` is told each tile that it fills.
    pub fn push(&mut self, leaf: Hash, mut filled: impl FnMut(Place, &[Hash])) {
        let (mut hash, mut count) = (leaf, self.size);
        self.size = self.size.saturating_add(1);
        for level in 0_u8.. {
            if self.levels.len() <= usize::from(level) {
                self.levels.push(Vec::new());
            }
            let Some(row) = self.levels.get_mut(usize::from(level)) else { return };
            row.push(hash);
            if (row.len() as u64) < WIDTH {
                return;
            }
            filled(Place { level, index: count / WIDTH }, row);
            hash = Hash::above(row);
            row.clear();
            count /= WIDTH;
        }
    }

    /// The hash of the tree (RFC 6962, section 2.1).
    #[must_use]
    pub fn root(&self) -> Hash {
        let mut root = None;
        for row in &self.levels {
            // Its hashes are subtrees of sizes that fall as the bits of their number do; what is
            // further right is smaller.
            let mut end = row.len();
            while end > 0 {
                let start = end & (end - 1);
                let part = Hash::above(row.get(start..end).unwrap_or_default());
                root = Some(root.map_or(part, |right| Hash::node(part, right)));
                end = start;
            }
        }
        root.unwrap_or_else(Hash::empty)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 6962's definition, word by word.
    fn plain(leaves: &[Hash]) -> Hash {
        match leaves {
            [] => Hash::empty(),
            [one] => *one,
            many => {
                let left = many.len().next_power_of_two() / 2;
                Hash::node(plain(&many[..left]), plain(&many[left..]))
            }
        }
    }

    fn hex(text: &str) -> Hash {
        Hash(data_encoding::HEXLOWER.decode(text.as_bytes()).unwrap().try_into().unwrap())
    }

    /// The eight leaves and the hashes of their trees that the tests of Certificate Transparency's
    /// own implementation have.
    #[test]
    fn trees_hash_as_those_of_certificate_transparency() {
        let leaves: [&[u8]; 8] = [
            b"",
            b"\0",
            b"\x10",
            b"\x20\x21",
            b"\x30\x31",
            b"\x40\x41\x42\x43",
            b"\x50\x51\x52\x53\x54\x55\x56\x57",
            b"\x60\x61\x62\x63\x64\x65\x66\x67\x68\x69\x6a\x6b\x6c\x6d\x6e\x6f",
        ];
        let roots = [
            "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
            "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
            "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
            "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
            "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
            "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
            "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
            "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
        ];
        let mut edge = Edge::default();
        let empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
        assert_eq!(edge.root(), hex(empty));
        for (leaf, root) in leaves.iter().zip(roots) {
            edge.push(Hash::leaf(leaf), |_, _| panic!("no tile is full"));
            assert_eq!(edge.root(), hex(root));
        }
    }

    #[test]
    fn a_tree_of_tiles_hashes_as_the_definition_says_and_is_read_again() {
        let leaves: Vec<_> = (0..70_000_u32).map(|n| Hash::leaf(&n.to_be_bytes())).collect();
        let (mut edge, mut tiles) = (Edge::default(), std::collections::BTreeMap::new());
        for (n, leaf) in leaves.iter().enumerate() {
            edge.push(*leaf, |place, tile| {
                tiles.insert(place, tile.to_vec());
            });
            if [1, 2, 3, 255, 256, 257, 511, 512, 65_535, 65_536, 65_537, 70_000].contains(&(n + 1))
            {
                assert_eq!(edge.root(), plain(&leaves[..=n]), "{}", n + 1);
                let had: std::collections::BTreeMap<_, _> = edge.unfilled().collect();
                let read = Edge::read(n as u64 + 1, |place, width| {
                    let hashes = had.get(&place)?;
                    assert_eq!(hashes.len() as u64, width);
                    Some(hashes.to_vec())
                });
                assert_eq!(read.unwrap().root(), edge.root(), "{}", n + 1);
            }
        }
        assert_eq!(tiles.len(), 273 + 1);
        assert_eq!(tiles[&Place { level: 1, index: 0 }][7], plain(&leaves[7 * 256..8 * 256]));
    }
}

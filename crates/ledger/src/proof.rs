//! Proofs that an entry is in a tree, and that one tree grew out of another (RFC 6962, sections
//! 2.1.1 and 2.1.2; checked as RFC 9162, sections 2.1.3.2 and 2.1.4.2 say).

use crate::Hash;

/// Where hashes of whole subtrees are had from.
pub trait Subtrees {
    /// The hash above the leaves `start .. start + 2^height`; `start` is a multiple of their number.
    /// None where it cannot be had.
    fn subtree(&self, start: u64, height: u32) -> Option<Hash>;
}

/// The hash above the leaves `start .. end`, where `start` is a multiple of the power of two that
/// has room for them.
fn range(of: &dyn Subtrees, start: u64, end: u64) -> Option<Hash> {
    let count = end.checked_sub(start).filter(|count| *count > 0)?;
    if count.is_power_of_two() {
        return of.subtree(start, count.trailing_zeros());
    }
    let middle = start.checked_add(left(count))?;
    Some(Hash::node(range(of, start, middle)?, range(of, middle, end)?))
}

/// The largest power of two below a number that is above 1.
const fn left(count: u64) -> u64 {
    1 << (count - 1).ilog2()
}

/// The hash of the tree of the first `size` leaves.
#[must_use]
pub fn root(of: &dyn Subtrees, size: u64) -> Option<Hash> {
    if size == 0 { Some(Hash::empty()) } else { range(of, 0, size) }
}

/// The hashes that lead from a leaf to the tree's, the nearest first. None where a hash cannot be
/// had, or there is no such leaf.
#[must_use]
pub fn inclusion(of: &dyn Subtrees, index: u64, size: u64) -> Option<Vec<Hash>> {
    let (mut start, mut end, mut path) = (0, size, Vec::new());
    if index >= size {
        return None;
    }
    while end - start > 1 {
        let middle = start + left(end - start);
        if index < middle {
            path.push(range(of, middle, end)?);
            end = middle;
        } else {
            path.push(range(of, start, middle)?);
            start = middle;
        }
    }
    path.reverse();
    Some(path)
}

/// Whether those hashes lead from the leaf to the root.
#[must_use]
pub fn includes(leaf: Hash, index: u64, size: u64, path: &[Hash], root: Hash) -> bool {
    if index >= size {
        return false;
    }
    let (mut f, mut s, mut hash) = (index, size - 1, leaf);
    for other in path {
        if s == 0 {
            return false;
        }
        if f & 1 == 1 || f == s {
            hash = Hash::node(*other, hash);
            while f & 1 == 0 && f != 0 {
                (f, s) = (f >> 1, s >> 1);
            }
        } else {
            hash = Hash::node(hash, *other);
        }
        (f, s) = (f >> 1, s >> 1);
    }
    s == 0 && hash == root
}

/// The hashes that show that the tree of `old` leaves became the one of `size`. None where a hash
/// cannot be had, or `old` is none or more.
#[must_use]
pub fn consistency(of: &dyn Subtrees, old: u64, size: u64) -> Option<Vec<Hash>> {
    if old == 0 || old > size {
        return None;
    }
    let (mut start, mut end, mut whole, mut path) = (0, size, true, Vec::new());
    while end != old {
        let middle = start + left(end - start);
        if old <= middle {
            path.push(range(of, middle, end)?);
            end = middle;
        } else {
            path.push(range(of, start, middle)?);
            (start, whole) = (middle, false);
        }
    }
    if !whole {
        path.push(range(of, start, end)?);
    }
    path.reverse();
    Some(path)
}

/// Whether those hashes show that the tree `old` became the tree `new`; each is a size and a root.
#[must_use]
pub fn grew(old: (u64, Hash), new: (u64, Hash), path: &[Hash]) -> bool {
    let ((old, old_root), (size, root)) = (old, new);
    if old == size {
        return path.is_empty() && old_root == root;
    }
    if old == 0 || old > size {
        return false;
    }
    let mut hashes = path.iter().copied();
    let first = if old.is_power_of_two() { Some(old_root) } else { hashes.next() };
    let Some(first) = first else { return false };
    let (mut f, mut s) = (old - 1, size - 1);
    while f & 1 == 1 {
        (f, s) = (f >> 1, s >> 1);
    }
    let (mut before, mut after) = (first, first);
    for other in hashes {
        if s == 0 {
            return false;
        }
        if f & 1 == 1 || f == s {
            (before, after) = (Hash::node(other, before), Hash::node(other, after));
            while f & 1 == 0 && f != 0 {
                (f, s) = (f >> 1, s >> 1);
            }
        } else {
            after = Hash::node(after, other);
        }
        (f, s) = (f >> 1, s >> 1);
    }
    s == 0 && before == old_root && after == root
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Leaves(Vec<Hash>);

    impl Subtrees for Leaves {
        fn subtree(&self, start: u64, height: u32) -> Option<Hash> {
            let start = usize::try_from(start).ok()?;
            self.0.get(start..start + (1 << height)).map(Hash::above)
        }
    }

    fn leaves(count: u8) -> Leaves {
        Leaves((0..count).map(|n| Hash::leaf(&[n])).collect())
    }

    /// RFC 6962, section 2.1.3: the example's tree of seven leaves.
    #[test]
    fn proofs_are_those_of_the_example_of_the_standard() {
        let of = leaves(7);
        let [a, b, c, d, e, f, j] = <[Hash; 7]>::try_from(of.0.clone()).unwrap();
        let [g, h, i] = [Hash::node(a, b), Hash::node(c, d), Hash::node(e, f)];
        let (k, l) = (Hash::node(g, h), Hash::node(i, j));
        assert_eq!(inclusion(&of, 0, 7), Some(vec![b, h, l]));
        assert_eq!(inclusion(&of, 3, 7), Some(vec![c, g, l]));
        assert_eq!(inclusion(&of, 4, 7), Some(vec![f, j, k]));
        assert_eq!(inclusion(&of, 6, 7), Some(vec![i, k]));
        assert_eq!(consistency(&of, 3, 7), Some(vec![c, d, g, l]));
        assert_eq!(consistency(&of, 4, 7), Some(vec![l]));
        assert_eq!(consistency(&of, 6, 7), Some(vec![i, j, k]));
    }

    #[test]
    fn each_proof_is_believed_and_no_bent_one_is() {
        let of = leaves(40);
        let roots: Vec<_> = (0..=40).map(|size| root(&of, size).unwrap()).collect();
        for size in 1..=40_u64 {
            let new = roots[size as usize];
            for index in 0..size {
                let path = inclusion(&of, index, size).unwrap();
                let leaf = of.0[index as usize];
                assert!(includes(leaf, index, size, &path, new));
                assert!(!includes(leaf, index + 1, size, &path, new));
                assert!(!includes(Hash::leaf(b"x"), index, size, &path, new));
                bent(&path, |path| includes(leaf, index, size, path, new));
            }
            for old in 1..=size {
                let path = consistency(&of, old, size).unwrap();
                let was = (old, roots[old as usize]);
                assert!(grew(was, (size, new), &path), "{old} {size}");
                bent(&path, |path| grew(was, (size, new), path));
                assert!(!grew((old, Hash::leaf(b"x")), (size, new), &path));
                assert!(!grew(was, (size, Hash::leaf(b"x")), &path));
            }
        }
    }

    fn bent(path: &[Hash], believed: impl Fn(&[Hash]) -> bool) {
        for at in 0..path.len() {
            let mut other = path.to_vec();
            other[at].0[at % 32] ^= 1;
            assert!(!believed(&other));
            assert!(!believed(&path[..at]));
        }
        let longer = [path, &[Hash::leaf(b"x")]].concat();
        assert!(!believed(&longer));
    }

    #[test]
    fn numbers_without_a_proof_have_none() {
        let of = leaves(4);
        assert_eq!(
            (inclusion(&of, 4, 4), consistency(&of, 0, 4), consistency(&of, 5, 4)),
            (None, None, None)
        );
        assert_eq!(inclusion(&of, 0, u64::MAX), None);
        assert!(!grew((0, Hash::empty()), (4, root(&of, 4).unwrap()), &[]));
        assert!(!includes(Hash::empty(), u64::MAX, u64::MAX, &[Hash::empty(); 99], Hash::empty()));
    }
}

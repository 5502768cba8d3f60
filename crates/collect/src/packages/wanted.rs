//! Paths whose owners are wanted.

use std::collections::BTreeSet;

use dockward_package::files::{Paths, without_usr};

use crate::tree::Tree;

/// Paths, in whichever spelling a record may have them.
#[derive(Debug, Default)]
pub(super) struct Wanted {
    paths: BTreeSet<Vec<u8>>,
}

impl Wanted {
    /// The path as it is asked for and as it really is: packages may list either.
    pub(super) fn add(&mut self, tree: &dyn Tree, path: &str) {
        let real = tree.real(path);
        for path in [Some(path), real.known().map(String::as_str)].into_iter().flatten() {
            self.paths.insert(without_usr(path.as_bytes()).to_vec());
        }
    }

    /// Whether it is one of them.
    pub(super) fn has(&self, path: &[u8]) -> bool {
        self.paths.contains(without_usr(path))
    }

    /// Whether any of `paths` is one of them.
    pub(super) fn has_any(&self, paths: &mut Paths<'_>) -> bool {
        for path in paths {
            if self.has(&path) {
                return true;
            }
        }
        false
    }

    /// Which of these it is, without `/usr`.
    pub(super) fn get(&self, path: &[u8]) -> Option<&[u8]> {
        self.paths.get(without_usr(path)).map(Vec::as_slice)
    }

    /// Each of them, without `/usr`.
    pub(super) fn iter(&self) -> impl Iterator<Item = &[u8]> {
        self.paths.iter().map(Vec::as_slice)
    }
}

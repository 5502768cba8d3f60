//! A tree of which some folders are not looked into.

use dockward_model::facts::{Fact, FileFacts};

use super::Tree;

/// A tree, but for some folders and files: what is asked of those is unknown, and says why. They
/// are known by the path that is asked for, not by where links lead.
pub(crate) struct Hidden<'a> {
    tree: &'a dyn Tree,
    hidden: Vec<(&'static str, String)>,
}

impl<'a> Hidden<'a> {
    /// All of a tree.
    pub(crate) fn none(tree: &'a dyn Tree) -> Self {
        Self { tree, hidden: Vec::new() }
    }

    /// The same without this path and all below it.
    pub(crate) fn hide(mut self, path: &'static str, why: impl Into<String>) -> Self {
        self.hidden.push((path, why.into()));
        self
    }

    fn seen<T>(&self, path: &str, ask: impl FnOnce(&dyn Tree) -> Fact<T>) -> Fact<T> {
        let is_below = |folder: &str| {
            path.strip_prefix(folder).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        match self.hidden.iter().find(|(folder, _)| is_below(folder)) {
            Some((_, why)) => Fact::Unknown(why.clone()),
            None => ask(self.tree),
        }
    }
}

impl Tree for Hidden<'_> {
    fn read(&self, path: &str, limit: usize) -> Fact<Vec<u8>> {
        self.seen(path, |tree| tree.read(path, limit))
    }

    fn stat(&self, path: &str) -> Fact<FileFacts> {
        self.seen(path, |tree| tree.stat(path))
    }

    fn link(&self, path: &str) -> Fact<String> {
        self.seen(path, |tree| tree.link(path))
    }

    fn list(&self, dir: &str, max: usize) -> Fact<Vec<String>> {
        self.seen(dir, |tree| tree.list(dir, max))
    }

    fn real(&self, path: &str) -> Fact<String> {
        self.seen(path, |tree| tree.real(path))
    }

    fn below(&self, dir: &str) -> Fact<Box<dyn Tree>> {
        self.seen(dir, |tree| tree.below(dir))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tree::Recorded;

    #[test]
    fn what_is_hidden_is_unknown_and_not_absent() {
        let files = Recorded::new().file("/proc/a", "1").file("/process", "2");
        let tree = Hidden::none(&files).hide("/proc", "not in sight");
        let unknown = Fact::Unknown("not in sight".to_owned());
        assert_eq!(tree.read_text("/proc/a", 9), unknown);
        assert_eq!(tree.real("/proc/none"), unknown);
        assert_eq!(tree.stat("/proc").unknown(), Some("not in sight"));
        assert_eq!(tree.list("/proc", 9).unknown(), Some("not in sight"));
        assert_eq!(tree.link("/proc/self").unknown(), Some("not in sight"));
        assert_eq!(tree.below("/proc/self/root").map(|_| ()).unknown(), Some("not in sight"));
        assert_eq!(tree.read_text("/process", 9), Fact::Known("2".into()));
        assert_eq!(tree.stat("/none"), Fact::Absent);
    }
}

//! Files from memory: what a test says of a host.

use std::collections::{BTreeMap, VecDeque};

use dockward_model::facts::{Fact, FileFacts};

use super::Tree;

/// One thing that stands at a path.
#[derive(Debug, Clone)]
enum Node {
    File(FileFacts, Vec<u8>),
    Link(String),
    Refused(String),
}

/// A tree of files held in memory. Folders exist where something is below them.
#[derive(Debug, Clone, Default)]
pub struct Recorded {
    nodes: BTreeMap<String, Node>,
}

impl Recorded {
    /// A tree without any file.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// With a regular file, 0644 and root's.
    #[must_use]
    pub fn file(self, path: &str, content: &str) -> Self {
        self.node(path, facts("file", 0o644), content.as_bytes())
    }

    /// With something of these owners, mode and kind, and this content.
    #[must_use]
    pub fn node(mut self, path: &str, facts: FileFacts, content: &[u8]) -> Self {
        self.nodes.insert(path.to_owned(), Node::File(facts, content.to_vec()));
        self
    }

    /// With a symbolic link.
    #[must_use]
    pub fn symlink(mut self, path: &str, target: &str) -> Self {
        self.nodes.insert(path.to_owned(), Node::Link(target.to_owned()));
        self
    }

    /// With a path that can't be read, for this reason.
    #[must_use]
    pub fn refused(mut self, path: &str, why: &str) -> Self {
        self.nodes.insert(path.to_owned(), Node::Refused(why.to_owned()));
        self
    }

    fn is_folder(&self, path: &str) -> bool {
        let prefix = format!("{}/", path.trim_end_matches('/'));
        path == "/"
            || self
                .nodes
                .range(prefix.clone()..)
                .next()
                .is_some_and(|(p, _)| p.starts_with(&prefix))
    }

    /// Resolves links and `..` as the live tree does; the last component's link only if `follow`.
    fn resolve(&self, path: &str, follow: bool) -> Fact<String> {
        let mut pending: VecDeque<String> = components(path).collect();
        let (mut done, mut links): (Vec<String>, usize) = (Vec::new(), 0);
        while let Some(name) = pending.pop_front() {
            if name == ".." {
                done.pop();
                continue;
            }
            done.push(name);
            let here = format!("/{}", done.join("/"));
            match self.nodes.get(&here) {
                Some(Node::Link(target)) if follow || !pending.is_empty() => {
                    links += 1;
                    if links > 40 {
                        return Fact::Unknown(format!("{here}: more than 40 symbolic links"));
                    }
                    done.pop();
                    if target.starts_with('/') {
                        done.clear();
                    }
                    components(target).rev().for_each(|name| pending.push_front(name));
                }
                Some(Node::Refused(why)) => return Fact::Unknown(why.clone()),
                Some(Node::File(..)) if !pending.is_empty() && !self.is_folder(&here) => {
                    return Fact::Absent;
                }
                None if !self.is_folder(&here) => return Fact::Absent,
                _ => {}
            }
        }
        Fact::Known(format!("/{}", done.join("/")))
    }
}

fn components(path: &str) -> impl DoubleEndedIterator<Item = String> + '_ {
    path.split('/').filter(|name| !name.is_empty() && *name != ".").map(str::to_owned)
}

fn facts(node: &str, mode: u32) -> FileFacts {
    FileFacts { mode, uid: 0, gid: 0, node: node.to_owned(), modified: None }
}

impl Tree for Recorded {
    fn read(&self, path: &str, limit: usize) -> Fact<Vec<u8>> {
        let real = match self.resolve(path, true) {
            Fact::Known(real) => real,
            Fact::Absent => return Fact::Absent,
            Fact::Unknown(why) => return Fact::Unknown(why),
        };
        match self.nodes.get(&real) {
            Some(Node::File(facts, content)) if facts.node == "file" => {
                if content.len() > limit {
                    return Fact::Unknown(format!("{path} is longer than {limit} bytes"));
                }
                Fact::Known(content.clone())
            }
            _ => Fact::Unknown(format!("{path} is not a regular file")),
        }
    }

    fn stat(&self, path: &str) -> Fact<FileFacts> {
        self.resolve(path, true).map(|real| match self.nodes.get(real) {
            Some(Node::File(facts, _)) => facts.clone(),
            _ => facts("dir", 0o755),
        })
    }

    fn link(&self, path: &str) -> Fact<String> {
        match self.resolve(path, false) {
            Fact::Known(real) => match self.nodes.get(&real) {
                Some(Node::Link(target)) => Fact::Known(target.clone()),
                _ => Fact::Absent,
            },
            other => other,
        }
    }

    fn list(&self, dir: &str, max: usize) -> Fact<Vec<String>> {
        let real = match self.resolve(dir, true) {
            Fact::Known(real) => real,
            Fact::Absent => return Fact::Absent,
            Fact::Unknown(why) => return Fact::Unknown(why),
        };
        let prefix = format!("{}/", real.trim_end_matches('/'));
        let mut names: Vec<String> = self
            .nodes
            .keys()
            .filter_map(|path| Some(path.strip_prefix(&prefix)?.split('/').next()?.to_owned()))
            .collect();
        names.dedup();
        if names.len() > max {
            return Fact::Unknown(format!("{dir} holds more than {max} files"));
        }
        Fact::Known(names)
    }

    fn real(&self, path: &str) -> Fact<String> {
        self.resolve(path, true)
    }

    fn below(&self, dir: &str) -> Fact<Box<dyn Tree>> {
        self.resolve(dir, true).map(|real| {
            let prefix = real.trim_end_matches('/');
            let nodes = self
                .nodes
                .iter()
                .filter_map(|(path, node)| {
                    let rest = path.strip_prefix(prefix)?;
                    rest.starts_with('/').then(|| (rest.to_owned(), node.clone()))
                })
                .collect();
            Box::new(Self { nodes }) as Box<dyn Tree>
        })
    }
}

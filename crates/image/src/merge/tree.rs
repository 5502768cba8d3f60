//! A root as far as it is looked for, layer laid over layer.

use std::collections::BTreeMap;

use super::resolve::{Last, Led, Step, Walk, lead};
use crate::layer::{self, LayerIndex};
use crate::wanted::Wanted;

/// What stands at a path of the root.
#[derive(Debug, Clone)]
pub(super) enum Node {
    Folder(BTreeMap<String, Self>),
    /// A file, and where it was read.
    File(Place),
    Link(String),
    /// Another name of a file that was not looked at: its path in the root when the layer came.
    Elsewhere(String),
    /// Another name of a file that is not there.
    Nowhere(String),
    Other,
}

/// A file's position: the layer, and the entry in its index.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Place {
    pub(super) layer: usize,
    pub(super) entry: usize,
}

/// A root.
#[derive(Debug)]
pub(super) struct Tree(Node);

impl Default for Tree {
    fn default() -> Self {
        Self(Node::Folder(BTreeMap::new()))
    }
}

impl Tree {
    /// What stands at a path that has no links in it.
    pub(super) fn at(&self, path: &[String]) -> Option<&Node> {
        path.iter().try_fold(&self.0, |node, name| match node {
            Node::Folder(children) => children.get(name),
            _ => None,
        })
    }

    pub(super) fn child(&self, folder: &[String], name: &str) -> Option<&Node> {
        match self.at(folder)? {
            Node::Folder(children) => children.get(name),
            _ => None,
        }
    }

    fn children(&mut self, folder: &[String]) -> Option<&mut BTreeMap<String, Node>> {
        let node = folder.iter().try_fold(&mut self.0, |node, name| match node {
            Node::Folder(children) => children.get_mut(name),
            _ => None,
        });
        match node? {
            Node::Folder(children) => Some(children),
            _ => None,
        }
    }

    /// Lays a layer over what is there. What could not be laid, by path.
    pub(super) fn lay(
        &mut self,
        number: usize,
        index: &LayerIndex,
        wanted: &Wanted,
    ) -> Vec<String> {
        for folder in &index.opaque {
            if let Led::To(real) = lead(self, wanted, folder, Last::Keep)
                && let Some(children) = self.children(&real)
            {
                children.clear();
            }
        }
        for path in &index.whiteouts {
            if let Led::To(real) = lead(self, wanted, path, Last::Keep)
                && let Some((name, folder)) = real.split_last()
                && let Some(children) = self.children(folder)
            {
                children.remove(name);
            }
        }
        let mut astray = Vec::new();
        for (entry, layer::Entry { path, node }) in index.entries.iter().enumerate() {
            let node = match node {
                layer::Node::Folder => Node::Folder(BTreeMap::new()),
                layer::Node::File(_) => Node::File(Place { layer: number, entry }),
                layer::Node::Link(text) => Node::Link(text.clone()),
                layer::Node::Hard(target) => self.hard(target, wanted),
                layer::Node::Other => Node::Other,
            };
            if self.insert(path, node).is_none() {
                astray.push(path.clone());
            }
        }
        astray
    }

    /// What another name of the file at `target` stands for.
    fn hard(&self, target: &str, wanted: &Wanted) -> Node {
        match lead(self, wanted, target, Last::Keep) {
            Led::To(real) => match self.at(&real) {
                Some(Node::Folder(_)) | None => Node::Nowhere(target.to_owned()),
                Some(node) => node.clone(),
            },
            // Of an entry's path nothing goes up again: it is cleaned.
            Led::Unseen { place, .. } => Node::Elsewhere(place),
            Led::Absent | Led::Astray => Node::Nowhere(target.to_owned()),
        }
    }

    /// Puts something at a path. Folders on the way that no layer names are made; a link on the way
    /// is followed, as containerd unpacks layers (`fs.RootPath` of the parent), and replaced only by
    /// an entry of its own. None: the way goes round and round.
    fn insert(&mut self, path: &str, node: Node) -> Option<()> {
        let (parent, name) = path.rsplit_once('/').unwrap_or(("", path));
        let folder = self.make(parent)?;
        let children = self.children(&folder)?;
        match (children.get(name), &node) {
            (Some(Node::Folder(_)), Node::Folder(_)) => {}
            _ => {
                children.insert(name.to_owned(), node);
            }
        }
        Some(())
    }

    /// The folder at a path, made where it is missing.
    fn make(&mut self, path: &str) -> Option<Vec<String>> {
        let mut walk = Walk::to(path);
        loop {
            match walk.step(self, Last::Follow) {
                Step::On => {}
                Step::End => break,
                Step::Astray => return None,
                Step::Missing(name) | Step::NoFolder(name) => {
                    let folder = Node::Folder(BTreeMap::new());
                    self.children(&walk.here)?.insert(name.clone(), folder);
                    walk.here.push(name);
                }
            }
        }
        // The last step may have ended at something that is no folder.
        if let Some(Node::Folder(_)) = self.at(&walk.here) {
            return Some(walk.here);
        }
        let (name, parent) = walk.here.split_last()?;
        self.children(parent)?.insert(name.clone(), Node::Folder(BTreeMap::new()));
        Some(walk.here)
    }
}

//! Where a path leads in a root, links followed.

use std::collections::VecDeque;

use super::tree::{Node, Tree};
use crate::wanted::Wanted;

/// As many links as the kernel follows (path_resolution(7)).
const MOST_LINKS: usize = 40;
/// As deep as folders may lie in each other.
const MOST_FOLDERS: usize = 128;

/// Whether a link at the end of a path is followed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Last {
    Follow,
    Keep,
}

/// Where a path leads.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Led {
    /// To this path without links; something stands there.
    To(Vec<String>),
    /// Nowhere: nothing is there.
    Absent,
    /// To a place that no layer was looked at for. Whether the way goes on from there is said by
    /// `goes_on`: then it goes up again, and what stands there decides where that is.
    Unseen { place: String, goes_on: bool },
    /// Round and round, or too deep.
    Astray,
}

/// A walk from the root: folders entered, and names still to go.
pub(super) struct Walk {
    pub(super) here: Vec<String>,
    pending: VecDeque<String>,
    links: usize,
}

/// What one step comes to.
pub(super) enum Step {
    /// There are no names left.
    End,
    /// Went on; there may be more.
    On,
    /// This name is not in the folder.
    Missing(String),
    /// What has this name is no folder, though names follow.
    NoFolder(String),
    Astray,
}

impl Walk {
    pub(super) fn to(path: &str) -> Self {
        let mut walk = Self { here: Vec::new(), pending: VecDeque::new(), links: 0 };
        walk.prepend(path);
        walk
    }

    fn prepend(&mut self, path: &str) {
        for name in path.rsplit('/').filter(|name| !name.is_empty() && *name != ".") {
            self.pending.push_front(name.to_owned());
        }
    }

    pub(super) fn step(&mut self, tree: &Tree, last: Last) -> Step {
        let Some(name) = self.pending.pop_front() else { return Step::End };
        if name == ".." {
            self.here.pop();
            return Step::On;
        }
        if self.here.len() >= MOST_FOLDERS {
            return Step::Astray;
        }
        match tree.child(&self.here, &name) {
            None => return Step::Missing(name),
            Some(Node::Link(to)) if last == Last::Follow || !self.pending.is_empty() => {
                self.links += 1;
                if self.links > MOST_LINKS {
                    return Step::Astray;
                }
                if to.starts_with('/') {
                    self.here.clear();
                }
                self.prepend(to);
            }
            Some(Node::Folder(_)) => self.here.push(name),
            Some(_) if self.pending.is_empty() => self.here.push(name),
            Some(_) => return Step::NoFolder(name),
        }
        Step::On
    }
}

/// Follows a path from the root.
pub(super) fn lead(tree: &Tree, wanted: &Wanted, path: &str, last: Last) -> Led {
    let mut walk = Walk::to(path);
    loop {
        match walk.step(tree, last) {
            Step::On => {}
            Step::End => return Led::To(walk.here),
            Step::Astray => return Led::Astray,
            Step::NoFolder(_) => return Led::Absent,
            Step::Missing(name) => return missing(&walk, &name, wanted),
        }
    }
}

/// Nothing of this name is known. That it is not there is known only where all of the way that is
/// left was looked at: folders that no layer has an entry for are not known otherwise.
fn missing(walk: &Walk, name: &str, wanted: &Wanted) -> Led {
    let rest = walk.pending.iter().map(String::as_str).take_while(|name| *name != "..");
    let whole: Vec<&str> = walk.here.iter().map(String::as_str).chain([name]).chain(rest).collect();
    let place = whole.join("/");
    let goes_on = walk.pending.iter().any(|name| name == "..");
    match wanted.seen(place.as_bytes()) {
        Some(_) => Led::Absent,
        None => Led::Unseen { place, goes_on },
    }
}

//! What a path of the host means to a container that can write to it or read it.
//!
//! A pure table: it knows where root on the host keeps what it runs and what it hides, and tells
//! whether a path is such a place, stands inside one, or holds one.

mod table;
#[cfg(test)]
mod tests;

use std::borrow::Cow;

use dockward_model::verdict::{Gain, Severity};

use table::{CLEAR, PLACES, Place, Reach};

/// What can be done with a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Access {
    Write,
    Read,
}

/// How much access to a place is worth to an attacker.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Weight {
    /// Worth knowing.
    Little,
    /// Makes another weakness worse.
    Some,
    /// The account of another user of the host, or its standstill.
    Much,
    /// What only root may read: password hashes, private keys.
    Files,
    /// Root on the host.
    Root,
}

impl Weight {
    /// How bad it is where the container's root is the host's.
    pub(crate) const fn severity(self) -> Severity {
        match self {
            Self::Little => Severity::Low,
            Self::Some => Severity::Medium,
            Self::Much | Self::Files => Severity::High,
            Self::Root => Severity::Critical,
        }
    }

    /// What is gained.
    pub(crate) const fn gain(self) -> Option<Gain> {
        match self {
            Self::Files => Some(Gain::HostFiles),
            Self::Root => Some(Gain::HostRoot),
            Self::Little | Self::Some | Self::Much => None,
        }
    }
}

/// How a path stands to a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Relation {
    /// It is a folder above.
    Holds,
    /// It is below.
    Inside,
    /// It is the place.
    Is,
}

/// What access to a path means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Meaning {
    pub(crate) weight: Weight,
    pub(crate) relation: Relation,
    pub(crate) place: &'static str,
    /// What the place is, in a few words.
    pub(crate) what: &'static str,
}

impl Meaning {
    /// The meaning in words, to follow the path.
    pub(crate) fn describe(&self) -> String {
        match self.relation {
            Relation::Is => self.what.to_owned(),
            Relation::Inside => format!("inside {}, {}", self.place, self.what),
            Relation::Holds => format!("holds {}, {}", self.place, self.what),
        }
    }
}

/// The worst that `access` to `path` means; nothing where it is harmless or not an absolute path.
/// `data_root` is where the engine really keeps its data.
pub(crate) fn meaning(path: &str, access: Access, data_root: Option<&str>) -> Option<Meaning> {
    let path = normal(path)?;
    let standard = in_table(&path, access);
    let data_root = data_root.and_then(normal).filter(|root| root != "/" && root != DATA_ROOT);
    let moved = data_root.and_then(|root| {
        let inner = match relation(&root, &path)? {
            Relation::Holds => String::new(),
            Relation::Is | Relation::Inside => path.strip_prefix(&*root)?.to_owned(),
        };
        in_table(&format!("{DATA_ROOT}{inner}"), access)
    });
    standard.into_iter().chain(moved).max_by_key(|m| m.weight)
}

const DATA_ROOT: &str = "/var/lib/docker";

fn in_table(path: &str, access: Access) -> Option<Meaning> {
    if CLEAR
        .iter()
        .any(|clear| matches!(relation(clear, path), Some(Relation::Is | Relation::Inside)))
    {
        return None;
    }
    let found = PLACES.iter().rev().filter_map(|place| judge(place, path, access));
    found.max_by_key(|m| (m.weight, m.relation))
}

fn judge(place: &'static Place, path: &str, access: Access) -> Option<Meaning> {
    let weight = match access {
        Access::Write => place.write?,
        Access::Read => place.read?,
    };
    let relation = relation(place.path, path)?;
    let counts = match (place.reach, relation) {
        (_, Relation::Is) | (Reach::Tree, _) => true,
        (Reach::Entry, Relation::Holds) | (Reach::Below, Relation::Inside) => true,
        (_, _) => false,
    };
    counts.then_some(Meaning { weight, relation, place: place.path, what: place.what })
}

/// How `path` stands to `place`; both as [`normal`] gives them, and `place` may end a name with `*`.
pub(crate) fn relation(place: &str, path: &str) -> Option<Relation> {
    if place.contains('*') {
        return by_names(place, path);
    }
    // Hosts have thousands of mounts and each meets every place: no names are cut out here.
    if is_below(place, path) {
        Some(if place.len() == path.len() { Relation::Is } else { Relation::Inside })
    } else {
        is_below(path, place).then_some(Relation::Holds)
    }
}

/// Whether `path` is `top` or below it.
fn is_below(top: &str, path: &str) -> bool {
    let rest = path.strip_prefix(top);
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/') || top == "/")
}

fn by_names(place: &str, path: &str) -> Option<Relation> {
    let (mut places, mut paths) = (names(place), names(path));
    loop {
        match (places.next(), paths.next()) {
            (None, None) => return Some(Relation::Is),
            (None, Some(_)) => return Some(Relation::Inside),
            (Some(_), None) => return Some(Relation::Holds),
            (Some(wanted), Some(name)) => match wanted.strip_suffix('*') {
                Some(start) if name.starts_with(start) => {}
                None if wanted == name => {}
                _ => return None,
            },
        }
    }
}

fn names(path: &str) -> impl Iterator<Item = &str> {
    path.split('/').filter(|name| !name.is_empty())
}

/// An absolute path without `.`, `..`, doubled or trailing slashes, as far as text can tell, with
/// the links that every Linux has: `/var/run`, and a process's view of the root.
pub(crate) fn normal(path: &str) -> Option<Cow<'_, str>> {
    if !path.starts_with('/') {
        return None;
    }
    if is_plain(path) {
        return Some(Cow::Borrowed(path));
    }
    let mut stack: Vec<&str> = Vec::new();
    for name in names(path) {
        match name {
            "." => {}
            ".." => {
                stack.pop();
            }
            name => stack.push(name),
        }
        match *stack.as_slice() {
            ["var", "run"] => stack = vec!["run"],
            ["var", "lock"] => stack = vec!["run", "lock"],
            ["proc", _, "root"] => stack.clear(),
            _ => {}
        }
    }
    Some(Cow::Owned(format!("/{}", stack.join("/"))))
}

/// Whether [`normal`] has nothing to do, as for all that the engine itself wrote.
fn is_plain(path: &str) -> bool {
    const WITH_LINKS: [&str; 3] = ["/var/run", "/var/lock", "/proc/"];
    let mut names = path.split('/').skip(1);
    path == "/"
        || names.all(|name| !matches!(name, "" | "." | ".."))
            && !WITH_LINKS.iter().any(|start| path.starts_with(start))
}

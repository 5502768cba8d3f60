//! The members of an archive, by name.

use std::collections::BTreeMap;

use crate::tar::{Entry, Kind, clean};

/// How many members of an archive are kept. An image has four a layer at most.
const MOST_MEMBERS: usize = 1 << 16;
/// How many links from member to member are followed: `docker save` writes one.
const MOST_LINKS: usize = 8;

/// Members of an archive: what they are, or links to others (`docker save` writes a layer that
/// comes twice only once).
#[derive(Debug)]
pub(super) struct Members<T> {
    all: BTreeMap<String, Member<T>>,
}

#[derive(Debug)]
enum Member<T> {
    Here(T),
    Link(String),
}

impl<T> Default for Members<T> {
    fn default() -> Self {
        Self { all: BTreeMap::new() }
    }
}

impl<T> Members<T> {
    /// Whether another one may be added.
    pub(super) fn has_room(&self) -> bool {
        self.all.len() < MOST_MEMBERS
    }

    pub(super) fn insert(&mut self, name: String, member: T) {
        self.all.insert(name, Member::Here(member));
    }

    /// Adds an entry that is a link, if it is one.
    pub(super) fn insert_link(&mut self, entry: &Entry<'_>) {
        let folder = entry.path.iter().rposition(|byte| *byte == b'/').unwrap_or(0);
        let folder = entry.path.get(..folder).unwrap_or_default();
        let mut target = Vec::new();
        match entry.kind {
            Kind::Hard(to) => target.extend_from_slice(to),
            Kind::Link(to) => clean(&[folder, b"/", to].concat(), &mut target),
            _ => return,
        }
        let name = String::from_utf8(entry.path.to_vec());
        if let (Ok(name), Ok(target)) = (name, String::from_utf8(target)) {
            self.all.insert(name, Member::Link(target));
        }
    }

    pub(super) fn get(&self, name: &str) -> Option<&T> {
        let mut name = name;
        for _ in 0..MOST_LINKS {
            match self.all.get(name)? {
                Member::Here(member) => return Some(member),
                Member::Link(to) => name = to,
            }
        }
        None
    }
}

//! The members of an archive, by name.

use std::collections::BTreeMap;
use std::io;

use serde::{Deserialize, Serialize};

use crate::tar::{Entry, Kind, clean};

/// How many members of an archive are kept. An image has four a layer at most.
const MOST_MEMBERS: usize = 1 << 16;
/// How many bytes their names may have together.
const MOST_TEXT: usize = 16 << 20;
/// How many links from member to member are followed: `docker save` writes one.
const MOST_LINKS: usize = 8;

/// Members of an archive: what they are, or links to others (`docker save` writes a layer that
/// comes twice only once).
#[derive(Debug)]
pub(crate) struct Members<T> {
    all: BTreeMap<String, Member<T>>,
    text: usize,
}

/// Who keeps the members of an archive as they come; false once there is no room for more.
pub(crate) type Keep<'a, T> = dyn FnMut(String, Member<T>) -> bool + 'a;

/// What has a name in an archive.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) enum Member<T> {
    Here(T),
    /// Another name of the member that is called so.
    Link(String),
}

impl<T> Default for Members<T> {
    fn default() -> Self {
        Self { all: BTreeMap::new(), text: 0 }
    }
}

impl<T> Members<T> {
    /// Adds one, in the place of an earlier one of that name; false once there is no room.
    pub(crate) fn insert(&mut self, name: String, member: Member<T>) -> bool {
        let link = if let Member::Link(to) = &member { to.len() } else { 0 };
        self.text = self.text.saturating_add(name.len()).saturating_add(link);
        if self.all.len() >= MOST_MEMBERS || self.text > MOST_TEXT {
            return false;
        }
        self.all.insert(name, member);
        true
    }

    pub(crate) fn get(&self, name: &str) -> Option<&T> {
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

/// The name of an entry and of what it links to, if it is a link.
pub(super) fn link(entry: &Entry<'_>) -> Option<(String, String)> {
    let folder = entry.path.iter().rposition(|byte| *byte == b'/').unwrap_or(0);
    let folder = entry.path.get(..folder).unwrap_or_default();
    let mut target = Vec::new();
    match entry.kind {
        Kind::Hard(to) => target.extend_from_slice(to),
        Kind::Link(to) => clean(&[folder, b"/", to].concat(), &mut target),
        _ => return None,
    }
    Some((String::from_utf8(entry.path.to_vec()).ok()?, String::from_utf8(target).ok()?))
}

/// Why no more of an archive is looked at.
pub(crate) fn full() -> io::Error {
    let why = format!("more than {MOST_MEMBERS} members, or {MOST_TEXT} bytes of names");
    io::Error::other(format!("it has {why}: the rest is not looked at"))
}

//! Making an index from what a layer has, entry by entry, within limits.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Read;
use std::rc::Rc;

use dockward_model::inventory::Problem;
use dockward_package::Cataloged;

use super::{Body, Entry, LayerIndex, Node};
use crate::tar::LONGEST;
use crate::wanted::{Seen, Use};
use crate::{Cataloger, Record};

/// How many entries, whiteouts and problems of a layer are kept, and how many bytes their names may
/// have together. No layer that does its work comes near.
const MOST: usize = 1 << 16;
const MOST_TEXT: usize = 32 << 20;
/// How many bytes of records are read in one layer.
const MOST_RECORDS: u64 = 2 << 30;
/// How many packages of a layer are kept. The largest distributions have a quarter of it, all installed
/// at once.
const MOST_PACKAGES: usize = 1 << 18;

/// An index in the making.
#[derive(Debug, Default)]
pub(super) struct Builder {
    nodes: BTreeMap<String, (usize, Node)>,
    whiteouts: BTreeSet<String>,
    opaque: BTreeSet<String>,
    problems: Vec<Problem>,
    order: usize,
    kept: usize,
    text: usize,
    records: u64,
    packages: usize,
    is_full: bool,
    /// Records that wait for what belongs to them, which may come later in the layer, by path.
    waiting: BTreeMap<String, (&'static Cataloger, Rc<Vec<u8>>)>,
    /// What belongs to records, by path.
    beside: BTreeMap<String, Rc<Vec<u8>>>,
}

impl Builder {
    /// Something at a path; what stood there or beneath it in the same layer is replaced, as
    /// unpacking would.
    pub(super) fn insert(&mut self, path: &str, node: Node) {
        if matches!(node, Node::Folder) {
            if matches!(self.nodes.get(path), Some((_, Node::Folder))) {
                return;
            }
        } else {
            self.remove_beneath(path);
        }
        let text = match &node {
            Node::Link(text) | Node::Hard(text) => text.len(),
            _ => 0,
        };
        if self.has_room(path.len() + text) {
            self.order += 1;
            self.nodes.insert(path.to_owned(), (self.order, node));
        }
    }

    fn remove_beneath(&mut self, path: &str) {
        let from = format!("{path}/");
        let below = self.nodes.range(from.clone()..).map(|(name, _)| name);
        let below: Vec<_> = below.take_while(|name| name.starts_with(&from)).cloned().collect();
        for name in below {
            self.nodes.remove(&name);
        }
    }

    pub(super) fn whiteout(&mut self, path: &str) {
        if self.has_room(path.len()) {
            self.whiteouts.insert(path.to_owned());
        }
    }

    pub(super) fn opaque(&mut self, path: &str) {
        if self.has_room(path.len()) {
            self.opaque.insert(path.to_owned());
        }
    }

    /// Something that could not be read.
    pub(super) fn problem(&mut self, path: &str, offset: Option<u64>, why: impl Into<String>) {
        if self.has_room(path.len()) {
            self.problems.push(Problem { place: path.to_owned(), offset, why: why.into() });
        }
    }

    /// What the layer says last of itself: kept however full the index is. `tell` is told of records
    /// that are read only now.
    pub(super) fn end(
        mut self,
        offset: Option<u64>,
        why: Option<String>,
        tell: &mut dyn FnMut(&str),
    ) -> LayerIndex {
        self.problems.extend(why.map(|why| Problem { place: String::new(), offset, why }));
        self.read_waiting(tell);
        let mut nodes: Vec<_> = self.nodes.into_iter().collect();
        nodes.sort_unstable_by_key(|(_, (order, _))| *order);
        let entries = nodes.into_iter().map(|(path, (_, node))| Entry { path, node });
        LayerIndex {
            entries: entries.collect(),
            whiteouts: self.whiteouts.into_iter().collect(),
            opaque: self.opaque.into_iter().collect(),
            problems: self.problems,
        }
    }

    /// Reads the records that waited, as far as they are still there.
    fn read_waiting(&mut self, tell: &mut dyn FnMut(&str)) {
        for (path, (cataloger, bytes)) in std::mem::take(&mut self.waiting) {
            tell(&format!("/{path}"));
            let name = format!("{path}{}", cataloger.beside.unwrap_or_default());
            let beside = self.beside.get(&name).filter(|_| self.nodes.contains_key(&name));
            let record =
                Record { path: &path, bytes: &bytes, beside: beside.map(|bytes| &***bytes) };
            let mut found = record.read_by(cataloger);
            self.count(&path, &mut found);
            if let Some((_, Node::File(body))) = self.nodes.get_mut(&path) {
                body.records.push(found);
            }
        }
    }

    /// Counts the packages of a record, and keeps as many as there is room for.
    fn count(&mut self, path: &str, record: &mut super::Record) {
        let room = MOST_PACKAGES.saturating_sub(self.packages);
        self.packages = self.packages.saturating_add(record.packages.len());
        if record.packages.len() > room {
            record.packages.truncate(room);
            let why = format!("the layer has more than {MOST_PACKAGES} packages");
            record.problems.push(Problem { place: format!("/{path}"), offset: None, why });
        }
    }

    fn has_room(&mut self, text: usize) -> bool {
        self.kept += 1;
        self.text += text;
        let has_room = self.kept <= MOST && self.text <= MOST_TEXT;
        if !has_room && !self.is_full {
            self.is_full = true;
            let why = format!("it has more than {MOST} files where packages are recorded");
            self.problems.push(Problem { place: String::new(), offset: None, why });
        }
        has_room
    }

    /// Reads a file for what it is wanted for. `size` is what it says of itself.
    pub(super) fn file(&mut self, path: &str, seen: Seen<'_>, size: u64, from: impl Read) {
        let uses = seen.uses();
        let largest = uses.clone().map(Use::largest).max().unwrap_or(0);
        if largest == 0 {
            return self.insert(path, Node::File(Body::default()));
        }
        let read = self.content(size, largest, from).map(Rc::new);
        let mut body = Body::default();
        for used in uses {
            let content = match &read {
                Ok(bytes) if bytes.len() as u64 > used.largest() => Err(too_large(size, used)),
                Ok(bytes) => Ok(bytes),
                Err(None) => Err(too_large(size, used)),
                Err(Some(why)) => Err(why.clone()),
            };
            match (used, content) {
                (Use::Catalog(cataloger), Ok(bytes)) if cataloger.beside.is_some() => {
                    self.waiting.insert(path.to_owned(), (cataloger, Rc::clone(bytes)));
                }
                (Use::Beside(_), Ok(bytes)) => {
                    body.beside = Some(size);
                    self.beside.insert(path.to_owned(), Rc::clone(bytes));
                }
                (used, content) => body.take(path, used, content.map(|bytes| bytes.as_slice())),
            }
        }
        self.body(path, body);
    }

    /// A file whose records were read.
    pub(super) fn body(&mut self, path: &str, mut body: Body) {
        body.records.iter_mut().for_each(|record| self.count(path, record));
        self.insert(path, Node::File(body));
    }

    /// A file of a kind that is not read.
    pub(super) fn unread(&mut self, path: &str, seen: Seen<'_>, why: &str) {
        let mut body = Body::default();
        for used in seen.uses() {
            body.take(path, used, Err(why.to_owned()));
        }
        self.insert(path, Node::File(body));
    }

    /// The bytes of a file. An error without a text: there are too many.
    fn content(
        &mut self,
        size: u64,
        largest: u64,
        from: impl Read,
    ) -> Result<Vec<u8>, Option<String>> {
        if size > largest || self.is_full {
            return Err(None);
        }
        self.has_room_for_record(size).map_err(Some)?;
        content(size, largest, from)
    }

    /// Counts the bytes of a record.
    pub(super) fn has_room_for_record(&mut self, size: u64) -> Result<(), String> {
        self.records = self.records.saturating_add(size);
        if self.records > MOST_RECORDS {
            return Err(format!("the layer has more than {MOST_RECORDS} bytes of records"));
        }
        Ok(())
    }
}

/// The bytes of a file that says of itself that it has `size`. An error without a text: there are
/// more than `largest`.
pub(super) fn content(size: u64, largest: u64, from: impl Read) -> Result<Vec<u8>, Option<String>> {
    let mut bytes = Vec::new();
    let read = from.take(largest.saturating_add(1)).read_to_end(&mut bytes);
    read.map_err(|error| Some(error.to_string()))?;
    match bytes.len() as u64 {
        read if read > largest => Err(None),
        read if read < size => Err(Some(format!("it ends after {read} of {size} bytes"))),
        _ => Ok(bytes),
    }
}

/// Reads one record out of a file of so many bytes, and one beside it.
pub(crate) fn record_of(
    cataloger: &'static Cataloger,
    path: &str,
    (size, from): (u64, impl Read),
    beside: Option<(u64, impl Read)>,
) -> super::Record {
    let bytes = match content(size, cataloger.largest, from) {
        Ok(bytes) => bytes,
        Err(why) => {
            let why = why.unwrap_or_else(|| too_large(size, Use::Catalog(cataloger)));
            return super::Record::unread(cataloger, path, why);
        }
    };
    // Where what lies beside it can't be read, that is told where it stands.
    let beside = beside.and_then(|(size, from)| content(size, cataloger.largest, from).ok());
    Record { path, bytes: &bytes, beside: beside.as_deref() }.read_by(cataloger)
}

pub(super) fn too_large(size: u64, used: Use) -> String {
    format!("it has {size} bytes; at most {} are read as {}", used.largest(), used.id())
}

impl super::Record {
    /// A record that could not be read.
    pub(crate) fn unread(cataloger: &Cataloger, path: &str, why: String) -> Self {
        let problems = vec![Problem { place: format!("/{path}"), offset: None, why }];
        let cataloger = cataloger.id.to_owned();
        Self { cataloger, problems, ..Self::default() }
    }
}

impl Body {
    pub(super) fn take(&mut self, path: &str, used: Use, content: Result<&[u8], String>) {
        let cataloger = match used {
            Use::Catalog(cataloger) => cataloger,
            Use::Beside(cataloger) => {
                // Whatever it may hold, the record is not whole without it.
                self.beside = Some(1);
                cataloger
            }
            Use::Release => {
                self.release = Some(content.map(|bytes| String::from_utf8_lossy(bytes).into()));
                return;
            }
        };
        self.records.push(match content {
            Ok(bytes) => Record { path, bytes, beside: None }.read_by(cataloger),
            Err(why) => super::Record::unread(cataloger, path, why),
        });
    }
}

impl Record<'_> {
    fn read_by(&self, cataloger: &Cataloger) -> super::Record {
        let found = (cataloger.read)(self);
        let cataloger = cataloger.id.to_owned();
        let Cataloged { packages, problems, changes, licences } = found;
        super::Record { cataloger, packages, problems, changes, licences }
    }
}

/// A path or a link's text as text; none where it is not UTF-8 or too long.
pub(super) fn text(bytes: &[u8]) -> Option<&str> {
    std::str::from_utf8(bytes).ok().filter(|text| text.len() <= LONGEST)
}

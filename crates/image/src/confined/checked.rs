//! What an answer must hold before it is used: what the reader that answers would hold itself, had
//! nobody taken it over. How long a message may be, and of how many parts, the transport holds.

use dockward_model::inventory::Problem;

use crate::CATALOGERS;
use crate::layer::{Body, LayerIndex, Node};
use crate::source::{Kept, Member};
use crate::tar::{LONGEST, clean};

/// What is wrong with an answer that no reader gives.
pub(super) const ODD: &str = "the process that read it gives an answer that none would give";

/// How many entries an index may have: a little more than a reader keeps.
const MOST: usize = 1 << 17;
/// How many bytes of documents and of indexes may come of one archive.
const MOST_BYTES: usize = 128 << 20;
const MOST_PACKAGES: usize = 1 << 20;
/// How many characters of a problem are told: paths in it may be as long as any.
const MOST_SHOWN: usize = LONGEST + 1000;

/// An index whose paths are paths and whose records are of catalogers that there are.
pub(super) fn index(mut index: LayerIndex) -> Result<LayerIndex, &'static str> {
    index.problems = index.problems.into_iter().map(problem).collect();
    let counts = [index.entries.len(), index.whiteouts.len(), index.opaque.len()];
    let is_small = counts.iter().all(|count| *count <= MOST) && index.problems.len() <= MOST;
    let paths = index.whiteouts.iter().chain(&index.opaque);
    let mut paths = paths.chain(index.entries.iter().map(|entry| &entry.path));
    let is_sound = is_small
        && paths.all(|path| is_path(path))
        && index.entries.iter().all(|entry| is_node(&entry.node));
    if is_sound { Ok(index) } else { Err(ODD) }
}

/// Whether a path is as the walk over a tar makes them.
fn is_path(path: &str) -> bool {
    let mut cleaned = Vec::new();
    clean(path.as_bytes(), &mut cleaned);
    path.len() <= LONGEST && cleaned == path.as_bytes()
}

fn is_node(node: &Node) -> bool {
    match node {
        Node::Folder | Node::Other => true,
        Node::Link(to) => to.len() <= LONGEST,
        Node::Hard(to) => is_path(to),
        Node::File(body) => is_body(body),
    }
}

fn is_body(body: &Body) -> bool {
    let is_known = |id: &str| CATALOGERS.iter().any(|cataloger| cataloger.id == id);
    body.records.iter().all(|record| is_known(&record.cataloger))
}

/// What may still come of an archive that goes past.
#[derive(Debug, Default)]
pub(super) struct Budget {
    bytes: usize,
    packages: usize,
}

impl Budget {
    /// A member, if there is room for it and it is sound.
    pub(super) fn kept(&mut self, mut member: Member<Kept>) -> Result<Member<Kept>, &'static str> {
        if let Member::Here(Kept::Document(text)) = &member {
            self.bytes = self.bytes.saturating_add(text.len());
        }
        if let Member::Here(Kept::Layer(layer)) = &mut member {
            layer.index = index(std::mem::take(&mut layer.index))?;
            let names = layer.index.entries.iter().map(|entry| entry.path.len());
            self.bytes = self.bytes.saturating_add(names.sum());
            self.packages = self.packages.saturating_add(packages(&layer.index));
        }
        let has_room = self.bytes <= MOST_BYTES && self.packages <= MOST_PACKAGES;
        if has_room { Ok(member) } else { Err(ODD) }
    }
}

fn packages(index: &LayerIndex) -> usize {
    let records = index.entries.iter().map(|entry| match &entry.node {
        Node::File(body) => body.records.iter().map(|record| record.packages.len()).sum(),
        _ => 0,
    });
    records.sum()
}

/// A problem that is told in a line.
pub(super) fn problem(problem: Problem) -> Problem {
    Problem { place: shown(&problem.place), why: shown(&problem.why), ..problem }
}

/// As much of a text of a reader's as fits in a message.
pub(super) fn shown(text: &str) -> String {
    text.chars().take(MOST_SHOWN).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layer::{Entry, Record};

    fn with(path: &str, node: Node) -> LayerIndex {
        let entries = vec![Entry { path: path.to_owned(), node }];
        LayerIndex { entries, ..LayerIndex::default() }
    }

    #[test]
    fn only_paths_that_a_walk_makes_are_taken() {
        for sound in ["lib/apk/db/installed", "a", "a b/c.d"] {
            assert!(index(with(sound, Node::Folder)).is_ok(), "{sound}");
        }
        for odd in ["/etc/shadow", "../x", "a/../b", "a//b", "a/", "./a", &"a".repeat(LONGEST + 1)]
        {
            assert_eq!(index(with(odd, Node::Folder)), Err(ODD), "{odd}");
            assert_eq!(index(with("a", Node::Hard(odd.to_owned()))), Err(ODD), "{odd}");
            let whiteouts = vec![odd.to_owned()];
            let hidden = LayerIndex { whiteouts, ..LayerIndex::default() };
            assert_eq!(index(hidden), Err(ODD), "{odd}");
        }
        let far = Node::Link("../../../etc/shadow".to_owned());
        assert!(index(with("a", far)).is_ok(), "a link may say anything");
    }

    #[test]
    fn what_is_told_of_a_problem_has_an_end() {
        let why = "x".repeat(1 << 20);
        let problems = vec![Problem { place: why.clone(), offset: None, why }];
        let checked = index(LayerIndex { problems, ..LayerIndex::default() }).unwrap();
        let told = &checked.problems[0];
        assert_eq!((told.place.len(), told.why.len()), (MOST_SHOWN, MOST_SHOWN));
    }

    #[test]
    fn records_of_nobody_and_more_entries_than_any_layer_has_are_refused() {
        let record = Record {
            cataloger: "no".into(),
            packages: vec![],
            problems: vec![],
            ..Record::default()
        };
        let body = Body { records: vec![record], ..Body::default() };
        assert_eq!(index(with("a", Node::File(body))), Err(ODD));
        let many = LayerIndex { opaque: vec!["a".into(); MOST + 1], ..LayerIndex::default() };
        assert_eq!(index(many), Err(ODD));
    }
}

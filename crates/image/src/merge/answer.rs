//! What is in a root: the records that are there once all layers are laid, each read once.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use dockward_model::facts::{Change, Field, Origin};
use dockward_model::inventory::{Contents, Package, PackageKind, Problem};
use dockward_package::{changelog, dpkg};

use super::release;
use super::resolve::{Last, Led, lead};
use super::tree::{Node, Place, Tree};
use crate::layer::{self, Body, LayerIndex};
use crate::wanted::{self, Extra, Use, Wanted};

/// A layer's index and what the layer is called in messages; empty for a folder's.
#[derive(Debug, Clone)]
pub(crate) struct Named {
    pub(crate) index: Arc<LayerIndex>,
    pub(crate) name: String,
}

/// What is in a root, and what else must be looked for to know all of it.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) contents: Contents,
    /// Where links lead that no layer was looked at for. Until it is empty, the contents are not
    /// whole, and each is among the problems.
    pub(crate) extras: Vec<Extra>,
}

/// Lays the layers, the lowest first, over each other and looks at what comes of it.
pub(crate) fn answer(layers: &[Named], wanted: &Wanted) -> Answer {
    let mut tree = Tree::default();
    let mut problems = Vec::new();
    for (number, layer) in layers.iter().enumerate() {
        problems.extend(layer.index.problems.iter().map(|problem| layer.problem(problem)));
        for path in tree.lay(number, &layer.index, wanted) {
            let why = "the way there goes round in links, or is too deep".to_owned();
            problems.push(layer.problem(&Problem { place: format!("/{path}"), offset: None, why }));
        }
    }
    let mut look = Look { layers, wanted, tree, extras: Vec::new(), problems, real: None };
    let distribution = release::distribution(&mut look);
    let mut packages = look.packages();
    attribute(layers, &mut packages);
    packages.sort_by(|a, b| key(a).cmp(&key(b)).then_with(|| a.origin.cmp(&b.origin)));
    let changes = look.changes();
    look.licences(&mut packages);
    let mut problems = look.problems;
    problems.sort();
    problems.dedup();
    let contents = Contents { distribution, packages, problems, changes };
    Answer { contents, extras: look.extras }
}

fn key(package: &Package) -> (PackageKind, &str, &str, &str) {
    (package.kind, &package.name, &package.version, &package.architecture)
}

/// Gives each package the lowest layer that has a record of it in that version.
fn attribute(layers: &[Named], packages: &mut [Package]) {
    let mut lowest = BTreeMap::new();
    for package in &*packages {
        lowest.insert(key(package), None);
    }
    for (number, layer) in layers.iter().enumerate() {
        for package in layer.records().flat_map(|record| &record.packages) {
            if let Some(known) = lowest.get_mut(&key(package)) {
                known.get_or_insert(number);
            }
        }
    }
    let found: Vec<Option<usize>> =
        packages.iter().map(|package| lowest.get(&key(package)).copied().flatten()).collect();
    for (package, layer) in packages.iter_mut().zip(found) {
        package.layer = layer;
    }
}

impl Named {
    fn problem(&self, problem: &Problem) -> Problem {
        let place = match (self.name.is_empty(), problem.place.is_empty()) {
            (true, _) => problem.place.clone(),
            (false, true) => self.name.clone(),
            (false, false) => format!("{} {}", self.name, problem.place),
        };
        Problem { place, ..problem.clone() }
    }

    fn records(&self) -> impl Iterator<Item = &layer::Record> {
        let bodies = self.index.entries.iter().filter_map(|entry| match &entry.node {
            layer::Node::File(body) => Some(body),
            _ => None,
        });
        bodies.flat_map(|body| &body.records)
    }
}

/// A look at a root.
pub(super) struct Look<'a> {
    layers: &'a [Named],
    wanted: &'a Wanted,
    tree: Tree,
    extras: Vec<Extra>,
    problems: Vec<Problem>,
    /// The place of the file that was looked at last.
    real: Option<Place>,
}

impl<'a> Look<'a> {
    fn packages(&mut self) -> Vec<Package> {
        let mut seen = BTreeSet::new();
        let mut packages = Vec::new();
        for cataloger in self.wanted.catalogers() {
            let used = Use::Catalog(cataloger);
            for place in cataloger.places {
                let paths = match place {
                    crate::Place::File(path) => vec![(*path).to_owned()],
                    crate::Place::FilesIn(folder) => self.names(folder, used),
                };
                for path in paths {
                    self.record(&path, used, &mut seen, &mut packages);
                }
            }
        }
        packages
    }

    /// What the changelogs that were asked for say, by package.
    fn changes(&mut self) -> BTreeMap<String, Field<BTreeMap<String, Change>>> {
        let (wanted, mut all) = (self.wanted, BTreeMap::new());
        let Some(used) = wanted::use_of("changelog") else { return all };
        for name in wanted.changelogs() {
            let places = changelog::places(name);
            let found = places.iter().find_map(|path| self.changelog(path, used));
            let nowhere = Field::absent(Origin::file(format!("/{}", places[0]), None));
            all.insert(name.clone(), found.unwrap_or(nowhere));
        }
        all
    }

    /// Fills in the licences that were asked for. What has none that can be read keeps none.
    fn licences(&mut self, packages: &mut [Package]) {
        let (wanted, mut named) = (self.wanted, BTreeMap::new());
        let Some(used) = wanted::use_of("copyright") else { return };
        for name in wanted.copyrights() {
            let Ok(Some(body)) = self.file(&dpkg::copyright(name), used) else { continue };
            let record = body.records.iter().find(|record| record.cataloger == used.id());
            named.insert(name.as_str(), record.map(|record| &record.licences));
        }
        for package in packages.iter_mut().filter(|one| one.kind == PackageKind::Deb) {
            if let Some(Some(licences)) = named.get(package.name.as_str()) {
                package.licences.clone_from(licences);
            }
        }
    }

    fn changelog(&mut self, path: &str, used: Use) -> Option<Field<BTreeMap<String, Change>>> {
        let origin = Origin::file(format!("/{path}"), None);
        let body = match self.file(path, used) {
            Ok(body) => body?,
            Err(why) => return Some(Field::unknown(why, origin)),
        };
        let record = body.records.iter().find(|record| record.cataloger == used.id())?;
        Some(match record.problems.first() {
            Some(problem) => Field::unknown(problem.why.clone(), origin),
            None => Field::known(record.changes.clone(), origin),
        })
    }

    fn record(
        &mut self,
        path: &str,
        used: Use,
        seen: &mut BTreeSet<(&'static str, Place)>,
        packages: &mut Vec<Package>,
    ) {
        let body = match self.file(path, used) {
            Ok(Some(body)) => body,
            Ok(None) => return,
            Err(why) => return self.problem(path, why),
        };
        let Some(real) = self.real.filter(|real| seen.insert((used.id(), *real))) else { return };
        self.beside(path, used, real);
        let layer = self.layers.get(real.layer);
        for record in body.records.iter().filter(|record| record.cataloger == used.id()) {
            packages.extend(record.packages.iter().cloned());
            let problems = record.problems.iter().filter_map(|one| Some(layer?.problem(one)));
            self.problems.extend(problems);
        }
    }

    /// What belongs to a record was read along with it only where one layer has both.
    fn beside(&mut self, path: &str, used: Use, record: Place) {
        let Use::Catalog(cataloger) = used else { return };
        let Some(suffix) = cataloger.beside else { return };
        let name = format!("{path}{suffix}");
        let Ok(Some(body)) = self.file(&name, Use::Beside(cataloger)) else { return };
        let is_apart = self.real.is_some_and(|real| real.layer != record.layer);
        if is_apart && body.beside.is_some_and(|size| size > 0) {
            let why = "it is of another layer than what it belongs to, and was not read with it";
            self.problem(&name, why.to_owned());
        }
    }

    fn problem(&mut self, path: &str, why: String) {
        self.problems.push(Problem { place: format!("/{path}"), offset: None, why });
    }

    /// The paths of the files in a folder, links not among them.
    fn names(&mut self, folder: &str, used: Use) -> Vec<String> {
        let real = match self.lead(folder, |path| Extra::FilesIn(path, used)) {
            Ok(Some(real)) => real,
            Ok(None) => return Vec::new(),
            Err(why) => {
                self.problem(folder, why);
                return Vec::new();
            }
        };
        let path = real.join("/");
        let Some(Node::Folder(children)) = self.tree.at(&real) else { return Vec::new() };
        if !self.wanted.reads_in(&path, used) {
            self.more(folder, Extra::FilesIn(path, used));
            return Vec::new();
        }
        let files = children.iter().filter(|(_, node)| {
            matches!(node, Node::File(_) | Node::Elsewhere(_) | Node::Nowhere(_))
        });
        files.map(|(name, _)| format!("{path}/{name}")).collect()
    }

    /// The file at a path, as it was read for this use; none where there is no file.
    pub(super) fn file(&mut self, path: &str, used: Use) -> Result<Option<&'a Body>, String> {
        self.real = None;
        let Some(real) = self.lead(path, |path| Extra::File(path, used))? else { return Ok(None) };
        let place = match self.tree.at(&real) {
            Some(Node::File(place)) => *place,
            Some(Node::Elsewhere(target)) => {
                let extra = Extra::File(target.clone(), used);
                return Err(self.more(path, extra));
            }
            Some(Node::Nowhere(target)) => {
                return Err(format!("it is another name of /{target}, which is not there"));
            }
            Some(Node::Folder(_) | Node::Link(_) | Node::Other) | None => return Ok(None),
        };
        let layers = self.layers;
        let entry = layers.get(place.layer).and_then(|layer| layer.index.entries.get(place.entry));
        let Some(layer::Entry { path: own, node: layer::Node::File(body) }) = entry else {
            return Ok(None);
        };
        if !body.was_read_for(used) {
            return Err(self.more(path, Extra::File(own.clone(), used)));
        }
        self.real = Some(place);
        Ok(Some(body))
    }

    /// Where a path leads, noting where that is not known.
    fn lead(
        &mut self,
        path: &str,
        wanting: impl FnOnce(String) -> Extra,
    ) -> Result<Option<Vec<String>>, String> {
        match lead(&self.tree, self.wanted, path, Last::Follow) {
            Led::To(real) => Ok(Some(real)),
            Led::Absent => Ok(None),
            Led::Unseen { place, goes_on: true } => Err(self.more(path, Extra::Way(place))),
            Led::Unseen { place, goes_on: false } => Err(self.more(path, wanting(place))),
            Led::Astray => Err("the way there goes round in links, or is too deep".to_owned()),
        }
    }

    /// Notes that a place must be looked at; why what leads there is not known until then.
    fn more(&mut self, path: &str, extra: Extra) -> String {
        let why = format!("it leads to /{}, which was not looked at", extra.path());
        self.extras.push(extra);
        self.problem(path, why.clone());
        why
    }
}

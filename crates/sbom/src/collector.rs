//! Components of any format into inventories.

use dockward_model::facts::{Distribution, Fact, Field, Origin};
use dockward_model::inventory::{
    InstallState, Inventory, Package, PackageKind, Problem, Target, TargetKind,
};

use crate::package_url::{self, Purl, Said};
use crate::properties::{PackageWords, TargetWords};
use crate::read::{LeftOut, MAX_PACKAGES, NO_PURL};
use crate::{Error, source};

/// How many problems of a list are told one by one.
const MOST_PROBLEMS: usize = 100;

/// A component as a format tells of it.
#[derive(Debug, Default)]
pub(crate) struct Component {
    /// Its name in the document, for problems.
    pub(crate) reference: String,
    pub(crate) name: String,
    pub(crate) version: Option<String>,
    pub(crate) purl: Option<String>,
    pub(crate) vendor: String,
    pub(crate) licences: Vec<String>,
    pub(crate) words: PackageWords,
    /// The source by a field of the format's own (`sourceInfo` of SPDX).
    pub(crate) source: Option<(String, Option<String>)>,
}

/// Makes inventories of components, one after the other.
pub(crate) struct Collector {
    /// The list itself, by the name that its reader gave it.
    list: Origin,
    pub(crate) inventories: Vec<Inventory>,
    pub(crate) left_out: LeftOut,
    packages: usize,
    current: Current,
}

/// The inventory that is being filled.
#[derive(Default)]
struct Current {
    inventory: Inventory,
    words: TargetWords,
    /// The distributions that a component or package URLs name: the first two that differ.
    by_component: Vec<Distribution>,
    by_packages: Vec<Distribution>,
    more_problems: usize,
    began: bool,
}

impl Collector {
    pub(crate) fn new(list: Origin) -> Self {
        let (inventories, left_out, current) = Default::default();
        Self { list, inventories, left_out, packages: 0, current }
    }

    /// Takes what was looked into. Ours begins an inventory, and whatever came before is finished;
    /// others' say of one list what it is about, before or after what is in it.
    pub(crate) fn target(&mut self, name: String, words: TargetWords) {
        if self.current.began && words.kind.is_some() {
            self.finish();
        }
        self.current.began = true;
        let kind = words.kind.unwrap_or(TargetKind::Sbom);
        let (id, platform) = (words.id.clone(), words.platform.clone());
        self.current.inventory.target = Target { kind, name, id, platform };
        self.current.words = words;
    }

    /// The name of what follows, until something in the list says more of it.
    pub(crate) fn named(&mut self, name: String) {
        self.current.inventory.target =
            Target { kind: TargetKind::Sbom, name, ..Target::default() };
    }

    /// Takes a distribution that a component of its own names.
    pub(crate) fn distribution(&mut self, distribution: Distribution) {
        note(&mut self.current.by_component, distribution);
    }

    /// Takes a component: a package, or something that is counted.
    pub(crate) fn component(&mut self, component: Component) -> Result<(), Error> {
        self.current.began = true;
        match component.purl.as_deref().map(package_url::read) {
            Some(Purl::Package(said)) => return self.package(*said, component),
            Some(Purl::OtherKind(kind)) => self.left_out.count(&kind),
            Some(Purl::Malformed) => {
                self.left_out.count(NO_PURL);
                self.problem(&component.reference, "its package URL cannot be read");
            }
            None if component.words.is_a_group => {}
            None => self.left_out.count(NO_PURL),
        }
        Ok(())
    }

    /// Takes something that can't be read: a package may be missing for it.
    pub(crate) fn problem(&mut self, reference: &str, why: impl Into<String>) {
        if self.current.inventory.contents.problems.len() < MOST_PROBLEMS {
            let place = reference.chars().take(200).collect();
            let problem = Problem { place, offset: None, why: why.into() };
            self.current.inventory.contents.problems.push(problem);
        } else {
            self.current.more_problems += 1;
        }
    }

    fn package(&mut self, mut said: Said, mut component: Component) -> Result<(), Error> {
        let version = said.version.take();
        let version = version.or(component.version.take()).filter(|version| !version.is_empty());
        let Some(version) = version else {
            self.problem(&component.reference, format!("{} has no version", said.name));
            return Ok(());
        };
        self.packages += 1;
        if self.packages > MAX_PACKAGES {
            return Err(Error::TooMany { what: "packages", max: MAX_PACKAGES });
        }
        if let Some(distribution) = said.distribution.take() {
            note(&mut self.current.by_packages, distribution);
        }
        let (own, theirs) = (component.words.source(), component.source.take());
        let (name, version_of_source) = own.or(theirs).or(said.source.take()).unzip();
        let mut package = package(said, component, version, &self.list);
        package.source = source::of(&package, name, version_of_source.flatten());
        let layers = self.current.words.layers.len();
        package.layer.take_if(|layer| *layer >= layers);
        self.current.inventory.contents.packages.push(package);
        Ok(())
    }

    /// Ends the list.
    pub(crate) fn end(mut self) -> (Vec<Inventory>, LeftOut) {
        self.finish();
        (self.inventories, self.left_out)
    }

    fn finish(&mut self) {
        let mut current = std::mem::take(&mut self.current);
        let contents = &mut current.inventory.contents;
        let named = (current.by_component, current.by_packages);
        contents.distribution = self.chosen(&current.words, named, !contents.packages.is_empty());
        // In the inventory's order (kind, name, version, architecture); what is written down twice
        // is one package.
        contents.packages.sort_by(|one, other| order(one).cmp(&order(other)));
        contents.packages.dedup();
        let mut problems = std::mem::take(&mut current.words.problems);
        problems.append(&mut contents.problems);
        contents.problems = problems;
        if current.more_problems > 0 {
            let why = format!("{} more components cannot be read", current.more_problems);
            contents.problems.push(Problem { why, ..Problem::default() });
        }
        current.inventory.layers = current.words.layers;
        self.inventories.push(current.inventory);
    }

    /// The distribution: what is written down as one, else what all package URLs agree on.
    fn chosen(
        &self,
        words: &TargetWords,
        (by_component, by_packages): (Vec<Distribution>, Vec<Distribution>),
        has_packages: bool,
    ) -> Field<Distribution> {
        let record = words.distribution_record.as_deref();
        let origin = record.map_or_else(|| self.list.clone(), |path| Origin::file(path, None));
        if let Some(why) = &words.unknown_distribution {
            return Field::unknown(why, origin);
        }
        let agreed = |mut list: Vec<Distribution>| match (list.pop(), list.pop()) {
            (Some(one), None) => Fact::Known(one),
            (Some(two), Some(one)) => {
                Fact::Unknown(format!("it names two: {} and {}", shown(&one), shown(&two)))
            }
            _ => Fact::Absent,
        };
        let fact = match (agreed(by_component), agreed(by_packages)) {
            (Fact::Known(one), Fact::Known(other)) if !is_same(&one, &other) => {
                Fact::Unknown(format!("it names two: {} and {}", shown(&one), shown(&other)))
            }
            (_, Fact::Unknown(why)) => Fact::Unknown(why),
            (Fact::Absent, by_packages) => by_packages,
            (by_component, _) => by_component,
        };
        match fact {
            Fact::Absent if !words.no_distribution && has_packages => {
                Field::unknown("the list names no distribution", origin)
            }
            fact => Field { fact, origin },
        }
    }
}

fn shown(distribution: &Distribution) -> String {
    let text = format!("{} {}", distribution.id, distribution.version);
    text.trim().chars().take(80).collect()
}

/// Whether two names are of one distribution: its pretty name is not in package URLs.
fn is_same(one: &Distribution, other: &Distribution) -> bool {
    (&one.id, &one.version) == (&other.id, &other.version)
}

/// Keeps the first two that differ.
fn note(list: &mut Vec<Distribution>, distribution: Distribution) {
    if list.len() < 2 && !list.iter().any(|known| is_same(known, &distribution)) {
        list.push(distribution);
    }
}

fn order(package: &Package) -> (PackageKind, &str, &str, &str) {
    (package.kind, &package.name, &package.version, &package.architecture)
}

/// What both say of a package, all but its source.
fn package(said: Said, component: Component, version: String, list: &Origin) -> Package {
    let mut words = component.words;
    // Package URLs of deb have names in lower case; the component's own is as it was.
    let is_own = component.name.eq_ignore_ascii_case(&said.name);
    Package {
        kind: said.kind,
        name: if is_own { component.name } else { said.name },
        version,
        architecture: said.architecture,
        origin: words.origin().unwrap_or_else(|| list.clone()),
        licences: if words.licences.is_empty() { component.licences } else { words.licences },
        vendor: words.vendor.unwrap_or(component.vendor),
        module: said.module.or(words.module),
        state: if words.incomplete { InstallState::Incomplete } else { InstallState::Installed },
        layer: words.layer,
        source: None,
    }
}

//! One package manager after another.

use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet};

use dockward_model::facts::{Fact, Field, Manager, Origin, Owner, Package};

use super::{apk, changelog, dpkg, rpm, snap};
use crate::tree::Tree;

/// Where programs are that no package may own (the Filesystem Hierarchy Standard, 4.9).
const NOBODYS: &str = "/usr/local/";

/// A file of each kernel's folder of modules that its package has.
pub(super) const OF_A_KERNEL: &str = "modules.builtin";

/// Files that tell of a manager whose records are not read.
const UNREAD: [(&str, Manager); 1] = [("/var/lib/pacman/local", Manager::Pacman)];

/// The records below one root, read at most once.
pub(super) struct Records<'a> {
    tree: &'a dyn Tree,
    /// Every spelling of every path that is asked for.
    asked: BTreeSet<String>,
    dpkg: OnceCell<Fact<String>>,
    listed: OnceCell<Fact<BTreeMap<String, String>>>,
    apk: OnceCell<(&'static str, Fact<String>)>,
    rpm: OnceCell<Fact<rpm::Owners>>,
}

impl<'a> Records<'a> {
    /// Records that will be asked for the files at `paths`.
    pub(super) fn new<'p>(tree: &'a dyn Tree, paths: impl IntoIterator<Item = &'p str>) -> Self {
        let asked = paths.into_iter().flat_map(|path| spellings(tree, path)).collect();
        let (dpkg, listed, apk, rpm) = Default::default();
        Self { tree, asked, dpkg, listed, apk, rpm }
    }

    /// Who owns the file at `path`; `names` are packages that usually do.
    pub(super) fn owner(&self, path: &str, names: &[&str]) -> Field<Owner> {
        let paths = spellings(self.tree, path);
        if let Some(package) = paths.iter().find_map(|path| snap::package(self.tree, path)) {
            return package.map(|package| Owner::Package(package.clone()));
        }
        let package = match self.listing(&paths, names) {
            Fact::Known(name) => self.dpkg(&name),
            Fact::Absent => self.listed_elsewhere(&paths),
            Fact::Unknown(why) => Field::unknown(why, Origin::file(dpkg::STATUS, None)),
        };
        self.or_unread(package, path)
    }

    /// The name of dpkg's package that lists one of `paths`.
    fn listing(&self, paths: &[String], names: &[&str]) -> Fact<String> {
        if let Some(name) = names.iter().find(|name| dpkg::has(self.tree, name, paths)) {
            return Fact::Known((*name).to_owned());
        }
        if !paths.iter().any(|path| dpkg::is_searched(path)) {
            return Fact::Absent;
        }
        let listed = self.listed.get_or_init(|| dpkg::search(self.tree, &self.asked));
        match listed {
            Fact::Known(listed) => paths
                .iter()
                .find_map(|path| listed.get(path))
                .map_or(Fact::Absent, |name| Fact::Known(name.clone())),
            Fact::Absent => Fact::Absent,
            Fact::Unknown(why) => Fact::Unknown(why.clone()),
        }
    }

    /// The package of a manager that keeps all files in one record.
    fn listed_elsewhere(&self, paths: &[String]) -> Field<Package> {
        let package = apk::owning(self.apk(), paths);
        if !package.fact.is_absent() {
            return package;
        }
        match self.rpm.get_or_init(|| rpm::search(self.tree, &self.asked)) {
            Fact::Known(owners) => owners.owning(paths),
            Fact::Absent => package,
            Fact::Unknown(why) => Field::unknown(why.clone(), Origin::Nowhere),
        }
    }

    /// Who owns the kernel of this release.
    pub(super) fn kernel(&self, release: &str) -> Field<Owner> {
        // Debian, Ubuntu and those made from them name the package by the release.
        let debian = self.dpkg(&format!("linux-image-{release}"));
        let modules = format!("/lib/modules/{release}");
        let package = match debian.fact {
            Fact::Absent => {
                self.listed_elsewhere(&spellings(self.tree, &format!("{modules}/{OF_A_KERNEL}")))
            }
            _ => debian,
        };
        self.or_unread(package, &modules)
    }

    /// Where no package has it, it may be one of a manager whose records are not read.
    fn or_unread(&self, package: Field<Package>, path: &str) -> Field<Owner> {
        let is_there = |path| matches!(self.tree.stat(path), Fact::Known(_));
        if !package.fact.is_absent() || path.starts_with(NOBODYS) || !is_there(path) {
            return package.map(|package| Owner::Package(package.clone()));
        }
        match UNREAD.iter().find(|(records, _)| is_there(records)) {
            Some((records, manager)) => {
                Field::known(Owner::Unread(*manager), Origin::file(*records, None))
            }
            None => Field::absent(Origin::file(path, None)),
        }
    }

    fn dpkg(&self, name: &str) -> Field<Package> {
        let status = self.dpkg.get_or_init(|| self.tree.read_text(dpkg::STATUS, dpkg::LIMIT));
        let mut package = dpkg::package(status, name);
        if let Fact::Known(package) = &mut package.fact {
            package.changes = changelog::read(self.tree, name);
        }
        package
    }

    fn apk(&self) -> &(&'static str, Fact<String>) {
        self.apk.get_or_init(|| apk::read(self.tree))
    }
}

/// The path as it is asked for and as it really is, each with and without `/usr` before it:
/// packages may list either where both are the same folder.
fn spellings(tree: &dyn Tree, path: &str) -> Vec<String> {
    let mut all = vec![path.to_owned()];
    all.extend(tree.real(path).known().cloned());
    for path in all.clone() {
        all.push(path.strip_prefix("/usr").map_or(format!("/usr{path}"), str::to_owned));
    }
    all.dedup();
    all
}

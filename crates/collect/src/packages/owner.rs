//! One package manager after another.

use std::cell::OnceCell;
use std::collections::BTreeMap;

use dockward_model::facts::{Fact, Field, KernelPackage, Manager, Origin, Owner, Package};
use dockward_model::inventory::Package as Installed;
use dockward_package::files::Diversions;

use super::wanted::Wanted;
use super::{apk, changelog, dpkg, kernels, rpm, snap};
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
    /// Every path that is asked for.
    asked: Wanted,
    diversions: OnceCell<Diversions>,
    dpkg: OnceCell<Fact<Vec<Installed>>>,
    listed: OnceCell<Fact<BTreeMap<Vec<u8>, String>>>,
    apk: OnceCell<apk::Records>,
    rpm: OnceCell<Fact<rpm::Owners>>,
}

impl<'a> Records<'a> {
    /// Records that will be asked for the files at `paths`.
    pub(super) fn new<'p>(tree: &'a dyn Tree, paths: impl IntoIterator<Item = &'p str>) -> Self {
        let mut asked = Wanted::default();
        paths.into_iter().for_each(|path| asked.add(tree, path));
        let (diversions, dpkg, listed, apk, rpm) = Default::default();
        Self { tree, asked, diversions, dpkg, listed, apk, rpm }
    }

    /// Who owns the file at `path`; `names` are packages that usually do.
    pub(super) fn owner(&self, path: &str, names: &[&str]) -> Field<Owner> {
        let real = self.tree.real(path);
        let mut paths = [Some(path), real.known().map(String::as_str)].into_iter().flatten();
        if let Some(package) = paths.find_map(|path| snap::package(self.tree, path)) {
            return package.map(|package| Owner::Package(package.clone()));
        }
        let wanted = self.wanted(path);
        let package = match self.listing(&wanted, path, names) {
            Fact::Known(name) => self.dpkg(&name),
            Fact::Absent => self.listed_elsewhere(&wanted),
            Fact::Unknown(why) => Field::unknown(why, Origin::file(dpkg::STATUS, None)),
        };
        self.or_unread(package, path)
    }

    fn wanted(&self, path: &str) -> Wanted {
        let mut wanted = Wanted::default();
        wanted.add(self.tree, path);
        wanted
    }

    /// The name of dpkg's package that lists the file at `path`.
    fn listing(&self, wanted: &Wanted, path: &str, names: &[&str]) -> Fact<String> {
        let diverted = self.diversions.get_or_init(|| dpkg::diversions(self.tree));
        if let Some(name) = names.iter().find(|name| dpkg::has(self.tree, diverted, name, wanted)) {
            return Fact::Known((*name).to_owned());
        }
        let real = self.tree.real(path);
        let mut paths = [Some(path), real.known().map(String::as_str)].into_iter().flatten();
        if !paths.any(dpkg::is_searched) {
            return Fact::Absent;
        }
        let listed = self.listed.get_or_init(|| dpkg::search(self.tree, diverted, &self.asked));
        match listed {
            Fact::Known(listed) => wanted
                .iter()
                .find_map(|path| listed.get(path))
                .map_or(Fact::Absent, |name| Fact::Known(name.clone())),
            Fact::Absent => Fact::Absent,
            Fact::Unknown(why) => Fact::Unknown(why.clone()),
        }
    }

    /// The package of a manager that keeps all files in one record.
    fn listed_elsewhere(&self, wanted: &Wanted) -> Field<Package> {
        let package = apk::owning(self.apk.get_or_init(|| apk::read(self.tree)), wanted);
        if !package.fact.is_absent() {
            return package;
        }
        match self.rpm.get_or_init(|| rpm::search(self.tree, &self.asked)) {
            Fact::Known(owners) => owners.owning(wanted),
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
                self.listed_elsewhere(&self.wanted(&format!("{modules}/{OF_A_KERNEL}")))
            }
            _ => debian,
        };
        self.or_unread(package, &modules)
    }

    /// The packages of kernels, by the first manager that keeps records here.
    pub(super) fn kernels(&self) -> Field<Vec<KernelPackage>> {
        let dpkg = self.dpkg.get_or_init(|| dpkg::packages(self.tree));
        let of = |all: &[Installed]| all.iter().filter_map(kernels::of).collect();
        if !dpkg.is_absent() {
            return Field {
                fact: dpkg.map(|all| of(all)),
                origin: Origin::file(dpkg::STATUS, None),
            };
        }
        let apk = apk::packages(self.apk.get_or_init(|| apk::read(self.tree)));
        if !apk.fact.is_absent() {
            return apk.map(|all| of(all));
        }
        match self.rpm.get_or_init(|| rpm::search(self.tree, &self.asked)) {
            Fact::Known(owners) => owners.kernels(),
            Fact::Absent => Field::absent(Origin::file(dpkg::STATUS, None)),
            Fact::Unknown(why) => Field::unknown(why.clone(), Origin::Nowhere),
        }
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
        let all = self.dpkg.get_or_init(|| dpkg::packages(self.tree));
        let mut package = dpkg::package(all, name);
        if let Fact::Known(package) = &mut package.fact {
            package.changes = changelog::read(self.tree, name);
        }
        package
    }
}

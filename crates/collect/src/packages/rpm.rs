//! rpm's database: which package lists a path, and what its changelog says.

use std::collections::BTreeMap;

use dockward_model::facts::{Fact, Field, KernelPackage, Manager, Origin, Package};
use dockward_package::rpm::{self, BESIDE, FOLDERS, Header, NAMES};

use super::wanted::Wanted;
use super::{changelog, kernels};
use crate::tree::Tree;

/// How much of a database is read, in bytes. A desktop has 200 to 400 MB, most of it names of files.
const LIMIT: usize = 512 << 20;

/// The owners of the paths that were asked for, out of the one database that there is.
#[derive(Debug, Default)]
pub(super) struct Owners {
    /// The database's path, absolute.
    place: String,
    owners: BTreeMap<Vec<u8>, Package>,
    kernels: Vec<KernelPackage>,
    /// Why the database or some of it could not be read.
    unread: Option<String>,
}

/// Reads the first database that is there for the owners of `asked`.
pub(super) fn search(tree: &dyn Tree, asked: &Wanted) -> Fact<Owners> {
    let paths = FOLDERS.iter().flat_map(|folder| NAMES.map(|name| format!("/{folder}/{name}")));
    for place in paths {
        match tree.read(&place, LIMIT) {
            Fact::Known(database) => return Fact::Known(owners(tree, place, &database, asked)),
            Fact::Absent => {}
            Fact::Unknown(why) => return Fact::Unknown(why),
        }
    }
    Fact::Absent
}

fn owners(tree: &dyn Tree, place: String, database: &[u8], asked: &Wanted) -> Owners {
    let log = tree.read(&format!("{place}{BESIDE}"), LIMIT);
    let mut found = Owners { place, ..Owners::default() };
    if let Fact::Unknown(why) = &log {
        found.unread = Some(why.clone());
    }
    rpm::headers(database, log.known().map(Vec::as_slice), &mut |header| match header {
        Ok(header) => {
            if let Err(why) = found.take(&header, asked) {
                found.unread.get_or_insert(why);
            }
        }
        Err(why) => {
            found.unread.get_or_insert(why);
        }
    });
    found
}

impl Owners {
    fn take(&mut self, header: &Header<'_>, asked: &Wanted) -> Result<(), String> {
        let paths = rpm::files(header).map(|(folder, name)| [folder, name].concat());
        let owned: Vec<_> = paths.filter_map(|path| asked.get(&path).map(<[u8]>::to_vec)).collect();
        if owned.is_empty() && !kernels::is_rpms(&rpm::called(header).0) {
            return Ok(());
        }
        let Some(package) = rpm::package(self.place.trim_start_matches('/'), header)? else {
            return Ok(());
        };
        self.kernels.extend(kernels::of(&package));
        if owned.is_empty() {
            return Ok(());
        }
        let source_version = package.source.and_then(|source| source.version);
        // Its changelog stands in the same header.
        let origin = Origin::file(format!("{} ({})", self.place, package.name), None);
        let changes = changelog::entries(&package.version, rpm::changelog(header));
        let package = Package {
            manager: Manager::Rpm,
            name: package.name,
            version: package.version,
            source_version,
            changes: Field::known(changes, origin),
        };
        self.owners.extend(owned.into_iter().map(|path| (path, package.clone())));
        Ok(())
    }

    /// The packages of kernels. One may be in what could not be read.
    pub(super) fn kernels(&self) -> Field<Vec<KernelPackage>> {
        let origin = Origin::file(self.place.as_str(), None);
        match &self.unread {
            Some(why) => Field::unknown(format!("{}: {why}", self.place), origin),
            None => Field::known(self.kernels.clone(), origin),
        }
    }

    /// The package that lists one of the paths that are wanted. Where none does, some of the database may not have
    /// been read.
    pub(super) fn owning(&self, wanted: &Wanted) -> Field<Package> {
        let origin = Origin::file(self.place.as_str(), None);
        let owner = wanted.iter().find_map(|path| self.owners.get(path));
        match (owner, &self.unread) {
            (Some(package), _) => Field::known(package.clone(), origin),
            (None, Some(why)) => Field::unknown(format!("{}: {why}", self.place), origin),
            (None, None) => Field::absent(origin),
        }
    }
}

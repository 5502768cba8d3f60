//! rpm's database: which package lists a path, and what its changelog says.

use std::collections::{BTreeMap, BTreeSet};

use dockward_model::facts::{Fact, Field, Manager, Origin, Package};
use dockward_package::rpm::{self, BESIDE, FOLDERS, Header, NAMES};

use super::changelog;
use crate::tree::Tree;

/// How much of a database is read, in bytes. A desktop has 200 to 400 MB, most of it names of files.
const LIMIT: usize = 512 << 20;

/// The owners of the paths that were asked for, out of the one database that there is.
#[derive(Debug, Default)]
pub(super) struct Owners {
    /// The database's path, absolute.
    place: String,
    owners: BTreeMap<String, Package>,
    /// Why the database or some of it could not be read.
    unread: Option<String>,
}

/// Reads the first database that is there for the owners of `asked`.
pub(super) fn search(tree: &dyn Tree, asked: &BTreeSet<String>) -> Fact<Owners> {
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

fn owners(tree: &dyn Tree, place: String, database: &[u8], asked: &BTreeSet<String>) -> Owners {
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
    fn take(&mut self, header: &Header<'_>, asked: &BTreeSet<String>) -> Result<(), String> {
        let mut path = String::new();
        let mut owned = Vec::new();
        for (folder, name) in rpm::files(header) {
            path.clear();
            path.push_str(&String::from_utf8_lossy(folder));
            path.push_str(&String::from_utf8_lossy(name));
            if asked.contains(&path) {
                owned.push(path.clone());
            }
        }
        if owned.is_empty() {
            return Ok(());
        }
        let Some(package) = rpm::package(self.place.trim_start_matches('/'), header)? else {
            return Ok(());
        };
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

    /// The package that lists one of `paths`. Where none does, some of the database may not have
    /// been read.
    pub(super) fn owning(&self, paths: &[String]) -> Field<Package> {
        let origin = Origin::file(self.place.as_str(), None);
        let owner = paths.iter().find_map(|path| self.owners.get(path));
        match (owner, &self.unread) {
            (Some(package), _) => Field::known(package.clone(), origin),
            (None, Some(why)) => Field::unknown(format!("{}: {why}", self.place), origin),
            (None, None) => Field::absent(origin),
        }
    }
}

//! Debian's package records (dpkg(1), `/var/lib/dpkg`).

use std::collections::BTreeMap;

use dockward_model::facts::{Fact, Field, Manager, Origin, Package};
use dockward_model::inventory::{InstallState, Package as Installed};
use dockward_package::dpkg;
use dockward_package::files::{self, DIVERSIONS, Diversions, LISTS, Record};

use super::wanted::Wanted;
use crate::tree::Tree;

pub(super) const STATUS: &str = "/var/lib/dpkg/status";
/// How much of the list of packages is read, in bytes; a desktop with all that there is has some
/// 10 MB.
const LIMIT: usize = 64 << 20;
/// How much of a package's list of files is read, in bytes.
const FILES_LIMIT: usize = 4 << 20;
/// How many packages' lists are searched where none of the usual ones has it.
const MOST_LISTS: usize = 10_000;

/// What was diverted; nothing, where that can't be read.
pub(super) fn diversions(tree: &dyn Tree) -> Diversions {
    let text = tree.read(&format!("/{DIVERSIONS}"), FILES_LIMIT);
    text.known().map(|text| Diversions::parse(text)).unwrap_or_default()
}

/// Whether the package `name` lists one of the paths that are wanted.
pub(super) fn has(tree: &dyn Tree, diverted: &Diversions, name: &str, wanted: &Wanted) -> bool {
    let list = format!("{name}.list");
    let mut found = false;
    if let Fact::Known(paths) = tree.read(&format!("/{LISTS}/{list}"), FILES_LIMIT) {
        let record = Record::Dpkg { list: &list, paths: &paths, diversions: diverted };
        // A list of dpkg's is read to its end.
        let _ = files::owners(record, &mut |_, paths| found = wanted.has_any(paths));
    }
    found
}

/// Which packages list the paths that are wanted, by path: one search through all lists.
pub(super) fn search(
    tree: &dyn Tree,
    diverted: &Diversions,
    wanted: &Wanted,
) -> Fact<BTreeMap<Vec<u8>, String>> {
    let lists = match tree.list(&format!("/{LISTS}"), 4 * MOST_LISTS) {
        Fact::Known(lists) => lists,
        Fact::Absent => return Fact::Absent,
        Fact::Unknown(why) => return Fact::Unknown(why),
    };
    let mut found = BTreeMap::new();
    for list in lists.iter().filter(|name| name.ends_with(".list")).take(MOST_LISTS) {
        let Fact::Known(paths) = tree.read(&format!("/{LISTS}/{list}"), FILES_LIMIT) else {
            continue;
        };
        let record = Record::Dpkg { list, paths: &paths, diversions: diverted };
        let _ = files::owners(record, &mut |owner, paths| {
            let owned = paths.filter_map(|path| wanted.get(&path).map(<[u8]>::to_vec));
            found.extend(owned.map(|path| (path, owner.name.to_owned())));
        });
    }
    Fact::Known(found)
}

/// Whether packages put programs here: elsewhere a search is for nothing.
pub(super) fn is_searched(path: &str) -> bool {
    let folders = ["/usr/bin/", "/usr/sbin/", "/usr/lib/", "/usr/libexec/", "/opt/"];
    let bare = |folder: &&str| files::without_usr(folder.as_bytes()) != folder.as_bytes();
    let merged = folders.iter().filter(|folder| bare(folder));
    folders.iter().any(|folder| path.starts_with(folder))
        || merged
            .map(|folder| folder.trim_start_matches("/usr"))
            .any(|folder| path.starts_with(folder))
}

/// Every package in the list of packages, by name.
pub(super) fn packages(tree: &dyn Tree) -> Fact<Vec<Installed>> {
    let record = tree.read(STATUS, LIMIT);
    record.map(|record| dpkg::read(STATUS.trim_start_matches('/'), record).packages)
}

/// The installed package of this name.
pub(super) fn package(all: &Fact<Vec<Installed>>, name: &str) -> Field<Package> {
    let origin = Origin::file(STATUS, None);
    let all = match all {
        Fact::Known(all) => all,
        Fact::Absent => return Field::absent(origin),
        Fact::Unknown(why) => return Field::unknown(why.clone(), origin),
    };
    let is_it = |one: &&Installed| one.name == name && one.state != InstallState::Removed;
    let Some(found) = all.iter().find(is_it) else { return Field::absent(origin) };
    let package = Package {
        manager: Manager::Dpkg,
        name: name.to_owned(),
        version: found.version.clone(),
        source_version: found.source.as_ref().and_then(|source| source.version.clone()),
        changes: Field::absent(Origin::Nowhere),
    };
    Field::known(package, found.origin.clone())
}

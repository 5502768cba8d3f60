//! Which packages the files in use are of. Only the records of the packages that are asked for are
//! read.

use std::collections::BTreeMap;

use dockward_model::facts::{Fact, Process};
use dockward_model::inventory::{Package, PackageKind};
use dockward_package::apk::INSTALLED;
use dockward_package::files::{self, DIVERSIONS, Diversions, Owner, Paths, Record, lists};
use dockward_package::rpm::{BESIDE, FOLDERS, NAMES};

use super::InUse;
use crate::tree::Tree;

/// How much of a list of files is read, in bytes.
const LIST: usize = 4 << 20;
/// How much of apk's record is read, in bytes.
const APK: usize = 64 << 20;
/// How much of rpm's database is read, in bytes.
const RPM: usize = 512 << 20;

/// A process that uses a package.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Use<'a> {
    /// Its position in [`InUse::processes`].
    pub place: usize,
    /// The process.
    pub process: &'a Process,
    /// The first file of the package that it has open or mapped.
    pub path: &'a str,
    /// Whether that file was deleted or replaced since.
    pub deleted: bool,
}

/// What of each package is in use, in the order of `packages`: absent where nothing is. `tree` has
/// the records: the root of the container or of the host.
pub fn uses<'a>(
    tree: &dyn Tree,
    packages: &[&Package],
    in_use: &'a InUse,
) -> Vec<Fact<Vec<Use<'a>>>> {
    let mut found = Found { in_use, packages, seen: BTreeMap::new() };
    let of = |kind| packages.iter().any(|package| package.kind == kind);
    let mut unread: BTreeMap<PackageKind, String> = BTreeMap::new();
    if of(PackageKind::Deb) {
        found.dpkg(tree);
    }
    if of(PackageKind::Apk)
        && let Err(why) = found.apk(tree)
    {
        unread.insert(PackageKind::Apk, why);
    }
    if of(PackageKind::Rpm)
        && let Err(why) = found.rpm(tree)
    {
        unread.insert(PackageKind::Rpm, why);
    }
    let judged = packages.iter().enumerate();
    judged.map(|(n, package)| found.judge(n, unread.get(&package.kind))).collect()
}

struct Found<'p, 'a> {
    in_use: &'a InUse,
    packages: &'p [&'p Package],
    /// For each package whose files were seen, the processes that use it, by their place.
    seen: BTreeMap<usize, BTreeMap<usize, Use<'a>>>,
}

impl<'a> Found<'_, 'a> {
    /// What is known of a package in the end.
    fn judge(&mut self, package: usize, unread: Option<&String>) -> Fact<Vec<Use<'a>>> {
        let name = || self.packages.get(package).map_or("", |package| package.name.as_str());
        match (self.seen.get(&package), unread, &self.in_use.unread) {
            (Some(uses), ..) if !uses.is_empty() => Fact::Known(uses.values().cloned().collect()),
            (_, Some(why), _) | (Some(_), None, Some(why)) => Fact::Unknown(why.clone()),
            (Some(_), None, None) => Fact::Absent,
            (None, None, _) => {
                Fact::Unknown(format!("which files {} has is not to be seen", name()))
            }
        }
    }

    fn dpkg(&mut self, tree: &dyn Tree) {
        let diverted = tree.read(&format!("/{DIVERSIONS}"), LIST);
        let diversions = diverted.known().map(|text| Diversions::parse(text)).unwrap_or_default();
        for (n, package) in self.packages.iter().enumerate() {
            if package.kind != PackageKind::Deb {
                continue;
            }
            let read = lists(package).into_iter().find_map(|list| {
                let text = tree.read(&format!("/{list}"), LIST);
                text.known().map(|text| (list, text.clone()))
            });
            let Some((list, paths)) = read else { continue };
            let list = list.rsplit('/').next().unwrap_or_default();
            let record = Record::Dpkg { list, paths: &paths, diversions: &diversions };
            // A list of dpkg's is read to its end.
            let _ = files::owners(record, &mut |_, paths| self.take(n, paths));
        }
    }

    fn apk(&mut self, tree: &dyn Tree) -> Result<(), String> {
        for path in INSTALLED {
            match tree.read(&format!("/{path}"), APK) {
                Fact::Known(record) => return self.all_of(PackageKind::Apk, Record::Apk(&record)),
                Fact::Absent => {}
                Fact::Unknown(why) => return Err(why),
            }
        }
        Ok(())
    }

    fn rpm(&mut self, tree: &dyn Tree) -> Result<(), String> {
        for place in FOLDERS.iter().flat_map(|folder| NAMES.map(|name| format!("/{folder}/{name}")))
        {
            let database = match tree.read(&place, RPM) {
                Fact::Known(database) => database,
                Fact::Absent => continue,
                Fact::Unknown(why) => return Err(why),
            };
            let log = tree.read(&format!("{place}{BESIDE}"), RPM);
            let log = match &log {
                Fact::Known(log) => Some(log.as_slice()),
                Fact::Absent => None,
                Fact::Unknown(why) => return Err(why.clone()),
            };
            return self.all_of(PackageKind::Rpm, Record::Rpm(&database, log));
        }
        Ok(())
    }

    /// Those packages of a record of all that are asked for.
    fn all_of(&mut self, kind: PackageKind, record: Record<'_>) -> Result<(), String> {
        files::owners(record, &mut |owner, paths| {
            let is_it = |package: &Package| package.kind == kind && is_of(package, owner);
            if let Some(n) = self.packages.iter().position(|package| is_it(package)) {
                self.take(n, paths);
            }
        })
    }

    fn take(&mut self, package: usize, paths: &mut Paths<'_>) {
        let in_use = self.in_use;
        let uses = self.seen.entry(package).or_default();
        for path in paths {
            let Some(file) = in_use.get(&path) else { continue };
            for place in &file.by {
                let Some(by) = in_use.processes.get(*place) else { continue };
                let (process, path) = (&by.process, file.path.as_str());
                let one = Use { place: *place, process, path, deleted: file.deleted };
                uses.entry(*place).or_insert(one);
            }
        }
    }
}

fn is_of(package: &Package, owner: Owner<'_>) -> bool {
    let any = owner.architecture.is_empty() || package.architecture.is_empty();
    package.name == owner.name && (any || package.architecture == owner.architecture)
}

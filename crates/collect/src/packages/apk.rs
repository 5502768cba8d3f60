//! Alpine's package records (apk(8), `installed`).

use dockward_model::facts::{Fact, Field, Manager, Origin, Package};
use dockward_model::inventory::Package as Installed;
use dockward_package::apk::{self, INSTALLED};
use dockward_package::files::{self, Record};

use super::wanted::Wanted;
use crate::tree::Tree;

/// How much of the records is read, in bytes.
const LIMIT: usize = 64 << 20;

/// The records, and where they are.
pub(super) struct Records {
    path: &'static str,
    pub(super) record: Fact<Vec<u8>>,
}

/// The records at the old place or, from apk 3 on, at the new one.
pub(super) fn read(tree: &dyn Tree) -> Records {
    let at = |path| Records { path, record: tree.read(&format!("/{path}"), LIMIT) };
    let found = INSTALLED.iter().map(|path| at(path)).find(|found| !found.record.is_absent());
    found.unwrap_or(Records { path: INSTALLED[0], record: Fact::Absent })
}

/// Every package of the records.
pub(super) fn packages(records: &Records) -> Field<Vec<Installed>> {
    let Records { path, record } = records;
    let fact = record.map(|record| apk::read(path, record).packages);
    Field { fact, origin: Origin::file(format!("/{path}"), None) }
}

/// The package that lists one of the paths that are wanted.
pub(super) fn owning(records: &Records, wanted: &Wanted) -> Field<Package> {
    let Records { path, record } = records;
    let origin = || Origin::file(format!("/{path}"), None);
    let record = match record {
        Fact::Known(record) => record,
        Fact::Absent => return Field::absent(origin()),
        Fact::Unknown(why) => return Field::unknown(why.clone(), origin()),
    };
    let mut owner = None;
    // A record of apk's is read to its end.
    let _ = files::owners(Record::Apk(record), &mut |one, paths| {
        if owner.is_none() && wanted.has_any(paths) {
            owner = Some(one.name.to_owned());
        }
    });
    let Some(owner) = owner else { return Field::absent(origin()) };
    let found = apk::read(path, record).packages.into_iter().find(|one| one.name == owner);
    match found {
        Some(found) => Field::known(package(found.name, found.version), found.origin),
        None => Field::unknown(format!("{owner} has no version"), origin()),
    }
}

fn package(name: String, version: String) -> Package {
    let changes = Field::absent(Origin::Nowhere);
    Package { manager: Manager::Apk, name, version, source_version: None, changes }
}

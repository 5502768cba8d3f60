//! Snaps: a program below `/snap/NAME/REVISION` is one's own.

use dockward_model::facts::{Fact, Field, Manager, Origin, Package};

use crate::tree::{SMALL, Tree};

/// The snap that a path lies in, if it lies in one.
pub(super) fn package(tree: &dyn Tree, path: &str) -> Option<Field<Package>> {
    let path = path.strip_prefix("/var/lib/snapd").unwrap_or(path);
    let mut parts = path.strip_prefix("/snap/")?.split('/');
    let (name, revision, _) = (parts.next()?, parts.next()?, parts.next()?);
    let about = format!("/snap/{name}/{revision}/meta/snap.yaml");
    let version = match tree.read_text(&about, SMALL) {
        Fact::Known(text) => text
            .lines()
            .find_map(|line| line.strip_prefix("version:"))
            .map(|version| version.trim().trim_matches(['"', '\'']).to_owned()),
        Fact::Absent | Fact::Unknown(_) => None,
    };
    let package = Package {
        manager: Manager::Snap,
        name: name.to_owned(),
        version: version.unwrap_or_else(|| format!("revision {revision}")),
        source_version: None,
        changes: Field::absent(Origin::Nowhere),
    };
    Some(Field::known(package, Origin::file(about, None)))
}

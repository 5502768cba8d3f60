//! What a package's changelog says of weaknesses.

use std::collections::BTreeMap;

use dockward_model::facts::{Change, Fact, Field, Origin};
use dockward_package::changelog;
pub(super) use dockward_package::changelog::of_rpm as entries;

use crate::tree::Tree;

/// How much of the packed file is read, in bytes.
const PACKED: usize = 2 << 20;

/// What the changelog of a package of dpkg's says, by weakness, and where it stands.
pub fn read(tree: &dyn Tree, package: &str) -> Field<BTreeMap<String, Change>> {
    let paths = changelog::places(package).map(|path| format!("/{path}"));
    for path in &paths {
        let origin = Origin::file(path.as_str(), None);
        match tree.read(path, PACKED) {
            Fact::Known(packed) => {
                return match changelog::of_deb(&packed) {
                    Ok(changes) => Field::known(changes, origin),
                    Err(error) => Field::unknown(format!("{path}: {error}"), origin),
                };
            }
            Fact::Absent => {}
            Fact::Unknown(why) => return Field::unknown(why, origin),
        }
    }
    Field::absent(Origin::file(paths[0].as_str(), None))
}

//! Alpine's package records (apk(8), `installed`): paragraphs of lines `P:name`, `V:version`,
//! `F:folder`, `R:file`.

use dockward_model::facts::{Fact, Field, Manager, Origin, Package};

use crate::tree::Tree;

/// How much of the records is read, in bytes.
const LIMIT: usize = 64 << 20;
/// The old place and, from apk 3 on, the new one.
const PATHS: [&str; 2] = ["/lib/apk/db/installed", "/usr/lib/apk/db/installed"];

/// The records, and where they are.
pub(super) fn read(tree: &dyn Tree) -> (&'static str, Fact<String>) {
    let found = PATHS.iter().map(|path| (*path, tree.read_text(path, LIMIT)));
    let is_there = |(_, text): &(_, Fact<String>)| !text.is_absent();
    found.into_iter().find(is_there).unwrap_or((PATHS[0], Fact::Absent))
}

/// The package that lists one of `paths`.
pub(super) fn owning(records: &(&'static str, Fact<String>), paths: &[String]) -> Field<Package> {
    let (place, records) = records;
    let origin = |line| Origin::file(*place, line);
    let text = match records {
        Fact::Known(text) => text,
        Fact::Absent => return Field::absent(origin(None)),
        Fact::Unknown(why) => return Field::unknown(why.clone(), origin(None)),
    };
    let (mut name, mut version, mut folder) = ("", ("", 0), "");
    for (line, number) in text.lines().zip(1..) {
        match line.split_once(':') {
            Some(("P", value)) => name = value,
            Some(("V", value)) => version = (value, number),
            Some(("F", value)) => folder = value,
            Some(("R", file)) if paths.iter().any(|path| is_at(path, folder, file)) => {
                return Field::known(package(name, version.0), origin(Some(version.1)));
            }
            _ => {}
        }
    }
    Field::absent(origin(None))
}

fn is_at(path: &str, folder: &str, file: &str) -> bool {
    path.strip_prefix('/')
        .and_then(|path| path.strip_suffix(file))
        .and_then(|path| path.strip_suffix('/'))
        .is_some_and(|path| path == folder)
}

fn package(name: &str, version: &str) -> Package {
    Package {
        manager: Manager::Apk,
        name: name.to_owned(),
        version: version.to_owned(),
        source_version: None,
        changes: Field::absent(Origin::Nowhere),
    }
}

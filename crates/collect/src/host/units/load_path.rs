//! Where systemd looks for system units, and in which order (systemd.unit(5), "Unit File Load
//! Path").

use std::collections::BTreeSet;

use dockward_model::facts::Fact;

use crate::tree::Tree;

/// The first file of a name wins.
const FOLDERS: [&str; 12] = [
    "/etc/systemd/system.control",
    "/run/systemd/system.control",
    "/run/systemd/transient",
    "/run/systemd/generator.early",
    "/etc/systemd/system",
    "/etc/systemd/system.attached",
    "/run/systemd/system",
    "/run/systemd/generator",
    "/usr/local/lib/systemd/system",
    "/usr/lib/systemd/system",
    LIB,
    "/run/systemd/generator.late",
];

/// The same as `/usr/lib/systemd/system` where `/lib` is a link.
const LIB: &str = "/lib/systemd/system";

/// How many names in one folder are looked at; a large distribution has some 500.
const MAX_NAMES: usize = 20_000;

/// A folder that exists, and the names in it.
#[derive(Debug)]
pub(super) struct Folder {
    pub(super) path: String,
    names: BTreeSet<String>,
}

impl Folder {
    pub(super) fn has(&self, name: &str) -> bool {
        self.names.contains(name)
    }

    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.names.iter().map(String::as_str)
    }

    pub(super) fn join(&self, name: &str) -> String {
        format!("{}/{name}", self.path)
    }
}

/// The folders that exist, first the one that wins; the reason where one can't be read.
pub(super) fn folders(tree: &dyn Tree) -> Result<Vec<Folder>, String> {
    let mut folders = Vec::new();
    for path in FOLDERS {
        if path == LIB && tree.link("/lib").known().is_some() {
            continue;
        }
        folders.extend(folder(tree, path)?);
    }
    Ok(folders)
}

/// A folder, if there is one.
pub(super) fn folder(tree: &dyn Tree, path: &str) -> Result<Option<Folder>, String> {
    match tree.list(path, MAX_NAMES) {
        Fact::Known(names) => {
            Ok(Some(Folder { path: path.to_owned(), names: names.into_iter().collect() }))
        }
        Fact::Absent => Ok(None),
        Fact::Unknown(why) => Err(why),
    }
}

/// Names of the drop-in folders of a unit, but for the one of its whole type: its own, then those
/// of what its name begins with, up to a dash (`a-b.service`: `a-b.service.d`, `a-.service.d`).
pub(super) fn drop_in_names(unit: &str) -> Vec<String> {
    let Some((stem, kind)) = unit.rsplit_once('.') else { return Vec::new() };
    let mut names = vec![format!("{unit}.d")];
    let mut stem = stem.trim_end_matches('-');
    while let Some((shorter, _)) = stem.rsplit_once('-') {
        names.push(format!("{shorter}-.{kind}.d"));
        stem = shorter.trim_end_matches('-');
    }
    names
}

/// The name of the drop-in folder for all units of this type, `service.d`.
pub(super) fn type_wide(unit: &str) -> Option<String> {
    unit.rsplit_once('.').map(|(_, kind)| format!("{kind}.d"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tree::Recorded;

    #[test]
    fn drop_ins_are_for_a_name_its_beginnings_and_its_type() {
        assert_eq!(
            drop_in_names("foo-bar-baz.service"),
            ["foo-bar-baz.service.d", "foo-bar-.service.d", "foo-.service.d"]
        );
        assert_eq!(drop_in_names("docker.socket"), ["docker.socket.d"]);
        assert_eq!(type_wide("docker.socket").as_deref(), Some("socket.d"));
        assert!(drop_in_names("docker").is_empty());
    }

    #[test]
    fn a_merged_lib_is_looked_at_once_and_a_closed_folder_is_said() {
        let unit = "/usr/lib/systemd/system/docker.service";
        let paths = |tree: &Recorded| -> Vec<String> {
            folders(tree).unwrap().into_iter().map(|folder| folder.path).collect()
        };
        let merged = Recorded::new().file(unit, "").symlink("/lib", "usr/lib");
        assert_eq!(paths(&merged), ["/usr/lib/systemd/system"]);
        let apart = Recorded::new().file(unit, "").file("/lib/systemd/system/x.service", "");
        assert_eq!(paths(&apart), ["/usr/lib/systemd/system", "/lib/systemd/system"]);
        let closed = merged.refused("/etc/systemd/system", "permission denied");
        assert_eq!(folders(&closed).unwrap_err(), "permission denied");
    }
}

//! What auditing is wanted for: the engine's files, wherever this host has them.

use std::collections::{BTreeMap, BTreeSet};

use dockward_model::facts::{Fact, Field, Origin, RealPath};

use crate::tree::Tree;

const PATHS: &[&str] = &[
    "/etc/containerd/config.toml",
    "/etc/default/docker",
    "/etc/docker",
    "/etc/docker/daemon.json",
    "/etc/sysconfig/docker",
    "/run/containerd",
    "/run/containerd/containerd.sock",
    "/run/docker.sock",
    "/run/docker/containerd",
    "/run/docker/containerd/containerd.sock",
    "/var/lib/docker",
];

const PROGRAMS: &[&str] = &[
    "containerd",
    "containerd-shim",
    "containerd-shim-runc-v1",
    "containerd-shim-runc-v2",
    "dockerd",
    "runc",
];
const PROGRAM_FOLDERS: &[&str] = &["/usr/bin", "/usr/sbin", "/usr/local/bin"];

/// What stands at each of them, by path. `more` are paths of this run; where one of them is the
/// engine's program, the others are looked for beside it first.
pub(in crate::host) fn places(
    tree: &dyn Tree,
    more: &[String],
) -> BTreeMap<String, Field<RealPath>> {
    let fixed = PATHS.iter().map(|path| (*path).to_owned());
    let mut found: BTreeMap<_, _> =
        fixed.chain(more.iter().cloned()).map(|path| place(tree, path)).collect();
    let beside = more.iter().filter_map(|path| path.strip_suffix("/dockerd"));
    programs(tree, beside.chain(PROGRAM_FOLDERS.iter().copied()), &mut found);
    found
}

fn place(tree: &dyn Tree, path: String) -> (String, Field<RealPath>) {
    let origin = Origin::file(&*path, None);
    let fact = match tree.real(&path) {
        Fact::Known(real) => {
            tree.stat(&real).map(|found| RealPath { path: real, node: found.node.clone() })
        }
        Fact::Absent => Fact::Absent,
        Fact::Unknown(why) => Fact::Unknown(why),
    };
    (path, Field { fact, origin })
}

/// Programs in folders, each folder opened once; one that is another by a link is not looked into
/// twice.
fn programs<'a>(
    tree: &dyn Tree,
    folders: impl IntoIterator<Item = &'a str>,
    found: &mut BTreeMap<String, Field<RealPath>>,
) {
    let mut seen = BTreeSet::new();
    for folder in folders {
        let below = match tree.real(folder) {
            Fact::Known(real) if !seen.insert(real.clone()) => continue,
            Fact::Known(_) => tree.below(folder),
            Fact::Absent => Fact::Absent,
            Fact::Unknown(why) => Fact::Unknown(why),
        };
        for name in PROGRAMS {
            let path = format!("{folder}/{name}");
            let origin = Origin::file(&*path, None);
            let field = match &below {
                Fact::Known(below) if is_there(&**below, name) => place(tree, path.clone()).1,
                Fact::Unknown(why) => Field::unknown(why.clone(), origin),
                Fact::Known(_) | Fact::Absent => Field::absent(origin),
            };
            found.insert(path, field);
        }
    }
}

/// A link may lead out of the folder, where it looks as if it led nowhere.
fn is_there(folder: &dyn Tree, name: &str) -> bool {
    let path = format!("/{name}");
    !folder.stat(&path).is_absent() || !folder.link(&path).is_absent()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tree::Recorded;

    #[test]
    fn programs_are_found_beside_the_engines_and_in_the_usual_folders() {
        let tree = Recorded::new()
            .file("/opt/docker/dockerd", "")
            .file("/opt/docker/runc", "")
            .symlink("/usr/bin/runc", "/usr/libexec/runc")
            .file("/usr/libexec/runc", "")
            .symlink("/usr/sbin", "bin");
        let found = places(&tree, &["/opt/docker/dockerd".into(), "/srv/docker".into()]);
        let real = |path: &str| found[path].get().map(|real| real.path.as_str());
        assert_eq!(real("/opt/docker/runc"), Some("/opt/docker/runc"));
        assert_eq!(real("/usr/bin/runc"), Some("/usr/libexec/runc"));
        assert!(found["/usr/bin/containerd"].fact.is_absent());
        assert!(found["/srv/docker"].fact.is_absent());
        assert!(!found.contains_key("/usr/sbin/runc"), "it is /usr/bin by another name");
    }

    #[test]
    fn a_folder_that_may_not_be_looked_into_is_unknown() {
        let tree = Recorded::new().refused("/usr/local/bin", "permission denied");
        let found = places(&tree, &[]);
        assert!(found["/usr/local/bin/runc"].fact.unknown().is_some());
        assert!(found["/etc/docker"].fact.is_absent());
    }
}

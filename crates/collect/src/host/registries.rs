//! Certificates and keys of registries (moby `registry/registry.go`, `ReadCertsDirectory`): a folder
//! for each registry, `HOST[:PORT]`, with `.crt` files of authorities and `.cert` and `.key` files
//! of ours.

use std::collections::{BTreeMap, BTreeSet};

use dockward_model::facts::{Fact, Field, Origin};

use crate::tree::Tree;

/// How many registries, and how many files of each, are looked at.
const MOST: usize = 1000;

/// The last part of the name of a folder of registries.
const NAME: &str = "/certs.d";

/// The files of root's folder, and of those of rootless engines among `paths`.
pub(super) fn of_folders(
    tree: &dyn Tree,
    paths: &[String],
) -> BTreeMap<String, Field<Vec<String>>> {
    let theirs = paths.iter().map(String::as_str).filter(|path| path.ends_with(NAME));
    let folders: BTreeSet<&str> = theirs.chain(["/etc/docker/certs.d"]).collect();
    folders.into_iter().map(|folder| (folder.to_owned(), files(tree, folder))).collect()
}

/// The paths of the files below `folder`.
fn files(tree: &dyn Tree, folder: &str) -> Field<Vec<String>> {
    let origin = Origin::file(folder, None);
    let fact = match tree.list(folder, MOST) {
        Fact::Known(registries) => of_each(tree, folder, &registries),
        Fact::Absent => Fact::Absent,
        Fact::Unknown(why) => Fact::Unknown(why),
    };
    Field { fact, origin }
}

fn of_each(tree: &dyn Tree, folder: &str, registries: &[String]) -> Fact<Vec<String>> {
    let mut paths = Vec::new();
    for registry in registries.iter().map(|name| format!("{folder}/{name}")) {
        match tree.stat(&registry) {
            Fact::Known(facts) if facts.node == "dir" => {}
            Fact::Unknown(why) => return Fact::Unknown(why),
            // A file in the place of a registry's folder is none that the engine reads.
            Fact::Known(_) | Fact::Absent => continue,
        }
        match tree.list(&registry, MOST) {
            Fact::Known(names) => {
                let names = names.into_iter().filter(|name| is_read(name));
                paths.extend(names.map(|name| format!("{registry}/{name}")));
            }
            Fact::Absent => {}
            Fact::Unknown(why) => return Fact::Unknown(why),
        }
        if paths.len() > MOST {
            return Fact::Unknown(format!("{folder} holds more than {MOST} files"));
        }
    }
    Fact::Known(paths)
}

fn is_read(name: &str) -> bool {
    [".crt", ".cert", ".key"].iter().any(|ending| name.ends_with(ending))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tree::Recorded;

    const FOLDER: &str = "/etc/docker/certs.d";

    #[test]
    fn files_of_each_registry_are_listed_and_others_left_out() {
        let tree = Recorded::new()
            .file("/etc/docker/certs.d/README", "")
            .file("/etc/docker/certs.d/lan:5000/ca.crt", "")
            .file("/etc/docker/certs.d/lan:5000/client.key", "")
            .file("/etc/docker/certs.d/lan:5000/old.pem", "")
            .file("/etc/docker/certs.d/other/client.cert", "");
        let expected = ["lan:5000/ca.crt", "lan:5000/client.key", "other/client.cert"];
        let expected = expected.map(|name| format!("{FOLDER}/{name}"));
        assert_eq!(files(&tree, FOLDER).get().map(Vec::as_slice), Some(&expected[..]));
    }

    #[test]
    fn roots_folder_is_always_looked_at_and_others_where_an_engine_names_them() {
        let own = "/home/ann/.config/docker/certs.d";
        let folders = of_folders(&Recorded::new(), &["/var/lib/docker".into(), own.into()]);
        assert_eq!(folders.keys().collect::<Vec<_>>(), [FOLDER, own]);
    }

    #[test]
    fn none_is_absent_and_what_is_closed_or_too_much_is_unknown() {
        assert!(files(&Recorded::new(), FOLDER).fact.is_absent());
        let closed = Recorded::new().refused(FOLDER, "permission denied");
        assert!(files(&closed, FOLDER).fact.unknown().is_some());
        let inner = Recorded::new()
            .file("/etc/docker/certs.d/lan/ca.crt", "")
            .refused("/etc/docker/certs.d/other", "permission denied");
        assert!(files(&inner, FOLDER).fact.unknown().is_some());
        let many = (0..=MOST)
            .fold(Recorded::new(), |tree, n| tree.file(&format!("{FOLDER}/lan/{n}.crt"), ""));
        assert!(files(&many, FOLDER).fact.unknown().is_some());
    }
}

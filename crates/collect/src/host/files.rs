//! Owners and modes of the files that decide who rules the engine.

use std::collections::BTreeMap;

use dockward_model::facts::{Fact, Field, FileFacts, Origin};

use crate::tree::Tree;

const PATHS: &[&str] = &[
    "/etc/containerd/config.toml",
    "/etc/default/docker",
    "/etc/docker",
    "/etc/docker/certs.d",
    "/etc/docker/daemon.json",
    "/etc/docker/key.json",
    "/etc/sysconfig/docker",
    "/run/containerd/containerd.sock",
    "/run/docker.pid",
    "/run/docker.sock",
    "/run/docker/containerd/containerd.sock",
    "/run/podman/podman.sock",
    "/usr/bin/containerd",
    "/usr/bin/dockerd",
    "/usr/bin/runc",
    "/usr/sbin/dockerd",
    "/usr/sbin/runc",
    "/var/lib/containerd",
    "/var/lib/docker",
    "/var/run/docker.sock",
];

/// Owners and modes by path as asked for, and where links lead.
#[derive(Debug, Default)]
pub(super) struct Files {
    pub(super) facts: BTreeMap<String, Field<FileFacts>>,
    pub(super) links: BTreeMap<String, String>,
}

/// What is not there is absent; above what is there, every folder is looked at as well, since who
/// may write to one puts another file in its place. `more` are paths of this run.
pub(super) fn files(tree: &dyn Tree, more: &[String]) -> Files {
    let mut files = Files::default();
    for path in PATHS.iter().copied().chain(more.iter().map(String::as_str)) {
        files.add(tree, path);
    }
    files
}

impl Files {
    pub(super) fn add(&mut self, tree: &dyn Tree, path: &str) {
        if !self.stat(tree, path) {
            return;
        }
        if let Fact::Known(real) = tree.real(path)
            && real != path
        {
            folders_above(&real).for_each(|folder| self.add_folder(tree, folder));
            self.links.insert(path.to_owned(), real);
        }
        folders_above(path).for_each(|folder| self.add_folder(tree, folder));
    }

    fn add_folder(&mut self, tree: &dyn Tree, folder: &str) {
        if !self.facts.contains_key(folder) {
            self.stat(tree, folder);
        }
    }

    /// Whether it is there.
    fn stat(&mut self, tree: &dyn Tree, path: &str) -> bool {
        let field = Field { fact: tree.stat(path), origin: Origin::file(path, None) };
        let is_there = field.get().is_some();
        self.facts.insert(path.to_owned(), field);
        is_there
    }
}

/// `/a/b` and `/a` and `/` for `/a/b/c`.
fn folders_above(path: &str) -> impl Iterator<Item = &str> {
    std::iter::successors(parent(path), |folder| parent(folder))
}

fn parent(path: &str) -> Option<&str> {
    match path.rsplit_once('/')? {
        ("", "") => None,
        ("", _) => Some("/"),
        (folder, _) => Some(folder),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tree::Recorded;

    #[test]
    fn owners_and_modes_are_told_by_path_and_links_followed() {
        let socket =
            FileFacts { mode: 0o660, uid: 0, gid: 999, node: "socket".into(), modified: None };
        let tree = Recorded::new()
            .node("/run/docker.sock", socket.clone(), b"")
            .symlink("/var/run", "/run")
            .refused("/srv/docker", "permission denied: /srv/docker");
        let Files { facts, links } = files(&tree, &["/srv/docker".into()]);
        assert_eq!(facts["/var/run/docker.sock"].get(), Some(&socket));
        assert!(facts["/etc/docker/daemon.json"].fact.is_absent());
        assert!(facts["/srv/docker"].fact.unknown().is_some());
        assert_eq!(links["/var/run/docker.sock"], "/run/docker.sock");
    }

    #[test]
    fn folders_are_looked_at_above_what_is_there_and_where_it_leads() {
        let tree = Recorded::new()
            .file("/opt/docker/etc/daemon.json", "{}")
            .symlink("/etc/docker", "/opt/docker/etc");
        let Files { facts, .. } = files(&tree, &["/etc/docker/daemon.json".into()]);
        for folder in ["/", "/etc", "/etc/docker", "/opt", "/opt/docker", "/opt/docker/etc"] {
            assert!(facts[folder].get().is_some_and(|f| f.node == "dir"), "{folder}");
        }
        assert!(!facts.contains_key("/usr/sbin"), "nothing is there");
    }
}

//! Owners and modes of the files that decide who rules the engine.

use std::collections::BTreeMap;

use dockward_model::facts::{Field, FileFacts, Origin};

use crate::tree::Tree;

const PATHS: &[&str] = &[
    "/etc/containerd/config.toml",
    "/etc/default/docker",
    "/etc/docker",
    "/etc/docker/certs.d",
    "/etc/docker/daemon.json",
    "/etc/docker/key.json",
    "/etc/sysconfig/docker",
    "/etc/systemd/system/containerd.service",
    "/etc/systemd/system/docker.service",
    "/etc/systemd/system/docker.service.d",
    "/etc/systemd/system/docker.socket",
    "/etc/systemd/system/docker.socket.d",
    "/lib/systemd/system/containerd.service",
    "/lib/systemd/system/docker.service",
    "/lib/systemd/system/docker.socket",
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

/// By path as asked for; what is not there is absent. `more` are paths of this run.
pub(super) fn files(tree: &dyn Tree, more: &[String]) -> BTreeMap<String, Field<FileFacts>> {
    let paths = PATHS.iter().copied().chain(more.iter().map(String::as_str));
    paths
        .map(|path| {
            let field = Field { fact: tree.stat(path), origin: Origin::file(path, None) };
            (path.to_owned(), field)
        })
        .collect()
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
        let seen = files(&tree, &["/srv/docker".into()]);
        assert_eq!(seen["/var/run/docker.sock"].get(), Some(&socket));
        assert!(seen["/etc/docker/daemon.json"].fact.is_absent());
        assert!(seen["/srv/docker"].fact.unknown().is_some());
    }
}

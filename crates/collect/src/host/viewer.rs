//! Who looks: what can be seen depends on it.

use dockward_model::ContainerId;
use dockward_model::facts::{Fact, Viewer};

use crate::kernel::status::Status;
use crate::kernel::{mountinfo, namespaces};
use crate::tree::{Proc, SMALL, Tree};

/// Files that engines put into every container.
const MARKS: [&str; 2] = ["/.dockerenv", "/run/.containerenv"];
/// What stands in the cgroup of a container's first process.
const CGROUPS: [&str; 6] = ["/docker", "kubepods", "libpod", "/lxc", "containerd", "buildkit"];

/// Who we are: `tree` and `proc` are those that Dockward itself sees.
#[must_use]
pub fn viewer(tree: &dyn Tree, proc: &Fact<Proc>) -> Viewer {
    let capabilities = proc.known().and_then(|proc| {
        let own = i32::try_from(std::process::id()).ok()?;
        Status::read(proc, own).capabilities("CapEff").get().copied()
    });
    let in_container =
        is_in_container(tree) && !proc.known().is_some_and(namespaces::is_first_mount_namespace);
    let mountinfo = tree.read_text("/proc/self/mountinfo", mountinfo::LIMIT);
    Viewer {
        uid: rustix::process::geteuid().as_raw(),
        capabilities: capabilities.unwrap_or_default(),
        in_container,
        container: mountinfo.known().and_then(|text| own_container(text)),
    }
}

/// The container whose files an engine mounts into this mount namespace: Docker's
/// `…/containers/ID/hostname` at `/etc/hostname`, Podman's `…/overlay-containers/ID/userdata/…`.
fn own_container(mountinfo: &str) -> Option<ContainerId> {
    const PLACES: [&str; 3] = ["/etc/hostname", "/etc/hosts", "/etc/resolv.conf"];
    let mounts = mountinfo::lines(mountinfo).filter(|line| PLACES.contains(&line.target));
    let ids = mounts.filter_map(|line| {
        let (_, below) = line.root.rsplit_once("containers/")?;
        let id = below.split('/').next().filter(|id| is_id(id))?;
        Some(ContainerId(id.to_owned()))
    });
    ids.last()
}

fn is_id(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
}

/// By marks alone, which a machine made from an image bears too.
fn is_in_container(tree: &dyn Tree) -> bool {
    let text = |path: &str| tree.read_text(path, SMALL).known().cloned();
    MARKS.iter().any(|mark| tree.stat(mark).known().is_some())
        || text("/proc/1/cgroup").is_some_and(|text| CGROUPS.iter().any(|mark| text.contains(mark)))
        || text("/proc/self/uid_map").is_some_and(|map| !is_first_user_namespace(&map))
}

/// The first user namespace maps every id to itself.
fn is_first_user_namespace(map: &str) -> bool {
    map.split_ascii_whitespace().eq(["0", "0", "4294967295"])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tree::Recorded;

    #[test]
    fn the_container_that_it_runs_in_is_named_by_the_engines_own_mounts() {
        let id = "4f".repeat(32);
        let line = |root: &str, target: &str| {
            format!("712 690 254:1 {root} {target} rw,relatime - ext4 /dev/vda1 rw\n")
        };
        let docker = line(&format!("/var/lib/docker/containers/{id}/hostname"), "/etc/hostname");
        assert_eq!(own_container(&docker), Some(ContainerId(id.clone())));
        let podman = format!("/containers/storage/overlay-containers/{id}/userdata/hosts");
        // Podman's store is itself below a folder called `containers`.
        assert_eq!(own_container(&line(&podman, "/etc/hosts")), Some(ContainerId(id.clone())));
        let elsewhere = line(&format!("/var/lib/docker/containers/{id}/hostname"), "/host/etc/x");
        assert_eq!(own_container(&elsewhere), None);
        assert_eq!(own_container(&line("/containers/short/hostname", "/etc/hostname")), None);
    }

    #[test]
    fn a_container_is_known_by_any_of_its_marks() {
        let host = Recorded::new()
            .file("/proc/1/cgroup", "0::/init.scope\n")
            .file("/proc/self/uid_map", "         0          0 4294967295\n");
        assert!(!is_in_container(&host));
        assert!(is_in_container(&host.clone().file("/.dockerenv", "")));
        assert!(is_in_container(&host.clone().file("/proc/1/cgroup", "4:memory:/docker/4f1c\n")));
        assert!(is_in_container(&host.file("/proc/self/uid_map", "0 100000 65536\n")));
    }
}

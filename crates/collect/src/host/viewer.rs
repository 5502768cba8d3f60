//! Who looks: what can be seen depends on it.

use dockward_model::facts::{Fact, Viewer};

use crate::kernel::namespaces;
use crate::kernel::status::Status;
use crate::tree::{Proc, SMALL, Tree};

/// Files that engines put into every container.
const MARKS: [&str; 2] = ["/.dockerenv", "/run/.containerenv"];
/// What stands in the cgroup of a container's first process.
const CGROUPS: [&str; 6] = ["/docker", "kubepods", "libpod", "/lxc", "containerd", "buildkit"];

pub(super) fn viewer(tree: &dyn Tree, proc: &Fact<Proc>) -> Viewer {
    let capabilities = proc.known().and_then(|proc| {
        let own = i32::try_from(std::process::id()).ok()?;
        Status::read(proc, own).capabilities("CapEff").get().copied()
    });
    Viewer {
        uid: rustix::process::geteuid().as_raw(),
        capabilities: capabilities.unwrap_or_default(),
        in_container: is_in_container(tree)
            && !proc.known().is_some_and(namespaces::is_first_mount_namespace),
    }
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

use dockward_model::facts::Snapshot;
use dockward_model::verdict::Outcome;

use crate::audited;

crate::check! {
    /// ## Why
    /// containerd keeps its socket, its state and the bundles of running containers here. Who
    /// writes to a bundle decides what runs at the container's next start.
    ///
    /// ## Fix
    /// A line `-w /run/containerd -p wa -k docker` in `/etc/audit/rules.d/docker.rules`, then
    /// `augenrules --load`. The finding names the path that this host has. Writing and changes of
    /// owner and mode have to be recorded, of all users and of 32-bit programs too. The rules in
    /// force count; where the kernel does not tell them, those that the next start loads.
    ///
    /// ## References
    /// CIS Docker Benchmark 1.1.4; audit.rules(7), augenrules(8). A rule for the socket in it has
    /// this path in its beginning and does not watch the folder.
    id: "host-audit-run-containerd", title: "changes below /run/containerd are recorded",
    severity: Low, area: Host, cis16: ["1.1.4"], cis18: ["1.1.4"], Host: run_containerd
}

fn run_containerd(snapshot: &Snapshot) -> Outcome {
    audited::files(snapshot, &["/run/containerd", "/run/docker/containerd"])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audited::samples::fails_with;
    use crate::audited::samples::judged_four_ways;

    #[test]
    fn the_folder_is_judged() {
        judged_four_ways(run_containerd, "/run/containerd/");
    }
    #[test]
    fn that_of_an_engine_with_a_containerd_of_its_own_is_judged() {
        judged_four_ways(run_containerd, "/run/docker/containerd/");
    }

    #[test]
    fn a_rule_for_containerds_socket_does_not_watch_the_folder() {
        let failure =
            fails_with(run_containerd, "/run/containerd/", "/run/containerd/containerd.sock");
        assert!(failure.evidence[0].seen.contains("watches /run/containerd/containerd.sock only"));
    }
}

use dockward_model::facts::Snapshot;
use dockward_model::verdict::Outcome;

use crate::audited;

crate::check! {
    /// ## Why
    /// containerd starts each container as root and holds the handles of all that run. A containerd
    /// that somebody swapped rules every container while the engine looks untouched.
    ///
    /// ## Fix
    /// A line `-w /usr/bin/containerd -p wxa -k docker` in `/etc/audit/rules.d/docker.rules`, then
    /// `augenrules --load`. The finding names the path that this host has. Writing, changes of
    /// owner and mode, and runs have to be recorded, of all users and of 32-bit programs too. The
    /// rules in force count; where the kernel does not tell them, those that the next start loads.
    ///
    /// ## References
    /// CIS Docker Benchmark 1.1.14; audit.rules(7), augenrules(8). A rule for `containerd-shim-
    /// runc-v2` has this path in its beginning and does not watch it.
    id: "host-audit-containerd", title: "changes to containerd and runs of it are recorded",
    severity: Low, area: Host, cis16: ["1.1.14"], cis18: ["1.1.14"], Host: containerd
}

fn containerd(snapshot: &Snapshot) -> Outcome {
    audited::program(snapshot, "containerd")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audited::samples::fails_with;
    use crate::audited::samples::judged_four_ways;

    #[test]
    fn it_is_judged_where_it_is() {
        judged_four_ways(containerd, "/usr/bin/containerd");
    }

    #[test]
    fn a_rule_for_a_shim_does_not_watch_containerd() {
        fails_with(containerd, "/usr/bin/containerd", "/usr/bin/containerd-shim-runc-v2");
    }
}

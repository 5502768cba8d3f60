use dockward_model::facts::Snapshot;
use dockward_model::verdict::Outcome;

use crate::audited;

crate::check! {
    /// ## Why
    /// The shim stands between containerd and each container, as root, and outlives restarts of the
    /// engine: a good place to hide in. Only old engines (before 20.10) have one by this name.
    ///
    /// ## Fix
    /// A line `-w /usr/bin/containerd-shim -p wxa -k docker` in `/etc/audit/rules.d/docker.rules`,
    /// then `augenrules --load`. The finding names the path that this host has. Writing, changes of
    /// owner and mode, and runs have to be recorded, of all users and of 32-bit programs too. The
    /// rules in force count; where the kernel does not tell them, those that the next start loads.
    ///
    /// ## References
    /// CIS Docker Benchmark 1.1.15; audit.rules(7), augenrules(8).
    id: "host-audit-containerd-shim",
    title: "changes to containerd-shim and runs of it are recorded",
    severity: Low, area: Host, cis16: ["1.1.15"], cis18: ["1.1.15"], Host: containerd_shim
}

fn containerd_shim(snapshot: &Snapshot) -> Outcome {
    audited::program(snapshot, "containerd-shim")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audited::samples::fails_with;
    use crate::audited::samples::judged_four_ways;

    #[test]
    fn it_is_judged_where_it_is() {
        judged_four_ways(containerd_shim, "/usr/bin/containerd-shim");
    }

    #[test]
    fn a_rule_for_another_shim_does_not_watch_this_one() {
        let shim = "/usr/bin/containerd-shim";
        for other in ["/usr/bin/containerd-shim-runc-v1", "/usr/bin/containerd-shim-runc-v2"] {
            fails_with(containerd_shim, shim, other);
        }
    }
}

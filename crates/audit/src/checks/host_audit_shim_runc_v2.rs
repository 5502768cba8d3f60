use dockward_model::facts::Snapshot;
use dockward_model::verdict::Outcome;

use crate::audited;

crate::check! {
    /// ## Why
    /// The shim that every engine since 20.10 uses: one runs as root beside each container, starts
    /// processes in it and outlives the engine.
    ///
    /// ## Fix
    /// A line `-w /usr/bin/containerd-shim-runc-v2 -p wxa -k docker` in
    /// `/etc/audit/rules.d/docker.rules`, then `augenrules --load`. The finding names the path that
    /// this host has. Writing, changes of owner and mode, and runs have to be recorded, of all
    /// users and of 32-bit programs too. The rules in force count; where the kernel does not tell
    /// them, those that the next start loads.
    ///
    /// ## References
    /// CIS Docker Benchmark 1.1.17; audit.rules(7), augenrules(8).
    id: "host-audit-shim-runc-v2",
    title: "changes to containerd-shim-runc-v2 and runs of it are recorded",
    severity: Low, area: Host, cis16: ["1.1.17"], cis18: ["1.1.17"], Host: shim_runc_v2
}

fn shim_runc_v2(snapshot: &Snapshot) -> Outcome {
    audited::program(snapshot, "containerd-shim-runc-v2")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audited::samples::judged_four_ways;

    #[test]
    fn it_is_judged_where_it_is() {
        judged_four_ways(shim_runc_v2, "/usr/bin/containerd-shim-runc-v2");
    }
}

use dockward_model::facts::Snapshot;
use dockward_model::verdict::Outcome;

use crate::audited;

crate::check! {
    /// ## Why
    /// The shim of older containerd (1.2 to 1.7) runs as root beside each container, with the
    /// container's standard streams in its hands.
    ///
    /// ## Fix
    /// A line `-w /usr/bin/containerd-shim-runc-v1 -p wxa -k docker` in
    /// `/etc/audit/rules.d/docker.rules`, then `augenrules --load`. The finding names the path that
    /// this host has. Writing, changes of owner and mode, and runs have to be recorded, of all
    /// users and of 32-bit programs too. The rules in force count; where the kernel does not tell
    /// them, those that the next start loads.
    ///
    /// ## References
    /// CIS Docker Benchmark 1.1.16; audit.rules(7), augenrules(8).
    id: "host-audit-shim-runc-v1",
    title: "changes to containerd-shim-runc-v1 and runs of it are recorded",
    severity: Low, area: Host, cis16: ["1.1.16"], cis18: ["1.1.16"], Host: shim_runc_v1
}

fn shim_runc_v1(snapshot: &Snapshot) -> Outcome {
    audited::program(snapshot, "containerd-shim-runc-v1")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audited::samples::judged_four_ways;

    #[test]
    fn it_is_judged_where_it_is() {
        judged_four_ways(shim_runc_v1, "/usr/bin/containerd-shim-runc-v1");
    }
}

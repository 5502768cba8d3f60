use dockward_model::facts::Snapshot;
use dockward_model::verdict::Outcome;

use crate::audited;

crate::check! {
    /// ## Why
    /// Where Red Hat's packages start dockerd, the options come from this file. A second `-H` in it
    /// opens the engine to the network, and daemon.json does not show it.
    ///
    /// ## Fix
    /// A line `-w /etc/sysconfig/docker -p wa -k docker` in `/etc/audit/rules.d/docker.rules`, then
    /// `augenrules --load`. The finding names the path that this host has. Writing and changes of
    /// owner and mode have to be recorded, of all users and of 32-bit programs too. The rules in
    /// force count; where the kernel does not tell them, those that the next start loads.
    ///
    /// ## References
    /// CIS Docker Benchmark 1.1.13; audit.rules(7), augenrules(8).
    id: "host-audit-sysconfig-docker", title: "changes to /etc/sysconfig/docker are recorded",
    severity: Low, area: Host, cis16: ["1.1.13"], cis18: ["1.1.13"], Host: sysconfig_docker
}

fn sysconfig_docker(snapshot: &Snapshot) -> Outcome {
    audited::files(snapshot, &["/etc/sysconfig/docker"])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audited::samples::judged_four_ways;

    #[test]
    fn the_file_is_judged() {
        judged_four_ways(sysconfig_docker, "/etc/sysconfig/docker");
    }
}

use dockward_model::facts::Snapshot;
use dockward_model::verdict::Outcome;

use crate::audited;

crate::check! {
    /// ## Why
    /// Debian's scripts start dockerd with the options and the environment of this file. A proxy or
    /// a second `-H` in it is a change of the engine's settings that daemon.json does not show.
    ///
    /// ## Fix
    /// A line `-w /etc/default/docker -p wa -k docker` in `/etc/audit/rules.d/docker.rules`, then
    /// `augenrules --load`. The finding names the path that this host has. Writing and changes of
    /// owner and mode have to be recorded, of all users and of 32-bit programs too. The rules in
    /// force count; where the kernel does not tell them, those that the next start loads.
    ///
    /// ## References
    /// CIS Docker Benchmark 1.1.10; audit.rules(7), augenrules(8).
    id: "host-audit-default-docker", title: "changes to /etc/default/docker are recorded",
    severity: Low, area: Host, cis16: ["1.1.10"], cis18: ["1.1.10"], Host: default_docker
}

fn default_docker(snapshot: &Snapshot) -> Outcome {
    audited::files(snapshot, &["/etc/default/docker"])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audited::samples::judged_four_ways;

    #[test]
    fn the_file_is_judged() {
        judged_four_ways(default_docker, "/etc/default/docker");
    }
}

use dockward_model::facts::Snapshot;
use dockward_model::verdict::Outcome;

use crate::audited;

crate::check! {
    /// ## Why
    /// The engine's settings, the keys and the certificates by which it knows registries are here.
    /// A line more in daemon.json opens the engine to the network.
    ///
    /// ## Fix
    /// A line `-w /etc/docker -p wa -k docker` in `/etc/audit/rules.d/docker.rules`, then
    /// `augenrules --load`. The finding names the path that this host has. Writing and changes of
    /// owner and mode have to be recorded, of all users and of 32-bit programs too. The rules in
    /// force count; where the kernel does not tell them, those that the next start loads.
    ///
    /// ## References
    /// CIS Docker Benchmark 1.1.6; audit.rules(7), augenrules(8). A rule for daemon.json alone does
    /// not watch the folder.
    id: "host-audit-etc-docker", title: "changes below /etc/docker are recorded",
    severity: Low, area: Host, cis16: ["1.1.6"], cis18: ["1.1.6"], Host: etc_docker
}

fn etc_docker(snapshot: &Snapshot) -> Outcome {
    audited::files(snapshot, &["/etc/docker"])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audited::samples::fails_with;
    use crate::audited::samples::judged_four_ways;

    #[test]
    fn the_folder_is_judged() {
        judged_four_ways(etc_docker, "/etc/docker/");
    }

    #[test]
    fn a_rule_for_daemon_json_does_not_watch_the_folder() {
        let failure = fails_with(etc_docker, "/etc/docker/", "/etc/docker/daemon.json");
        assert!(failure.evidence[0].seen.contains("watches /etc/docker/daemon.json only"));
    }
}

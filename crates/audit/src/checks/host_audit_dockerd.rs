use dockward_model::facts::Snapshot;
use dockward_model::verdict::Outcome;

use crate::audited;

crate::check! {
    /// ## Why
    /// dockerd is root on this host. Who replaces it, or starts a second one with settings of their
    /// own, has the host; without a record nobody can tell afterwards who it was and when.
    ///
    /// ## Fix
    /// A line `-w /usr/bin/dockerd -p wxa -k docker` in `/etc/audit/rules.d/docker.rules`, then
    /// `augenrules --load`. The finding names the path that this host has. Writing, changes of
    /// owner and mode, and runs have to be recorded, of all users and of 32-bit programs too. The
    /// rules in force count; where the kernel does not tell them, those that the next start loads.
    ///
    /// ## References
    /// CIS Docker Benchmark 1.1.3; audit.rules(7), augenrules(8). The path is that of the running
    /// engine's own program: Debian has it in /usr/sbin, where a fixed /usr/bin/dockerd is wrongly
    /// found missing or wrongly found watched.
    id: "host-audit-dockerd", title: "changes to dockerd and runs of it are recorded",
    severity: Low, area: Host, cis16: ["1.1.3"], cis18: ["1.1.3"], Host: dockerd
}

fn dockerd(snapshot: &Snapshot) -> Outcome {
    audited::program(snapshot, "dockerd")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audited::samples::fails_with;
    use crate::audited::samples::judged_four_ways;

    #[test]
    fn the_engine_is_looked_for_where_debian_has_it() {
        judged_four_ways(dockerd, "/usr/sbin/dockerd");
    }
    #[test]
    fn the_engine_is_looked_for_where_others_have_it() {
        judged_four_ways(dockerd, "/usr/bin/dockerd");
    }

    #[test]
    fn watching_where_it_is_not_does_not_help() {
        fails_with(dockerd, "/usr/sbin/dockerd", "/usr/bin/dockerd");
    }
}

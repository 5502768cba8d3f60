use dockward_model::facts::Snapshot;
use dockward_model::verdict::Outcome;

use crate::audited;

crate::check! {
    /// ## Why
    /// runc is run as root for each start of a container and each command in one. It is what a
    /// break-out replaces (CVE-2019-5736), and what a quiet look into containers is done with.
    ///
    /// ## Fix
    /// A line `-w /usr/bin/runc -p wxa -k docker` in `/etc/audit/rules.d/docker.rules`, then
    /// `augenrules --load`. The finding names the path that this host has. Writing, changes of
    /// owner and mode, and runs have to be recorded, of all users and of 32-bit programs too. The
    /// rules in force count; where the kernel does not tell them, those that the next start loads.
    ///
    /// ## References
    /// CIS Docker Benchmark 1.1.18; audit.rules(7), augenrules(8).
    id: "host-audit-runc", title: "changes to runc and runs of it are recorded",
    severity: Low, area: Host, cis16: ["1.1.18"], cis18: ["1.1.18"], Host: runc
}

fn runc(snapshot: &Snapshot) -> Outcome {
    audited::program(snapshot, "runc")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audited::samples::judged_four_ways;
    use crate::audited::samples::{host, watch};
    use crate::judged::{assert_fails, assert_passes};

    #[test]
    fn debians_is_judged_where_it_is() {
        judged_four_ways(runc, "/usr/sbin/runc");
    }

    #[test]
    fn of_two_programs_by_that_name_both_must_be_watched() {
        let both = ["/usr/bin/runc", "/usr/sbin/runc"];
        let snapshot = host(&both, vec![watch("/usr/sbin/runc")]);
        assert!(assert_fails(runc(&snapshot)).message.contains("/usr/bin/runc is not watched"));
        assert_passes(runc(&host(&both, vec![watch("/usr/")])));
    }
}

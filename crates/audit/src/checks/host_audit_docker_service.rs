use dockward_model::facts::Snapshot;
use dockward_model::verdict::Outcome;

use crate::audited;

crate::check! {
    /// ## Why
    /// The unit says with which options and which environment systemd starts dockerd, as root. Who
    /// changes it has the host at the next start.
    ///
    /// ## Fix
    /// A line `-w /usr/lib/systemd/system/docker.service -p wa -k docker` in
    /// `/etc/audit/rules.d/docker.rules`, then `augenrules --load`. The finding names the path that
    /// this host has. Writing and changes of owner and mode have to be recorded, of all users and
    /// of 32-bit programs too. The rules in force count; where the kernel does not tell them, those
    /// that the next start loads.
    ///
    /// ## References
    /// CIS Docker Benchmark 1.1.7; audit.rules(7), augenrules(8). systemd.unit(5), "Unit File Load
    /// Path": the first unit by that name counts.
    id: "host-audit-docker-service", title: "changes to docker.service are recorded",
    severity: Low, area: Host, cis16: ["1.1.7"], cis18: ["1.1.7"], Host: docker_service
}

fn docker_service(snapshot: &Snapshot) -> Outcome {
    audited::unit(snapshot, "docker.service")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audited::samples::judged_four_ways;
    use crate::audited::samples::{host, watch};
    use crate::judged::{assert_fails, assert_not_applicable, assert_passes};
    use dockward_model::facts::{Unit, sample};

    #[test]
    fn the_packages_unit_is_judged() {
        judged_four_ways(docker_service, "/lib/systemd/system/docker.service");
    }

    #[test]
    fn the_administrators_unit_stands_before_the_packages() {
        let own = "/etc/systemd/system/docker.service";
        let with = |watched| docker_service(&host(&[own], vec![watch(watched)]));
        assert_passes(with(own));
        assert_fails(with("/usr/lib/systemd/system/docker.service"));
    }

    #[test]
    fn a_masked_unit_starts_nothing() {
        let path = "/etc/systemd/system/docker.service";
        let mut snapshot = host(&[path], Vec::new());
        let unit = Unit { fragment: path.into(), masked: true, ..Unit::default() };
        snapshot.host.units.insert("docker.service".into(), sample::known(unit, path));
        assert_not_applicable(docker_service(&snapshot));
    }
}

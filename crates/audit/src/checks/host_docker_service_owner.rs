use dockward_model::facts::Snapshot;
use dockward_model::verdict::Outcome;

use crate::unit_files;

crate::check! {
    /// ## Why
    /// systemd starts as root whatever docker.service says. Who owns its file, or a drop-in of it,
    /// may change it at will, and is root at the next start.
    ///
    /// ## Fix
    /// `chown root:root` on the file named, then `systemctl daemon-reload`; and look at what it
    /// says now: `systemctl cat docker.service`.
    ///
    /// ## References
    /// CIS Docker Benchmark 3.1; systemd.unit(5), "Unit File Load Path". The first file of the name
    /// counts, and every drop-in that systemd applies to it. Of a snap it is
    /// `snap.docker.dockerd.service`. A link is judged by the file that it leads to.
    id: "host-docker-service-owner", title: "the files of docker.service belong to root",
    severity: High, area: Host, cis16: ["3.1"], cis18: ["3.1"], Host: owner
}

const UNITS: &[&str] = &["docker.service", "snap.docker.dockerd.service"];

fn owner(snapshot: &Snapshot) -> Outcome {
    unit_files::judge_owners(&snapshot.host, UNITS)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::judged::{
        assert_fails, assert_not_applicable, assert_passes, assert_unknown, file, host_with_unit,
        snapshot, snapshot_with, unit,
    };
    use dockward_model::facts::{Field, FileFacts, Origin};
    use dockward_model::verdict::Severity;

    const NAME: &str = "docker.service";

    fn with(path: &str, file: Field<FileFacts>) -> Outcome {
        let mut host = host_with_unit(NAME, unit(NAME));
        host.files.insert(path.to_owned(), file);
        judged(host)
    }

    /// The other units are not there.
    fn judged(mut host: dockward_model::facts::Host) -> Outcome {
        for name in UNITS {
            let absent = || Field::absent(Origin::Nowhere);
            host.units.entry((*name).to_owned()).or_insert_with(absent);
        }
        owner(&snapshot_with(|s| s.host = host))
    }

    #[test]
    fn files_of_roots_alone_pass() {
        assert_passes(with("/usr/lib/systemd/system/docker.service", file(0o644, 0, 0)));
        assert_passes(with("/usr/lib/systemd/system/docker.service", file(0o400, 0, 0)));
    }

    #[test]
    fn another_owner_of_any_of_its_files_is_root() {
        for path in unit(NAME).files() {
            let failure = assert_fails(with(path, file(0o644, 1000, 0)));
            assert_eq!(failure.severity, Some(Severity::High));
            assert!(failure.message.contains(path), "{}", failure.message);
        }
    }

    #[test]
    fn no_unit_is_nothing_to_judge_and_an_unseen_one_is_unknown() {
        assert_not_applicable(judged(dockward_model::facts::sample::host()));
        assert_unknown(owner(&snapshot()));
        assert_unknown(with(
            "/usr/lib/systemd/system/docker.service",
            Field::unknown("eof", Origin::Nowhere),
        ));
    }
}

use std::collections::BTreeSet;

use dockward_model::facts::{Field, Snapshot, Unit};
use dockward_model::verdict::Outcome;

use crate::{guarded, together};

crate::check! {
    /// ## Why
    /// dockerd, containerd and runc run as root, runc for each container anew. Who may write to one
    /// of them is root as soon as the next container starts.
    ///
    /// ## Fix
    /// Install the package again, and then find out what else was changed: files of a package are
    /// not writable to others unless somebody made them so.
    ///
    /// ## References
    /// CVE-2019-5736 was a way for a container to write to runc.
    id: "host-engine-programs", title: "only root may write to the engine's programs",
    severity: High, area: Host, cis16: [], cis18: [], Host: programs
}

const PATHS: &[&str] = &[
    "/usr/bin/runc",
    "/usr/sbin/runc",
    "/usr/bin/containerd",
    "/usr/bin/dockerd",
    "/usr/sbin/dockerd",
];

/// Those that units of systemd start are among them, wherever they lie.
fn programs(snapshot: &Snapshot) -> Outcome {
    let host = &snapshot.host;
    let units = host.units.values().filter_map(Field::get);
    let started: BTreeSet<&str> = units.flat_map(Unit::programs).chain(PATHS.to_vec()).collect();
    let paths: Vec<&str> = started.into_iter().collect();
    let owners = guarded::judge_owners(host, &paths, 0);
    together::all([owners, guarded::judge_modes(host, &paths, 0, 0o755)], "no such file")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::judged::{
        assert_fails, assert_not_applicable, assert_passes, assert_unknown, file, host_with,
        insert, snapshot, snapshot_with,
    };
    use dockward_model::facts::{FileFacts, Host, Origin, UnitSetting};
    use dockward_model::verdict::Severity;

    /// The first of the files is this, the others don't exist.
    fn with(first: &Field<FileFacts>) -> Outcome {
        programs(&snapshot_with(|s| s.host = host(first.clone())))
    }

    fn host(first: Field<FileFacts>) -> Host {
        let mut host = host_with(PATHS[0], first);
        for path in &PATHS[1..] {
            host.files.insert((*path).to_owned(), Field::absent(Origin::file(*path, None)));
        }
        host
    }

    #[test]
    fn files_of_roots_alone_pass() {
        assert_passes(with(&file(0o755, 0, 0)));
        assert_passes(with(&file(0o400, 0, 0)));
    }

    #[test]
    fn whoever_else_may_write_is_root() {
        for (found, severity) in [
            (file(0o467, 0, 0), Severity::Critical),
            (file(0o775, 0, 50), Severity::High),
            (file(0o755, 1000, 0), Severity::High),
        ] {
            let failure = assert_fails(with(&found));
            assert_eq!(failure.severity, Some(severity));
            assert!(failure.message.contains(PATHS[0]), "{}", failure.message);
        }
    }

    #[test]
    fn the_program_that_a_unit_starts_counts_wherever_it_lies() {
        let mut host = host(file(0o755, 0, 0));
        insert(&mut host, "/opt/docker/dockerd", file(0o777, 0, 0));
        let setting = UnitSetting {
            key: "ExecStart".into(),
            value: "/opt/docker/dockerd -H fd://".into(),
            secret: None,
            origin: Origin::Nowhere,
        };
        let unit = Unit { settings: vec![setting], ..Unit::default() };
        host.units.insert("docker.service".into(), Field::known(unit, Origin::Nowhere));
        let failure = assert_fails(programs(&snapshot_with(|s| s.host = host)));
        assert!(failure.message.contains("/opt/docker/dockerd"), "{}", failure.message);
    }

    #[test]
    fn none_of_them_is_nothing_to_judge_and_unseen_ones_are_unknown() {
        assert_not_applicable(with(&Field::absent(Origin::file(PATHS[0], None))));
        assert_unknown(with(&Field::unknown("eof", Origin::file(PATHS[0], None))));
        assert_unknown(programs(&snapshot()));
    }
}

use dockward_model::facts::Snapshot;
use dockward_model::verdict::Outcome;

use crate::guarded::Guarded;
use crate::together;

crate::check! {
    /// ## Why
    /// `/etc/docker` holds daemon.json, registry CAs and keys. Who may write to the folder may put
    /// another daemon.json in place of the one there, whoever owns that file, and is root at the
    /// engine's next start.
    ///
    /// ## Fix
    /// `chown root:root /etc/docker` and `chmod 0755 /etc/docker`.
    ///
    /// ## References
    /// CIS Docker Benchmark 3.5, 3.6. Permissions are judged as a set of bits.
    id: "host-docker-directory", title: "only root may write to /etc/docker",
    severity: High, area: Host, cis16: ["3.5", "3.6"], cis18: ["3.5", "3.6"], Host: directory
}

fn directory(snapshot: &Snapshot) -> Outcome {
    let folder = Guarded::new(&snapshot.host, "/etc/docker", 0);
    together::all([folder.judge_owner(), folder.judge_mode(0o755)], "no folder")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::judged::{
        assert_fails, assert_not_applicable, assert_passes, assert_unknown, file, host_with,
        snapshot, snapshot_with,
    };
    use dockward_model::facts::{Field, FileFacts, Origin};
    use dockward_model::verdict::Severity;

    fn with(folder: Field<FileFacts>) -> Outcome {
        let host = host_with("/etc/docker", folder);
        directory(&snapshot_with(|s| s.host = host))
    }

    #[test]
    fn roots_own_folder_passes() {
        assert_passes(with(file(0o755, 0, 0)));
        assert_passes(with(file(0o700, 0, 0)));
    }

    #[test]
    fn writable_by_others_fails_however_small_its_digits() {
        for mode in [0o777, 0o722, 0o467] {
            assert_eq!(assert_fails(with(file(mode, 0, 0))).severity, Some(Severity::Critical));
        }
    }

    #[test]
    fn owner_and_mode_are_one_finding_with_evidence_of_both() {
        let failure = assert_fails(with(file(0o775, 1000, 50)));
        assert_eq!(failure.evidence.len(), 2);
        assert_eq!(failure.severity, Some(Severity::High));
    }

    #[test]
    fn no_folder_is_nothing_to_judge_and_an_unseen_one_is_unknown() {
        assert_not_applicable(with(Field::absent(Origin::file("/etc/docker", None))));
        assert_unknown(with(Field::unknown("eof", Origin::file("/etc/docker", None))));
        assert_unknown(directory(&snapshot()));
    }
}

use dockward_model::facts::Snapshot;
use dockward_model::verdict::Outcome;

use crate::guarded;

crate::check! {
    /// ## Why
    /// `/etc/sysconfig/docker` gives the engine its arguments and its environment on Red Hat's
    /// systems and their kin. A flag or an `LD_PRELOAD` in it runs code as root. Who may write to
    /// it, or to a folder above it, is root at the engine's next start.
    ///
    /// ## Fix
    /// `chmod 0644 /etc/sysconfig/docker`.
    ///
    /// ## References
    /// CIS Docker Benchmark 3.21. Permissions are judged as a set of bits.
    id: "host-sysconfig-docker-mode", title: "only root may write to /etc/sysconfig/docker",
    severity: High, area: Host, cis16: ["3.21"], cis18: ["3.21"], Host: mode
}

const PATH: &str = "/etc/sysconfig/docker";

fn mode(snapshot: &Snapshot) -> Outcome {
    guarded::judge_modes(&snapshot.host, &[PATH], 0, 0o644)
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

    fn with(found: Field<FileFacts>) -> Outcome {
        mode(&snapshot_with(|s| s.host = host_with(PATH, found)))
    }

    #[test]
    fn bits_within_0644_pass_whoever_owns_it() {
        assert_passes(with(file(0o644, 0, 0)));
        assert_passes(with(file(0o644 & 0o700, 0, 0)));
        assert_passes(with(file(0o644, 1000, 0)));
    }

    #[test]
    fn whoever_else_may_write_is_root_however_small_the_digits() {
        let severity = |found| assert_fails(with(found)).severity;
        assert_eq!(severity(file(0o466, 0, 0)), Some(Severity::Critical));
        assert_eq!(severity(file(0o644 | 0o020, 0, 50)), Some(Severity::High));
        assert_eq!(severity(file(0o644 | 0o020, 0, 0)), Some(Severity::Low));
    }

    #[test]
    fn a_folder_above_that_others_may_write_to_fails_too() {
        let mut host = host_with(PATH, file(0o644, 0, 0));
        host.files.insert("/etc".into(), file(0o777, 0, 0));
        let failure = assert_fails(mode(&snapshot_with(|s| s.host = host)));
        assert!(failure.message.contains("the folder /etc"), "{}", failure.message);
    }

    #[test]
    fn none_is_nothing_to_judge_and_an_unseen_one_is_unknown() {
        assert_not_applicable(with(Field::absent(Origin::file(PATH, None))));
        assert_unknown(with(Field::unknown("eof", Origin::file(PATH, None))));
        assert_unknown(mode(&snapshot()));
    }
}

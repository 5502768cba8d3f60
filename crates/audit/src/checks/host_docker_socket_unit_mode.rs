use dockward_model::facts::Snapshot;
use dockward_model::verdict::Outcome;

use crate::unit_files;

crate::check! {
    /// ## Why
    /// docker.socket says where the engine's API listens and who may connect. Who may write to its
    /// file, to a drop-in, or to a folder in which systemd looks for either, opens the API to
    /// everyone.
    ///
    /// ## Fix
    /// `chmod 0644` on the file named (`go-w` on a folder), then `systemctl daemon-reload`; and
    /// look at what it says now: `systemctl cat docker.socket`.
    ///
    /// ## References
    /// CIS Docker Benchmark 3.4; systemd.unit(5), "Unit File Load Path". Permissions are judged as
    /// a set of bits, so that 0466 is no less than 0644. Folders above the files count: they decide
    /// who may put another file there.
    id: "host-docker-socket-unit-mode", title: "only root may write to the files of docker.socket",
    severity: High, area: Host, cis16: ["3.4"], cis18: ["3.4"], Host: mode
}

const UNITS: &[&str] = &["docker.socket"];

fn mode(snapshot: &Snapshot) -> Outcome {
    unit_files::judge_modes(&snapshot.host, UNITS)
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

    const NAME: &str = "docker.socket";

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
        mode(&snapshot_with(|s| s.host = host))
    }

    #[test]
    fn files_of_roots_alone_pass() {
        assert_passes(with("/usr/lib/systemd/system/docker.socket", file(0o644, 0, 0)));
        assert_passes(with("/usr/lib/systemd/system/docker.socket", file(0o400, 0, 0)));
    }

    #[test]
    fn whoever_else_may_write_to_any_of_its_files_is_root() {
        for path in unit(NAME).files() {
            for (found, severity) in [
                (file(0o466, 0, 0), Severity::Critical),
                (file(0o664, 0, 50), Severity::High),
                (file(0o755, 0, 0), Severity::Low),
            ] {
                let failure = assert_fails(with(path, found));
                assert_eq!(failure.severity, Some(severity));
                assert!(failure.message.contains(path), "{}", failure.message);
            }
        }
    }

    #[test]
    fn a_folder_in_which_others_may_put_a_drop_in_is_as_good_as_a_unit() {
        let failure = assert_fails(with("/etc/systemd/system", file(0o775, 0, 50)));
        assert!(failure.message.contains("may replace what lies in the folder"));
    }

    #[test]
    fn no_unit_is_nothing_to_judge_and_an_unseen_one_is_unknown() {
        assert_not_applicable(judged(dockward_model::facts::sample::host()));
        assert_unknown(mode(&snapshot()));
        assert_unknown(with(
            "/usr/lib/systemd/system/docker.socket",
            Field::unknown("eof", Origin::Nowhere),
        ));
    }
}

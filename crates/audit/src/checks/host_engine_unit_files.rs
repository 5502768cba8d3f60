use dockward_model::facts::Snapshot;
use dockward_model::verdict::Outcome;

use crate::{together, unit_files};

crate::check! {
    /// ## Why
    /// systemd starts as root whatever the units of containerd and Podman say. Who may write to
    /// one, to a drop-in, or to a folder in which systemd looks for either, is root at the next
    /// start.
    ///
    /// ## Fix
    /// `chown root:root` and `chmod 0644` on the files named (`go-w` on a folder), then `systemctl
    /// daemon-reload`; and look at what they say now: `systemctl cat containerd.service`.
    ///
    /// ## References
    /// systemd.unit(5), "Unit File Load Path". The benchmark asks only after Docker's own units.
    id: "host-engine-unit-files", title: "only root may write to the units of containerd and Podman",
    severity: High, area: Host, cis16: [], cis18: [], Host: unit_files
}

const UNITS: &[&str] = &["containerd.service", "podman.service", "podman.socket"];

fn unit_files(snapshot: &Snapshot) -> Outcome {
    let host = &snapshot.host;
    let parts = [unit_files::judge_owners(host, UNITS), unit_files::judge_modes(host, UNITS)];
    together::all(parts, "no such unit")
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

    const NAME: &str = "containerd.service";

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
        unit_files(&snapshot_with(|s| s.host = host))
    }

    #[test]
    fn files_of_roots_alone_pass() {
        assert_passes(with("/usr/lib/systemd/system/containerd.service", file(0o644, 0, 0)));
        assert_passes(with("/usr/lib/systemd/system/containerd.service", file(0o400, 0, 0)));
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
        assert_unknown(unit_files(&snapshot()));
        assert_unknown(with(
            "/usr/lib/systemd/system/containerd.service",
            Field::unknown("eof", Origin::Nowhere),
        ));
    }
}

use dockward_model::facts::Snapshot;
use dockward_model::verdict::Outcome;

use crate::{guarded, together};

crate::check! {
    /// ## Why
    /// systemd starts as root whatever the units of docker and containerd say. Who may write to
    /// one, or to a drop-in folder, is root at the next start.
    ///
    /// ## Fix
    /// `chown root:root` and `chmod 0644` on the files named (0755 on folders), then `systemctl
    /// daemon-reload`; and look at what they say now.
    ///
    /// ## References
    /// CIS Docker Benchmark 3.1 to 3.4. Units of the distribution and of `/etc` are both looked at.
    id: "host-unit-files", title: "only root may write to the engine's units",
    severity: High, area: Host, cis16: ["3.1", "3.2", "3.3", "3.4"],
    cis18: ["3.1", "3.2", "3.3", "3.4"], Host: unit_files
}

const PATHS: &[&str] = &[
    "/etc/systemd/system/docker.service",
    "/etc/systemd/system/docker.socket",
    "/etc/systemd/system/containerd.service",
    "/lib/systemd/system/docker.service",
    "/lib/systemd/system/docker.socket",
    "/lib/systemd/system/containerd.service",
];

const FOLDERS: &[&str] =
    &["/etc/systemd/system/docker.service.d", "/etc/systemd/system/docker.socket.d"];

fn unit_files(snapshot: &Snapshot) -> Outcome {
    let files = guarded::judge_all(&snapshot.host, PATHS, 0o644);
    let folders = guarded::judge_all(&snapshot.host, FOLDERS, 0o755);
    together::all([files, folders], "no units")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::judged::{
        assert_fails, assert_not_applicable, assert_passes, assert_unknown, file, snapshot,
        snapshot_with,
    };
    use dockward_model::facts::{Field, FileFacts, Origin};
    use dockward_model::verdict::Severity;

    /// The first of the files is this, the others don't exist.
    fn with(first: &Field<FileFacts>) -> Outcome {
        let absent = |path: &str| Field::absent(Origin::file(path, None));
        let mut files: Vec<_> =
            PATHS.iter().chain(FOLDERS).map(|p| ((*p).to_owned(), absent(p))).collect();
        files[0].1 = first.clone();
        unit_files(&snapshot_with(|s| s.host.files = files.into_iter().collect()))
    }

    #[test]
    fn files_of_roots_alone_pass() {
        assert_passes(with(&file(0o644, 0, 0)));
        assert_passes(with(&file(0o400, 0, 0)));
    }

    #[test]
    fn whoever_else_may_write_is_root() {
        for (found, severity) in [
            (file(0o466, 0, 0), Severity::Critical),
            (file(0o664, 0, 50), Severity::High),
            (file(0o644, 1000, 0), Severity::High),
        ] {
            let failure = assert_fails(with(&found));
            assert_eq!(failure.severity, Some(severity));
            assert!(failure.message.contains(PATHS[0]), "{}", failure.message);
        }
    }

    #[test]
    fn a_drop_in_folder_that_a_group_may_write_to_is_as_good_as_a_unit() {
        let mut snapshot = snapshot();
        let all = PATHS.iter().chain(FOLDERS);
        let absent = |path: &&str| ((*path).to_owned(), Field::absent(Origin::Nowhere));
        snapshot.host.files = all.map(absent).collect();
        snapshot.host.files.insert(FOLDERS[0].into(), file(0o775, 0, 50));
        assert_eq!(assert_fails(unit_files(&snapshot)).severity, Some(Severity::High));
    }

    #[test]
    fn none_of_them_is_nothing_to_judge_and_unseen_ones_are_unknown() {
        assert_not_applicable(with(&Field::absent(Origin::file(PATHS[0], None))));
        assert_unknown(with(&Field::unknown("eof", Origin::file(PATHS[0], None))));
        assert_unknown(unit_files(&snapshot()));
    }
}

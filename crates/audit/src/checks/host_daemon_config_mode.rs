use dockward_model::facts::Snapshot;
use dockward_model::verdict::Outcome;

use crate::{config_files, guarded};

crate::check! {
    /// ## Why
    /// Who may write to daemon.json, or to a folder above it, adds a runtime or a listening address of their own, and at the
    /// next start of the engine they are root.
    ///
    /// ## Fix
    /// `chmod 0644 /etc/docker/daemon.json`. Where the engine was started with
    /// `--config-file`, that file is meant.
    ///
    /// ## References
    /// CIS Docker Benchmark 3.18. Permissions are judged as a set of bits, so that 0466 is
    /// no less than 0644.
    id: "host-daemon-config-mode", title: "only root may write to daemon.json",
    severity: High, area: Host, cis16: ["3.18"], cis18: ["3.18"], Host: mode
}

fn mode(snapshot: &Snapshot) -> Outcome {
    config_files::judge(snapshot, |host, path, uid| guarded::judge_modes(host, path, uid, 0o644))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::judged::{
        assert_fails, assert_not_applicable, assert_passes, assert_unknown, engine_with, file,
        host_with, snapshot, snapshot_with,
    };
    use dockward_model::facts::{ConfigFile, Field, FileFacts, Origin, sample};
    use dockward_model::verdict::Severity;

    const PATH: &str = "/srv/docker/own.json";

    fn with(file: Field<FileFacts>) -> Outcome {
        let config = ConfigFile { path: PATH.into(), modified: None, newer_than_process: false };
        let engine = engine_with(|e| e.daemon.config_file = sample::known(config, ""));
        let host = host_with(PATH, file);
        mode(&snapshot_with(|s| (s.host, s.engines) = (host, vec![engine])))
    }

    #[test]
    fn modes_within_0644_pass() {
        assert_passes(with(file(0o644, 0, 0)));
        assert_passes(with(file(0o600, 0, 0)));
    }

    #[test]
    fn a_file_that_everyone_may_write_to_is_critical_however_small_its_digits() {
        for mode in [0o466, 0o066, 0o666] {
            assert_eq!(assert_fails(with(file(mode, 0, 0))).severity, Some(Severity::Critical));
        }
    }

    #[test]
    fn a_folder_above_that_others_may_write_to_fails_too() {
        let config = ConfigFile { path: PATH.into(), modified: None, newer_than_process: false };
        let engine = engine_with(|e| e.daemon.config_file = sample::known(config, ""));
        let mut host = host_with(PATH, file(0o644, 0, 0));
        host.files.insert("/srv/docker".into(), file(0o775, 0, 50));
        let outcome = mode(&snapshot_with(|s| (s.host, s.engines) = (host, vec![engine])));
        assert!(assert_fails(outcome).message.contains("the folder /srv/docker"));
    }

    #[test]
    fn no_file_is_nothing_to_judge() {
        let engine = engine_with(|e| e.daemon.config_file = sample::absent(""));
        assert_not_applicable(mode(&snapshot_with(|s| s.engines = vec![engine])));
        assert_not_applicable(with(Field::absent(Origin::file(PATH, None))));
    }

    #[test]
    fn an_unseen_file_is_unknown() {
        assert_unknown(mode(&snapshot()));
        assert_unknown(with(Field::unknown("permission denied", Origin::file(PATH, None))));
        let engine = engine_with(|e| e.daemon.config_file = sample::unknown(""));
        assert_unknown(mode(&snapshot_with(|s| s.engines = vec![engine])));
    }
}

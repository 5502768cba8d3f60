use dockward_model::facts::Snapshot;
use dockward_model::verdict::Outcome;

use crate::{config_files, guarded};

crate::check! {
    /// ## Why
    /// Who owns daemon.json may write to it, whatever its mode says now. A new `runtimes` or
    /// `hosts` entry in it, and at the next start of the engine they are root.
    ///
    /// ## Fix
    /// `chown root:root /etc/docker/daemon.json`. Where the engine was started with
    /// `--config-file`, that file is meant.
    ///
    /// ## References
    /// CIS Docker Benchmark 3.17. A rootless engine's own file may belong to its user.
    id: "host-daemon-config-owner", title: "daemon.json belongs to root",
    severity: High, area: Host, cis16: ["3.17"], cis18: ["3.17"], Host: owner
}

fn owner(snapshot: &Snapshot) -> Outcome {
    config_files::judge(snapshot, guarded::judge_owners)
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
        owner(&snapshot_with(|s| (s.host, s.engines) = (host, vec![engine])))
    }

    #[test]
    fn root_passes_and_anyone_else_becomes_root() {
        assert_passes(with(file(0o644, 0, 0)));
        assert_eq!(assert_fails(with(file(0o600, 1000, 0))).severity, Some(Severity::High));
    }

    #[test]
    fn a_foreign_group_is_low() {
        assert_eq!(assert_fails(with(file(0o644, 0, 50))).severity, Some(Severity::Low));
    }

    #[test]
    fn no_file_is_nothing_to_judge() {
        let engine = engine_with(|e| e.daemon.config_file = sample::absent(""));
        assert_not_applicable(owner(&snapshot_with(|s| s.engines = vec![engine])));
        assert_not_applicable(with(Field::absent(Origin::file(PATH, None))));
    }

    #[test]
    fn an_unseen_file_is_unknown() {
        assert_unknown(owner(&snapshot()));
        assert_unknown(with(Field::unknown("permission denied", Origin::file(PATH, None))));
        let engine = engine_with(|e| e.daemon.config_file = sample::unknown(""));
        assert_unknown(owner(&snapshot_with(|s| s.engines = vec![engine])));
    }
}

use dockward_model::facts::Snapshot;
use dockward_model::verdict::Outcome;

use crate::guarded;

crate::check! {
    /// ## Why
    /// `/etc/default/docker` and `/etc/sysconfig/docker` give the engine its arguments on many
    /// systems, and start scripts run them as shell code, as root.
    ///
    /// ## Fix
    /// `chown root:root` and `chmod 0644` on the file named.
    ///
    /// ## References
    /// CIS Docker Benchmark 3.19 to 3.22.
    id: "host-docker-environment", title: "only root may write to the engine's environment files",
    severity: High, area: Host, cis16: ["3.19", "3.20", "3.21", "3.22"],
    cis18: ["3.19", "3.20", "3.21", "3.22"], Host: environment
}

const PATHS: &[&str] = &["/etc/default/docker", "/etc/sysconfig/docker"];

fn environment(snapshot: &Snapshot) -> Outcome {
    guarded::judge_all(&snapshot.host, PATHS, 0o644)
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
        let mut files: Vec<_> = PATHS.iter().map(|p| ((*p).to_owned(), absent(p))).collect();
        files[0].1 = first.clone();
        environment(&snapshot_with(|s| s.host.files = files.into_iter().collect()))
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
    fn none_of_them_is_nothing_to_judge_and_unseen_ones_are_unknown() {
        assert_not_applicable(with(&Field::absent(Origin::file(PATHS[0], None))));
        assert_unknown(with(&Field::unknown("eof", Origin::file(PATHS[0], None))));
        assert_unknown(environment(&snapshot()));
    }
}

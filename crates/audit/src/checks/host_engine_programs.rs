use dockward_model::facts::Snapshot;
use dockward_model::verdict::Outcome;

use crate::guarded;

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

fn programs(snapshot: &Snapshot) -> Outcome {
    guarded::judge_all(&snapshot.host, PATHS, 0o755)
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
        programs(&snapshot_with(|s| s.host.files = files.into_iter().collect()))
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
    fn none_of_them_is_nothing_to_judge_and_unseen_ones_are_unknown() {
        assert_not_applicable(with(&Field::absent(Origin::file(PATHS[0], None))));
        assert_unknown(with(&Field::unknown("eof", Origin::file(PATHS[0], None))));
        assert_unknown(programs(&snapshot()));
    }
}

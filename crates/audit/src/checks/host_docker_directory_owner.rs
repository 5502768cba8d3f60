use dockward_model::facts::Snapshot;
use dockward_model::verdict::Outcome;

use crate::guarded;

crate::check! {
    /// ## Why
    /// `/etc/docker` holds daemon.json, registry CAs and keys. Who owns the folder may put another
    /// daemon.json in the place of the one there, whoever owns that file, and is root at the
    /// engine's next start.
    ///
    /// ## Fix
    /// `chown root:root /etc/docker`.
    ///
    /// ## References
    /// CIS Docker Benchmark 3.5.
    id: "host-docker-directory-owner", title: "/etc/docker belongs to root",
    severity: High, area: Host, cis16: ["3.5"], cis18: ["3.5"], Host: owner
}

const PATH: &str = "/etc/docker";

fn owner(snapshot: &Snapshot) -> Outcome {
    guarded::judge_owners(&snapshot.host, &[PATH], 0)
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
        owner(&snapshot_with(|s| s.host = host_with(PATH, found)))
    }

    #[test]
    fn root_passes_whatever_the_mode() {
        assert_passes(with(file(0o755, 0, 0)));
        assert_passes(with(file(0o777, 0, 0)));
    }

    #[test]
    fn another_owner_fails_and_another_group_as_far_as_it_may_write() {
        let severity = |found| assert_fails(with(found)).severity;
        assert_eq!(severity(file(0o755, 1000, 0)), Some(Severity::High));
        assert_eq!(severity(file(0o755 & 0o755, 0, 50)), Some(Severity::Low));
        assert_eq!(severity(file(0o755 | 0o020, 0, 50)), Some(Severity::High));
    }

    #[test]
    fn none_is_nothing_to_judge_and_an_unseen_one_is_unknown() {
        assert_not_applicable(with(Field::absent(Origin::file(PATH, None))));
        assert_unknown(with(Field::unknown("eof", Origin::file(PATH, None))));
        assert_unknown(owner(&snapshot()));
    }
}

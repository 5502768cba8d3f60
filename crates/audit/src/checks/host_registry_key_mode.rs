use dockward_model::facts::Snapshot;
use dockward_model::verdict::Outcome;

use crate::{guarded, registry_files};

crate::check! {
    /// ## Why
    /// By a `.key` file below `certs.d` a registry knows this host. Who reads it pulls every
    /// private image, and pushes others where this host may.
    ///
    /// ## Fix
    /// `chmod 0400` on the files named. If others could read one, have it revoked and make a new
    /// one.
    ///
    /// ## References
    /// docs.docker.com, "Verify repository client with certificates". Files of each registry below
    /// `/etc/docker/certs.d`, and of a rootless engine below its user's own settings, where they
    /// may be its user's. Permissions are judged as a set of bits.
    id: "host-registry-key-mode", title: "only root reads the keys for registries",
    severity: Medium, area: Host, cis16: [], cis18: [], Host: judge
}

fn judge(snapshot: &Snapshot) -> Outcome {
    registry_files::judge(snapshot, &[".key"], |host, paths, uid| {
        guarded::judge_keys(host, paths, uid)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::judged::{assert_fails, assert_passes, file};
    use crate::registry_files::tests::{assert_asks_only_where_files_are, with};
    use dockward_model::verdict::Severity;

    #[test]
    fn whoever_else_may_read_one_fails_and_its_owners_own_bits_are_low() {
        let severity = |found| assert_fails(judge(&with("client.key", found))).severity;
        assert_eq!(severity(file(0o644, 0, 0)), Some(Severity::High));
        assert_eq!(severity(file(0o640, 0, 50)), Some(Severity::Medium));
        assert_eq!(severity(file(0o600, 0, 0)), Some(Severity::Low));
        assert_passes(judge(&with("client.key", file(0o400, 0, 0))));
    }

    #[test]
    fn none_is_nothing_to_judge_and_unseen_ones_are_unknown() {
        assert_asks_only_where_files_are(judge);
    }
}

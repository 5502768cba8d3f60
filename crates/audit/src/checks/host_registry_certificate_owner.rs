use dockward_model::facts::Snapshot;
use dockward_model::verdict::Outcome;

use crate::{guarded, registry_files};

crate::check! {
    /// ## Why
    /// With the files below `certs.d` the engine knows registries, and is known by them. Who owns
    /// one trusts a registry of their own in the place of yours, and the engine runs what comes
    /// from there.
    ///
    /// ## Fix
    /// `chown root:root` on the files named.
    ///
    /// ## References
    /// CIS Docker Benchmark 3.7. Files of each registry below `/etc/docker/certs.d`, and of a
    /// rootless engine below its user's own settings, where they may be its user's.
    id: "host-registry-certificate-owner", title: "registries' certificates and keys belong to root",
    severity: Medium, area: Host, cis16: ["3.7"], cis18: ["3.7"], Host: judge
}

fn judge(snapshot: &Snapshot) -> Outcome {
    registry_files::judge(snapshot, &[".crt", ".cert", ".key"], |host, paths, uid| {
        guarded::at_most_medium(guarded::judge_owners(host, paths, uid))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::judged::{assert_fails, assert_passes, file};
    use crate::registry_files::tests::{assert_asks_only_where_files_are, with};
    use dockward_model::verdict::Severity;

    #[test]
    fn another_owner_of_any_of_them_fails_and_another_group_is_untidy() {
        for name in ["ca.crt", "client.cert", "client.key"] {
            let severity = |found| assert_fails(judge(&with(name, found))).severity;
            assert_eq!(severity(file(0o400, 1000, 0)), Some(Severity::Medium));
            assert_eq!(severity(file(0o440, 0, 50)), Some(Severity::Low));
            assert_passes(judge(&with(name, file(0o644, 0, 0))));
        }
    }

    #[test]
    fn none_is_nothing_to_judge_and_unseen_ones_are_unknown() {
        assert_asks_only_where_files_are(judge);
    }
}

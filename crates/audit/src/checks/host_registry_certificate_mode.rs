use dockward_model::facts::Snapshot;
use dockward_model::verdict::Outcome;

use crate::{guarded, registry_files};

crate::check! {
    /// ## Why
    /// With the `.crt` and `.cert` files below `certs.d` the engine knows registries, and is known
    /// by them. Who may write to one, or to a folder above it, makes the engine trust a registry of
    /// their own, and run what comes from there.
    ///
    /// ## Fix
    /// `chmod 0444` on the files named.
    ///
    /// ## References
    /// CIS Docker Benchmark 3.8. Files of each registry below `/etc/docker/certs.d`, and of a
    /// rootless engine below its user's own settings, where they may be its user's. Permissions are
    /// judged as a set of bits.
    id: "host-registry-certificate-mode", title: "nobody may change registries' certificates",
    severity: Medium, area: Host, cis16: ["3.8"], cis18: ["3.8"], Host: judge
}

fn judge(snapshot: &Snapshot) -> Outcome {
    registry_files::judge(snapshot, &[".crt", ".cert"], |host, paths, uid| {
        guarded::at_most_medium(guarded::judge_modes(host, paths, uid, 0o444))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::judged::{assert_fails, assert_not_applicable, assert_passes, file};
    use crate::registry_files::tests::{assert_asks_only_where_files_are, with};
    use dockward_model::verdict::Severity;

    #[test]
    fn whoever_else_may_write_fails_and_its_owners_own_bit_is_low() {
        for name in ["ca.crt", "client.cert"] {
            let severity = |found| assert_fails(judge(&with(name, found))).severity;
            assert_eq!(severity(file(0o446, 0, 0)), Some(Severity::Medium));
            assert_eq!(severity(file(0o644, 0, 0)), Some(Severity::Low));
            assert_passes(judge(&with(name, file(0o444, 0, 0))));
        }
    }

    #[test]
    fn keys_are_another_checks() {
        assert_not_applicable(judge(&with("client.key", file(0o666, 0, 0))));
    }

    #[test]
    fn none_is_nothing_to_judge_and_unseen_ones_are_unknown() {
        assert_asks_only_where_files_are(judge);
    }
}

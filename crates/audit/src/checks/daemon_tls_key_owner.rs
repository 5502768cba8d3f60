use dockward_model::facts::{Engine, Snapshot};
use dockward_model::verdict::Outcome;

use crate::{guarded, tls_files};

crate::check! {
    /// ## Why
    /// The private key in `tlskey` proves that it is this engine that answers. Who owns it may read
    /// it and hand it on; callers then trust another machine, and tell it their secrets.
    ///
    /// ## Fix
    /// `chown root:root` on the file named.
    ///
    /// ## References
    /// CIS Docker Benchmark 3.13. The file that this engine uses is meant: `tlskey` of its flags
    /// and of daemon.json, else the one in its user's `~/.docker`. A rootless engine's may be its
    /// user's.
    id: "daemon-tls-key-owner", title: "the engine's TLS key belongs to root",
    severity: Medium, area: Daemon, cis16: ["3.13"], cis18: ["3.13"], Engine: judge
}

fn judge(snapshot: &Snapshot, engine: &Engine) -> Outcome {
    tls_files::judge(snapshot, engine, &engine.daemon.tls.key, |host, path, uid| {
        guarded::at_most_medium(guarded::judge_owners(host, path, uid))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::judged::{assert_fails, file};
    use crate::tls_files::tests::{assert_asks_only_where_tls_is, engine, host};
    use dockward_model::facts::ListenerAuth;
    use dockward_model::verdict::Severity;

    fn with_tls() -> Engine {
        engine(ListenerAuth::ClientCertificates)
    }

    #[test]
    fn another_owner_fails_and_another_group_as_far_as_it_may_write() {
        let severity = |found| assert_fails(judge(&host(found), &with_tls())).severity;
        assert_eq!(severity(file(0o400, 1000, 0)), Some(Severity::Medium));
        assert_eq!(severity(file(0o440, 0, 50)), Some(Severity::Low));
        assert_eq!(severity(file(0o460, 0, 50)), Some(Severity::Medium));
    }

    #[test]
    fn roots_own_passes_and_where_it_is_not_used_or_not_seen_nothing_is_said() {
        assert_asks_only_where_tls_is(judge);
    }
}

use dockward_model::facts::{Engine, Snapshot};
use dockward_model::verdict::Outcome;

use crate::{guarded, tls_files};

crate::check! {
    /// ## Why
    /// By the certificate in `tlscert` callers know that they speak to this engine. Who owns it
    /// puts one of their own there, and callers lose the engine or follow another.
    ///
    /// ## Fix
    /// `chown root:root` on the file named.
    ///
    /// ## References
    /// CIS Docker Benchmark 3.11. The file that this engine uses is meant: `tlscert` of its flags
    /// and of daemon.json, else the one in its user's `~/.docker`. A rootless engine's may be its
    /// user's.
    id: "daemon-tls-certificate-owner", title: "the engine's TLS certificate belongs to root",
    severity: Medium, area: Daemon, cis16: ["3.11"], cis18: ["3.11"], Engine: judge
}

fn judge(snapshot: &Snapshot, engine: &Engine) -> Outcome {
    tls_files::judge(snapshot, engine, &engine.daemon.tls.certificate, |host, path, uid| {
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

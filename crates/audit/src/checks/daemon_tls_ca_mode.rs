use dockward_model::facts::{Engine, Snapshot};
use dockward_model::verdict::Outcome;

use crate::{guarded, tls_files};

crate::check! {
    /// ## Why
    /// The authority in `tlscacert` says whose certificates open the engine's API. Who may write to
    /// it, or to a folder above it, adds an authority of their own, and is root through the API
    /// after the engine's next start.
    ///
    /// ## Fix
    /// `chmod 0444` on the file named.
    ///
    /// ## References
    /// CIS Docker Benchmark 3.10. The file that this engine uses is meant: `tlscacert` of its flags
    /// and of daemon.json, else the one in its user's `~/.docker`. A rootless engine's may be its
    /// user's. Permissions are judged as a set of bits; a bit that only the owner has beyond them
    /// is a low finding.
    id: "daemon-tls-ca-mode", title: "nobody may change the TLS authority",
    severity: High, area: Daemon, cis16: ["3.10"], cis18: ["3.10"], Engine: judge
}

fn judge(snapshot: &Snapshot, engine: &Engine) -> Outcome {
    tls_files::judge(snapshot, engine, &engine.daemon.tls.authority, |host, path, uid| {
        guarded::judge_modes(host, path, uid, 0o444)
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
    fn whoever_else_may_write_fails_and_its_owners_own_bit_is_low() {
        let severity = |found| assert_fails(judge(&host(found), &with_tls())).severity;
        assert_eq!(severity(file(0o446, 0, 0)), Some(Severity::Critical));
        assert_eq!(severity(file(0o464, 0, 50)), Some(Severity::High));
        assert_eq!(severity(file(0o644, 0, 0)), Some(Severity::Low));
    }

    #[test]
    fn roots_own_passes_and_where_it_is_not_used_or_not_seen_nothing_is_said() {
        assert_asks_only_where_tls_is(judge);
    }
}

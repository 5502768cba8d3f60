use dockward_model::facts::{Engine, Snapshot};
use dockward_model::verdict::Outcome;

use crate::{guarded, tls_files};

crate::check! {
    /// ## Why
    /// By the certificate in `tlscert` callers know that they speak to this engine. Who may write
    /// to it, or to a folder above it, puts one of their own there, and callers lose the engine or
    /// follow another.
    ///
    /// ## Fix
    /// `chmod 0444` on the file named.
    ///
    /// ## References
    /// CIS Docker Benchmark 3.12. The file that this engine uses is meant: `tlscert` of its flags
    /// and of daemon.json, else the one in its user's `~/.docker`. A rootless engine's may be its
    /// user's. Permissions are judged as a set of bits; a bit that only the owner has beyond them
    /// is a low finding.
    id: "daemon-tls-certificate-mode", title: "nobody may change the engine's TLS certificate",
    severity: Medium, area: Daemon, cis16: ["3.12"], cis18: ["3.12"], Engine: judge
}

fn judge(snapshot: &Snapshot, engine: &Engine) -> Outcome {
    tls_files::judge(snapshot, engine, &engine.daemon.tls.certificate, |host, path, uid| {
        guarded::at_most_medium(guarded::judge_modes(host, path, uid, 0o444))
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
        assert_eq!(severity(file(0o446, 0, 0)), Some(Severity::Medium));
        assert_eq!(severity(file(0o464, 0, 50)), Some(Severity::Medium));
        assert_eq!(severity(file(0o644, 0, 0)), Some(Severity::Low));
    }

    #[test]
    fn roots_own_passes_and_where_it_is_not_used_or_not_seen_nothing_is_said() {
        assert_asks_only_where_tls_is(judge);
    }
}

use dockward_model::facts::{Engine, Snapshot};
use dockward_model::verdict::Outcome;

use crate::{guarded, tls_files};

crate::check! {
    /// ## Why
    /// The private key in `tlskey` proves that it is this engine that answers. Who reads it can
    /// stand between the engine and its callers, and sees and changes all they say.
    ///
    /// ## Fix
    /// `chmod 0400` on the file named. If others could read it, make a new key and certificate.
    ///
    /// ## References
    /// CIS Docker Benchmark 3.14. The file that this engine uses is meant: `tlskey` of its flags
    /// and of daemon.json, else the one in its user's `~/.docker`. A rootless engine's may be its
    /// user's. Permissions are judged as a set of bits; a bit that only the owner has beyond them
    /// is a low finding.
    id: "daemon-tls-key-mode", title: "only its owner reads the engine's TLS key",
    severity: Medium, area: Daemon, cis16: ["3.14"], cis18: ["3.14"], Engine: judge
}

fn judge(snapshot: &Snapshot, engine: &Engine) -> Outcome {
    tls_files::judge(snapshot, engine, &engine.daemon.tls.key, guarded::judge_keys)
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
    fn whoever_else_may_read_it_fails_and_its_owners_own_bits_are_low() {
        let severity = |found| assert_fails(judge(&host(found), &with_tls())).severity;
        assert_eq!(severity(file(0o444, 0, 0)), Some(Severity::High));
        assert_eq!(severity(file(0o440, 0, 50)), Some(Severity::Medium));
        assert_eq!(severity(file(0o600, 0, 0)), Some(Severity::Low));
    }

    #[test]
    fn roots_own_passes_and_where_it_is_not_used_or_not_seen_nothing_is_said() {
        assert_asks_only_where_tls_is(judge);
    }
}

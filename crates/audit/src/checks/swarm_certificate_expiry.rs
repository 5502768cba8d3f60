use dockward_model::facts::{Engine, Field, Snapshot};
use dockward_model::verdict::{Evidence, Failure, Outcome, Severity};

use crate::swarm;

crate::check! {
    /// ## Why
    /// A node's certificate is what lets it take part in the swarm, and a manager's is as good as
    /// root on every node. One that was stolen, from a backup for instance, works until it expires.
    /// Nodes renew theirs by themselves, so a short life costs nothing.
    ///
    /// ## Fix
    /// `docker swarm update --cert-expiry 720h` (30 days); the engine's default is 90 days.
    ///
    /// ## References
    /// CIS Docker Benchmark 7.7; docs.docker.com, "Manage swarm security with public key
    /// infrastructure (PKI)".
    id: "swarm-certificate-expiry", title: "certificates of the swarm's nodes are renewed often",
    severity: Low, area: Swarm, cis16: ["7.7"], cis18: ["7.7"], Engine: expiry
}

/// Nanoseconds in a day.
const DAY: i64 = 86_400_000_000_000;
/// The engine's default.
const MOST_DAYS: i64 = 90;
/// From here on nothing is renewed in the life of most swarms.
const YEAR: i64 = 365;

fn expiry(_: &Snapshot, engine: &Engine) -> Outcome {
    match swarm::managed(engine) {
        // Nothing said is the default of 90 days.
        Ok(swarm) => {
            let field = &swarm.cluster.node_cert_expiry;
            field.judge(Outcome::Pass, |&nanoseconds| judge(field, nanoseconds))
        }
        Err(outcome) => outcome,
    }
}

fn judge(field: &Field<i64>, nanoseconds: i64) -> Outcome {
    if nanoseconds <= MOST_DAYS * DAY {
        return Outcome::Pass;
    }
    let days = nanoseconds / DAY;
    let evidence = Evidence::of(field, format!("{days} days"), "at most 90 days").effective();
    let message = format!("a stolen certificate of a node works for up to {days} days");
    let fix = "`docker swarm update --cert-expiry 720h`";
    let severity = if days >= YEAR { Severity::Medium } else { Severity::Low };
    Failure::new(message, evidence, fix).severity(severity).into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::judged::{
        assert_fails, assert_not_applicable, assert_passes, assert_unknown, manager_with, nodes,
        snapshot, worker,
    };
    use dockward_model::facts::sample;

    fn with(field: Field<i64>) -> Outcome {
        let engine = manager_with(nodes(1, 0), |swarm| swarm.cluster.node_cert_expiry = field);
        expiry(&snapshot(), &engine)
    }

    #[test]
    fn ninety_days_or_less_pass_and_so_does_the_default() {
        for days in [1, 30, 90] {
            assert_passes(with(sample::known(days * DAY, "NodeCertExpiry")));
        }
        assert_passes(with(sample::absent("NodeCertExpiry")));
    }

    #[test]
    fn longer_fails_and_a_year_is_worse() {
        let failure = assert_fails(with(sample::known(91 * DAY, "NodeCertExpiry")));
        assert_eq!(failure.severity, Some(Severity::Low));
        let failure = assert_fails(with(sample::known(3650 * DAY, "NodeCertExpiry")));
        assert_eq!(failure.severity, Some(Severity::Medium));
        assert!(failure.message.contains("3650 days"));
    }

    #[test]
    fn unread_is_unknown_and_a_worker_is_not_asked() {
        assert_unknown(with(sample::unknown("NodeCertExpiry")));
        assert_not_applicable(expiry(&snapshot(), &worker()));
    }
}

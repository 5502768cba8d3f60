use dockward_model::facts::{Cluster, Engine, Snapshot, Validity};
use dockward_model::verdict::{Evidence, Failure, Outcome, Severity};

use crate::{age, swarm};

crate::check! {
    /// ## Why
    /// The swarm's own authority signs the certificates of all nodes, and lives for 20 years. Who
    /// ever had its key, as root on a manager or with a backup of one, can make itself a manager
    /// until the authority is changed.
    ///
    /// ## Fix
    /// `docker swarm ca --rotate` on a manager; the nodes get new certificates by themselves. Do
    /// it when a manager was broken into or its disk got lost, and else at fixed times.
    ///
    /// ## References
    /// CIS Docker Benchmark 7.8; docs.docker.com, "Manage swarm security with public key
    /// infrastructure (PKI)".
    id: "swarm-ca-rotation", title: "the swarm's authority is changed from time to time",
    severity: Low, area: Swarm, cis16: ["7.8"], cis18: ["7.8"], Engine: rotation
}

/// Younger than a year is no question for anybody.
const YEAR: i64 = 365;
/// Nodes without an authority lose the swarm: this many days before, it is pressing.
const ENDS_SOON: i64 = 90;

fn rotation(snapshot: &Snapshot, engine: &Engine) -> Outcome {
    let cluster = match swarm::managed(engine) {
        Ok(swarm) => &swarm.cluster,
        Err(outcome) => return outcome,
    };
    match cluster.ca_rotating.get() {
        Some(true) => under_way(cluster),
        Some(false) => swarm::told(&cluster.ca, |&ca| of_age(snapshot, cluster, ca)),
        None => Outcome::unread(&cluster.ca_rotating),
    }
}

/// A node that is down keeps a rotation from ending.
fn under_way(cluster: &Cluster) -> Outcome {
    let evidence = Evidence::of(&cluster.ca_rotating, "true", "false").effective();
    let message = "a change of the swarm's authority is under way: it ends when every node is up";
    let fix =
        "bring up or remove the nodes that are down; `docker swarm ca --rotate` shows how far";
    Outcome::Review(Failure::new(message, evidence, fix))
}

fn of_age(snapshot: &Snapshot, cluster: &Cluster, ca: Validity) -> Outcome {
    let days = age::days(ca.not_before, snapshot.now);
    let left = age::days(snapshot.now, ca.not_after);
    let external = cluster.external_cas.get().is_some_and(|list| !list.is_empty());
    let whose = if external { "the outside authority" } else { "the swarm's authority" };
    let seen = format!("from {} to {}", ca.not_before, ca.not_after);
    let evidence = Evidence::of(&cluster.ca, seen, "younger than a year").effective();
    let fix = "`docker swarm ca --rotate` on a manager";
    if left < ENDS_SOON {
        let message = format!("{whose} ends in {left} days: no node gets a new certificate then");
        return Failure::new(message, evidence, fix).severity(Severity::High).into();
    }
    if days < YEAR {
        return Outcome::Pass;
    }
    let message = format!("{whose} is {days} days old: who had its key since is trusted still");
    Outcome::Review(Failure::new(message, evidence, fix))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::judged::{
        assert_fails, assert_needs_a_look, assert_not_applicable, assert_passes, assert_unknown,
        manager_with, nodes, snapshot_with, worker,
    };
    use dockward_model::facts::{Swarm, sample};
    use jiff::Timestamp;

    fn day(number: i64) -> Timestamp {
        Timestamp::from_second(number * 86_400).unwrap()
    }

    fn with(today: i64, change: impl FnOnce(&mut Swarm)) -> Outcome {
        let engine = manager_with(nodes(1, 0), |swarm| {
            let ca = Validity { not_before: day(0), not_after: day(7300) };
            swarm.cluster.ca = sample::known(ca, "TLSInfo.TrustRoot");
            change(swarm);
        });
        rotation(&snapshot_with(|s| s.now = day(today)), &engine)
    }

    #[test]
    fn a_young_one_passes_an_old_one_needs_a_look_and_one_that_ends_fails() {
        assert_passes(with(364, |_| ()));
        assert!(assert_needs_a_look(with(365, |_| ())).message.contains("365 days old"));
        assert!(assert_fails(with(7290, |_| ())).message.contains("ends in 10 days"));
        assert_fails(with(9000, |_| ()));
    }

    #[test]
    fn a_rotation_that_is_under_way_needs_a_look() {
        assert_needs_a_look(with(1, |s| s.cluster.ca_rotating = sample::known(true, "rotating")));
    }

    #[test]
    fn unread_is_unknown_and_a_worker_is_not_asked() {
        assert_unknown(with(1, |s| s.cluster.ca = sample::unknown("TrustRoot")));
        assert_unknown(with(1, |s| s.cluster.ca = sample::absent("TrustRoot")));
        assert_unknown(with(1, |s| s.cluster.ca_rotating = sample::unknown("rotating")));
        assert_not_applicable(rotation(&snapshot_with(|_| ()), &worker()));
    }
}

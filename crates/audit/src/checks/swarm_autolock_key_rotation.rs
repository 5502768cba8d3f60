use dockward_model::facts::{Engine, Snapshot};
use dockward_model::verdict::{Evidence, Failure, Outcome};

use crate::{age, swarm};

crate::check! {
    /// ## Why
    /// The unlock key opens each manager's copy of all secrets. Who has left the team, and every
    /// note and log that it was pasted into, still has it until it is changed.
    ///
    /// ## Fix
    /// `docker swarm unlock-key --rotate` on a manager, at fixed times and whenever somebody who
    /// knew the key leaves. Keep the old one for a few minutes: a manager that was down needs it.
    ///
    /// ## References
    /// CIS Docker Benchmark 7.6; docs.docker.com, "Lock your swarm to protect its encryption key".
    id: "swarm-autolock-key-rotation", title: "the swarm's unlock key is changed from time to time",
    severity: Low, area: Swarm, cis16: ["7.6"], cis18: ["7.6"], Engine: rotation
}

fn rotation(snapshot: &Snapshot, engine: &Engine) -> Outcome {
    let swarm = match swarm::managed(engine) {
        Ok(swarm) => swarm,
        Err(outcome) => return outcome,
    };
    let cluster = &swarm.cluster;
    swarm::told(&cluster.autolock, |&on| {
        if !on {
            return Outcome::NotApplicable("there is no unlock key: see swarm-autolock".into());
        }
        swarm::told(&cluster.created, |&created| {
            let days = age::days(created, snapshot.now);
            let message = format!(
                "the swarm is {days} days old, and no engine tells when its unlock key was changed"
            );
            let made = Evidence::of(&cluster.created, created.to_string(), "a key changed since");
            // `UpdatedAt` says nothing of it: managers change the swarm's record twice a day, with
            // the keys of its control traffic (swarmkit `manager/keymanager`).
            let fix = "if your own records show none lately: `docker swarm unlock-key --rotate`";
            Outcome::Review(Failure::new(message, made.effective(), fix))
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::judged::{
        assert_needs_a_look, assert_not_applicable, assert_unknown, manager_with, nodes,
        snapshot_with, worker,
    };
    use dockward_model::facts::{Swarm, sample};
    use jiff::Timestamp;

    fn with(change: impl FnOnce(&mut Swarm)) -> Outcome {
        let engine = manager_with(nodes(1, 0), |swarm| {
            swarm.cluster.autolock = sample::known(true, "AutoLockManagers");
            swarm.cluster.created = sample::known(Timestamp::UNIX_EPOCH, "CreatedAt");
            change(swarm);
        });
        let later = Timestamp::from_second(400 * 86_400).unwrap();
        rotation(&snapshot_with(|s| s.now = later), &engine)
    }

    #[test]
    fn a_person_is_told_how_old_it_can_be() {
        let failure = assert_needs_a_look(with(|_| ()));
        assert!(failure.message.contains("400 days"), "{}", failure.message);
    }

    #[test]
    fn without_autolock_there_is_no_key() {
        assert_not_applicable(with(|s| s.cluster.autolock = sample::known(false, "AutoLock")));
        assert_not_applicable(rotation(&snapshot_with(|_| ()), &worker()));
    }

    #[test]
    fn unread_is_unknown() {
        assert_unknown(with(|s| s.cluster.autolock = sample::unknown("AutoLock")));
        assert_unknown(with(|s| s.cluster.created = sample::unknown("CreatedAt")));
    }
}

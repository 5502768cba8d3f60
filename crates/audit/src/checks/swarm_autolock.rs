use dockward_model::facts::{Engine, Snapshot};
use dockward_model::verdict::{Evidence, Failure, Outcome};

use crate::swarm;

crate::check! {
    /// ## Why
    /// Each manager keeps the swarm's secrets on its disk, encrypted, with the key beside them. Who
    /// gets a copy of that disk, a backup or an old drive, reads all secrets and can pose as a
    /// manager. With autolock the key is not on the disk: a manager that restarts waits until
    /// somebody gives it.
    ///
    /// ## Fix
    /// `docker swarm update --autolock=true`, and keep the key that it prints in a password safe:
    /// without it a restarted manager stays locked.
    ///
    /// ## References
    /// CIS Docker Benchmark 7.5; docs.docker.com, "Lock your swarm to protect its encryption key".
    id: "swarm-autolock", title: "a manager's disk alone gives nobody the swarm's secrets",
    severity: Medium, area: Swarm, cis16: ["7.5"], cis18: ["7.5"], Engine: autolock
}

fn autolock(_: &Snapshot, engine: &Engine) -> Outcome {
    let swarm = match swarm::managed(engine) {
        Ok(swarm) => swarm,
        Err(outcome) => return outcome,
    };
    let field = &swarm.cluster.autolock;
    swarm::told(field, |&on| {
        if on {
            return Outcome::Pass;
        }
        let evidence = Evidence::of(field, "false", "true").effective();
        let message = "the key to the swarm's secrets lies beside them on each manager's disk";
        let fix = "`docker swarm update --autolock=true`, and keep the key that it prints safe";
        Failure::new(message, evidence, fix).into()
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::judged::{
        assert_fails, assert_not_applicable, assert_passes, assert_unknown, manager_with, nodes,
        snapshot, worker,
    };
    use dockward_model::facts::{Field, sample};

    fn with(field: Field<bool>) -> Outcome {
        let engine = manager_with(nodes(1, 0), |swarm| swarm.cluster.autolock = field);
        autolock(&snapshot(), &engine)
    }

    #[test]
    fn off_fails_and_on_passes() {
        assert_fails(with(sample::known(false, "AutoLockManagers")));
        assert_passes(with(sample::known(true, "AutoLockManagers")));
    }

    #[test]
    fn a_manager_that_does_not_say_is_unknown_and_a_worker_is_not_asked() {
        assert_unknown(with(sample::unknown("AutoLockManagers")));
        assert_unknown(with(sample::absent("AutoLockManagers")));
        assert_not_applicable(autolock(&snapshot(), &worker()));
    }
}

use dockward_model::facts::{Engine, Snapshot};
use dockward_model::verdict::{Evidence, Failure, Outcome};

crate::check! {
    /// ## Why
    /// Swarm mode opens more ports (2377, 7946, 4789) to the network, and a manager may start
    /// containers with the host's files on every node. Where nobody uses it, that is risk for
    /// nothing.
    ///
    /// ## Fix
    /// `docker swarm leave` (`--force` on the last manager) where there are no services. Where it
    /// is used, keep its ports to the other nodes; a manager that runs services passes.
    ///
    /// ## References
    /// CIS Docker Benchmark 5.1; docs.docker.com, "Swarm mode".
    id: "swarm-active", title: "swarm mode is off where it is not needed",
    severity: Low, area: Swarm, cis16: ["5.1"], cis18: ["5.1"], Engine: active
}

fn active(_: &Snapshot, engine: &Engine) -> Outcome {
    let field = &engine.swarm.state;
    field.judge(Outcome::Pass, |state| match state.as_str() {
        "" | "inactive" => Outcome::Pass,
        _ if engine.swarm.services.get().is_some_and(|services| !services.is_empty()) => {
            Outcome::Pass
        }
        state => {
            let role = match engine.swarm.manager.get() {
                Some(true) => ", as a manager",
                Some(false) => ", as a worker",
                None => "",
            };
            let evidence = Evidence::of(field, state, "inactive").effective();
            let fix = "if no service needs it: `docker swarm leave`";
            let idle = match engine.swarm.services.get() {
                Some(_) => ", which runs no service",
                None => "",
            };
            let message = format!("this node is in a swarm ({state}){role}{idle}");
            Outcome::Review(Failure::new(message, evidence, fix))
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::judged::{
        assert_needs_a_look, assert_passes, assert_unknown, engine_with, manager_with, nodes,
        service, snapshot,
    };
    use dockward_model::facts::{Field, sample};

    fn with(state: Field<String>) -> Outcome {
        active(&snapshot(), &engine_with(|e| e.swarm.state = state))
    }

    #[test]
    fn any_part_in_a_swarm_needs_a_look() {
        for state in ["active", "locked", "pending", "error"] {
            assert_needs_a_look(with(sample::known(state.into(), "Swarm.LocalNodeState")));
        }
    }

    #[test]
    fn off_passes_and_so_does_an_engine_without_swarm_mode() {
        assert_passes(with(sample::known("inactive".into(), "Swarm.LocalNodeState")));
        assert_passes(with(sample::absent("Swarm.LocalNodeState")));
    }

    #[test]
    fn a_swarm_that_runs_services_is_needed_and_one_that_runs_none_is_told_so() {
        let with = |services| {
            let services = sample::known(services, "services");
            active(&snapshot(), &manager_with(nodes(1, 0), |swarm| swarm.services = services))
        };
        assert_passes(with(vec![service("web", "nginx")]));
        assert!(assert_needs_a_look(with(Vec::new())).message.ends_with("which runs no service"));
    }

    #[test]
    fn unread_is_unknown() {
        assert_unknown(with(sample::unknown("Swarm.LocalNodeState")));
    }
}

use dockward_model::facts::{Engine, Field, Snapshot, SwarmNode};
use dockward_model::verdict::{Evidence, Failure, Outcome, Severity};

use crate::swarm;

crate::check! {
    /// ## Why
    /// A manager can start containers with any host path on any node, and holds all secrets. Where
    /// it also runs services, who gets out of one of their containers has the whole swarm, and a
    /// service that takes all memory takes the swarm's majority with it.
    ///
    /// ## Fix
    /// `docker node update --availability drain NODE` for each manager, where there are workers to
    /// take its tasks.
    ///
    /// ## References
    /// docs.docker.com, "Administer and maintain a swarm", manager-only nodes.
    id: "swarm-manager-workloads", title: "managers of the swarm run no services",
    severity: Medium, area: Swarm, cis16: [], cis18: [], Engine: workloads
}

fn workloads(_: &Snapshot, engine: &Engine) -> Outcome {
    match swarm::managed(engine) {
        Ok(swarm) => swarm::told(&swarm.nodes, |nodes| judge(&swarm.nodes, nodes)),
        Err(outcome) => outcome,
    }
}

fn judge(field: &Field<Vec<SwarmNode>>, nodes: &[SwarmNode]) -> Outcome {
    let takes_tasks = |node: &&SwarmNode| node.is_manager() && node.availability == "active";
    let open: Vec<_> = nodes.iter().filter(takes_tasks).collect();
    if open.is_empty() {
        return Outcome::Pass;
    }
    let names = swarm::names(&open);
    let evidence = Evidence::of(field, format!("active: {names}"), "drain or pause").effective();
    if nodes.iter().any(|node| !node.is_manager()) {
        let message = format!("managers take services' tasks although there are workers: {names}");
        let fix = "`docker node update --availability drain NODE` for each manager";
        return Failure::new(message, evidence, fix).into();
    }
    let message = format!("every node is a manager and takes services' tasks: {names}");
    let fix = "add workers, then `docker node update --availability drain NODE`";
    Outcome::Review(Failure::new(message, evidence, fix).severity(Severity::Low))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::judged::{
        assert_fails, assert_needs_a_look, assert_not_applicable, assert_passes, assert_unknown,
        manager_with, nodes, snapshot, worker,
    };
    use dockward_model::facts::sample;

    fn with(nodes: Vec<SwarmNode>) -> Outcome {
        workloads(&snapshot(), &manager_with(nodes, |_| ()))
    }

    #[test]
    fn managers_that_take_tasks_beside_workers_fail() {
        let failure = assert_fails(with(nodes(3, 2)));
        assert!(failure.message.contains("m1, m2, m3"));
        assert_needs_a_look(with(nodes(3, 0)));
    }

    #[test]
    fn drained_and_paused_ones_pass() {
        let mut drained = nodes(2, 2);
        drained[0].availability = "drain".into();
        drained[1].availability = "pause".into();
        assert_passes(with(drained));
    }

    #[test]
    fn a_worker_is_not_asked_and_an_unread_list_is_unknown() {
        assert_not_applicable(workloads(&snapshot(), &worker()));
        let unread = manager_with(Vec::new(), |swarm| swarm.nodes = sample::unknown("nodes"));
        assert_unknown(workloads(&snapshot(), &unread));
    }
}

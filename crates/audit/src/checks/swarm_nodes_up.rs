use dockward_model::facts::{Engine, Field, Snapshot, SwarmNode};
use dockward_model::verdict::{Evidence, Failure, Outcome, Severity};

use crate::swarm;

crate::check! {
    /// ## Why
    /// Without a majority of its managers a swarm can't be changed: no service is moved away from a
    /// node that fails, no secret is rotated, no node is shut out. A manager that is already down
    /// is one loss that the swarm bears no more. A node that is down for long keeps a valid
    /// certificate.
    ///
    /// ## Fix
    /// Bring the node back, or take it out: `docker node demote NODE`, then
    /// `docker node rm --force NODE`.
    ///
    /// ## References
    /// docs.docker.com, "Administer and maintain a swarm", fault tolerance.
    id: "swarm-nodes-up", title: "all nodes of the swarm are up",
    severity: Low, area: Swarm, cis16: [], cis18: [], Engine: nodes_up
}

fn nodes_up(_: &Snapshot, engine: &Engine) -> Outcome {
    match swarm::managed(engine) {
        Ok(swarm) => swarm::told(&swarm.nodes, |nodes| judge(&swarm.nodes, nodes)),
        Err(outcome) => outcome,
    }
}

fn is_down(node: &SwarmNode) -> bool {
    let unreachable = node.reachability.as_deref().is_some_and(|word| word != "reachable");
    node.state != "ready" || unreachable
}

fn judge(field: &Field<Vec<SwarmNode>>, nodes: &[SwarmNode]) -> Outcome {
    let down: Vec<_> = nodes.iter().filter(|node| is_down(node)).collect();
    if down.is_empty() {
        return Outcome::Pass;
    }
    let all = nodes.iter().filter(|node| node.is_manager()).count();
    let lost = down.iter().filter(|node| node.is_manager()).count();
    let spare = (all - lost).saturating_sub(all / 2 + 1);
    let names = swarm::names(&down);
    let (message, severity) = match (lost, spare) {
        (0, _) => (format!("nodes are down: {names}"), Severity::Low),
        (_, 0) => {
            let left = all - lost;
            let message = format!("{left} of {all} managers are up: one more loss stops the swarm");
            (format!("{message}; down: {names}"), Severity::High)
        }
        _ => (format!("managers are down: {names}"), Severity::Medium),
    };
    let state = |node: &&SwarmNode| {
        let reached = node.reachability.as_deref().unwrap_or("worker");
        let seen = format!("{}: {}, {reached}", node.name(), node.state);
        Evidence::of(field, seen, "ready and reachable").effective()
    };
    let evidence = down.iter().map(state).collect();
    let fix = "bring it back, or `docker node demote NODE` and `docker node rm --force NODE`";
    Failure { severity: Some(severity), message, evidence, fix: fix.into(), openings: Vec::new() }
        .into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::judged::{
        assert_fails, assert_not_applicable, assert_passes, assert_unknown, manager_with, nodes,
        snapshot, worker,
    };
    use dockward_model::facts::sample;

    fn with(managers: usize, down: &[usize]) -> Outcome {
        let mut nodes = nodes(managers, 1);
        for at in down {
            nodes[*at].state = "down".into();
        }
        nodes_up(&snapshot(), &manager_with(nodes, |_| ()))
    }

    #[test]
    fn the_fewer_losses_are_left_the_worse() {
        assert_passes(with(3, &[]));
        assert_eq!(assert_fails(with(3, &[3])).severity, Some(Severity::Low), "a worker");
        assert_eq!(assert_fails(with(3, &[1])).severity, Some(Severity::High));
        assert_eq!(assert_fails(with(5, &[1])).severity, Some(Severity::Medium));
        assert_eq!(assert_fails(with(5, &[1, 2])).severity, Some(Severity::High));
    }

    #[test]
    fn a_manager_that_the_others_cannot_reach_is_down() {
        let mut nodes = nodes(3, 0);
        nodes[2].reachability = Some("unreachable".into());
        assert_fails(nodes_up(&snapshot(), &manager_with(nodes, |_| ())));
    }

    #[test]
    fn a_worker_is_not_asked_and_an_unread_list_is_unknown() {
        assert_not_applicable(nodes_up(&snapshot(), &worker()));
        let unread = manager_with(Vec::new(), |swarm| swarm.nodes = sample::unknown("nodes"));
        assert_unknown(nodes_up(&snapshot(), &unread));
    }
}

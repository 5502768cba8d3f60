use dockward_model::facts::{Engine, Field, Snapshot, SwarmNode};
use dockward_model::verdict::{Evidence, Failure, Outcome, Severity};

use crate::swarm;

crate::check! {
    /// ## Why
    /// Managers hold all of a swarm's settings and secrets, and agree on each change by majority.
    /// With one of them the swarm stands still when it is lost; an even number bears no more losses
    /// than the odd one below it; each further one is one more machine on which all secrets lie,
    /// and beyond seven they slow each other down.
    ///
    /// ## Fix
    /// Three managers bear the loss of one, five of two: `docker node promote NODE`, or
    /// `docker node demote NODE` where there are too many.
    ///
    /// ## References
    /// CIS Docker Benchmark 7.1; docs.docker.com, "Administer and maintain a swarm".
    id: "swarm-managers", title: "the swarm has as many managers as it needs",
    severity: Low, area: Swarm, cis16: ["7.1"], cis18: ["7.1"], Engine: managers
}

/// Beyond these, agreeing takes longer than it protects.
const MOST: usize = 7;

fn managers(_: &Snapshot, engine: &Engine) -> Outcome {
    match swarm::managed(engine) {
        Ok(swarm) => swarm::told(&swarm.nodes, |nodes| judge(&swarm.nodes, nodes)),
        Err(outcome) => outcome,
    }
}

fn judge(field: &Field<Vec<SwarmNode>>, nodes: &[SwarmNode]) -> Outcome {
    let managers = nodes.iter().filter(|node| node.is_manager()).count();
    let failure = |message: String, fix: &str| {
        let seen = format!("{managers} of {} nodes manage", nodes.len());
        Failure::new(message, Evidence::of(field, seen, "3, 5 or 7 managers").effective(), fix)
    };
    match managers {
        0 | 1 if nodes.len() == 1 => {
            let fix = "add two managers, or leave swarm mode where one host is enough";
            Outcome::Review(failure("the swarm is one node: it bears no loss".into(), fix))
        }
        0 | 1 => {
            let message = format!("one manager for {} nodes: the swarm bears no loss", nodes.len());
            let fix = "`docker node promote` two of the workers";
            failure(message, fix).severity(Severity::Medium).into()
        }
        n if n > MOST => {
            let message =
                format!("{n} managers: each holds every secret, and they slow each other");
            failure(message, "`docker node demote` all but five or seven").into()
        }
        n if n % 2 == 0 => {
            let message = format!("{n} managers bear no more losses than {} would", n - 1);
            failure(message, "`docker node promote` one more, or `demote` one").into()
        }
        _ => Outcome::Pass,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::judged::{
        assert_fails, assert_needs_a_look, assert_not_applicable, assert_passes, assert_unknown,
        engine_with, manager_with, nodes, snapshot, worker,
    };
    use dockward_model::facts::sample;

    fn with(managers_: usize, workers: usize) -> Outcome {
        managers(&snapshot(), &manager_with(nodes(managers_, workers), |_| ()))
    }

    #[test]
    fn odd_numbers_up_to_seven_pass() {
        for count in [3, 5, 7] {
            assert_passes(with(count, 2));
        }
    }

    #[test]
    fn one_even_numbers_and_too_many_fail() {
        assert_eq!(assert_fails(with(1, 4)).severity, Some(Severity::Medium));
        for count in [2, 4, 6, 8, 9] {
            assert_fails(with(count, 2));
        }
    }

    #[test]
    fn a_swarm_of_one_node_is_for_a_person_to_decide() {
        assert_needs_a_look(with(1, 0));
    }

    #[test]
    fn who_is_no_manager_is_not_asked_and_an_unread_list_is_unknown() {
        assert_not_applicable(managers(&snapshot(), &worker()));
        assert_not_applicable(managers(&snapshot(), &engine_with(|_| ())));
        let unread = manager_with(Vec::new(), |swarm| swarm.nodes = sample::unknown("nodes"));
        assert_unknown(managers(&snapshot(), &unread));
    }
}

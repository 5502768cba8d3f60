use std::collections::BTreeMap;

use dockward_model::facts::{Engine, Field, Snapshot, SwarmNode};
use dockward_model::verdict::{Evidence, Failure, Outcome};

use crate::swarm;

crate::check! {
    /// ## Why
    /// A service can land on any node. One with an older engine lacks the fixes that the others
    /// have, and the swarm's settings are held to what the oldest manager understands. A mixture is
    /// meant to last as long as an upgrade.
    ///
    /// ## Fix
    /// Upgrade the engines of the nodes that are behind, one after another:
    /// `docker node update --availability drain NODE` first, `active` afterwards.
    ///
    /// ## References
    /// docs.docker.com, "Administer and maintain a swarm".
    id: "swarm-engine-versions", title: "all nodes of the swarm run the same engine",
    severity: Low, area: Swarm, cis16: [], cis18: [], Engine: versions
}

fn versions(_: &Snapshot, engine: &Engine) -> Outcome {
    match swarm::managed(engine) {
        Ok(swarm) => swarm::told(&swarm.nodes, |nodes| judge(&swarm.nodes, nodes)),
        Err(outcome) => outcome,
    }
}

fn judge(field: &Field<Vec<SwarmNode>>, nodes: &[SwarmNode]) -> Outcome {
    let mut by_version: BTreeMap<&str, Vec<&SwarmNode>> = BTreeMap::new();
    for node in nodes {
        by_version.entry(&node.engine_version).or_default().push(node);
    }
    if by_version.contains_key("") {
        return Outcome::Unknown("a node doesn't say which engine it runs".into());
    }
    if by_version.len() < 2 {
        return Outcome::Pass;
    }
    let told = |(version, nodes): (&&str, &Vec<&SwarmNode>)| {
        let seen = format!("{version}: {}", swarm::names(nodes));
        Evidence::of(field, seen, "one version").effective()
    };
    let versions: Vec<&str> = by_version.keys().copied().collect();
    Outcome::Fail(Failure {
        severity: None,
        message: format!("nodes run different engines: {}", versions.join(", ")),
        evidence: by_version.iter().map(told).collect(),
        fix: "upgrade the engines that are behind, one node after another".into(),
        openings: Vec::new(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::judged::{
        assert_fails, assert_not_applicable, assert_passes, assert_unknown, manager_with, nodes,
        snapshot, worker,
    };
    use dockward_model::facts::sample;

    fn with(version: &str) -> Outcome {
        let mut nodes = nodes(1, 2);
        nodes[2].engine_version = version.into();
        versions(&snapshot(), &manager_with(nodes, |_| ()))
    }

    #[test]
    fn one_version_passes_and_two_fail_with_the_nodes_that_run_them() {
        assert_passes(with("28.5.2"));
        let failure = assert_fails(with("20.10.24"));
        assert_eq!(failure.evidence[0].seen, "20.10.24: w2");
    }

    #[test]
    fn a_node_that_does_not_say_is_unknown() {
        assert_unknown(with(""));
        let unread = manager_with(Vec::new(), |swarm| swarm.nodes = sample::unknown("nodes"));
        assert_unknown(versions(&snapshot(), &unread));
    }

    #[test]
    fn a_worker_is_not_asked() {
        assert_not_applicable(versions(&snapshot(), &worker()));
    }
}

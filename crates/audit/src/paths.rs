//! Attack paths: findings joined into chains from an attacker to the host.
//!
//! A finding says what it opens and for whom ([`dockward_model::verdict::Opening`]). Here these
//! are joined: who is reached from the network, who holds whose namespaces, and what leads out to
//! the host. A path needs each of its steps; a step whose finding is waived is not taken.

mod cut;
pub(crate) mod entry;
mod graph;
mod group;
mod search;
mod weakness;

use dockward_model::facts::Snapshot;
use dockward_model::verdict::{AttackPath, Finding};

use crate::Expectations;

/// All paths, worst first, those alike folded into one. Of equals, those come first into which a
/// known weakness leads that `held` does not accept.
#[must_use]
pub fn find(snapshot: &Snapshot, findings: &[Finding], held: &Expectations<'_>) -> Vec<AttackPath> {
    let graph = graph::Graph::new(snapshot, findings);
    let mut routes = search::routes(&graph, held);
    cut::choose(&mut routes);
    group::fold(&graph, group::one_for_each_way(routes))
}

#[cfg(test)]
mod tests;

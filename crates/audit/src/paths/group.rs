//! Routes told as paths: those that differ in nothing but the container are told once.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::sync::Arc;

use dockward_model::RuleId;
use dockward_model::verdict::{AttackPath, Cut, Evidence, Foothold, Severity, Step};

use super::graph::{Graph, Node};
use super::search::{Route, Start};
use crate::evaluate::subject_of;

/// What makes routes alike: where they start, by which weakness, how long they are, and by which
/// rules they go.
type Kind<'a> = (Reverse<Severity>, Start, Reverse<Option<&'a str>>, usize, Vec<&'a str>);

/// One path for each kind of route, worst first; among equals, the kind with most routes.
pub(super) fn fold(graph: &Graph<'_>, routes: Vec<Route<'_>>) -> Vec<AttackPath> {
    let mut kinds: BTreeMap<Kind<'_>, Vec<&Route<'_>>> = BTreeMap::new();
    for route in &routes {
        let doors = route.doors.iter().map(|door| &door.finding.rule);
        let rules = doors.chain(&route.also).map(RuleId::as_str).collect();
        let weakness = route.weakness.as_ref().map(|found| found.id.as_str());
        let (worst, weakness) = (Reverse(route.severity()), Reverse(weakness));
        let kind = (worst, route.start, weakness, route.through.len(), rules);
        kinds.entry(kind).or_default().push(route);
    }
    let mut groups: Vec<_> = kinds.into_iter().collect();
    groups.sort_by_key(|((severity, start, weakness, ..), routes)| {
        (*severity, *start, weakness.0.is_none(), Reverse(routes.len()))
    });
    groups.iter().filter_map(|(_, routes)| path(graph, routes)).collect()
}

/// Keeps one route for each way through containers, the worst and plainest; what else leads out
/// at its end is named beside it. A mount of `/run` is the engine's socket and a writable folder of
/// the host's: a person wants to be told once.
pub(super) fn one_for_each_way(routes: Vec<Route<'_>>) -> Vec<Route<'_>> {
    let mut routes = routes;
    routes.sort_by_key(|route| (Reverse(route.severity()), rank(route)));
    let (mut kept, mut known): (Vec<Route<'_>>, BTreeMap<_, usize>) = Default::default();
    for route in routes {
        let way = (route.start, route.through.clone());
        match known.get(&way).and_then(|at| kept.get_mut(*at)).filter(|k| !k.through.is_empty()) {
            Some(first) => first.also.extend(route.doors.last().map(|d| d.finding.rule.clone())),
            None => {
                known.insert(way, kept.len());
                kept.push(route);
            }
        }
    }
    for route in &mut kept {
        let main = route.doors.last().map(|door| &door.finding.rule);
        route.also.retain(|rule| Some(rule) != main);
        route.also.sort();
        route.also.dedup();
    }
    kept
}

/// The engine's socket is told before a mount that holds it.
fn rank(route: &Route<'_>) -> (bool, usize) {
    let last = route.doors.last().map(|door| door.finding.rule.as_str());
    (last != Some("container-engine-socket"), route.doors.len())
}

fn path(graph: &Graph<'_>, routes: &[&Route<'_>]) -> Option<AttackPath> {
    let (first, rest) = routes.split_first()?;
    let name = |route: &&Route<'_>| {
        let node = route.through.first().and_then(|i| graph.nodes.get(*i))?;
        Some(node.title())
    };
    let mut alike: Vec<String> = rest.iter().filter_map(name).collect();
    alike.sort();
    alike.dedup();
    Some(AttackPath {
        severity: first.severity(),
        stations: stations(graph, first),
        steps: steps(graph, first),
        cut: cut(first)?,
        also: first.also.clone(),
        alike,
    })
}

fn stations(graph: &Graph<'_>, route: &Route<'_>) -> Vec<String> {
    let name = |i: &usize| graph.nodes.get(*i).map(Node::title);
    let mut names = route.through.iter().filter_map(name);
    let mut stations = match route.start {
        Start::Network => vec!["anyone on the network".to_owned()],
        Start::LocalUser => vec!["a user of this host".to_owned()],
        Start::InContainer => {
            vec![format!("code in {}", names.next().unwrap_or_else(|| "a container".into()))]
        }
    };
    stations.extend(names);
    stations.push(route.end(graph.host));
    stations
}

fn steps(graph: &Graph<'_>, route: &Route<'_>) -> Vec<Step> {
    let mut steps = Vec::new();
    let entry = route.through.first().and_then(|i| graph.nodes.get(*i));
    if let (Some(way), Some(node)) = (&route.entry, entry) {
        steps.push(Step {
            text: way.text.clone(),
            rule: None,
            evidence: Some(way.evidence.clone()),
            subject: Some(Arc::new(subject_of(node.container, node.on))),
        });
    }
    if let (Some(found), Some(node)) = (&route.weakness, entry) {
        steps.push(Step {
            text: found.text.clone(),
            rule: Some("package-vulnerability".into()),
            evidence: Some(found.evidence.clone()),
            subject: Some(Arc::new(subject_of(node.container, node.on))),
        });
    }
    let needs_root = route.doors.iter().any(|door| door.opening.needs == Foothold::RootInContainer);
    let first = entry.and_then(|node| Some((node, node.effective.as_ref()?)));
    if let (Some((node, effective)), true) = (first, needs_root) {
        let user = &effective.runs_as;
        let text = match user.fact.unknown() {
            Some(_) => "may run as uid 0: its user could not be read",
            None => "runs as uid 0",
        };
        steps.push(Step {
            text: text.into(),
            rule: Some("container-root-user".into()),
            evidence: Some(Evidence::of(user, "0", "another uid")),
            subject: Some(Arc::new(subject_of(node.container, node.on))),
        });
    }
    steps.extend(route.doors.iter().map(|door| Step {
        text: door.finding.message.clone(),
        rule: Some(door.finding.rule.clone()),
        evidence: door.finding.evidence.first().cloned(),
        subject: Some(Arc::clone(&door.finding.subject)),
    }));
    steps
}

fn cut(route: &Route<'_>) -> Option<Cut> {
    let finding = route.doors.get(route.cut.0)?.finding;
    Some(Cut {
        text: finding.fix.clone(),
        rule: finding.rule.clone(),
        subject: Arc::clone(&finding.subject),
        cuts: route.cut.1,
    })
}

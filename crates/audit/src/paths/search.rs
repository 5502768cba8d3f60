//! Walks from every start to the host.

use dockward_model::RuleId;
use dockward_model::verdict::{Foothold, Gain, Severity};

use super::entry::{self, Entry};
use super::graph::{Door, Graph, Rights};
use super::weakness::{self, Weakness};
use crate::Expectations;

/// Where an attacker starts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Start {
    /// Anyone who reaches an interface of the host.
    Network,
    /// A user of the host who is not root.
    LocalUser,
    /// Whoever gets code into a container that nothing outside reaches.
    InContainer,
}

/// A way from a start to the host.
pub(super) struct Route<'a> {
    /// Where it starts.
    pub(super) start: Start,
    /// By what the first container is reached.
    pub(super) entry: Option<Entry>,
    /// The known weakness by which one gets code into it, if there is one.
    pub(super) weakness: Option<Weakness>,
    /// The containers that it passes, by their place in the graph.
    pub(super) through: Vec<usize>,
    /// The doors that it takes, in order; the last one leads to the host.
    pub(super) doors: Vec<Door<'a>>,
    /// The door to close, by its place in `doors`, and how many routes that ends.
    pub(super) cut: (usize, usize),
    /// Other rules that lead out at its end.
    pub(super) also: Vec<RuleId>,
    /// As whom one acts on the host at its end.
    pub(super) rights: Rights,
}

/// How many containers a route passes at most; longer ones are no news over their shorter parts.
const LONGEST: usize = 4;

/// Every route, in no order. One for each start and each last door that it can reach, by the
/// shortest way.
pub(super) fn routes<'a>(graph: &Graph<'a>, held: &Expectations<'_>) -> Vec<Route<'a>> {
    let mut routes = direct(graph);
    for (at, node) in graph.nodes.iter().enumerate() {
        let walks = walks(graph, at);
        // Asking the packet filter takes its time: only where it leads on.
        let entry = if walks.is_empty() { None } else { entry::of(node) };
        let weakness = entry.as_ref().and_then(|_| weakness::of(node, held));
        let start = if entry.is_some() { Start::Network } else { Start::InContainer };
        for (through, doors) in walks {
            // A way through others is told only from where somebody gets in.
            if through.len() == 1 || start == Start::Network {
                let (entry, weakness) = (entry.clone(), weakness.clone());
                routes.push(Route { entry, weakness, ..route(graph, start, through, doors) });
            }
        }
    }
    routes
}

fn route<'a>(
    graph: &Graph<'a>,
    start: Start,
    through: Vec<usize>,
    doors: Vec<Door<'a>>,
) -> Route<'a> {
    let rights = doors.last().map_or(Rights::Root, |door| graph.rights(door));
    let (entry, weakness, cut, also) = (None, None, (0, 0), Vec::new());
    Route { start, entry, weakness, through, doors, cut, also, rights }
}

/// Ways that pass no container: an open API, a socket that anyone may write to.
fn direct<'a>(graph: &Graph<'a>) -> Vec<Route<'a>> {
    let to_host = graph.doors.iter().filter(|door| door.leads_to_host());
    to_host
        .filter_map(|door| {
            let start = match door.opening.needs {
                Foothold::Network => Start::Network,
                Foothold::LocalUser => Start::LocalUser,
                Foothold::InContainer | Foothold::RootInContainer => return None,
            };
            Some(route(graph, start, Vec::new(), vec![*door]))
        })
        .collect()
}

type Walk<'a> = (Vec<usize>, Vec<Door<'a>>);

/// Breadth first from `entry` over containers, collecting each door that leads to the host.
fn walks<'a>(graph: &Graph<'a>, entry: usize) -> Vec<Walk<'a>> {
    let mut found = Vec::new();
    let mut seen = vec![entry];
    let mut queue: std::collections::VecDeque<Walk<'a>> = [(vec![entry], Vec::new())].into();
    while let Some((through, doors)) = queue.pop_front() {
        let Some(node) = through.last().and_then(|last| graph.nodes.get(*last)) else { continue };
        for door in node.doors.iter().filter(|door| node.gives(door.opening.needs)) {
            let mut taken = doors.clone();
            taken.push(*door);
            match &door.opening.gain {
                Gain::HostRoot | Gain::HostFiles => found.push((through.clone(), taken)),
                Gain::HostNetwork if node.on_host_network() => {
                    found.extend(loopback(graph).map(|api| {
                        (through.clone(), taken.iter().copied().chain([api]).collect())
                    }));
                }
                Gain::Container(wanted) => {
                    let next = graph.container(node, wanted).filter(|n| !seen.contains(n));
                    if let Some(next) = next.filter(|_| through.len() < LONGEST) {
                        seen.push(next);
                        queue.push_back((through.iter().copied().chain([next]).collect(), taken));
                    }
                }
                Gain::HostNetwork | Gain::Reach => {}
            }
        }
    }
    found
}

/// Doors that stand open to whoever is on the host's loopback interface.
fn loopback<'a>(graph: &Graph<'a>) -> impl Iterator<Item = Door<'a>> {
    let open = |door: &&Door<'a>| {
        door.finding.rule.as_str() == "daemon-tcp-without-client-certificates"
            && door.opening.needs == Foothold::LocalUser
    };
    graph.doors.iter().filter(open).copied()
}

impl Route<'_> {
    /// What is gained at its end.
    pub(super) fn gains_root(&self) -> bool {
        self.rights == Rights::Root && self.reaches(&Gain::HostRoot)
    }

    /// Whether its end is the account of an ordinary user: their files and all that they may start.
    fn gains_account(&self) -> bool {
        self.rights != Rights::Root && self.reaches(&Gain::HostRoot)
    }

    fn reaches(&self, gain: &Gain) -> bool {
        self.doors.last().is_some_and(|door| door.opening.gain == *gain)
    }

    /// What is gained at its end, in a person's words.
    pub(super) fn end(&self, host: &str) -> String {
        let what = if self.reaches(&Gain::HostRoot) { "" } else { "every file of " };
        match self.rights {
            Rights::Root if what.is_empty() => format!("root on {host}"),
            Rights::Root => format!("every file of {host}"),
            Rights::User(Some(uid)) => format!("{what}uid {uid} on {host}"),
            Rights::User(None) => format!("{what}the engine's user on {host}"),
        }
    }

    /// How bad: what is gained, and how little it takes.
    pub(super) fn severity(&self) -> Severity {
        if self.rights != Rights::Root {
            return match (self.start, self.gains_account()) {
                (Start::Network, true) => Severity::High,
                (Start::Network, false) => Severity::Medium,
                (Start::LocalUser | Start::InContainer, _) => Severity::Medium,
            };
        }
        match (self.start, self.gains_root()) {
            (Start::Network, true) => Severity::Critical,
            (Start::Network, false) | (Start::LocalUser | Start::InContainer, true) => {
                Severity::High
            }
            (Start::LocalUser | Start::InContainer, false) => Severity::Medium,
        }
    }
}

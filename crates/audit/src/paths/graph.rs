//! Who can get where: containers, and the findings that lead from one to another or to the host.

use std::collections::BTreeMap;

use dockward_model::facts::{Container, Effective, NamespaceMode, RunsAs, Snapshot};
use dockward_model::verdict::{Finding, Foothold, Gain, Opening, Status, Subject};

/// A container with what was found in it.
pub(super) struct Node<'a> {
    /// The container.
    pub(super) container: &'a Container,
    /// What it comes to; not worked out where nothing was found that opens something.
    pub(super) effective: Option<Effective>,
    /// Its findings that open something.
    pub(super) doors: Vec<Door<'a>>,
}

/// A finding, and one thing that it opens.
#[derive(Clone, Copy)]
pub(super) struct Door<'a> {
    /// The finding.
    pub(super) finding: &'a Finding,
    /// What it opens.
    pub(super) opening: &'a Opening,
}

/// Everything that paths are searched in.
pub(super) struct Graph<'a> {
    /// The host's name.
    pub(super) host: &'a str,
    /// Containers, by their place in the snapshot.
    pub(super) nodes: Vec<Node<'a>>,
    /// Findings about host and daemon that open something.
    pub(super) doors: Vec<Door<'a>>,
    /// Places in `nodes` by id.
    by_id: BTreeMap<&'a str, usize>,
    /// Places in `nodes` by name.
    by_name: BTreeMap<&'a str, usize>,
}

impl<'a> Graph<'a> {
    pub(super) fn new(snapshot: &'a Snapshot, findings: &'a [Finding]) -> Self {
        let mut by_container: BTreeMap<&str, Vec<Door<'a>>> = BTreeMap::new();
        let mut doors = Vec::new();
        for finding in findings.iter().filter(|f| f.waived.is_none() && f.status != Status::Unknown)
        {
            for opening in &finding.openings {
                let door = Door { finding, opening };
                match &*finding.subject {
                    Subject::Container { id, .. } => {
                        by_container.entry(&id.0).or_default().push(door);
                    }
                    _ => doors.push(door),
                }
            }
        }
        let mut nodes = Vec::new();
        for engine in &snapshot.engines {
            for container in engine.containers.iter().filter(|c| c.may_run()) {
                let doors = by_container.remove(container.id.0.as_str()).unwrap_or_default();
                let effective =
                    (!doors.is_empty()).then(|| Effective::of(container, &engine.daemon));
                nodes.push(Node { container, effective, doors });
            }
        }
        let host = snapshot.host.hostname.get().map_or("this host", String::as_str);
        let named = |name: fn(&Container) -> &str| {
            nodes.iter().enumerate().map(|(i, node)| (name(node.container), i)).collect()
        };
        let (by_id, by_name) = (named(|c| &c.id.0), named(|c| &c.name));
        Self { host, nodes, doors, by_id, by_name }
    }

    /// The container that an opening leads to, by id, name, or the first digits of its id.
    pub(super) fn container(&self, wanted: &str) -> Option<usize> {
        let exact = self.by_id.get(wanted).or_else(|| self.by_name.get(wanted));
        let prefixed = || {
            let (id, at) = self.by_id.range(wanted..).next()?;
            (wanted.len() >= 12 && id.starts_with(wanted)).then_some(at)
        };
        exact.or_else(prefixed).copied()
    }
}

impl Node<'_> {
    /// Whether code that gets into this container can use a door that needs `foothold`. A user
    /// that could not be read counts as root.
    pub(super) fn gives(&self, foothold: Foothold) -> bool {
        match foothold {
            Foothold::InContainer => true,
            Foothold::RootInContainer => !matches!(
                self.effective.as_ref().and_then(|e| e.runs_as.get()),
                Some(RunsAs::Uid(_))
            ),
            Foothold::Network | Foothold::LocalUser => false,
        }
    }

    /// Whether it is on the host's own network, loopback included.
    pub(super) fn on_host_network(&self) -> bool {
        self.effective.as_ref().and_then(|e| e.net.get()) == Some(&NamespaceMode::Host)
    }
}

impl Door<'_> {
    /// Whether it leads to the host itself.
    pub(super) fn leads_to_host(&self) -> bool {
        matches!(self.opening.gain, Gain::HostRoot | Gain::HostFiles)
    }
}

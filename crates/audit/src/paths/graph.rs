//! Who can get where: containers, and the findings that lead from one to another or to the host.

use std::collections::BTreeMap;

use dockward_model::ImageId;
use dockward_model::facts::{
    Container, Daemon, Effective, Image, NamespaceMode, PacketFilter, RunsAs, Snapshot,
};
use dockward_model::verdict::{Finding, Foothold, Gain, Opening, Status, Subject};
use dockward_rules::reach;

use crate::evaluate::{subject_of, told_apart};

/// A container with what was found in it.
pub(super) struct Node<'a> {
    /// The container.
    pub(super) container: &'a Container,
    /// The image that it was made from, where it is still there.
    pub(super) image: Option<&'a Image>,
    /// What tells it from containers of other engines.
    pub(super) on: &'a str,
    /// Its engine, by its place in the snapshot.
    engine: usize,
    /// What it comes to; not worked out where nothing was found that opens something.
    pub(super) effective: Option<Effective>,
    /// Its findings that open something.
    pub(super) doors: Vec<Door<'a>>,
    /// The packet filter between it and everybody outside, where it was read.
    pub(super) filter: Option<&'a PacketFilter>,
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
    /// Findings about host and daemon that open something without a container.
    pub(super) doors: Vec<Door<'a>>,
    /// Places in `nodes` by engine and id.
    by_id: BTreeMap<(usize, &'a str), usize>,
    /// Places in `nodes` by engine and name.
    by_name: BTreeMap<(usize, &'a str), usize>,
    /// What is gained on the host by what an engine, by its endpoint, may do there.
    rights: BTreeMap<&'a str, Rights>,
}

/// As whom an engine acts on the host.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Rights {
    /// As root.
    Root,
    /// As an ordinary user, by uid where it was seen.
    User(Option<u32>),
}

impl Rights {
    fn of(daemon: &Daemon) -> Self {
        if !daemon.is_rootless() {
            return Self::Root;
        }
        let uid = daemon.user.get().copied();
        Self::User(uid.or_else(|| Some(daemon.process.get()?.uid)))
    }
}

impl<'a> Graph<'a> {
    pub(super) fn new(snapshot: &'a Snapshot, findings: &'a [Finding]) -> Self {
        let mut by_container: BTreeMap<(&str, &str), Vec<Door<'a>>> = BTreeMap::new();
        let mut doors = Vec::new();
        for finding in findings.iter().filter(|f| f.waived.is_none() && f.status != Status::Unknown)
        {
            for opening in &finding.openings {
                let door = Door { finding, opening };
                match &*finding.subject {
                    // An id alone proves nothing: an engine of a user's may tell of any.
                    Subject::Container { id, engine, .. } => {
                        by_container.entry((engine, &id.0)).or_default().push(door);
                    }
                    _ => doors.push(door),
                }
            }
        }
        // What a program behind all containers leaves open is open in each of them.
        let (shared, doors): (Vec<_>, Vec<_>) = doors.into_iter().partition(Door::is_in_containers);
        let mut nodes = Vec::new();
        for (place, engine) in snapshot.engines.iter().enumerate() {
            let on = told_apart(snapshot, engine);
            let filter = reach::filter(&engine.daemon);
            let images: BTreeMap<&ImageId, &Image> =
                engine.images.get().into_iter().flatten().map(|image| (&image.id, image)).collect();
            for container in engine.containers.iter().filter(|c| c.may_run()) {
                let own = by_container.remove(&(on, &container.id.0)).unwrap_or_default();
                let beneath = shared.iter().filter(|door| door.is_in(&engine.daemon.endpoint));
                let doors: Vec<_> = own.into_iter().chain(beneath.copied()).collect();
                let effective =
                    (!doors.is_empty()).then(|| Effective::of(container, &engine.daemon));
                let image = container.image_id.get().and_then(|id| images.get(id).copied());
                nodes.push(Node { container, image, on, engine: place, effective, doors, filter });
            }
        }
        let host = snapshot.host.hostname.get().map_or("this host", String::as_str);
        let named = |name: fn(&Container) -> &str| {
            let key = |node: &Node<'a>| (node.engine, name(node.container));
            nodes.iter().enumerate().map(|(i, node)| (key(node), i)).collect()
        };
        let (by_id, by_name) = (named(|c| &c.id.0), named(|c| &c.name));
        let daemons = snapshot.engines.iter().map(|engine| &engine.daemon);
        let rights = daemons.map(|d| (d.endpoint.as_str(), Rights::of(d))).collect();
        Self { host, nodes, doors, by_id, by_name, rights }
    }

    /// The container that an opening leads to from another of the same engine, by id, name, or the
    /// first digits of its id.
    pub(super) fn container(&self, from: &Node<'_>, wanted: &str) -> Option<usize> {
        let key = (from.engine, wanted);
        let exact = self.by_id.get(&key).or_else(|| self.by_name.get(&key));
        let prefixed = || {
            let ((engine, id), at) = self.by_id.range(key..).next()?;
            let fits = wanted.len() >= 12 && *engine == from.engine && id.starts_with(wanted);
            fits.then_some(at)
        };
        exact.or_else(prefixed).copied()
    }

    /// As whom one acts on the host behind a door: as its engine does, and through what is the
    /// host's own, as root.
    pub(super) fn rights(&self, door: &Door<'_>) -> Rights {
        let engine = match &*door.finding.subject {
            Subject::Daemon { endpoint } => endpoint.as_str(),
            Subject::Container { engine, .. } if !engine.is_empty() => engine,
            // Of a single engine's containers it is not said where it was reached.
            Subject::Container { .. } => {
                return self.rights.values().next().copied().unwrap_or(Rights::Root);
            }
            _ => return Rights::Root,
        };
        self.rights.get(engine).copied().unwrap_or(Rights::Root)
    }
}

impl Node<'_> {
    /// The container's name, and its engine's where there are several.
    pub(super) fn title(&self) -> String {
        subject_of(self.container, self.on).title().into_owned()
    }

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
    /// Whether it takes code in a container, whichever that is.
    fn is_in_containers(&self) -> bool {
        matches!(self.opening.needs, Foothold::InContainer | Foothold::RootInContainer)
    }

    /// Whether it stands in the containers of the engine at this endpoint: its own finding or the
    /// host's.
    fn is_in(&self, engine: &str) -> bool {
        match &*self.finding.subject {
            Subject::Daemon { endpoint } => endpoint == engine,
            Subject::Host { .. } => true,
            _ => false,
        }
    }

    /// Whether it leads to the host itself.
    pub(super) fn leads_to_host(&self) -> bool {
        matches!(self.opening.gain, Gain::HostRoot | Gain::HostFiles)
    }
}

//! What listens on the host itself, where others than the host reach it.

use std::collections::BTreeSet;
use std::fmt;
use std::net::SocketAddr;

use dockward_model::facts::{ListeningSocket, Process, Protocol, Snapshot};
use dockward_model::verdict::Outcome;

/// Programs of engines: what listens there is a container's port or the engine's own, which rules
/// of their own judge.
const ENGINES: [&str; 11] = [
    "aardvark-dns",
    "conmon",
    "containerd",
    "docker-proxy",
    "dockerd",
    "pasta",
    "podman",
    "rootlesskit",
    "rootlesskit-docker-proxy",
    "rootlessport",
    "slirp4netns",
];

/// A socket, and who has it open where that was seen.
#[derive(Debug)]
pub(crate) struct Listener<'a> {
    /// The socket.
    pub(crate) socket: &'a ListeningSocket,
    /// The process.
    pub(crate) process: Option<&'a Process>,
}

impl Listener<'_> {
    /// Whether its process goes by one of these names: its program's file, or the name that it
    /// gave itself.
    pub(crate) fn is_one_of(&self, names: &[&str]) -> bool {
        let is = |process: &Process| {
            names.contains(&process.comm.as_str())
                || program(process).is_some_and(|program| names.contains(&program))
        };
        self.process.is_some_and(is)
    }

    /// The process's name.
    pub(crate) fn name(&self) -> &str {
        self.process.map_or("a process that was not seen", |process| process.comm.as_str())
    }
}

/// The name of a process's file, without the kernel's mark of a replaced one.
fn program(process: &Process) -> Option<&str> {
    let path = process.exe.as_deref()?;
    path.strip_suffix(" (deleted)").unwrap_or(path).rsplit('/').next()
}

impl fmt::Display for Listener<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let protocol = match self.socket.protocol {
            Protocol::Tcp => "tcp",
            Protocol::Udp => "udp",
            Protocol::Sctp => "sctp",
        };
        let at = SocketAddr::new(self.socket.address, self.socket.port);
        match self.process {
            Some(process) => {
                write!(f, "{} (pid {}) at {at}/{protocol}", process.comm, process.pid)
            }
            None => write!(f, "{} at {at}/{protocol}", self.name()),
        }
    }
}

/// Everything on the host's network that is neither an engine's nor a container's.
///
/// # Errors
/// The unknown outcome where the host's sockets were not read.
pub(crate) fn on_the_network(snapshot: &Snapshot) -> Result<Vec<Listener<'_>>, Outcome> {
    let host = &snapshot.host;
    let Some(sockets) = host.listening.get() else { return Err(Outcome::unread(&host.listening)) };
    let contained = contained(snapshot);
    let owner = |socket: &ListeningSocket| host.listeners.get()?.get(&socket.inode);
    let listeners = sockets
        .iter()
        .filter(|socket| !socket.address.to_canonical().is_loopback())
        .map(|socket| Listener { socket, process: owner(socket) });
    let is_theirs = |process: &Process| {
        contained.contains(&process.pid) || program(process).is_some_and(|p| ENGINES.contains(&p))
    };
    Ok(listeners.filter(|listener| !listener.process.is_some_and(is_theirs)).collect())
}

/// The processes of containers; those with the host's network listen there as well.
fn contained(snapshot: &Snapshot) -> BTreeSet<i32> {
    let containers = snapshot.engines.iter().flat_map(|engine| &engine.containers);
    let processes = containers.filter_map(|c| c.kernel()?.processes.get()).flatten();
    processes.map(|process| process.pid).collect()
}

//! By what somebody outside gets into a container: a published port, or a socket of its own on the
//! host's network. What the packet filter keeps from everybody is no way in; what it does can't
//! always be told, and then it is one.

use dockward_model::facts::{Container, ListeningSocket, PacketFilter, PublishedPort};
use dockward_model::verdict::Evidence;
use dockward_rules::reach::{self, Reach};

use super::graph::Node;

/// A way into a container.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Way<'a> {
    Port(&'a PublishedPort),
    Socket(&'a ListeningSocket),
}

/// A way in, and what the packet filter has to say about it.
#[derive(Debug, Clone)]
pub(super) struct Entry {
    /// What lets somebody in, in a line.
    pub(super) text: String,
    /// Where that was seen.
    pub(super) evidence: Evidence,
}

/// The easiest way in: one that is open to everybody before one that is not, one on every
/// interface before one on a single address.
pub(super) fn of(node: &Node<'_>) -> Option<Entry> {
    let ways = ways(node.container, node.on_host_network());
    let mut open: Vec<_> = ways.filter_map(|way| Some((way, remark(node.filter, way)?))).collect();
    open.sort_by_key(|(way, remark)| (remark.rank, !way.is_everywhere(), way.number()));
    let (way, remark) = open.into_iter().next()?;
    Some(Entry { text: format!("{}{}", way.text(), remark.text), evidence: way.evidence(node)? })
}

/// Every way into a container, before the packet filter is asked. On the host's network nothing is
/// published: whatever listens is there.
pub(crate) fn ways(container: &Container, on_host_network: bool) -> impl Iterator<Item = Way<'_>> {
    let ports = container.ports.get().into_iter().flatten();
    let ports = ports.filter(|port| !port.is_loopback()).map(Way::Port);
    let kernel = container.kernel().filter(|_| on_host_network);
    let own = kernel.and_then(|kernel| kernel.own_listening.get()).into_iter().flatten();
    ports.chain(own.filter(|socket| !socket.address.is_loopback()).map(Way::Socket))
}

struct Remark {
    rank: u8,
    text: String,
}

/// None where nobody gets through.
fn remark(filter: Option<&PacketFilter>, way: Way<'_>) -> Option<Remark> {
    let Some(filter) = filter else { return Some(Remark { rank: 0, text: String::new() }) };
    match way.reach(filter) {
        Reach::Open { only: None, .. } => Some(Remark { rank: 0, text: String::new() }),
        Reach::Open { only: Some(only), .. } => {
            Some(Remark { rank: 1, text: format!("; the packet filter lets it through {only}") })
        }
        Reach::Unknown(why) => Some(Remark {
            rank: 2,
            text: format!("; whether the packet filter lets it through is unknown: {why}"),
        }),
        Reach::Blocked(_) => None,
    }
}

impl Way<'_> {
    /// Whether the packet filter lets anybody through.
    pub(crate) fn reach(self, filter: &PacketFilter) -> Reach {
        match self {
            Self::Port(port) => reach::published(filter, port),
            Self::Socket(socket) => {
                reach::listening(filter, socket.protocol, Some(socket.address), socket.port)
            }
        }
    }

    fn is_everywhere(self) -> bool {
        match self {
            Self::Port(port) => port.is_on_every_interface(),
            Self::Socket(socket) => socket.address.is_unspecified(),
        }
    }

    fn number(self) -> u16 {
        match self {
            Self::Port(port) => port.host_port,
            Self::Socket(socket) => socket.port,
        }
    }

    /// What it is, in a line.
    pub(crate) fn text(self) -> String {
        let every = if self.is_everywhere() { "on every interface" } else { "beyond loopback" };
        match self {
            Self::Port(port) => format!("{port} is published {every}"),
            Self::Socket(socket) => format!("listens on the host's port {socket} {every}"),
        }
    }

    fn evidence(self, node: &Node<'_>) -> Option<Evidence> {
        Some(match self {
            Self::Port(port) => {
                Evidence::at(&port.origin, port.to_string(), "127.0.0.1").effective()
            }
            Self::Socket(socket) => {
                let own = &node.container.kernel()?.own_listening;
                Evidence::of(own, socket.to_string(), "127.0.0.1")
            }
        })
    }
}

//! Who gets where through the packet filter: a new connection from outside, walked along the
//! kernel's hooks as the kernel would.
//!
//! Every chain on a hook is asked: one that accepts lets a packet on to the next, and one that
//! drops it ends its way. That is why a port that Docker's chains accept can still be closed by
//! another table, and why what ufw denies on the input hook is open through the forward hook.
//!
//! Three-valued, and for whoever has it easiest: open where anyone outside gets through, blocked
//! only where nobody does, unknown where that hangs on an expression that is not understood.

mod outside;
mod packet;
mod walk;

use std::net::IpAddr;

use dockward_model::facts::{
    Action, Condition, Daemon, Family, FilterRule, Interface, Origin, PacketFilter, Protocol,
    PublishedPort, Selector, Values,
};
use dockward_model::verdict::Evidence;

use outside::Sender;
use packet::Packet;
use walk::Walk;

/// Whether somebody outside gets there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reach {
    /// Yes.
    Open {
        /// Who alone does, where not everybody: `from 10.0.0.1`, `by eth1`.
        only: Option<String>,
        /// The rule that turns packets aside, to a container: the host's own input is then not
        /// asked.
        aside: Option<Ruling>,
    },
    /// Nobody does.
    Blocked(Ruling),
    /// Could not be told; says why.
    Unknown(String),
}

/// What decides on a packet's way: a rule, a chain's policy, or that there is no way at all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ruling {
    /// Where it stands: `nf_tables ip filter DOCKER-USER handle 7`.
    pub origin: Origin,
    /// The rule, or the policy, in nft's words.
    pub text: String,
}

impl Ruling {
    /// It as evidence.
    #[must_use]
    pub fn evidence(&self, expected: &str) -> Evidence {
        Evidence::at(&self.origin, self.text.clone(), expected)
    }
}

/// Where to, and whether connections are turned aside (NAT) on the way.
#[derive(Debug, Clone, Copy)]
struct Goal {
    protocol: u8,
    v6: bool,
    /// Absent where any address of this host will do.
    to: Option<IpAddr>,
    port: u16,
    translated: bool,
}

/// The packet filter that decides for an engine's ports, where it was read. None decides for those
/// of a rootless engine: it opens them as a user's sockets, in a namespace that it alone is in.
#[must_use]
pub fn filter(daemon: &Daemon) -> Option<&PacketFilter> {
    let is_rootless = daemon.security_option("rootless").get().is_some();
    daemon.packet_filter.get().filter(|_| !is_rootless)
}

/// Whether a published port is reached from outside: through Docker's DNAT, or by the proxy that
/// listens on the host.
#[must_use]
pub fn published(filter: &PacketFilter, port: &PublishedPort) -> Reach {
    to(filter, port.protocol, port.host_address, port.host_port, true)
}

/// Whether a socket of the host's own is reached from outside: what the input hook says, had
/// nobody turned the packet aside.
#[must_use]
pub fn listening(
    filter: &PacketFilter,
    protocol: Protocol,
    address: Option<IpAddr>,
    port: u16,
) -> Reach {
    to(filter, protocol, address, port, false)
}

/// The engine's own bridges, behind which containers are.
#[must_use]
pub fn bridges(filter: &PacketFilter) -> Vec<&Interface> {
    filter.interfaces.iter().filter(|interface| outside::is_dockers(filter, interface)).collect()
}

/// The container's own address and port behind a published one, by the rule that turns packets
/// aside for exactly that address.
#[must_use]
pub fn behind(filter: &PacketFilter, port: &PublishedPort) -> Option<(IpAddr, u16)> {
    let address = port.host_address?;
    let is_for = |rule: &&FilterRule| {
        let names = |wanted: Selector, value: u32| {
            rule.when.iter().any(|condition| {
                matches!(condition,
                Condition::Test { on, is: Values::Numbers(all), negated: false }
                    if *on == wanted && all.as_slice() == [(value, value)])
            })
        };
        let to = rule.when.iter().any(|condition| matches!(condition,
            Condition::Test { on: Selector::Destination, is: Values::Addresses(all), negated: false }
                if all.as_slice() == [(address, address)]));
        to && names(Selector::DestinationPort, port.host_port.into())
    };
    let rules = filter.chains.iter().flat_map(|chain| &chain.rules).filter(is_for);
    rules.flat_map(|rule| &rule.then).find_map(|action| match action {
        Action::Dnat { to: Some(to), port: Some(port) } => Some((*to, *port)),
        _ => None,
    })
}

/// Whether packets are passed on to an address behind this host, such as a container's own.
#[must_use]
pub fn routed(filter: &PacketFilter, protocol: Protocol, to: IpAddr, port: u16) -> Reach {
    let goal =
        Goal { protocol: number(protocol), v6: to.is_ipv6(), to: Some(to), port, translated: true };
    judge(filter, goal)
}

fn to(
    filter: &PacketFilter,
    protocol: Protocol,
    address: Option<IpAddr>,
    port: u16,
    translated: bool,
) -> Reach {
    let protocol = number(protocol);
    let to = address.filter(|address| !address.is_unspecified());
    let in_family = |v6| judge(filter, Goal { protocol, v6, to, port, translated });
    match address {
        Some(address) => in_family(address.is_ipv6()),
        None => easier(in_family(false), in_family(true)),
    }
}

fn number(protocol: Protocol) -> u8 {
    match protocol {
        Protocol::Tcp => 6,
        Protocol::Udp => 17,
        Protocol::Sctp => 132,
    }
}

/// What holds for who may choose between two ways.
fn easier(one: Reach, other: Reach) -> Reach {
    let rank = |reach: &Reach| match reach {
        Reach::Open { only: None, .. } => 0,
        Reach::Open { only: Some(_), .. } => 1,
        Reach::Unknown(_) => 2,
        Reach::Blocked(_) => 3,
    };
    if rank(&other) < rank(&one) { other } else { one }
}

fn judge(filter: &PacketFilter, goal: Goal) -> Reach {
    let family = if goal.v6 { "ip6 " } else { "ip " };
    let legacy: Vec<_> = filter.legacy.iter().filter(|name| name.starts_with(family)).collect();
    if let Some(first) = legacy.first() {
        return Reach::Unknown(format!(
            "iptables-legacy tables are loaded ({first}); their rules can't be read"
        ));
    }
    if let Some(ruling) = outside::no_address(filter, goal.v6) {
        return Reach::Blocked(ruling);
    }
    let all = outside::anyone(filter, goal.v6);
    let seen: Vec<_> = all.iter().map(|sender| (sender, send(filter, goal, sender))).collect();
    if let Some(open) = open_to(&seen) {
        return open;
    }
    let (some, whole) = outside::named_in_rules(filter, goal.v6);
    let mut reach = seen.into_iter().map(|(_, reach)| reach).reduce(easier);
    for sender in &some {
        match send(filter, goal, sender) {
            Reach::Open { aside, .. } => {
                return Reach::Open { only: Some(format!("from {}", sender.source)), aside };
            }
            other => reach = reach.into_iter().chain([other]).reduce(easier),
        }
    }
    match reach {
        Some(Reach::Blocked(_)) if !whole => {
            Reach::Unknown("its rules name more addresses than are tried".into())
        }
        Some(reach) => reach,
        None => Reach::Unknown("there is no interface".into()),
    }
}

/// Open to everybody, or to those who come by some interfaces, if to anyone.
fn open_to(seen: &[(&Sender<'_>, Reach)]) -> Option<Reach> {
    let is_open = |reach: &Reach| matches!(reach, Reach::Open { .. });
    let open: Vec<_> = seen.iter().filter(|(_, reach)| is_open(reach)).collect();
    let (first, Reach::Open { aside, .. }) = open.first()? else { return None };
    if open.len() == seen.len() {
        return Some(Reach::Open { only: None, aside: aside.clone() });
    }
    let is_whole = |name: &str| seen.iter().all(|(s, reach)| s.name() != name || is_open(reach));
    let only = match open.iter().find(|(sender, _)| is_whole(sender.name())) {
        Some((sender, _)) => format!("by {}", sender.name()),
        None if first.is_neighbour => format!("from the network at {}", first.name()),
        None => format!("by {} from {}", first.name(), first.source),
    };
    Some(Reach::Open { only: Some(only), aside: aside.clone() })
}

/// One sender's packet, from hook to hook.
fn send(filter: &PacketFilter, goal: Goal, sender: &Sender<'_>) -> Reach {
    let packet = Packet::new(filter, sender, goal.protocol, goal.to, goal.port, goal.v6);
    Walk::new(filter, packet).follow(goal.translated)
}

/// Whether a chain of this family is asked for a packet.
fn sees(family: Family, v6: bool) -> bool {
    match family {
        Family::Inet => true,
        Family::Ip => !v6,
        Family::Ip6 => v6,
    }
}

#[cfg(test)]
mod tests;

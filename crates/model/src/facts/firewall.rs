//! The kernel's packet filter (nf_tables), as far as it bears on who reaches a container from
//! outside, and the interfaces that packets come by.
//!
//! What iptables writes through nf_tables is in here too (iptables-nft(8)); what the older
//! `ip_tables` module holds can't be read, only that it is there.

mod show;

use std::net::IpAddr;

use serde::{Deserialize, Serialize};

use super::Fact;

/// The packet filter in the network namespace in which an engine publishes ports.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct PacketFilter {
    /// Chains on the hooks prerouting, input and forward, and those that they lead to.
    pub chains: Vec<Chain>,
    /// Interfaces that are not part of another one (a bridge's ports are left out).
    pub interfaces: Vec<Interface>,
    /// Tables of the older back-end, by family and name, such as `ip nat`
    /// (`/proc/net/ip_tables_names`, `ip6_tables_names`). Their rules can't be read.
    pub legacy: Vec<String>,
    /// Whether IPv4 packets for others are passed on (`net.ipv4.ip_forward` of that namespace).
    pub forwards: Fact<bool>,
}

impl PacketFilter {
    /// The chain of this name in the table of another one, to which its rules lead.
    #[must_use]
    pub fn beside(&self, chain: &Chain, name: &str) -> Option<&Chain> {
        self.chains
            .iter()
            .find(|c| c.name == name && c.table == chain.table && c.family == chain.family)
    }

    /// The chains that the kernel asks at a hook, in its order.
    #[must_use]
    pub fn at(&self, hook: Hook) -> Vec<&Chain> {
        let is_there = |chain: &&Chain| chain.base.as_ref().is_some_and(|base| base.hook == hook);
        let mut chains: Vec<_> = self.chains.iter().filter(is_there).collect();
        chains.sort_by_key(|chain| chain.base.as_ref().map(|base| base.priority));
        chains
    }
}

/// Which packets a table sees (`NFPROTO_*`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Family {
    /// IPv4 and IPv6.
    Inet,
    /// IPv4.
    Ip,
    /// IPv6.
    Ip6,
}

/// A point on a packet's way where chains are asked (`enum nf_inet_hooks`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Hook {
    /// As it comes in, before its way is chosen.
    Prerouting,
    /// On its way to a process of this host.
    Input,
    /// On its way through this host.
    Forward,
}

/// A chain of rules.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Chain {
    /// The family of its table.
    pub family: Family,
    /// Its table.
    pub table: String,
    /// Its name.
    pub name: String,
    /// Where it hangs, if the kernel itself asks it.
    pub base: Option<BaseChain>,
    /// Its rules, in order.
    pub rules: Vec<FilterRule>,
}

/// Where a chain hangs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct BaseChain {
    /// The hook.
    pub hook: Hook,
    /// Lower ones are asked first.
    pub priority: i32,
    /// Whether it chooses the addresses of a connection (type `nat`).
    pub nat: bool,
    /// Whether its policy is to drop.
    pub drops: bool,
}

/// A rule: where all conditions hold, what is done, in order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FilterRule {
    /// Its number in the table (`nft -a list ruleset`).
    pub handle: u64,
    /// When it applies.
    pub when: Vec<Condition>,
    /// What it then does; nothing where it only counts or logs.
    pub then: Vec<Action>,
}

/// A condition of a rule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Condition {
    /// A comparison.
    Test {
        /// What is compared.
        on: Selector,
        /// With what.
        is: Values,
        /// Whether it holds where the comparison does not.
        negated: bool,
    },
    /// Something else, by the kernel's own name for it.
    NotUnderstood(String),
}

/// A property of a packet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Selector {
    /// The name of the interface that it came by.
    InName,
    /// The name of the interface that it leaves by.
    OutName,
    /// The number of the interface that it came by.
    InIndex,
    /// The number of the interface that it leaves by.
    OutIndex,
    /// Its source address.
    Source,
    /// Its destination, after it was changed.
    Destination,
    /// Its source port.
    SourcePort,
    /// Its destination port, after it was changed.
    DestinationPort,
    /// The transport's number: 6 is TCP, 17 UDP, 132 SCTP.
    Protocol,
    /// `NFPROTO_IPV4` (2) or `NFPROTO_IPV6` (10).
    NetworkFamily,
    /// The number of the network protocol in an Ethernet frame.
    EtherType,
    /// TCP's flags.
    TcpFlags,
    /// Its connection's state, as bits: 1 invalid, 2 established, 4 related, 8 new.
    CtState,
    /// Its connection's status (`IPS_*`), 32 where its destination was changed.
    CtStatus,
    /// 0 in the direction in which its connection was opened.
    CtDirection,
    /// The mark of its connection.
    CtMark,
    /// The source that its connection was opened from.
    CtSource,
    /// The destination that its connection was opened to.
    CtDestination,
    /// The port that its connection was opened to.
    CtDestinationPort,
    /// Its mark.
    Mark,
    /// What kind of address the source is (`RTN_*`): 1 another host's, 2 this host's.
    SourceType,
    /// What kind of address the destination is (`RTN_*`).
    DestinationType,
    /// The number of the interface that an answer would leave by; 0 where there is none.
    ReversePath,
    /// To whom the frame was sent (`PACKET_*`): 0 this host.
    PacketType,
}

/// What a property is compared with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Values {
    /// One of these names of interfaces.
    Names(Vec<InterfaceName>),
    /// An address in one of these ranges, both ends included.
    Addresses(Vec<(IpAddr, IpAddr)>),
    /// A number in one of these ranges, both ends included.
    Numbers(Vec<(u32, u32)>),
    /// A number that, under the mask, is this value.
    Masked {
        /// The bits that count.
        mask: u32,
        /// What they must be.
        value: u32,
    },
}

/// The name of an interface, or how it begins.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InterfaceName {
    /// The name, or its beginning.
    pub text: String,
    /// Whether it is the whole name.
    pub whole: bool,
}

impl InterfaceName {
    /// Whether an interface of this name is meant.
    #[must_use]
    pub fn is(&self, name: &str) -> bool {
        if self.whole { self.text == name } else { name.starts_with(&self.text) }
    }
}

/// What a rule does.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// This chain and its hook let the packet on; others may still drop it.
    Accept,
    /// The packet goes no further.
    Drop,
    /// The packet goes no further, and its sender is told.
    Reject,
    /// Back to the chain that led here.
    Return,
    /// To another chain, and back.
    Jump(String),
    /// To another chain, and not back.
    Goto(String),
    /// The connection gets another destination. An absent part stays as it is.
    Dnat {
        /// The address.
        to: Option<IpAddr>,
        /// The port.
        port: Option<u16>,
    },
    /// The connection ends on this host, on this port or the same.
    Redirect(Option<u16>),
    /// The packet's mark is changed.
    SetMark,
    /// The connection's mark is changed.
    SetCtMark,
    /// What is done depends on a property; where no entry fits, nothing.
    Choose {
        /// The property.
        on: Selector,
        /// What is done for which values.
        entries: Vec<(Values, Action)>,
    },
    /// Something that may end the packet's way here, by the kernel's own name for it.
    NotUnderstood(String),
}

/// An interface of the engine's network namespace.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Interface {
    /// Its number.
    pub index: u32,
    /// Its name.
    pub name: String,
    /// What it is, in the kernel's words (`bridge`, `veth`, `wireguard`); empty for hardware.
    pub kind: String,
    /// Whether it is a loopback interface.
    pub loopback: bool,
    /// Its addresses, and how many bits of each name the network.
    pub addresses: Vec<(IpAddr, u8)>,
}

//! Who is outside: the interfaces that packets come by from elsewhere, and the addresses that they
//! may come from. Which of these matter is for the rules to say: each address that they name is
//! tried, and one that they don't.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use dockward_model::facts::{
    Action, Chain, Condition, FilterRule, Interface, Origin, PacketFilter, Selector, Values,
};

use super::{Ruling, sees};

/// More addresses than these are not tried, nor more interfaces.
const MAX_SOURCES: usize = 64;
const MAX_INTERFACES: usize = 32;

/// Somebody outside.
#[derive(Debug, Clone, Copy)]
pub(super) struct Sender<'a> {
    /// The interface that their packets come by; absent where none is known.
    pub(super) by: Option<&'a Interface>,
    /// Their address.
    pub(super) source: IpAddr,
    /// Whether they are on the interface's own network.
    pub(super) is_neighbour: bool,
}

impl Sender<'_> {
    pub(super) fn name(&self) -> &str {
        self.by.map_or("any interface", |interface| &interface.name)
    }
}

/// From each interface, a neighbour and somebody far away.
pub(super) fn anyone(filter: &PacketFilter, v6: bool) -> Vec<Sender<'_>> {
    let mut all = Vec::new();
    for by in interfaces(filter) {
        let near = by.and_then(|interface| neighbour(interface, v6));
        all.push(Sender { by, source: far_away(v6), is_neighbour: false });
        all.extend(near.map(|source| Sender { by, source, is_neighbour: true }));
    }
    all
}

/// From each interface, an address of every range that rules name; and whether these are all.
pub(super) fn named_in_rules(filter: &PacketFilter, v6: bool) -> (Vec<Sender<'_>>, bool) {
    let mut sources = sources(filter, v6);
    let whole = sources.len() <= MAX_SOURCES && outside(filter).count() <= MAX_INTERFACES;
    sources.truncate(MAX_SOURCES);
    let by = interfaces(filter);
    let from =
        |source: IpAddr| by.iter().map(move |by| Sender { by: *by, source, is_neighbour: false });
    (sources.into_iter().flat_map(from).collect(), whole)
}

/// What keeps everybody out where no interface speaks this family.
pub(super) fn no_address(filter: &PacketFilter, v6: bool) -> Option<Ruling> {
    let outside: Vec<_> = interfaces(filter).into_iter().flatten().collect();
    let speaks = |i: &&Interface| i.addresses.iter().any(|(address, _)| address.is_ipv6() == v6);
    let names: Vec<_> = outside.iter().map(|interface| interface.name.as_str()).collect();
    (!outside.is_empty() && !outside.iter().any(speaks)).then(|| Ruling {
        origin: Origin::kernel("rtnetlink", names.join(", ")),
        text: format!("no IPv{} address", if v6 { 6 } else { 4 }),
    })
}

/// Those that packets come by from elsewhere.
fn outside(filter: &PacketFilter) -> impl Iterator<Item = &Interface> {
    filter.interfaces.iter().filter(|i| !i.loopback && !is_dockers(filter, i))
}

/// The first of those; one without a name where none is known.
fn interfaces(filter: &PacketFilter) -> Vec<Option<&Interface>> {
    let all: Vec<_> = outside(filter).take(MAX_INTERFACES).map(Some).collect();
    if all.is_empty() { vec![None] } else { all }
}

/// Whether a bridge is the engine's own: by its name, or because Docker's chains name it.
pub(super) fn is_dockers(filter: &PacketFilter, interface: &Interface) -> bool {
    let name = interface.name.as_str();
    let numbered = name
        .strip_prefix("br-")
        .is_some_and(|rest| rest.len() == 12 && rest.bytes().all(|byte| byte.is_ascii_hexdigit()));
    let is_docker_chain = |chain: &&Chain| {
        let named = chain.name.starts_with("DOCKER") && chain.name != "DOCKER-USER";
        named || chain.table.starts_with("docker-")
    };
    interface.kind == "bridge"
        && (numbered
            || name.starts_with("docker")
            || filter.chains.iter().filter(is_docker_chain).any(|chain| names(chain, name)))
}

fn names(chain: &Chain, interface: &str) -> bool {
    let names = |values: &Values| match values {
        Values::Names(all) => all.iter().any(|name| name.whole && name.is(interface)),
        _ => false,
    };
    chain.rules.iter().flat_map(|rule| &rule.when).any(|condition| match condition {
        Condition::Test { is, .. } => names(is),
        Condition::NotUnderstood(_) => false,
    })
}

/// An address of the networks that are kept for documentation: nobody's, so anybody's.
fn far_away(v6: bool) -> IpAddr {
    match v6 {
        true => Ipv6Addr::new(0x2001, 0xdb8, 0x77, 0, 0, 0, 0, 0x77).into(),
        false => Ipv4Addr::new(198, 51, 100, 77).into(),
    }
}

/// Another address of an interface's network.
fn neighbour(interface: &Interface, v6: bool) -> Option<IpAddr> {
    interface.addresses.iter().find_map(|(address, bits)| match address {
        IpAddr::V4(own) if !v6 && *bits < 32 => Some(Ipv4Addr::from_bits(own.to_bits() ^ 1).into()),
        IpAddr::V6(own) if v6 && *bits < 128 => Some(Ipv6Addr::from_bits(own.to_bits() ^ 1).into()),
        _ => None,
    })
}

/// The first address of each range that rules compare sources with, and the first one behind it.
fn sources(filter: &PacketFilter, v6: bool) -> Vec<IpAddr> {
    let mut all = Vec::new();
    for rule in filter.chains.iter().filter(|c| sees(c.family, v6)).flat_map(|c| &c.rules) {
        for (first, last) in ranges(rule) {
            all.push(first);
            all.extend(next(last));
        }
    }
    all.retain(|address| address.is_ipv6() == v6 && may_come_from_outside(filter, *address));
    all.sort();
    all.dedup();
    all
}

fn ranges(rule: &FilterRule) -> Vec<(IpAddr, IpAddr)> {
    let is_source = |on: &Selector| matches!(on, Selector::Source | Selector::CtSource);
    let mut all = Vec::new();
    for condition in &rule.when {
        if let Condition::Test { on, is: Values::Addresses(ranges), .. } = condition
            && is_source(on)
        {
            all.extend(ranges);
        }
    }
    for action in &rule.then {
        if let Action::Choose { on, entries } = action
            && is_source(on)
        {
            let addresses = entries.iter().filter_map(|(values, _)| match values {
                Values::Addresses(ranges) => Some(ranges),
                _ => None,
            });
            all.extend(addresses.flatten());
        }
    }
    all
}

/// Not the host's own, not a container's, and none that the kernel takes for a mistake.
fn may_come_from_outside(filter: &PacketFilter, address: IpAddr) -> bool {
    let is_ours = |interface: &Interface| {
        let is_behind = is_dockers(filter, interface);
        interface
            .addresses
            .iter()
            .any(|(own, bits)| *own == address || (is_behind && same_network(*own, address, *bits)))
    };
    !address.is_unspecified()
        && !address.is_loopback()
        && !address.is_multicast()
        && !filter.interfaces.iter().any(is_ours)
}

/// Whether two addresses agree in their first bits.
pub(super) fn same_network(one: IpAddr, other: IpAddr, bits: u8) -> bool {
    let differ = match (one, other) {
        (IpAddr::V4(a), IpAddr::V4(b)) => (a.to_bits() ^ b.to_bits()).leading_zeros(),
        (IpAddr::V6(a), IpAddr::V6(b)) => (a.to_bits() ^ b.to_bits()).leading_zeros(),
        _ => return false,
    };
    differ >= u32::from(bits)
}

fn next(address: IpAddr) -> Option<IpAddr> {
    match address {
        IpAddr::V4(a) => a.to_bits().checked_add(1).map(|bits| Ipv4Addr::from_bits(bits).into()),
        IpAddr::V6(a) => a.to_bits().checked_add(1).map(|bits| Ipv6Addr::from_bits(bits).into()),
    }
}

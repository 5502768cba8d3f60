//! A packet filter as Docker writes it, and words to write rules with.

use std::net::IpAddr;

use crate::facts::{
    Action, BaseChain, Chain, Condition, Fact, Family, FilterRule, Hook, Interface, InterfaceName,
    PacketFilter, Selector, Values,
};

/// What Docker 20.10 to 27 write for `-p 8080:80` on the default bridge: `eth0` has 192.0.2.10
/// and 2001:db8::10, `docker0` 172.17.0.1. IPv6 has no rules.
#[must_use]
pub fn docker() -> PacketFilter {
    let docker0 = || comes_by("docker0");
    let leaves = || leaves_by("docker0");
    let http = [not(docker0()), leaves(), to("172.17.0.2", "172.17.0.2"), tcp(80)];
    let forward = [
        rule(1, [], Action::Jump("DOCKER-USER".into())),
        rule(2, [leaves(), established()], Action::Accept),
        rule(3, [leaves()], Action::Jump("DOCKER".into())),
        rule(4, [docker0(), not(leaves())], Action::Accept),
    ];
    let dnat = Action::Dnat { to: "172.17.0.2".parse().ok(), port: Some(80) };
    let local = Condition::Test {
        on: Selector::DestinationType,
        is: Values::Numbers(vec![(2, 2)]),
        negated: false,
    };
    PacketFilter {
        chains: vec![
            chain("filter", "FORWARD", Some((Hook::Forward, 0, true)), forward),
            chain("filter", "DOCKER-USER", None, [rule(9, [], Action::Return)]),
            chain("filter", "DOCKER", None, [rule(10, http, Action::Accept)]),
            chain("filter", "INPUT", Some((Hook::Input, 0, false)), []),
            chain(
                "nat",
                "PREROUTING",
                Some((Hook::Prerouting, -100, false)),
                [rule(1, [local], Action::Jump("DOCKER".into()))],
            ),
            chain("nat", "DOCKER", None, [rule(2, [not(docker0()), tcp(8080)], dnat)]),
        ],
        interfaces: vec![
            interface(1, "lo", "", &[("127.0.0.1", 8), ("::1", 128)]),
            interface(2, "eth0", "", &[("192.0.2.10", 24), ("2001:db8::10", 64)]),
            interface(3, "docker0", "bridge", &[("172.17.0.1", 16)]),
        ],
        legacy: Vec::new(),
        forwards: Fact::Known(true),
    }
}

impl PacketFilter {
    /// The same with a rule before all others of an IPv4 chain.
    #[must_use]
    pub fn with_first(mut self, name: &str, first: FilterRule) -> Self {
        for chain in self.chains.iter_mut().filter(|chain| chain.name == name) {
            chain.rules.insert(0, first.clone());
        }
        self
    }
}

/// A chain of an IPv4 table; `hook`, priority and whether its policy is to drop.
pub fn chain(
    table: &str,
    name: &str,
    hook: Option<(Hook, i32, bool)>,
    rules: impl IntoIterator<Item = FilterRule>,
) -> Chain {
    let nat = table == "nat";
    Chain {
        family: Family::Ip,
        table: table.into(),
        name: name.into(),
        base: hook.map(|(hook, priority, drops)| BaseChain { hook, priority, nat, drops }),
        rules: rules.into_iter().collect(),
    }
}

/// A rule with one action.
pub fn rule(handle: u64, when: impl IntoIterator<Item = Condition>, then: Action) -> FilterRule {
    FilterRule { handle, when: when.into_iter().collect(), then: vec![then] }
}

/// An interface; addresses with the bits of their networks.
#[must_use]
pub fn interface(index: u32, name: &str, kind: &str, addresses: &[(&str, u8)]) -> Interface {
    let address = |(text, bits): &(&str, u8)| Some((text.parse().ok()?, *bits));
    Interface {
        index,
        name: name.into(),
        kind: kind.into(),
        loopback: name == "lo",
        addresses: addresses.iter().filter_map(address).collect(),
    }
}

/// `iifname`.
#[must_use]
pub fn comes_by(name: &str) -> Condition {
    named(Selector::InName, name)
}

/// `oifname`.
#[must_use]
pub fn leaves_by(name: &str) -> Condition {
    named(Selector::OutName, name)
}

fn named(on: Selector, name: &str) -> Condition {
    let names = vec![InterfaceName { text: name.into(), whole: true }];
    Condition::Test { on, is: Values::Names(names), negated: false }
}

/// `ip saddr FIRST-LAST`.
#[must_use]
pub fn from(first: &str, last: &str) -> Condition {
    addressed(Selector::Source, first, last)
}

/// `ip daddr FIRST-LAST`.
#[must_use]
pub fn to(first: &str, last: &str) -> Condition {
    addressed(Selector::Destination, first, last)
}

fn addressed(on: Selector, first: &str, last: &str) -> Condition {
    let range = |a: IpAddr, b: IpAddr| Values::Addresses(vec![(a, b)]);
    let is = match (first.parse(), last.parse()) {
        (Ok(first), Ok(last)) => range(first, last),
        _ => Values::Addresses(Vec::new()),
    };
    Condition::Test { on, is, negated: false }
}

/// `tcp dport`; the protocol itself is left out.
#[must_use]
pub fn tcp(port: u16) -> Condition {
    let is = Values::Numbers(vec![(port.into(), port.into())]);
    Condition::Test { on: Selector::DestinationPort, is, negated: false }
}

/// `ct state established,related`.
#[must_use]
pub fn established() -> Condition {
    let is = Values::Masked { mask: 6, value: 0 };
    Condition::Test { on: Selector::CtState, is, negated: true }
}

/// The opposite of a comparison.
#[must_use]
pub fn not(condition: Condition) -> Condition {
    match condition {
        Condition::Test { on, is, negated } => Condition::Test { on, is, negated: !negated },
        other => other,
    }
}

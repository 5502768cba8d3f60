//! Rules in nft's own words (nft(8)), for evidence.

use std::fmt;
use std::net::IpAddr;

use super::{Action, Chain, Condition, Family, FilterRule, InterfaceName, Selector, Values};
use crate::facts::Origin;

impl Chain {
    /// Family, table and name, such as `ip filter FORWARD`.
    #[must_use]
    pub fn path(&self) -> String {
        format!("{} {} {}", self.family, self.table, self.name)
    }

    /// Where a rule of it stands; none for its policy.
    #[must_use]
    pub fn origin(&self, rule: Option<&FilterRule>) -> Origin {
        let place = match rule {
            Some(rule) => format!("{} handle {}", self.path(), rule.handle),
            None => self.path(),
        };
        Origin::kernel("nf_tables", place)
    }
}

impl fmt::Display for Family {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Inet => "inet",
            Self::Ip => "ip",
            Self::Ip6 => "ip6",
        })
    }
}

impl fmt::Display for FilterRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let conditions = self.when.iter().map(ToString::to_string);
        let words: Vec<_> = conditions.chain(self.then.iter().map(ToString::to_string)).collect();
        f.write_str(&words.join(" "))
    }
}

impl fmt::Display for Condition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Test { on, is, negated } => {
                let (negated, is) = in_words(*on, is, *negated);
                write!(f, "{on} {}{is}", if negated { "!= " } else { "" })
            }
            Self::NotUnderstood(what) => write!(f, "[{what}]"),
        }
    }
}

/// Numbers that have names, by these.
fn in_words(on: Selector, is: &Values, negated: bool) -> (bool, String) {
    let names: &[(u32, &str)] = match on {
        Selector::Protocol => {
            &[(1, "icmp"), (6, "tcp"), (17, "udp"), (58, "icmpv6"), (132, "sctp")]
        }
        Selector::NetworkFamily => &[(2, "ipv4"), (10, "ipv6")],
        Selector::SourceType | Selector::DestinationType => {
            &[(1, "unicast"), (2, "local"), (3, "broadcast"), (5, "multicast")]
        }
        Selector::ReversePath => &[(0, "missing")],
        Selector::CtState => &[(1, "invalid"), (2, "established"), (4, "related"), (8, "new")],
        Selector::CtStatus => &[(16, "snat"), (32, "dnat")],
        _ => &[],
    };
    match is {
        Values::Numbers(ranges) => {
            let name = |(first, last): &(u32, u32)| {
                names.iter().find(|(n, _)| n == first && n == last).map(|(_, name)| *name)
            };
            let all: Option<Vec<_>> = ranges.iter().map(name).collect();
            match all.as_deref() {
                None | Some([]) => (negated, is.to_string()),
                Some([one]) => (negated, (*one).to_owned()),
                Some(more) => (negated, format!("{{ {} }}", more.join(", "))),
            }
        }
        // Any of some bits.
        Values::Masked { mask, value: 0 } if names.iter().any(|(bit, _)| mask & bit != 0) => {
            let set = names.iter().filter(|(bit, _)| mask & bit != 0);
            (!negated, set.map(|(_, name)| *name).collect::<Vec<_>>().join(","))
        }
        _ => (negated, is.to_string()),
    }
}

impl fmt::Display for Selector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::InName => "iifname",
            Self::OutName => "oifname",
            Self::InIndex => "iif",
            Self::OutIndex => "oif",
            Self::Source => "saddr",
            Self::Destination => "daddr",
            Self::SourcePort => "sport",
            Self::DestinationPort => "dport",
            Self::Protocol => "meta l4proto",
            Self::NetworkFamily => "meta nfproto",
            Self::EtherType => "meta protocol",
            Self::TcpFlags => "tcp flags",
            Self::CtState => "ct state",
            Self::CtStatus => "ct status",
            Self::CtDirection => "ct direction",
            Self::CtMark => "ct mark",
            Self::CtSource => "ct original saddr",
            Self::CtDestination => "ct original daddr",
            Self::CtDestinationPort => "ct original proto-dst",
            Self::Mark => "meta mark",
            Self::SourceType => "fib saddr type",
            Self::DestinationType => "fib daddr type",
            Self::ReversePath => "fib saddr oif",
            Self::PacketType => "meta pkttype",
        })
    }
}

impl fmt::Display for Values {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const SHOWN: usize = 4;
        let (words, all): (Vec<String>, usize) = match self {
            Self::Names(names) => {
                (names.iter().take(SHOWN).map(ToString::to_string).collect(), names.len())
            }
            Self::Addresses(ranges) => {
                let one = |(first, last): &(IpAddr, IpAddr)| addresses(*first, *last);
                (ranges.iter().take(SHOWN).map(one).collect(), ranges.len())
            }
            Self::Numbers(ranges) => {
                let one = |(first, last): &(u32, u32)| match first == last {
                    true => first.to_string(),
                    false => format!("{first}-{last}"),
                };
                (ranges.iter().take(SHOWN).map(one).collect(), ranges.len())
            }
            Self::Masked { mask, value } => return write!(f, "& {mask:#x} == {value:#x}"),
        };
        match (words.as_slice(), all) {
            ([only], 1) => f.write_str(only),
            (some, all) if all > some.len() => write!(f, "{{ {}, … }}", some.join(", ")),
            (some, _) => write!(f, "{{ {} }}", some.join(", ")),
        }
    }
}

/// A range of addresses, as a prefix where it is one.
fn addresses(first: IpAddr, last: IpAddr) -> String {
    let (low, high, width) = match (first, last) {
        (IpAddr::V4(a), IpAddr::V4(b)) => (u128::from(a.to_bits()), u128::from(b.to_bits()), 32),
        (IpAddr::V6(a), IpAddr::V6(b)) => (a.to_bits(), b.to_bits(), 128),
        _ => return format!("{first}-{last}"),
    };
    let free = low ^ high;
    let is_prefix = free & free.wrapping_add(1) == 0 && low & free == 0;
    match (free, is_prefix) {
        (0, _) => first.to_string(),
        (_, true) => format!("{first}/{}", width - (128 - free.leading_zeros())),
        (_, false) => format!("{first}-{last}"),
    }
}

impl fmt::Display for InterfaceName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\"{}{}\"", self.text, if self.whole { "" } else { "*" })
    }
}

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Accept => f.write_str("accept"),
            Self::Drop => f.write_str("drop"),
            Self::Reject => f.write_str("reject"),
            Self::Return => f.write_str("return"),
            Self::Jump(chain) => write!(f, "jump {chain}"),
            Self::Goto(chain) => write!(f, "goto {chain}"),
            Self::Dnat { to, port } => {
                let to = to.map(|to| to.to_string()).unwrap_or_default();
                let port = port.map(|port| format!(":{port}")).unwrap_or_default();
                write!(f, "dnat to {to}{port}")
            }
            Self::Redirect(Some(port)) => write!(f, "redirect to :{port}"),
            Self::Redirect(None) => f.write_str("redirect"),
            Self::SetMark => f.write_str("meta mark set …"),
            Self::SetCtMark => f.write_str("ct mark set …"),
            Self::Choose { on, entries } => {
                let entry = |(values, action): &(Values, Self)| format!("{values} : {action}");
                let shown: Vec<_> = entries.iter().take(3).map(entry).collect();
                write!(f, "{on} vmap {{ {} }}", shown.join(", "))
            }
            Self::NotUnderstood(what) => write!(f, "[{what}]"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rule_reads_as_nft_writes_it() {
        let name = InterfaceName { text: "eth".into(), whole: false };
        let ten = ("10.0.0.0".parse().unwrap(), "10.255.255.255".parse().unwrap());
        let test = |on, is, negated| Condition::Test { on, is, negated };
        let rule = FilterRule {
            handle: 7,
            when: vec![
                test(Selector::InName, Values::Names(vec![name]), false),
                test(Selector::Source, Values::Addresses(vec![ten]), true),
                test(Selector::DestinationPort, Values::Numbers(vec![(80, 80), (90, 99)]), false),
                Condition::NotUnderstood("xt set".into()),
            ],
            then: vec![Action::Drop],
        };
        let text = "iifname \"eth*\" saddr != 10.0.0.0/8 dport { 80, 90-99 } [xt set] drop";
        assert_eq!(rule.to_string(), text);
    }

    #[test]
    fn numbers_and_bits_that_have_names_are_shown_by_these() {
        let test = |on, is, negated| Condition::Test { on, is, negated }.to_string();
        let bits = |mask| Values::Masked { mask, value: 0 };
        assert_eq!(test(Selector::CtState, bits(6), true), "ct state established,related");
        assert_eq!(test(Selector::CtState, bits(1), false), "ct state != invalid");
        assert_eq!(test(Selector::Mark, bits(1), false), "meta mark & 0x1 == 0x0");
        assert_eq!(
            test(Selector::Protocol, Values::Numbers(vec![(6, 6)]), false),
            "meta l4proto tcp"
        );
        assert_eq!(
            test(Selector::Protocol, Values::Numbers(vec![(9, 9)]), true),
            "meta l4proto != 9"
        );
    }

    #[test]
    fn only_what_is_a_prefix_is_shown_as_one() {
        let show = |a: &str, b: &str| addresses(a.parse().unwrap(), b.parse().unwrap());
        assert_eq!(show("0.0.0.0", "255.255.255.255"), "0.0.0.0/0");
        assert_eq!(show("10.0.0.1", "10.0.0.1"), "10.0.0.1");
        assert_eq!(show("10.0.0.1", "10.0.0.9"), "10.0.0.1-10.0.0.9");
        assert_eq!(show("fd00::", "fd00::ffff"), "fd00::/112");
        let all = "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff";
        assert_eq!(show("::", all), "::/0");
    }
}

//! What iptables' own matches and targets hold: structures of the kernel's, in this machine's
//! layout (`linux/netfilter/xt_*.h`), for what iptables-nft does not say in nf_tables' words.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use dockward_model::facts::{Action, Condition, Family, Selector, Values};

use super::values::is_prefix;
use crate::kernel::netlink::bytes;

/// The conditions of a match. One that is not understood is one that says so.
pub(super) fn conditions(family: Family, name: &str, revision: u32, info: &[u8]) -> Vec<Condition> {
    let read = match (name, revision) {
        ("comment", _) => Some(Vec::new()),
        ("tcp", 0) => tcp(info),
        ("udp", 0) => ports(info, *info.get(8).unwrap_or(&0xff)),
        ("conntrack", 2 | 3) => conntrack(family, info, revision),
        ("state", 0) => ne32(info, 0).and_then(|mask| state(mask, false)).map(|one| vec![one]),
        ("addrtype", 1) => address_types(info),
        ("mark", 1) => mark(Selector::Mark, info),
        ("connmark", 1) => mark(Selector::CtMark, info),
        ("multiport", 1) => multiport(info),
        ("iprange", 1) => ranges(family, info),
        _ => None,
    };
    read.unwrap_or_else(|| vec![Condition::NotUnderstood(format!("xt {name}"))])
}

/// What a target does. Most only count, log or mark.
pub(super) fn actions(family: Family, name: &str, revision: u32, info: &[u8]) -> Vec<Action> {
    let odd = || Action::NotUnderstood(format!("xt {name}"));
    match name {
        "REJECT" => vec![Action::Reject],
        "MARK" => vec![Action::SetMark],
        "CONNMARK" => vec![Action::SetMark, Action::SetCtMark],
        "DNAT" => vec![destination(family, revision, info).unwrap_or_else(odd)],
        "REDIRECT" => match destination(family, revision, info) {
            Some(Action::Dnat { port, .. }) => vec![Action::Redirect(port)],
            _ => vec![odd()],
        },
        // Its first flag keeps connections from being tracked.
        "CT" if info.first().is_some_and(|flags| flags & 1 == 0) => Vec::new(),
        "AUDIT" | "CHECKSUM" | "CLASSIFY" | "DSCP" | "HL" | "IDLETIMER" | "LED" | "LOG"
        | "MASQUERADE" | "NFLOG" | "RATEEST" | "SECMARK" | "CONNSECMARK" | "SET" | "SNAT"
        | "TCPMSS" | "TCPOPTSTRIP" | "TEE" | "TOS" | "TRACE" | "TTL" | "ULOG" => Vec::new(),
        _ => vec![odd()],
    }
}

/// An address out of its first bytes.
pub(super) fn address(v6: bool, from: &[u8]) -> Option<IpAddr> {
    Some(match v6 {
        true => Ipv6Addr::from(bytes::<16>(from, 0)?).into(),
        false => Ipv4Addr::from(bytes::<4>(from, 0)?).into(),
    })
}

fn ne16(from: &[u8], at: usize) -> Option<u16> {
    bytes(from, at).map(u16::from_ne_bytes)
}

fn ne32(from: &[u8], at: usize) -> Option<u32> {
    bytes(from, at).map(u32::from_ne_bytes)
}

fn test(on: Selector, is: Values, negated: bool) -> Condition {
    Condition::Test { on, is, negated }
}

fn numbers(on: Selector, first: u16, last: u16, negated: bool) -> Condition {
    test(on, Values::Numbers(vec![(first.into(), last.into())]), negated)
}

/// Holds where any of these bits is set.
fn any_bit(on: Selector, mask: u32, inverted: bool) -> Condition {
    test(on, Values::Masked { mask, value: 0 }, !inverted)
}

/// `spts`, `dpts` of `struct xt_tcp` and `struct xt_udp`; a full range is no condition.
fn ports(info: &[u8], inverted: u8) -> Option<Vec<Condition>> {
    let mut all = Vec::new();
    for (at, bit, on) in [(0, 1, Selector::SourcePort), (4, 2, Selector::DestinationPort)] {
        let (first, last) = (ne16(info, at)?, ne16(info, at + 2)?);
        if (first, last) != (0, u16::MAX) || inverted & bit != 0 {
            all.push(numbers(on, first, last, inverted & bit != 0));
        }
    }
    Some(all)
}

/// `struct xt_tcp`.
fn tcp(info: &[u8]) -> Option<Vec<Condition>> {
    let [option, mask, flags, inverted] = bytes(info, 8)?;
    let mut all = ports(info, inverted)?;
    if option != 0 {
        return None;
    }
    if mask != 0 {
        let is = Values::Masked { mask: mask.into(), value: flags.into() };
        all.push(test(Selector::TcpFlags, is, inverted & 4 != 0));
    }
    Some(all)
}

/// `XT_CONNTRACK_STATE_*`. Whether addresses were changed is no state to nf_tables.
fn state(mask: u32, inverted: bool) -> Option<Condition> {
    const PLAIN: u32 = 0xf;
    const DNAT: u32 = 1 << 7;
    const DESTINATION_CHANGED: u32 = 32;
    match mask {
        mask if mask & !PLAIN == 0 => Some(any_bit(Selector::CtState, mask, inverted)),
        DNAT => Some(any_bit(Selector::CtStatus, DESTINATION_CHANGED, inverted)),
        _ => None,
    }
}

/// `struct xt_conntrack_mtinfo2` and `3`, as far as rules use them.
fn conntrack(family: Family, info: &[u8], revision: u32) -> Option<Vec<Condition>> {
    const STATE: u16 = 1;
    const PROTOCOL: u16 = 1 << 1;
    const SOURCE: u16 = 1 << 2;
    const DESTINATION: u16 = 1 << 3;
    const STATUS: u16 = 1 << 6;
    const DESTINATION_PORT: u16 = 1 << 9;
    const DIRECTION: u16 = 1 << 12;
    const ALIAS: u16 = 1 << 13;
    let (flags, inverted) = (ne16(info, 146)?, ne16(info, 148)?);
    let is_inverted = |flag| inverted & flag != 0;
    let mut all = Vec::new();
    let mut rest = flags & !ALIAS;
    let mut has = |flag: u16| {
        let has = rest & flag != 0;
        rest &= !flag;
        has
    };
    if has(STATE) {
        all.push(state(ne16(info, 150)?.into(), is_inverted(STATE))?);
    }
    if has(PROTOCOL) {
        let protocol = ne16(info, 136)?;
        all.push(numbers(Selector::Protocol, protocol, protocol, is_inverted(PROTOCOL)));
    }
    if has(SOURCE) {
        let is = masked_address(family, info.get(..32)?)?;
        all.push(test(Selector::CtSource, is, is_inverted(SOURCE)));
    }
    if has(DESTINATION) {
        let is = masked_address(family, info.get(32..64)?)?;
        all.push(test(Selector::CtDestination, is, is_inverted(DESTINATION)));
    }
    if has(STATUS) {
        let status = ne16(info, 152)?.into();
        all.push(any_bit(Selector::CtStatus, status, is_inverted(STATUS)));
    }
    if has(DESTINATION_PORT) && revision == 3 {
        let (first, last) = (ne16(info, 140)?, ne16(info, 156)?.max(ne16(info, 140)?));
        let inverted = is_inverted(DESTINATION_PORT);
        all.push(numbers(Selector::CtDestinationPort, first, last, inverted));
    }
    if has(DIRECTION) {
        let reply = u16::from(is_inverted(DIRECTION));
        all.push(numbers(Selector::CtDirection, reply, reply, false));
    }
    let later = revision == 2 && flags & DESTINATION_PORT != 0;
    (rest == 0 && !later).then_some(all)
}

/// An address and its mask, of 16 bytes each.
fn masked_address(family: Family, info: &[u8]) -> Option<Values> {
    let width = if family == Family::Ip6 { 16 } else { 4 };
    let (value, mask) = (info.get(..width)?, info.get(16..16 + width)?);
    let end = |fill: bool| -> Vec<u8> {
        value.iter().zip(mask).map(|(v, m)| if fill { v | !m } else { v & m }).collect()
    };
    let v6 = width == 16;
    let range = (address(v6, &end(false))?, address(v6, &end(true))?);
    is_prefix(mask).then(|| Values::Addresses(vec![range]))
}

/// `struct xt_addrtype_info_v1`, whose masks count kinds of addresses as routing does.
fn address_types(info: &[u8]) -> Option<Vec<Condition>> {
    let (source, destination, flags) = (ne16(info, 0)?, ne16(info, 2)?, ne32(info, 4)?);
    let kinds = |mask: u16| -> Values {
        let set = (0..16_u32).filter(|bit| mask >> bit & 1 == 1);
        Values::Numbers(set.map(|bit| (bit, bit)).collect())
    };
    let mut all = Vec::new();
    if source != 0 {
        all.push(test(Selector::SourceType, kinds(source), flags & 1 != 0));
    }
    if destination != 0 {
        all.push(test(Selector::DestinationType, kinds(destination), flags & 2 != 0));
    }
    (flags & !3 == 0).then_some(all)
}

/// `struct xt_mark_mtinfo1`, `struct xt_connmark_mtinfo1`.
fn mark(on: Selector, info: &[u8]) -> Option<Vec<Condition>> {
    let is = Values::Masked { mask: ne32(info, 4)?, value: ne32(info, 0)? };
    Some(vec![test(on, is, *info.get(8)? != 0)])
}

/// `struct xt_multiport_v1`: 15 ports, of which some begin a range that the next one ends.
fn multiport(info: &[u8]) -> Option<Vec<Condition>> {
    let on = match info.first()? {
        0 => Selector::SourcePort,
        1 => Selector::DestinationPort,
        _ => return None,
    };
    let count = usize::from(*info.get(1)?);
    let mut ranges = Vec::new();
    let mut at = 0;
    while at < count.min(15) {
        let first = ne16(info, 2 + 2 * at)?;
        let is_range = *info.get(32 + at)? != 0;
        at += usize::from(is_range);
        ranges.push((first.into(), ne16(info, 2 + 2 * at)?.into()));
        at += 1;
    }
    Some(vec![test(on, Values::Numbers(ranges), *info.get(47)? != 0)])
}

/// `struct xt_iprange_mtinfo`.
fn ranges(family: Family, info: &[u8]) -> Option<Vec<Condition>> {
    let flags = *info.get(64)?;
    let v6 = family == Family::Ip6;
    let mut all = Vec::new();
    for (at, flag, on) in [(0, 1, Selector::Source), (32, 2, Selector::Destination)] {
        if flags & flag != 0 {
            let range = (address(v6, info.get(at..)?)?, address(v6, info.get(at + 16..)?)?);
            let inverted = flags & (flag << 4) != 0;
            all.push(test(on, Values::Addresses(vec![range]), inverted));
        }
    }
    Some(all)
}

/// `struct nf_nat_ipv4_multi_range_compat` (revision 0 for IPv4), `struct nf_nat_range` and
/// `nf_nat_range2`. Of a range, the first address and port.
fn destination(family: Family, revision: u32, info: &[u8]) -> Option<Action> {
    const ADDRESS: u32 = 1;
    const PORT: u32 = 2;
    let is_old = revision == 0 && family == Family::Ip;
    let (flags, at, port) = if is_old { (4, 8, 16) } else { (0, 4, 36) };
    let flags = ne32(info, flags)?;
    let address = || address(family == Family::Ip6, info.get(at..)?);
    let port = || bytes(info, port).map(u16::from_be_bytes);
    Some(Action::Dnat {
        to: if flags & ADDRESS != 0 { Some(address()?) } else { None },
        port: if flags & PORT != 0 { Some(port()?) } else { None },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(name: &str, revision: u32, info: &[u8]) -> Vec<String> {
        let all = conditions(Family::Ip, name, revision, info);
        all.iter().map(ToString::to_string).collect()
    }

    fn words(all: &[u16]) -> Vec<u8> {
        all.iter().flat_map(|word| word.to_ne_bytes()).collect()
    }

    /// As iptables before 1.8.8 wrote `--dport 80`.
    #[test]
    fn ports_of_older_versions_are_read() {
        let tcp = [words(&[0, 0xffff, 80, 80]), vec![0, 0, 0, 0]].concat();
        assert_eq!(shown("tcp", 0, &tcp), ["dport 80"]);
        let inverted = [words(&[0, 0xffff, 80, 90]), vec![0, 0x17, 2, 2]].concat();
        assert_eq!(shown("tcp", 0, &inverted), ["dport != 80-90", "tcp flags & 0x17 == 0x2"]);
        let udp = [words(&[53, 53, 0, 0xffff]), vec![0, 0]].concat();
        assert_eq!(shown("udp", 0, &udp), ["sport 53"]);
        let option = [words(&[0, 0xffff, 80, 80]), vec![5, 0, 0, 0]].concat();
        assert_eq!(shown("tcp", 0, &option), ["[xt tcp]"]);
    }

    #[test]
    fn what_is_unknown_or_cut_short_says_so() {
        for name in ["tcp", "udp", "conntrack", "state", "addrtype", "mark", "multiport", "set"] {
            for revision in 0..4 {
                let seen = shown(name, revision, &[1]);
                assert_eq!(seen, [format!("[xt {name}]")], "{revision}");
            }
        }
        let odd = |name: &str| actions(Family::Ip, name, 2, &[]);
        assert_eq!(odd("DNAT"), [Action::NotUnderstood("xt DNAT".into())]);
        assert_eq!(odd("NFQUEUE"), [Action::NotUnderstood("xt NFQUEUE".into())]);
        assert_eq!(odd("LOG"), []);
    }

    #[test]
    fn the_oldest_form_of_a_destination_is_read() {
        let mut info = vec![0; 20];
        info[4] = 3;
        info[8..12].copy_from_slice(&[172, 17, 0, 2]);
        info[16..18].copy_from_slice(&80_u16.to_be_bytes());
        let to = Some("172.17.0.2".parse().unwrap());
        assert_eq!(actions(Family::Ip, "DNAT", 0, &info), [Action::Dnat { to, port: Some(80) }]);
    }
}

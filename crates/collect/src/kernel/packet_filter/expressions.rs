//! A rule's expressions, which move values through registers, as conditions and actions.

use std::collections::BTreeMap;

use dockward_model::facts::{Action, Condition, Family, Selector, Values};

use super::headers::{self, TRANSPORT, V4, V6};
use super::sets::Sets;
use super::values::{Compare, Form, Property};
use super::xtables;
use crate::kernel::netlink::{Attributes, bytes};

/// `linux/netfilter/nf_tables.h`: names of attributes.
const EXPRESSION_NAME: u16 = 1;
const EXPRESSION_DATA: u16 = 2;
const DATA_VALUE: u16 = 1;
const DATA_VERDICT: u16 = 2;
/// Registers are counted in parts of four bytes; the first one was for verdicts.
const VERDICT_REGISTER: u32 = 0;
const CT_ORIGINAL: u8 = 0;

/// What a register holds.
#[derive(Debug, Clone)]
enum Held {
    Property(Property),
    /// Neighbours in a header, loaded in one go.
    Neighbours(Vec<Property>),
    Value(Vec<u8>),
    Other(String),
}

struct Reading<'a> {
    family: Family,
    table: &'a str,
    sets: &'a Sets,
    /// IPv6, where an earlier condition of an `inet` rule says which it is.
    v6: Option<bool>,
    registers: BTreeMap<u32, Held>,
    when: Vec<Condition>,
    then: Vec<Action>,
}

/// The conditions and the actions of a rule. None where its expressions are not whole.
pub(super) fn read(
    family: Family,
    table: &str,
    list: &Attributes<'_>,
    sets: &Sets,
) -> Option<(Vec<Condition>, Vec<Action>)> {
    let v6 = match family {
        Family::Ip => Some(false),
        Family::Ip6 => Some(true),
        Family::Inet => None,
    };
    let (registers, when, then) = Default::default();
    let mut reading = Reading { family, table, sets, v6, registers, when, then };
    for (_, expression) in list.all() {
        let expression = Attributes::parse(expression)?;
        let data = expression.nested(EXPRESSION_DATA).unwrap_or_default();
        reading.expression(&expression.text(EXPRESSION_NAME)?, &data)?;
    }
    Some((reading.when, reading.then))
}

/// `NFTA_VERDICT_CODE`, `NFTA_VERDICT_CHAIN`; no action where it only goes on.
pub(super) fn verdict(told: &Attributes<'_>) -> Option<Option<Action>> {
    let chain = || told.text(2);
    Some(match told.be32(1)?.cast_signed() {
        0 => Some(Action::Drop),
        1 => Some(Action::Accept),
        -1 => None,
        -3 => Some(Action::Jump(chain()?)),
        -4 => Some(Action::Goto(chain()?)),
        -5 => Some(Action::Return),
        other => Some(Action::NotUnderstood(format!("verdict {other}"))),
    })
}

impl Reading<'_> {
    fn expression(&mut self, name: &str, told: &Attributes<'_>) -> Option<()> {
        match name {
            "counter" | "log" | "last" | "masq" | "dup" | "flow_offload" => {}
            "payload" => self.payload(told),
            "meta" => self.meta(told),
            "ct" => self.ct(told),
            "fib" => self.fib(told),
            "bitwise" => self.bitwise(told),
            "cmp" => self.compare(told),
            "range" => self.between(told),
            "lookup" => self.lookup(told),
            "immediate" => self.immediate(told)?,
            "nat" => self.nat(told),
            "redir" => {
                let port = self.port(told.be32(1));
                self.then.push(Action::Redirect(port));
            }
            "reject" => self.then.push(Action::Reject),
            "match" => {
                let (name, revision, info) = extension(told)?;
                self.when.extend(xtables::conditions(self.family, &name, revision, info));
            }
            "target" => {
                let (name, revision, info) = extension(told)?;
                self.then.extend(xtables::actions(self.family, &name, revision, info));
            }
            "queue" | "tproxy" | "synproxy" | "fwd" | "notrack" => {
                self.then.push(Action::NotUnderstood(name.into()));
            }
            "limit" | "quota" | "connlimit" | "dynset" | "objref" => self.odd(name),
            // Whatever else there is loads something into a register, not always into the same.
            _ => {
                self.registers.clear();
                self.registers.insert(0, Held::Other(name.into()));
            }
        }
        Some(())
    }

    fn odd(&mut self, what: &str) {
        self.when.push(Condition::NotUnderstood(what.into()));
    }

    fn put(&mut self, register: Option<u32>, held: Held) {
        if let Some(register) = register {
            self.registers.insert(canonical(register), held);
        }
    }

    fn held(&self, register: Option<u32>) -> Held {
        let at = register.map(canonical);
        let held = at.and_then(|at| self.registers.get(&at));
        let lost = || Held::Other("a register".into());
        held.or_else(|| self.registers.get(&0)).cloned().unwrap_or_else(lost)
    }

    /// `NFTA_PAYLOAD_*`: part of a header.
    fn payload(&mut self, told: &Attributes<'_>) {
        let (Some(base), Some(offset), Some(length)) = (told.be32(2), told.be32(3), told.be32(4))
        else {
            return;
        };
        let held = match (told.be32(1), base) {
            // It writes to the packet: what we look at is not what others change.
            (None, _) => return self.then.push(Action::NotUnderstood("payload set".into())),
            (_, 1) => match self.v6 {
                Some(false) => headers::parts(V4, offset, length).and_then(loaded),
                Some(true) => headers::parts(V6, offset, length).and_then(loaded),
                None => None,
            },
            (_, 2) => headers::parts(TRANSPORT, offset, length).and_then(loaded),
            _ => None,
        };
        let other = || Held::Other(format!("payload {base},{offset},{length}"));
        self.put(told.be32(1), held.unwrap_or_else(other));
    }

    /// `NFTA_META_*`, `enum nft_meta_keys`.
    fn meta(&mut self, told: &Attributes<'_>) {
        let key = told.be32(2).unwrap_or(u32::MAX);
        if told.be32(3).is_some() {
            if key == 3 {
                self.then.push(Action::SetMark);
            }
            return;
        }
        let held = match key {
            1 => property(Selector::EtherType, Form::Network, 2),
            3 => property(Selector::Mark, Form::Native, 4),
            4 => property(Selector::InIndex, Form::Native, 4),
            5 => property(Selector::OutIndex, Form::Native, 4),
            6 => property(Selector::InName, Form::Name, 16),
            7 => property(Selector::OutName, Form::Name, 16),
            15 => property(Selector::NetworkFamily, Form::Network, 1),
            16 => property(Selector::Protocol, Form::Network, 1),
            19 => property(Selector::PacketType, Form::Network, 1),
            other => Held::Other(format!("meta {other}")),
        };
        self.put(told.be32(1), held);
    }

    /// `NFTA_CT_*`, `enum nft_ct_keys`.
    fn ct(&mut self, told: &Attributes<'_>) {
        let key = told.be32(2).unwrap_or(u32::MAX);
        if told.be32(4).is_some() {
            match key {
                3 => self.then.push(Action::SetCtMark),
                17 => self.then.push(Action::NotUnderstood("ct zone set".into())),
                _ => {}
            }
            return;
        }
        let original = told.get(3).and_then(<[u8]>::first) == Some(&CT_ORIGINAL);
        let v6 = self.v6;
        let held = match key {
            0 => property(Selector::CtState, Form::Native, 4),
            1 => property(Selector::CtDirection, Form::Network, 1),
            2 => property(Selector::CtStatus, Form::Native, 4),
            3 => property(Selector::CtMark, Form::Native, 4),
            8 | 19 | 21 if original => address(Selector::CtSource, key, v6),
            9 | 20 | 22 if original => address(Selector::CtDestination, key, v6),
            12 if original => property(Selector::CtDestinationPort, Form::Network, 2),
            other => Held::Other(format!("ct {other}")),
        };
        self.put(told.be32(1), held);
    }

    /// `NFTA_FIB_*`: 1 and 2 are the flags for source and destination, 8 and 16 for the interface.
    fn fib(&mut self, told: &Attributes<'_>) {
        let (result, flags) = (told.be32(2).unwrap_or(0), told.be32(3).unwrap_or(0));
        let held = match (result, flags & !32) {
            (3, 1) => property(Selector::SourceType, Form::Native, 4),
            (3, 2) => property(Selector::DestinationType, Form::Native, 4),
            (1, 1 | 9) if flags & 32 != 0 => property(Selector::ReversePath, Form::Native, 1),
            (1, 1 | 9) => property(Selector::ReversePath, Form::Native, 4),
            _ => Held::Other(format!("fib {result},{flags}")),
        };
        self.put(told.be32(1), held);
    }

    /// `NFTA_BITWISE_*`: a mask, where it only takes bits away.
    fn bitwise(&mut self, told: &Attributes<'_>) {
        let mask = told.nested(4).and_then(|data| data.get(DATA_VALUE));
        let flips = told.nested(5).and_then(|data| data.get(DATA_VALUE));
        let only_masks = flips.is_none_or(|bytes| bytes.iter().all(|byte| *byte == 0))
            && told.be32(6).unwrap_or(0) == 0;
        let held = match (self.held(told.be32(1)), mask) {
            (Held::Property(mut its), Some(mask)) if only_masks && its.mask.is_none() => {
                let mask = mask.get(..its.length.min(mask.len())).unwrap_or(mask);
                its.mask = Some(mask.to_vec());
                Held::Property(its)
            }
            (Held::Other(what), _) => Held::Other(what),
            _ => Held::Other("bitwise".into()),
        };
        self.put(told.be32(2), held);
    }

    /// `NFTA_CMP_*`.
    fn compare(&mut self, told: &Attributes<'_>) {
        let with = told.nested(3).and_then(|data| data.get(DATA_VALUE));
        let how = told.be32(2).and_then(Compare::from_number);
        let (Some(with), Some(how)) = (with, how) else { return self.odd("cmp") };
        match self.held(told.be32(1)) {
            Held::Property(property) => self.push(property.compared(how, with), property.on),
            Held::Neighbours(all) if how == Compare::Equal => {
                let mut at = 0;
                for one in all {
                    let part = with.get(at..at + one.length).unwrap_or_default();
                    self.push(one.compared(how, part), one.on);
                    at += one.length;
                }
            }
            Held::Neighbours(_) => self.odd("payload"),
            Held::Value(_) => self.odd("cmp"),
            Held::Other(what) => self.odd(&what),
        }
    }

    fn push(&mut self, condition: Option<Condition>, on: Selector) {
        let condition = condition.unwrap_or_else(|| Condition::NotUnderstood(on.to_string()));
        if let Condition::Test { on, is: Values::Numbers(numbers), negated: false } = &condition {
            match (on, numbers.as_slice()) {
                (Selector::NetworkFamily, [(2, 2)]) | (Selector::EtherType, [(0x800, 0x800)]) => {
                    self.v6 = Some(false);
                }
                (Selector::NetworkFamily, [(10, 10)])
                | (Selector::EtherType, [(0x86dd, 0x86dd)]) => self.v6 = Some(true),
                _ => {}
            }
        }
        self.when.push(condition);
    }

    /// `NFTA_RANGE_*`.
    fn between(&mut self, told: &Attributes<'_>) {
        let end = |kind| told.nested(kind).and_then(|data| data.get(DATA_VALUE));
        let (Held::Property(property), Some(first), Some(last)) =
            (self.held(told.be32(1)), end(3), end(4))
        else {
            return self.odd("range");
        };
        let negated = told.be32(2) == Some(1);
        let is = property.range(first, last).filter(|_| property.mask.is_none());
        self.push(is.map(|is| Condition::Test { on: property.on, is, negated }), property.on);
    }

    /// `NFTA_LOOKUP_*`: in a set, or in a map of verdicts.
    fn lookup(&mut self, told: &Attributes<'_>) {
        let name = told.text(1).unwrap_or_default();
        let set = (self.family, self.table, name.as_str());
        let property = match self.held(told.be32(2)) {
            Held::Property(property) => Some(property),
            _ => None,
        };
        let odd = || format!("set {name}");
        match told.be32(3) {
            Some(VERDICT_REGISTER) => {
                let entries = property.and_then(|p| Some((p.on, self.sets.entries(set, &p)?)));
                self.then.push(match entries {
                    Some((on, entries)) => Action::Choose { on, entries },
                    None => Action::NotUnderstood(odd()),
                });
            }
            Some(register) => {
                self.odd(&odd());
                self.put(Some(register), Held::Other(odd()));
            }
            None => {
                let negated = told.be32(5).unwrap_or(0) & 1 != 0;
                let test = property.and_then(|p| {
                    let is = self.sets.values(set, &p)?;
                    Some(Condition::Test { on: p.on, is, negated })
                });
                self.when.push(test.unwrap_or_else(|| Condition::NotUnderstood(odd())));
            }
        }
    }

    /// `NFTA_IMMEDIATE_*`: a value for a later expression, or a verdict.
    fn immediate(&mut self, told: &Attributes<'_>) -> Option<()> {
        let data = told.nested(2)?;
        if let Some(code) = data.nested(DATA_VERDICT) {
            self.then.extend(verdict(&code)?);
        } else if let Some(value) = data.get(DATA_VALUE) {
            self.put(told.be32(1), Held::Value(value.to_vec()));
        }
        Some(())
    }

    /// `NFTA_NAT_*`.
    fn nat(&mut self, told: &Attributes<'_>) {
        const DNAT: Option<u32> = Some(1);
        if told.be32(1) != DNAT {
            return;
        }
        let to = match told.be32(3).map(|register| self.held(Some(register))) {
            None => Some(None),
            Some(Held::Value(value)) => {
                xtables::address(told.be32(2) == Some(10), &value).map(Some)
            }
            Some(_) => None,
        };
        let port = self.port(told.be32(5));
        self.then.push(match to {
            Some(to) if port.is_some() || told.be32(5).is_none() => Action::Dnat { to, port },
            _ => Action::NotUnderstood("nat".into()),
        });
    }

    fn port(&self, register: Option<u32>) -> Option<u16> {
        match self.held(Some(register?)) {
            Held::Value(value) => bytes(&value, 0).map(u16::from_be_bytes),
            _ => None,
        }
    }
}

/// The old numbers of registers, of 16 bytes each, as those of the parts of four bytes.
fn canonical(register: u32) -> u32 {
    match register {
        1..=4 => register * 4 + 4,
        other => other,
    }
}

fn property(on: Selector, form: Form, length: usize) -> Held {
    Held::Property(Property::new(on, form, length))
}

fn address(on: Selector, key: u32, v6: Option<bool>) -> Held {
    match (key, v6) {
        (21 | 22, _) | (8 | 9, Some(true)) => property(on, Form::V6, 16),
        (19 | 20, _) | (8 | 9, Some(false)) => property(on, Form::V4, 4),
        _ => Held::Other(on.to_string()),
    }
}

/// Of several neighbours, each is compared with its part.
fn loaded(mut parts: Vec<Property>) -> Option<Held> {
    if parts.len() > 1 {
        return Some(Held::Neighbours(parts));
    }
    parts.pop().map(Held::Property)
}

/// `NFTA_MATCH_*` and `NFTA_TARGET_*`, which number alike.
fn extension<'a>(told: &Attributes<'a>) -> Option<(String, u32, &'a [u8])> {
    Some((told.text(1)?, told.be32(2)?, told.get(3).unwrap_or_default()))
}

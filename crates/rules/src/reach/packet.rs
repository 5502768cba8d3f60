//! The first packet of a connection from outside, and what rules can ask of it.

use std::net::IpAddr;

use dockward_model::facts::{Condition, Hook, Interface, PacketFilter, Selector, Values};

use super::outside::{Sender, same_network};

/// `RTN_UNICAST`, `RTN_LOCAL`, `NF_CT_STATE_BIT(IP_CT_NEW)`, `IPS_DST_NAT`, the flag SYN.
const UNICAST: u32 = 1;
const LOCAL: u32 = 2;
const NEW: u32 = 8;
const DESTINATION_CHANGED: u32 = 32;
const SYN: u32 = 2;
const TCP: u8 = 6;

/// A packet on its way.
#[derive(Debug, Clone)]
pub(super) struct Packet<'a> {
    pub(super) v6: bool,
    protocol: u8,
    by: Option<&'a Interface>,
    source: IpAddr,
    /// Absent where it is one of this host's, whichever.
    to: Option<IpAddr>,
    port: u16,
    /// What it was sent to, where that was changed.
    original: Option<(Option<IpAddr>, u16)>,
    /// Whether it goes to this host itself.
    pub(super) is_local: bool,
    out: Option<&'a Interface>,
    /// Whether rules changed its mark, or its connection's: then these are anything.
    pub(super) marked: bool,
    pub(super) connection_marked: bool,
}

impl<'a> Packet<'a> {
    pub(super) fn new(
        filter: &'a PacketFilter,
        sender: &Sender<'a>,
        protocol: u8,
        to: Option<IpAddr>,
        port: u16,
        v6: bool,
    ) -> Self {
        let own = |interface: &Interface| {
            interface.addresses.iter().map(|(own, _)| *own).find(|own| own.is_ipv6() == v6)
        };
        let mut packet = Self {
            v6,
            protocol,
            by: sender.by,
            source: sender.source,
            to: None,
            port,
            original: None,
            is_local: true,
            out: None,
            marked: false,
            connection_marked: false,
        };
        packet.goes_to(filter, to.or_else(|| sender.by.and_then(own)));
        packet
    }

    /// Chooses its way by its destination, as routing does for networks at hand.
    fn goes_to(&mut self, filter: &'a PacketFilter, to: Option<IpAddr>) {
        self.to = to;
        let Some(to) = to else {
            (self.is_local, self.out) = (true, None);
            return;
        };
        let is_own = |i: &Interface| i.addresses.iter().any(|(own, _)| *own == to);
        self.is_local = filter.interfaces.iter().any(is_own);
        let networks = filter.interfaces.iter().flat_map(|interface| {
            interface.addresses.iter().map(move |(own, bits)| (*bits, *own, interface))
        });
        let nearest = networks.filter(|(bits, own, _)| same_network(*own, to, *bits));
        self.out = nearest.max_by_key(|(bits, ..)| *bits).map(|(.., interface)| interface);
    }

    /// Its connection gets another destination.
    pub(super) fn is_sent_on(
        &mut self,
        filter: &'a PacketFilter,
        to: Option<IpAddr>,
        port: Option<u16>,
    ) {
        self.original = Some((self.to, self.port));
        self.port = port.unwrap_or(self.port);
        if to.is_some() {
            self.goes_to(filter, to);
        }
    }

    /// Its connection ends on this host.
    pub(super) fn is_kept(&mut self, port: Option<u16>) {
        self.original = Some((self.to, self.port));
        self.port = port.unwrap_or(self.port);
        (self.is_local, self.out) = (true, None);
    }

    /// Whether a condition holds; none where that can't be told.
    pub(super) fn meets(&self, condition: &Condition, hook: Hook) -> Option<bool> {
        match condition {
            Condition::Test { on, is, negated } => Some(self.is(*on, is, hook)? != *negated),
            Condition::NotUnderstood(_) => None,
        }
    }

    /// Whether a property has one of these values.
    pub(super) fn is(&self, on: Selector, values: &Values, hook: Hook) -> Option<bool> {
        match values {
            Values::Names(names) => {
                let interface = self.interface(on, hook)?;
                let name = interface.map_or("", |interface| interface.name.as_str());
                Some(names.iter().any(|wanted| wanted.is(name)))
            }
            Values::Addresses(ranges) => {
                let address = self.address(on)?;
                Some(ranges.iter().any(|(first, last)| {
                    first.is_ipv6() == address.is_ipv6() && *first <= address && address <= *last
                }))
            }
            // Whoever sends it chooses its source port.
            Values::Numbers(ranges) if on == Selector::SourcePort => {
                let all = |(first, last): &(u32, u32)| *first == 0 && *last >= u16::MAX.into();
                if ranges.iter().any(all) { Some(true) } else { None }
            }
            Values::Numbers(ranges) if on == Selector::ReversePath => {
                Some(ranges.iter().any(|(_, last)| *last != 0))
            }
            Values::Numbers(ranges) => {
                let number = self.number(on, hook)?;
                Some(ranges.iter().any(|(first, last)| (*first..=*last).contains(&number)))
            }
            Values::Masked { mask, value } => Some(self.number(on, hook)? & mask == *value),
        }
    }

    /// An interface of its way; within, none where it has none there.
    fn interface(&self, on: Selector, hook: Hook) -> Option<Option<&Interface>> {
        match (on, hook) {
            (Selector::InName | Selector::InIndex, _) => Some(self.by),
            (Selector::OutName | Selector::OutIndex, Hook::Forward) => self.out.map(Some),
            (Selector::OutName | Selector::OutIndex, _) => Some(None),
            _ => None,
        }
    }

    fn address(&self, on: Selector) -> Option<IpAddr> {
        match on {
            Selector::Source | Selector::CtSource => Some(self.source),
            Selector::Destination => self.to,
            Selector::CtDestination => self.original.map_or(self.to, |(to, _)| to),
            _ => None,
        }
    }

    fn number(&self, on: Selector, hook: Hook) -> Option<u32> {
        Some(match on {
            Selector::InIndex | Selector::OutIndex => {
                self.interface(on, hook)?.map_or(0, |interface| interface.index)
            }
            Selector::DestinationPort => self.port.into(),
            Selector::CtDestinationPort => self.original.map_or(self.port, |(_, port)| port).into(),
            Selector::Protocol => self.protocol.into(),
            Selector::NetworkFamily => {
                if self.v6 {
                    10
                } else {
                    2
                }
            }
            Selector::EtherType => {
                if self.v6 {
                    0x86dd
                } else {
                    0x800
                }
            }
            Selector::TcpFlags if self.protocol == TCP => SYN,
            Selector::CtState => NEW,
            Selector::CtStatus => {
                if self.original.is_some() {
                    DESTINATION_CHANGED
                } else {
                    0
                }
            }
            Selector::CtDirection | Selector::PacketType => 0,
            Selector::Mark if !self.marked => 0,
            Selector::CtMark if !self.connection_marked => 0,
            Selector::SourceType => UNICAST,
            Selector::DestinationType => {
                if self.is_local {
                    LOCAL
                } else {
                    UNICAST
                }
            }
            _ => return None,
        })
    }
}

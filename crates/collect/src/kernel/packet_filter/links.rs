//! Interfaces and their addresses (rtnetlink(7)).

use std::collections::BTreeMap;
use std::net::IpAddr;

use dockward_model::facts::Interface;

use crate::kernel::netlink::{Attributes, bytes};

pub(super) const NEW_LINK: u16 = 16;
pub(super) const NEW_ADDRESS: u16 = 20;
/// `linux/if_link.h`, `if_addr.h`, `if.h`.
const IFLA_IFNAME: u16 = 3;
const IFLA_MASTER: u16 = 10;
const IFLA_LINKINFO: u16 = 18;
const IFLA_INFO_KIND: u16 = 1;
const IFA_ADDRESS: u16 = 1;
const IFA_LOCAL: u16 = 2;
const LOOPBACK: u32 = 0x8;

/// Interfaces by their number; none for those that are part of another.
#[derive(Default)]
pub(super) struct Links(BTreeMap<u32, Interface>);

impl Links {
    /// `struct ifinfomsg`. None where it can't be read.
    pub(super) fn link(&mut self, body: &[u8]) -> Option<()> {
        let index = u32::from_ne_bytes(bytes(body, 4)?);
        let flags = u32::from_ne_bytes(bytes(body, 8)?);
        let told = Attributes::parse(body.get(16..)?)?;
        if told.ne32(IFLA_MASTER).is_some() {
            return Some(());
        }
        let info = told.nested(IFLA_LINKINFO).unwrap_or_default();
        let interface = Interface {
            index,
            name: told.text(IFLA_IFNAME)?,
            kind: info.text(IFLA_INFO_KIND).unwrap_or_default(),
            loopback: flags & LOOPBACK != 0,
            addresses: Vec::new(),
        };
        self.0.insert(index, interface);
        Some(())
    }

    /// `struct ifaddrmsg`. On a point-to-point link, the first address is the other end's.
    pub(super) fn address(&mut self, body: &[u8]) -> Option<()> {
        let bits = *body.get(1)?;
        let index = u32::from_ne_bytes(bytes(body, 4)?);
        let told = Attributes::parse(body.get(8..)?)?;
        let address = told.get(IFA_LOCAL).or_else(|| told.get(IFA_ADDRESS))?;
        let address: IpAddr = match address.len() {
            4 => IpAddr::from(bytes::<4>(address, 0)?),
            _ => IpAddr::from(bytes::<16>(address, 0)?),
        };
        if let Some(interface) = self.0.get_mut(&index) {
            interface.addresses.push((address, bits));
        }
        Some(())
    }

    pub(super) fn into_list(self) -> Vec<Interface> {
        self.0.into_values().collect()
    }
}

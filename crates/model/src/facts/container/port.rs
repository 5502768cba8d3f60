//! Published ports.

use std::net::IpAddr;

use serde::{Deserialize, Serialize};

use super::Protocol;
use crate::facts::Origin;

/// A port of a container that is published on the host.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PublishedPort {
    /// The address on the host; absent means every interface, IPv4 and IPv6 (an empty `HostIp`).
    pub host_address: Option<IpAddr>,
    /// The port on the host; 0 where the engine chooses one and none is bound yet.
    pub host_port: u16,
    /// The port in the container.
    pub container_port: u16,
    /// The protocol.
    pub protocol: Protocol,
    /// Where it was read.
    pub origin: Origin,
}

impl PublishedPort {
    /// Whether it is open on every interface of the host, in either family.
    #[must_use]
    pub fn is_on_every_interface(&self) -> bool {
        self.host_address.is_none_or(|a| a.is_unspecified())
    }

    /// Whether only this host can reach it.
    #[must_use]
    pub fn is_loopback(&self) -> bool {
        self.host_address.is_some_and(|a| a.is_loopback())
    }
}

impl std::fmt::Display for PublishedPort {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.host_address {
            Some(IpAddr::V6(a)) => write!(f, "[{a}]:{}", self.host_port)?,
            Some(IpAddr::V4(a)) => write!(f, "{a}:{}", self.host_port)?,
            None => write!(f, "*:{}", self.host_port)?,
        }
        write!(f, "->{}/{}", self.container_port, self.protocol.name())
    }
}

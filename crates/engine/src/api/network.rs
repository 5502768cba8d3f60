//! `/networks` and `/networks/{id}`.

use std::collections::BTreeMap;

use crate::api::Texts;
use crate::record::record;

record! {
    /// One of `/networks`, or `/networks/{id}`.
    pub struct Network {
        /// `Name`.
        name: String = "Name",
        /// `Id`.
        id: String = "Id",
        /// `Created`: RFC 3339.
        created: String = "Created",
        /// `Driver`: `bridge`, `host`, `null`, `overlay`, `macvlan`, `ipvlan`, or a plugin's.
        driver: String = "Driver",
        /// `Scope`: `local`, `swarm` or `global`.
        scope: String = "Scope",
        /// `Internal`: whether it has no way out.
        internal: bool = "Internal",
        /// `EnableIPv4` (API 1.48 on).
        enable_ipv4: bool = "EnableIPv4",
        /// `EnableIPv6`.
        enable_ipv6: bool = "EnableIPv6",
        /// `Options`: the driver's, such as `com.docker.network.bridge.enable_icc`.
        options: Texts = "Options",
        /// `Labels`.
        labels: Texts = "Labels",
        /// `IPAM`: addresses.
        ipam: Ipam = "IPAM",
        /// `Ingress`: whether it is the swarm's routing mesh.
        ingress: bool = "Ingress",
        /// `Attachable`: whether containers outside of services may join an overlay.
        attachable: bool = "Attachable",
        /// `ConfigOnly`: whether it only holds settings for others.
        config_only: bool = "ConfigOnly",
        /// `Containers`: by id; only `/networks/{id}` fills it.
        containers: BTreeMap<String, NetworkMember> = "Containers",
    }

    /// `IPAM` of a network.
    pub struct Ipam {
        /// `Driver`: `default` or a plugin's.
        driver: String = "Driver",
        /// `Options`: the driver's.
        options: Texts = "Options",
        /// `Config`: one for each subnet.
        config: Vec<Subnet> = "Config",
    }

    /// One of `IPAM.Config` of a network.
    pub struct Subnet {
        /// `Subnet`: in CIDR form.
        subnet: String = "Subnet",
        /// `IPRange`: in CIDR form.
        ip_range: String = "IPRange",
        /// `Gateway`: an address.
        gateway: String = "Gateway",
    }

    /// One of `Containers` of a network.
    pub struct NetworkMember {
        /// `Name`: the container's name.
        name: String = "Name",
        /// `EndpointID`.
        endpoint_id: String = "EndpointID",
        /// `MacAddress`.
        mac_address: String = "MacAddress",
        /// `IPv4Address`: in CIDR form.
        ipv4_address: String = "IPv4Address",
        /// `IPv6Address`: in CIDR form.
        ipv6_address: String = "IPv6Address",
    }
}

//! Published ports: what is bound in fact where it runs, what was asked for where it doesn't.

use std::net::IpAddr;

use dockward_engine::Lenient;
use dockward_engine::api::{PortBinding, PortBindings};
use dockward_model::facts::{Field, Protocol, PublishedPort};

use super::Record;
use crate::field::{Odd, not_empty, part, text_part};

const BOUND: &str = "NetworkSettings.Ports";
const ASKED: &str = "HostConfig.PortBindings";

pub(super) fn ports(r: &Record<'_>, running: &Field<bool>) -> Field<Vec<PublishedPort>> {
    // Between two attempts of a restart nothing is bound, and soon it will be again.
    let restarting = r.state(|s| &s.restarting).known().is_some_and(|on| **on);
    match running.get() {
        Some(true) if !restarting => {
            let ports = r.inspect.network_settings.within(|n| &n.ports);
            read(r, BOUND, ports)
        }
        Some(_) => asked(r),
        None if running.fact.is_absent() => asked(r),
        None => running.map(|_| Vec::new()),
    }
}

fn asked(r: &Record<'_>) -> Field<Vec<PublishedPort>> {
    let mode = r.host(|h| &h.network_mode);
    let has_no_ports =
        |mode: &str| matches!(mode, "host" | "none") || mode.starts_with("container:");
    if mode.known().is_some_and(|mode| has_no_ports(mode)) {
        // The engine drops them with a warning.
        return Field::absent(r.answered.origin(ASKED));
    }
    let explicit = read(r, ASKED, r.host(|h| &h.port_bindings));
    let all = r.answered.flag("HostConfig.PublishAllPorts", r.host(|h| &h.publish_all_ports));
    if explicit.fact.unknown().is_some() {
        return explicit;
    }
    match all.get() {
        Some(true) => with_exposed(r, explicit),
        Some(false) => explicit,
        None if all.fact.is_absent() => explicit,
        None => all.map(|_| Vec::new()),
    }
}

/// `--publish-all`: each exposed port gets one of the host's, which the engine will choose.
fn with_exposed(r: &Record<'_>, explicit: Field<Vec<PublishedPort>>) -> Field<Vec<PublishedPort>> {
    let mut ports = explicit.get().cloned().unwrap_or_default();
    let exposed = r.config(|c| &c.exposed_ports);
    r.answered.read("Config.ExposedPorts", exposed, "an object", |exposed| {
        for key in exposed.keys() {
            let (container_port, protocol) = port_and_protocol(key)?;
            let is_known =
                |p: &PublishedPort| p.container_port == container_port && p.protocol == protocol;
            if !ports.iter().any(is_known) {
                let origin = r.answered.origin("HostConfig.PublishAllPorts");
                ports.push(PublishedPort {
                    host_address: None,
                    host_port: 0,
                    container_port,
                    protocol,
                    origin,
                });
            }
        }
        Ok(not_empty(ports))
    })
}

fn read(
    r: &Record<'_>,
    field: &'static str,
    bindings: Lenient<&PortBindings>,
) -> Field<Vec<PublishedPort>> {
    r.answered.read(field, bindings, "an object", |all| {
        let mut ports = Vec::new();
        for (key, bindings) in all {
            let (container_port, protocol) = port_and_protocol(key)?;
            for binding in part(key, bindings)?.into_iter().flatten() {
                ports.push(PublishedPort {
                    host_address: address(binding)?,
                    host_port: host_port(binding)?,
                    container_port,
                    protocol,
                    origin: r.answered.origin_at(format!("{field}[{key}]")),
                });
            }
        }
        Ok(not_empty(ports))
    })
}

/// `80/tcp`; a number alone is TCP.
fn port_and_protocol(key: &str) -> Result<(u16, Protocol), Odd> {
    let (port, protocol) = key.split_once('/').unwrap_or((key, "tcp"));
    let protocol = match protocol {
        "tcp" => Protocol::Tcp,
        "udp" => Protocol::Udp,
        "sctp" => Protocol::Sctp,
        _ => return Err("holds a port of an unknown protocol".to_owned()),
    };
    let port = port.parse().map_err(|_| "holds a port that is no number".to_owned())?;
    Ok((port, protocol))
}

fn address(binding: &PortBinding) -> Result<Option<IpAddr>, Odd> {
    let text = text_part("HostIp", &binding.host_ip)?;
    if text.is_empty() {
        return Ok(None);
    }
    text.parse().map(Some).map_err(|_| "holds a HostIp that is no address".to_owned())
}

/// A port, the first of a range, or 0 where the engine chooses.
fn host_port(binding: &PortBinding) -> Result<u16, Odd> {
    let text = text_part("HostPort", &binding.host_port)?;
    let first = text.split('-').next().unwrap_or_default();
    if first.is_empty() {
        return Ok(0);
    }
    first.parse().map_err(|_| "holds a HostPort that is no number".to_owned())
}

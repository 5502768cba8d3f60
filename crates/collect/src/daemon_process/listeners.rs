//! Where an engine listens, and how it knows its callers.

use std::collections::{BTreeMap, BTreeSet};

use dockward_model::facts::{
    Configured, Fact, Field, Listener, ListenerAuth, ListeningSocket, Origin, Protocol,
};
use serde_json::Value;

use super::file::Environment;
use super::lines::Lines;

/// Swarm's own ports (moby: cluster management, gossip); both know their callers.
const SWARM: [u16; 2] = [2377, 7946];

/// What the listeners are told from.
pub(super) struct Told<'a> {
    pub(super) pid: i32,
    pub(super) config: &'a Fact<BTreeMap<String, Configured>>,
    /// The lines of the file's `hosts`, where the file says them.
    pub(super) lines: Option<(&'a str, &'a Lines)>,
    pub(super) environment: &'a Fact<Environment>,
    /// Finds the TCP sockets that listen and that the process has open; it takes its time.
    pub(super) open: &'a dyn Fn() -> Fact<Vec<ListeningSocket>>,
}

pub(super) fn listeners(told: &Told<'_>) -> Field<Vec<Listener>> {
    let origin = Origin::kernel(format!("/proc/{}/net/tcp", told.pid), "");
    let config = match told.config {
        Fact::Known(config) => config,
        Fact::Absent => return Field::absent(origin),
        Fact::Unknown(why) => return without_config(told, why, origin),
    };
    let authentication = authentication(config, told.environment);
    let mut listeners = configured(told, config, &authentication);
    let inherits = listeners.iter().any(|listener| listener.address.starts_with("fd://"));
    if inherits && inherited(told.environment) != Some(1) {
        let known: BTreeSet<u16> =
            listeners.iter().filter_map(|listener| tcp_port(&listener.address)).collect();
        let taken = |port: u16| known.contains(&port) || own_ports(config).contains(&port);
        for socket in (told.open)().known().into_iter().flatten() {
            if !taken(socket.port) {
                listeners.push(tcp(socket, authentication.clone(), &origin));
            }
        }
    }
    Field::known(listeners, origin)
}

/// What can be said where the settings could not be read: what is open at this moment.
fn without_config(told: &Told<'_>, why: &str, origin: Origin) -> Field<Vec<Listener>> {
    let open = (told.open)();
    let listeners = unlocked(open.known().map_or(&[], Vec::as_slice), why, &origin);
    if listeners.is_empty() {
        return Field::unknown(why, origin);
    }
    Field::known(listeners, origin)
}

/// Ports that are open, of which it can't be told how callers are known there.
pub(super) fn unlocked(open: &[ListeningSocket], why: &str, origin: &Origin) -> Vec<Listener> {
    let api = open.iter().filter(|socket| !SWARM.contains(&socket.port));
    api.map(|socket| tcp(socket, ListenerAuth::Unknown(why.to_owned()), origin)).collect()
}

fn tcp(socket: &ListeningSocket, authentication: ListenerAuth, origin: &Origin) -> Listener {
    let address = std::net::SocketAddr::new(socket.address, socket.port);
    Listener { address: format!("tcp://{address}"), authentication, origin: origin.clone() }
}

/// The `hosts` setting, or the one place where an engine listens that was told nothing.
fn configured(
    told: &Told<'_>,
    config: &BTreeMap<String, Configured>,
    tls: &ListenerAuth,
) -> Vec<Listener> {
    let Some(hosts) = config.get("hosts") else {
        let environment = told.environment.known();
        let rootless = environment.filter(|environment| environment.is_rootless());
        let folder = rootless.and_then(|environment| environment.get("XDG_RUNTIME_DIR"));
        return vec![Listener {
            address: format!("unix://{}/docker.sock", folder.unwrap_or("/var/run")),
            authentication: ListenerAuth::FileMode,
            origin: Origin::default_of("hosts"),
        }];
    };
    let entries = hosts.value.as_array().map(Vec::as_slice).unwrap_or_default();
    let listener = |(at, entry): (usize, &Value)| {
        let address = address(entry.as_str().unwrap_or_default(), tls);
        let is_tcp = address.starts_with("tcp://");
        let authentication = if is_tcp { tls.clone() } else { ListenerAuth::FileMode };
        Listener { address, authentication, origin: origin_of(told, hosts, at) }
    };
    entries.iter().enumerate().map(listener).collect()
}

fn origin_of(told: &Told<'_>, hosts: &Configured, at: usize) -> Origin {
    match (&hosts.origin, told.lines) {
        (Origin::File { .. }, Some((path, lines))) => Origin::file(path, lines.of_host(at)),
        (origin, _) => origin.clone(),
    }
}

/// An entry as dockerd completes it (moby `opts/hosts.go`).
fn address(entry: &str, tls: &ListenerAuth) -> String {
    let entry = entry.trim();
    let port = if *tls == ListenerAuth::None { 2375 } else { 2376 };
    match entry.split_once("://") {
        _ if entry.is_empty() => "unix:///var/run/docker.sock".into(),
        Some(("tcp", "")) => format!("tcp://localhost:{port}"),
        Some(("tcp", rest)) if rest.starts_with(':') => format!("tcp://localhost{rest}"),
        Some(("tcp", rest)) if tcp_port(entry).is_none() => {
            format!("tcp://{}:{port}", rest.trim_end_matches(['/', ':']))
        }
        Some(("unix", "")) => "unix:///var/run/docker.sock".into(),
        Some(_) => entry.to_owned(),
        None if entry.starts_with(':') => format!("tcp://localhost{entry}"),
        None => format!("tcp://{entry}"),
    }
}

/// The port of a TCP address that has one.
pub(super) fn tcp_port(address: &str) -> Option<u16> {
    let rest = address.strip_prefix("tcp://")?;
    let authority = rest.split('/').next()?;
    let (host, port) = authority.rsplit_once(':')?;
    (!host.is_empty()).then_some(())?;
    port.parse().ok()
}

/// Ports of the daemon's that are not the API.
fn own_ports(config: &BTreeMap<String, Configured>) -> Vec<u16> {
    let text = |key: &str| config.get(key).and_then(|setting| setting.value.as_str());
    let metrics = text("metrics-addr").and_then(|address| address.rsplit(':').next()?.parse().ok());
    let diagnosis =
        config.get("network-diagnostic-port").and_then(|setting| setting.value.as_u64());
    let diagnosis = diagnosis.and_then(|port| u16::try_from(port).ok());
    SWARM.into_iter().chain(metrics).chain(diagnosis).collect()
}

/// How many sockets the service manager handed over (sd_listen_fds(3)); none where not told.
fn inherited(environment: &Fact<Environment>) -> Option<usize> {
    environment.known()?.get("LISTEN_FDS")?.parse().ok()
}

/// Dockerd's own rule, 20.10 to 28 (moby `cmd/dockerd/options.go` and `daemon.go`): `tlsverify`,
/// said at all, switches TLS on; `tls` alone verifies callers, unless `tlsverify` is said to be off.
pub(super) fn authentication(
    config: &BTreeMap<String, Configured>,
    environment: &Fact<Environment>,
) -> ListenerAuth {
    let said = |key: &str| match config.get(key).map(|setting| &setting.value) {
        Some(Value::Bool(on)) => Ok(Some(*on)),
        Some(other) => Err(ListenerAuth::Unknown(format!("{key} is {other}, not true or false"))),
        None => Ok(None),
    };
    match (said("tlsverify"), said("tls")) {
        (Err(unknown), _) | (_, Err(unknown)) => unknown,
        (Ok(Some(true)), _) => ListenerAuth::ClientCertificates,
        (Ok(Some(false)), _) => ListenerAuth::ServerOnly,
        (Ok(None), Ok(Some(true))) => ListenerAuth::ClientCertificates,
        (Ok(None), Ok(_)) => match environment {
            Fact::Known(environment) if environment.get("DOCKER_TLS_VERIFY").is_some() => {
                ListenerAuth::ClientCertificates
            }
            _ => ListenerAuth::None,
        },
    }
}

/// TCP sockets among those that listen which the process has open.
pub(super) fn open(
    listening: &Field<Vec<ListeningSocket>>,
    held: &Fact<BTreeSet<u64>>,
) -> Fact<Vec<ListeningSocket>> {
    match (&listening.fact, held) {
        (Fact::Known(all), Fact::Known(held)) => {
            let its = |socket: &&ListeningSocket| {
                socket.protocol == Protocol::Tcp && held.contains(&socket.inode)
            };
            Fact::Known(all.iter().filter(its).cloned().collect())
        }
        (Fact::Unknown(why), _) | (_, Fact::Unknown(why)) => Fact::Unknown(why.clone()),
        _ => Fact::Absent,
    }
}

#[cfg(test)]
mod tests;

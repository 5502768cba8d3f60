//! The process behind an engine's socket, and what it was told.
//!
//! Invariant: nothing that a process says of itself (its name, its argv) makes it the daemon; only
//! that it has the socket open.

mod argv;
mod file;
mod find;
mod flags;
mod lines;
mod listeners;
mod merge;
mod paths;
#[cfg(test)]
mod tests;
mod tls;
mod unix;

use std::collections::{BTreeMap, BTreeSet};

use dockward_model::facts::{
    ConfigFile, Configured, DaemonProcess, Fact, Field, Listener, Origin, TlsFiles,
};
use serde_json::Value;

use crate::kernel::sockets;
use crate::tree::{Live, Proc, Tree};
use file::{Environment, Opened};
use listeners::Told;

pub(crate) use tls::unknown as unknown_tls;

/// How much of a command line is read, in bytes.
const LIMIT: usize = 2 << 20;

/// Who called listen(), as `SO_PEERCRED` has it: pid (none where it lives outside our pid
/// namespace), uid, gid.
pub type Peer = (Option<i32>, u32, u32);

/// The systemd service in whose cgroup a process is (systemd.slice(5)); absent where it is in none.
#[must_use]
pub fn service(proc: &Proc, pid: i32) -> Field<String> {
    let name = format!("{pid}/cgroup");
    let fact = match proc.read_text(&name, LIMIT) {
        Fact::Known(text) => text.lines().find_map(service_of).map_or(Fact::Absent, Fact::Known),
        Fact::Absent => Fact::Unknown(format!("process {pid} has ended")),
        Fact::Unknown(why) => Fact::Unknown(why),
    };
    Field { fact, origin: Origin::kernel(format!("/proc/{name}"), "") }
}

/// A line `ID:CONTROLLERS:PATH` (cgroups(7)). A service may have cgroups of its own below.
fn service_of(line: &str) -> Option<String> {
    let path = line.splitn(3, ':').nth(2)?;
    path.rsplit('/').find(|part| part.ends_with(".service")).map(str::to_owned)
}

/// What the flags of a dockerd say, by daemon.json's keys; `words` begins with the program.
#[must_use]
pub fn flags(words: &[&str]) -> BTreeMap<&'static str, Value> {
    argv::read(words).into_iter().map(|(key, (value, _))| (key, value)).collect()
}

/// What the daemon was told by flags and file.
#[derive(Debug, Clone)]
pub struct DaemonConfig {
    /// Settings by daemon.json's keys, merged.
    pub config: Fact<BTreeMap<String, Configured>>,
    /// The daemon.json that this process opened.
    pub file: Field<ConfigFile>,
    /// Where it listens.
    pub listeners: Field<Vec<Listener>>,
    /// The files with which it speaks TLS.
    pub tls: TlsFiles,
    /// Where it looks for certificates and keys of registries.
    pub registry_folder: Field<String>,
}

/// The process that owns the socket at `socket_path` of `tree` (both as we ourselves see them).
///
/// The peer is that process, unless it is a service manager that listened for another: then the
/// other one that has the same socket open. Unknown where open files can't be looked at, which
/// takes root.
#[must_use]
pub fn find(proc: &Proc, tree: &Live, peer: Peer, socket_path: &str) -> Field<DaemonProcess> {
    find::find(proc, tree, peer, socket_path)
}

/// The process on this host that listens on a TCP port, where it is an engine. One that carries
/// what is said to another host (`ssh -L`, a proxy) is none.
#[must_use]
pub fn find_by_port(proc: &Proc, port: u16) -> Field<DaemonProcess> {
    find::by_port(proc, port)
}

/// What a daemon was told: its command line, merged with the daemon.json that it opened, which is
/// read in `tree`, the daemon's own mount namespace ([`Live::of_process`]).
///
/// Of a process that is no dockerd all is unknown: it is configured in other ways.
#[must_use]
pub fn config(proc: &Proc, tree: &dyn Tree, process: &DaemonProcess) -> DaemonConfig {
    let pid = process.pid;
    if find::base_name(&process.exe) == "podman" {
        return podman(proc, pid);
    }
    if !find::is_engine(&process.exe) {
        return unknown(&format!("{} is not configured as a Docker daemon is", process.exe), pid);
    }
    let cmdline = match proc.read_text(&format!("{pid}/cmdline"), LIMIT) {
        Fact::Known(text) => text,
        Fact::Absent => return unknown(&format!("process {pid} has ended"), pid),
        Fact::Unknown(why) => return unknown(&why, pid),
    };
    let said = argv::read(&argv::words(&cmdline));
    let environment = Environment::read(proc, pid);
    let flag = said.get("config-file").and_then(|(value, _)| value.as_str());
    let opened = match file::path(proc, process, flag, &environment) {
        Ok(path) => file::open(tree, process, path),
        Err(why) => Opened {
            facts: Field::unknown(why.as_str(), Origin::Nowhere),
            content: Fact::Unknown(why),
        },
    };
    let (config, listeners) = merged(proc, pid, said, &environment, &opened);
    let told = tls::Told { proc, tree, process, config: &config, environment: &environment };
    let tls = tls::files(&told);
    let registry_folder = file::registry_folder(process, &environment);
    let registry_folder =
        Field { fact: registry_folder, origin: Origin::kernel(format!("/proc/{pid}/environ"), "") };
    DaemonConfig { config, file: opened.facts, listeners, tls, registry_folder }
}

fn merged(
    proc: &Proc,
    pid: i32,
    said: argv::Said,
    environment: &Fact<Environment>,
    opened: &Opened,
) -> (Fact<BTreeMap<String, Configured>>, Field<Vec<Listener>>) {
    let open = || {
        let listening = sockets::listening(proc, &pid.to_string());
        listeners::open(&listening, &sockets::open_sockets(proc, pid))
    };
    let config = opened.content.map(|content| merge::merge(pid, said, content));
    let lines = opened.content.known().map(|content| (content.path.as_str(), &content.lines));
    let told = Told { pid, config: &config, lines, environment, open: &open };
    let listeners = listeners::listeners(&told);
    (config, listeners)
}

/// Podman has no daemon.json; where it listens is what it has open.
fn podman(proc: &Proc, pid: i32) -> DaemonConfig {
    let listening = sockets::listening(proc, &pid.to_string());
    let open = listeners::open(&listening, &sockets::open_sockets(proc, pid));
    let why = "Podman does not tell how it knows its callers";
    let origin = Origin::kernel(proc.show(&format!("{pid}/net")), "");
    DaemonConfig {
        config: Fact::Absent,
        file: Field::absent(Origin::Nowhere),
        listeners: Field { fact: open.map(|all| listeners::unlocked(all, why, &origin)), origin },
        tls: tls::none(),
        registry_folder: Field::absent(Origin::Nowhere),
    }
}

fn unknown(why: &str, pid: i32) -> DaemonConfig {
    let origin = || Origin::kernel(format!("/proc/{pid}/cmdline"), "");
    DaemonConfig {
        config: Fact::Unknown(why.to_owned()),
        file: Field::unknown(why, origin()),
        listeners: Field::unknown(why, origin()),
        tls: tls::unknown(why),
        registry_folder: Field::unknown(why, origin()),
    }
}

/// Takes out the ports of containers: an engine may hold them open itself, and then they can't be
/// told from those that it inherited for its API. `ports` are published ones on the host.
pub fn without_published(listeners: &mut Field<Vec<Listener>>, ports: &BTreeSet<u16>) {
    if let Fact::Known(list) = &mut listeners.fact {
        list.retain(|listener| {
            let is_seen = matches!(listener.origin, Origin::Kernel { .. });
            !(is_seen && listeners::tcp_port(&listener.address).is_some_and(|p| ports.contains(&p)))
        });
    }
}

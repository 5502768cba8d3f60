//! The process behind the engine's socket, and what it was told.

use std::collections::BTreeSet;

use dockward_engine::{Client, Endpoint};
use dockward_model::facts::{Container, Daemon, DaemonProcess, Fact, Field, Origin};

use crate::daemon_process::{self, DaemonConfig};
use crate::tree::{Live, Proc, Tree};

/// Who listens on the engine's socket.
pub(crate) struct Owner {
    endpoint: String,
    socket: Field<String>,
    process: Field<DaemonProcess>,
    service: Field<String>,
    told: Option<DaemonConfig>,
    /// The files as that process sees them.
    pub(crate) files: Fact<Live>,
}

impl Owner {
    /// Looks for it, by who answered the client.
    pub(crate) fn find(client: &Client, proc: &Fact<Proc>, files: &Fact<Live>) -> Self {
        let path = socket_path(client.endpoint());
        let nothing = |why: &str| Field::unknown(why, Origin::Nowhere);
        let (socket, process) = match (files, proc) {
            (Fact::Known(files), Fact::Known(proc)) => {
                let peer = client.peer().map_or((None, 0, 0), |peer| {
                    (peer.pid.and_then(|pid| i32::try_from(pid).ok()), peer.uid, peer.gid)
                });
                let socket = Field { fact: files.real(&path), origin: Origin::file(&*path, None) };
                (socket, daemon_process::find(proc, files, peer, &path))
            }
            _ => (Field::unknown("/ could not be opened", Origin::Nowhere), nothing("no procfs")),
        };
        let its_files = match (proc, process.get()) {
            (Fact::Known(proc), Some(process)) => Live::of_process(proc, process.pid),
            _ => Fact::Unknown("the engine's process is not known".to_owned()),
        };
        let told = match (proc, process.get(), &its_files) {
            (Fact::Known(proc), Some(process), Fact::Known(files)) => {
                Some(daemon_process::config(proc, files, process))
            }
            _ => None,
        };
        let service = match (proc, process.get()) {
            (Fact::Known(proc), Some(process)) => daemon_process::service(proc, process.pid),
            _ => Field::unknown("the engine's process is not known", Origin::Nowhere),
        };
        let endpoint = format!("unix://{path}");
        Self { endpoint, socket, process, service, told, files: its_files }
    }

    /// Its pid in our own pid namespace.
    pub(crate) fn pid(&self) -> Option<i32> {
        self.process.get().map(|process| process.pid)
    }

    /// Files of the host's that matter: its socket, symlinks resolved, its program, and what it was
    /// told of.
    pub(crate) fn paths(&self) -> Vec<String> {
        let told = self.told.as_ref().map(DaemonConfig::paths).unwrap_or_default();
        let program = self.process.get().map(|process| {
            // A package that was replaced while it runs.
            process.exe.strip_suffix(" (deleted)").unwrap_or(&process.exe).to_owned()
        });
        self.socket.get().cloned().into_iter().chain(program).chain(told).collect()
    }

    /// Tells the daemon's facts what was found. Ports that containers publish are none of its own.
    pub(crate) fn tell(self, daemon: &mut Daemon, containers: &[Container]) {
        let why = self.process.fact.unknown().or_else(|| self.files.unknown());
        let why = why.unwrap_or("the engine's process could not be looked at").to_owned();
        (daemon.endpoint, daemon.socket, daemon.process) =
            (self.endpoint, self.socket, self.process);
        daemon.service = self.service;
        let origin = daemon.process.origin.clone();
        match self.told {
            Some(told) => {
                (daemon.config, daemon.config_file) = (told.config, told.file);
                daemon.listeners = told.listeners;
                (daemon.tls, daemon.registry_folder) = (told.tls, told.registry_folder);
                daemon_process::without_published(&mut daemon.listeners, &published(containers));
            }
            None => {
                daemon.config = Fact::Unknown(why.clone());
                daemon.config_file = Field::unknown(why.clone(), origin.clone());
                daemon.tls = daemon_process::unknown_tls(&why);
                daemon.registry_folder = Field::unknown(why.clone(), origin.clone());
                daemon.listeners = Field::unknown(why, origin);
            }
        }
    }
}

fn published(containers: &[Container]) -> BTreeSet<u16> {
    let ports = containers.iter().filter_map(|c| c.ports.get()).flatten();
    ports.map(|port| port.host_port).collect()
}

fn socket_path(endpoint: &Endpoint) -> String {
    match endpoint {
        Endpoint::Unix(path) => path.display().to_string(),
        other => other.to_string(),
    }
}

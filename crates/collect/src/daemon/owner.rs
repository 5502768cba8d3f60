//! The process behind an engine's socket, and what it was told.

use std::collections::BTreeSet;

use dockward_engine::{Client, Endpoint};
use dockward_model::facts::{
    Container, Daemon, DaemonProcess, Fact, Field, Origin, Programs, Sight,
};

use crate::daemon_process::{self, DaemonConfig, Peer};
use crate::packages;
use crate::places::{Place, user_of};
use crate::tree::{Live, Proc, Tree};

/// Who listens where an engine was reached.
pub(crate) struct Owner {
    endpoint: String,
    socket: Field<String>,
    process: Field<DaemonProcess>,
    service: Field<String>,
    user: Field<u32>,
    told: Option<DaemonConfig>,
    elsewhere: bool,
    /// The files as that process sees them.
    pub(crate) files: Fact<Live>,
}

impl Owner {
    /// Looks for it, by who answered the client.
    pub(crate) fn find(client: &Client, place: &Place, proc: &Fact<Proc>) -> Self {
        let endpoint = client.endpoint().to_string();
        match (client.endpoint(), proc, &place.files) {
            (_, Fact::Known(proc), _) if place.loopback_port().is_some() => {
                let port = place.loopback_port().unwrap_or_default();
                let process = daemon_process::find_by_port(proc, port);
                // A tunnel ends on this host, and the engine behind it is not on it.
                match process.get().is_some() {
                    true => Self::of(endpoint, no_socket(), process, proc),
                    false => Self::far(endpoint),
                }
            }
            (Endpoint::Unix(_), Fact::Known(proc), Fact::Known(files)) => {
                let path = place.socket.as_deref().unwrap_or_default();
                let peer = peer(client, proc);
                let socket = Field { fact: files.real(path), origin: Origin::file(path, None) };
                let process = daemon_process::find(proc, files, peer, path);
                let mut owner = Self::of(endpoint, socket, process, proc);
                owner.user = user(&owner.socket, peer);
                owner
            }
            (Endpoint::Unix(_), proc, _) => {
                let beyond = Sight::Files.beyond();
                let why = proc.unknown().or(beyond).unwrap_or_default();
                Self::unseen(endpoint, place, why)
            }
            _ => Self::far(endpoint),
        }
    }

    fn of(
        endpoint: String,
        socket: Field<String>,
        process: Field<DaemonProcess>,
        proc: &Proc,
    ) -> Self {
        let unknown = || Fact::Unknown("the engine's process is not known".to_owned());
        let files = process.get().map_or_else(unknown, |its| Live::of_process(proc, its.pid));
        let told = match (process.get(), &files) {
            (Some(process), Fact::Known(files)) => {
                Some(daemon_process::config(proc, files, process))
            }
            _ => None,
        };
        let service = match process.get() {
            Some(process) => daemon_process::service(proc, process.pid),
            None => Field::unknown("the engine's process is not known", Origin::Nowhere),
        };
        let user = Field::absent(Origin::Nowhere);
        Self { endpoint, socket, process, service, user, told, elsewhere: false, files }
    }

    /// Of a host whose processes are not in sight.
    fn unseen(endpoint: String, place: &Place, why: &str) -> Self {
        let path = place.socket.as_deref().unwrap_or_default();
        let socket = match &place.files {
            Fact::Known(files) => {
                Field { fact: files.real(path), origin: Origin::file(path, None) }
            }
            _ => Field::unknown("its files could not be opened", Origin::Nowhere),
        };
        Self { socket, elsewhere: false, ..Self::nothing(endpoint, why) }
    }

    fn far(endpoint: String) -> Self {
        Self::nothing(endpoint, Sight::Engine.beyond().unwrap_or_default())
    }

    fn nothing(endpoint: String, why: &str) -> Self {
        Self {
            endpoint,
            socket: no_socket(),
            process: Field::unknown(why, Origin::Nowhere),
            service: Field::unknown(why, Origin::Nowhere),
            user: Field::absent(Origin::Nowhere),
            told: None,
            elsewhere: true,
            files: Fact::Unknown(why.to_owned()),
        }
    }

    /// Whether the engine is on another host.
    pub(crate) const fn is_elsewhere(&self) -> bool {
        self.elsewhere
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

    /// Which packages its programs came in; `runc` is what it starts as such.
    pub(crate) fn programs(&self, runc: Option<&str>) -> Programs {
        match (self.process.get(), &self.files) {
            (Some(process), Fact::Known(files)) => packages::programs(files, &process.exe, runc),
            (process, files) => {
                let why = process.map_or(self.process.fact.unknown(), |_| files.unknown());
                let why = why.unwrap_or("the engine's process could not be looked at");
                let unread = || Field::unknown(why, Origin::Nowhere);
                let distribution = Field::unknown(why, Origin::Nowhere);
                Programs { engine: unread(), containerd: unread(), runc: unread(), distribution }
            }
        }
    }

    /// Tells the daemon's facts what was found. Ports that containers publish are none of its own.
    pub(crate) fn tell(self, daemon: &mut Daemon, containers: &[Container]) {
        let why = self.process.fact.unknown().or_else(|| self.files.unknown());
        let why = why.unwrap_or("the engine's process could not be looked at").to_owned();
        (daemon.endpoint, daemon.elsewhere) = (self.endpoint, self.elsewhere);
        (daemon.socket, daemon.process, daemon.user) = (self.socket, self.process, self.user);
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
        if daemon.is_podman() {
            // It is told by containers.conf, which every one of its commands reads for itself.
            daemon.config = Fact::Absent;
            daemon.config_file.fact = Fact::Absent;
        }
    }
}

fn no_socket() -> Field<String> {
    Field::absent(Origin::Nowhere)
}

/// The kernel tells of the process by its pid as we count, which may mean another one to `proc`.
fn peer(client: &Client, proc: &Proc) -> Peer {
    client.peer().map_or((None, 0, 0), |peer| {
        let pid = peer.pid.and_then(|pid| i32::try_from(pid).ok());
        (pid.filter(|_| proc.counts_as_we_do()), peer.uid, peer.gid)
    })
}

/// The ordinary user in whose runtime folder the socket is, if it was that user who listened.
fn user(socket: &Field<String>, peer: Peer) -> Field<u32> {
    let (_, uid, _) = peer;
    let origin = || Origin::kernel("SO_PEERCRED", "uid");
    match socket.get().and_then(|path| user_of(path)) {
        Some(user) if user == uid && uid != 0 => Field::known(uid, origin()),
        _ => Field::absent(origin()),
    }
}

fn published(containers: &[Container]) -> BTreeSet<u16> {
    let ports = containers.iter().filter_map(|c| c.ports.get()).flatten();
    ports.map(|port| port.host_port).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_users_engine_is_known_by_its_folder_and_by_who_listens_there() {
        let at = |path: &str| Field::known(path.to_owned(), Origin::Nowhere);
        let of = |path: &str, uid: u32| user(&at(path), (Some(7), uid, uid)).get().copied();
        assert_eq!(of("/run/user/1000/docker.sock", 1000), Some(1000));
        assert_eq!(of("/run/user/1000/podman/podman.sock", 1000), Some(1000));
        assert_eq!(of("/run/user/1000/docker.sock", 0), None, "root listens in a user's folder");
        assert_eq!(of("/run/user/1000/docker.sock", 1001), None);
        assert_eq!(of("/run/user/0/docker.sock", 0), None);
        assert_eq!(of("/run/docker.sock", 1000), None, "a proxy before root's engine, say");
    }
}

//! The engine: what it says of itself, and what its own process was told.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Fact, Field, Origin, PacketFilter, Partition, Programs, Sighting, TlsFiles};

/// An engine's daemon.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Daemon {
    /// Where it was reached, such as `unix:///var/run/docker.sock`.
    pub endpoint: String,
    /// The path of its socket on the host, symlinks resolved, where it is a Unix socket.
    pub socket: Field<String>,
    /// The process that really owns the socket.
    pub process: Field<DaemonProcess>,
    /// The user in whose runtime folder (`/run/user/UID`) it listens, by a socket that the kernel
    /// says is theirs (`SO_PEERCRED`). All that such an engine says is that user's word.
    pub user: Field<u32>,
    /// Whose engine it is: header `Libpod-API-Version` of `/_ping`, else `/version`, `Components`.
    pub flavour: Field<Flavour>,
    /// Whether it runs on another host: then it is reached over the network, and the files and the
    /// kernel of this host say nothing of it.
    pub elsewhere: bool,
    /// Engine version (`/version`, `Version`).
    pub version: Field<String>,
    /// The API version that was spoken.
    pub api_version: Field<String>,
    /// The systemd service whose cgroup its process is in (`/proc/PID/cgroup`), such as
    /// `docker.service`; absent where none started it.
    pub service: Field<String>,
    /// Version of containerd, of runc and of others, by the engine's own names (`Components`).
    pub components: Field<BTreeMap<String, String>>,
    /// Which packages the engine and what it starts came in.
    pub programs: Programs,
    /// `/info`, `SecurityOptions`, as given: `name=seccomp,profile=builtin`, `name=rootless`, …
    pub security_options: Field<Vec<String>>,
    /// `/info`, `LiveRestoreEnabled`.
    pub live_restore: Field<bool>,
    /// `/info`, `LoggingDriver`.
    pub logging_driver: Field<String>,
    /// `/info`, `Driver`: the storage driver.
    pub storage_driver: Field<String>,
    /// `/info`, `ExperimentalBuild`.
    pub experimental: Field<bool>,
    /// `/info`, `RegistryConfig`: registries spoken to without verified TLS. Loopback, which is
    /// always in there, is left out.
    pub insecure_registries: Field<Vec<String>>,
    /// `/info`, `Plugins.Authorization`.
    pub authorization_plugins: Field<Vec<String>>,
    /// `/info`, `Runtimes`: name and path or shim.
    pub runtimes: Field<BTreeMap<String, String>>,
    /// `/info`, `DefaultRuntime`.
    pub default_runtime: Field<String>,
    /// `/info`, `DockerRootDir`.
    pub data_root: Field<String>,
    /// The file system that the data root lies on, as the daemon's own mounts have it.
    pub partition: Field<Partition>,
    /// `/info`, `CgroupVersion`: `1` or `2`.
    pub cgroup_version: Field<String>,
    /// `/info`, `CgroupDriver`.
    pub cgroup_driver: Field<String>,
    /// `/info`, `Warnings`.
    pub warnings: Field<Vec<String>>,
    /// Option `com.docker.network.bridge.enable_icc` of the default bridge.
    pub icc: Field<bool>,
    /// Option `com.docker.network.bridge.host_binding_ipv4` of the default bridge.
    pub default_binding: Field<String>,
    /// What argv and daemon.json say, merged, by daemon.json's own keys (`log-level`, `hosts`, …).
    pub config: Fact<BTreeMap<String, Configured>>,
    /// The daemon.json that this process opened.
    pub config_file: Field<ConfigFile>,
    /// Where it listens, by its own argv and by the sockets that it really has open.
    pub listeners: Field<Vec<Listener>>,
    /// The kernel's packet filter where it publishes ports: in its process's network namespace.
    pub packet_filter: Field<PacketFilter>,
    /// The files with which it speaks TLS, read as its own process sees them.
    pub tls: TlsFiles,
    /// The folder in which it looks for certificates and keys of registries: below `/etc/docker`,
    /// or below its user's own configuration where it is rootless.
    pub registry_folder: Field<String>,
}

/// Who made an engine that speaks Docker's API.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Flavour {
    /// Moby's: Docker, and what is built from it.
    Docker,
    /// Podman.
    Podman,
}

impl Flavour {
    /// Its name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Docker => "Docker",
            Self::Podman => "Podman",
        }
    }
}

/// The process behind the socket.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DaemonProcess {
    /// Its pid in our own pid namespace.
    pub pid: i32,
    /// Its uid.
    pub uid: u32,
    /// The target of `/proc/PID/exe`.
    pub exe: String,
    /// When it was started.
    pub started: Option<Timestamp>,
}

/// The file that the daemon was configured from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConfigFile {
    /// Its path.
    pub path: String,
    /// When its content last changed.
    pub modified: Option<Timestamp>,
    /// Whether it changed after the process was started. The engine may have reloaded it since.
    pub newer_than_process: bool,
}

/// A setting as somebody wrote it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Configured {
    /// The value, in daemon.json's form.
    pub value: serde_json::Value,
    /// The secret that stood in it, if any; the value is then replaced.
    pub secret: Option<Sighting>,
    /// The flag or the line that says so.
    pub origin: Origin,
}

/// A place where an engine listens.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Listener {
    /// `unix:///run/docker.sock`, `tcp://0.0.0.0:2375`, `fd://`.
    pub address: String,
    /// How callers are known, for TCP.
    pub authentication: ListenerAuth,
    /// Where it was read.
    pub origin: Origin,
}

/// How the callers of a TCP listener are known.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ListenerAuth {
    /// Not TCP: the file's owner and mode decide.
    FileMode,
    /// No TLS at all.
    None,
    /// TLS, but anyone may connect.
    ServerOnly,
    /// TLS with client certificates (`tlsverify`).
    ClientCertificates,
    /// Could not be told; says why.
    Unknown(String),
}

impl Daemon {
    /// Whether it has no more rights than an ordinary user: by its own word, or because it is an
    /// ordinary user's. Unknown counts as no.
    #[must_use]
    pub fn is_rootless(&self) -> bool {
        self.user.get().is_some() || self.security_option("rootless").get().is_some()
    }

    /// Whether it is known to be Podman.
    #[must_use]
    pub fn is_podman(&self) -> bool {
        self.flavour.get() == Some(&Flavour::Podman)
    }

    /// What was configured for `key`, under daemon.json's name: unknown where neither argv nor the
    /// file could be read, absent with the engine's default as origin where nobody set it.
    #[must_use]
    pub fn configured(&self, key: &'static str) -> Field<&serde_json::Value> {
        match &self.config {
            Fact::Unknown(why) => Field::unknown(why.clone(), Origin::default_of(key)),
            Fact::Absent => Field::absent(Origin::default_of(key)),
            Fact::Known(map) => map.get(key).map_or_else(
                || Field::absent(Origin::default_of(key)),
                |c| Field::known(&c.value, c.origin.clone()),
            ),
        }
    }

    /// A Boolean setting; a value of another type is unknown, since the engine would refuse it.
    #[must_use]
    pub fn configured_bool(&self, key: &'static str) -> Field<bool> {
        let field = self.configured(key);
        match field.fact {
            Fact::Known(serde_json::Value::Bool(on)) => Field::known(*on, field.origin),
            Fact::Known(other) => {
                Field::unknown(format!("{key} is {other}, not true or false"), field.origin)
            }
            Fact::Absent => Field::absent(field.origin),
            Fact::Unknown(why) => Field::unknown(why, field.origin),
        }
    }

    /// A text setting.
    #[must_use]
    pub fn configured_text(&self, key: &'static str) -> Field<String> {
        let field = self.configured(key);
        match field.fact {
            Fact::Known(serde_json::Value::String(text)) => {
                Field::known(text.clone(), field.origin)
            }
            Fact::Known(other) => {
                Field::unknown(format!("{key} is {other}, not a text"), field.origin)
            }
            Fact::Absent => Field::absent(field.origin),
            Fact::Unknown(why) => Field::unknown(why, field.origin),
        }
    }

    /// The sockets of the containerd that a daemon of root's was told of, and of the one that it
    /// starts for itself below its exec-root (moby `cmd/dockerd/daemon_unix.go`), by its settings.
    pub fn containerd_sockets<'a>(setting: impl Fn(&str) -> Option<&'a str>) -> Vec<String> {
        let told = setting("containerd").map(|address| address.trim_start_matches("unix://"));
        let exec_root = setting("exec-root").unwrap_or("/run/docker");
        let own = format!("{exec_root}/containerd/containerd.sock");
        told.map(str::to_owned).into_iter().chain([own]).collect()
    }

    /// Whether `/info` lists a security option of this name (`apparmor`, `selinux`, `userns`,
    /// `rootless`, `no-new-privileges`, `seccomp`, `cgroupns`), and its settings after the name.
    #[must_use]
    pub fn security_option(&self, name: &str) -> Field<String> {
        let wanted = format!("name={name}");
        let find = |list: &Vec<String>| {
            list.iter().find_map(|option| {
                let (head, rest) = option.split_once(',').unwrap_or((option, ""));
                (head == wanted || head == name).then(|| rest.to_owned())
            })
        };
        let origin = self.security_options.origin.clone();
        match &self.security_options.fact {
            Fact::Known(list) => find(list).map_or_else(
                || Field::absent(origin.clone()),
                |rest| Field::known(rest, origin.clone()),
            ),
            Fact::Absent => Field::absent(origin),
            Fact::Unknown(why) => Field::unknown(why.clone(), origin),
        }
    }
}

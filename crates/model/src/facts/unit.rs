//! systemd's units of engines, as systemd itself puts them together.

use serde::{Deserialize, Serialize};

use super::{Origin, Sighting};

/// A unit: the first of its name on the load path, and its drop-ins (systemd.unit(5)). Owners and
/// modes of all that is named here stand in `Host::files`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Unit {
    /// The file that defines it, by the name under which systemd finds it.
    pub fragment: String,
    /// Whether it is masked: a link to `/dev/null` or an empty file. Then nothing else counts.
    pub masked: bool,
    /// Drop-ins in the order in which they are applied.
    pub drop_ins: Vec<String>,
    /// Folders that exist and that systemd looks into for this unit: who writes there adds a
    /// drop-in, or a unit that goes first.
    pub folders: Vec<String>,
    /// The settings that matter, merged: `ExecStart` (one per command, words parted by a space),
    /// `Environment` (one per variable, without secrets), `EnvironmentFile`, `ListenStream`,
    /// `SocketMode`, `SocketUser`, `SocketGroup`.
    pub settings: Vec<UnitSetting>,
}

/// A setting of a unit that is in force when it is started.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UnitSetting {
    /// Its name, such as `ListenStream`.
    pub key: String,
    /// Its value, quotes removed; a secret in it is replaced.
    pub value: String,
    /// The secret that stood in it, if any.
    pub secret: Option<Sighting>,
    /// The line that says so.
    pub origin: Origin,
}

impl Unit {
    /// The file that defines it and its drop-ins.
    pub fn files(&self) -> impl Iterator<Item = &str> {
        std::iter::once(&self.fragment).chain(&self.drop_ins).map(String::as_str)
    }

    /// What is set for a key, in order.
    pub fn settings_of(&self, key: &str) -> impl Iterator<Item = &UnitSetting> {
        self.settings.iter().filter(move |setting| setting.key == key)
    }

    /// The programs that it starts, by their paths.
    pub fn programs(&self) -> impl Iterator<Item = &str> {
        let commands = self.settings_of("ExecStart");
        let programs = commands.filter_map(|command| command.value.split(' ').next());
        programs.filter(|program| program.starts_with('/'))
    }

    /// The sockets in the file system on which it listens.
    pub fn sockets(&self) -> impl Iterator<Item = &str> {
        let addresses = self.settings_of("ListenStream").map(|address| address.value.as_str());
        addresses.filter(|address| address.starts_with('/'))
    }
}

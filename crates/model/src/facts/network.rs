//! Networks, volumes and plugins, as the engine tells of them.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// A network.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Network {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// `bridge`, `overlay`, `macvlan`, `host`, `null`, …
    pub driver: String,
    /// `local`, `swarm` or `global`.
    pub scope: String,
    /// Whether it has no way out.
    pub internal: bool,
    /// Driver options.
    pub options: BTreeMap<String, String>,
}

/// A volume.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Volume {
    /// Its name.
    pub name: String,
    /// Its driver.
    pub driver: String,
    /// Where it is on the host.
    pub mountpoint: String,
    /// Driver options; passwords in them are replaced.
    pub options: BTreeMap<String, String>,
}

/// A managed plugin: a program that runs as root with what it was granted.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Plugin {
    /// Its name with tag.
    pub name: String,
    /// Whether it is switched on.
    pub enabled: bool,
    /// What it implements, such as `docker.volumedriver/1.0`.
    pub interfaces: Vec<String>,
    /// Capabilities that it was granted.
    pub capabilities: Vec<String>,
}

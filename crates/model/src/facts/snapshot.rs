//! Everything that was seen of one host at one time.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Container, Daemon, Field, Host, Image, Network, Plugin, Swarm, Volume};

/// One host at one time: what judging starts from, live or recorded. It holds no secrets.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Snapshot {
    /// The form of this structure; a reader refuses what it doesn't know.
    pub version: u32,
    /// The time as of which it is judged.
    pub now: Timestamp,
    /// The host.
    pub host: Host,
    /// The engines on it, most often one; none where no engine answers.
    pub engines: Vec<Engine>,
    /// What could not be looked at, and how it could be.
    pub unseen: Vec<Unseen>,
}

impl Snapshot {
    /// The form that this version writes.
    pub const VERSION: u32 = 1;
}

/// An engine and what it runs.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Engine {
    /// The daemon.
    pub daemon: Daemon,
    /// All containers, running or not.
    pub containers: Vec<Container>,
    /// Whether the list of containers could be read whole.
    pub containers_listed: Field<bool>,
    /// All images but intermediate ones.
    pub images: Field<Vec<Image>>,
    /// All networks.
    pub networks: Field<Vec<Network>>,
    /// All volumes.
    pub volumes: Field<Vec<Volume>>,
    /// Managed plugins.
    pub plugins: Field<Vec<Plugin>>,
    /// Swarm mode.
    pub swarm: Swarm,
}

/// Something that could not be looked at.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Unseen {
    /// What, such as `containers' processes`.
    pub what: String,
    /// Why not.
    pub why: String,
    /// What to do about it, as a sentence or a command; may be empty.
    pub hint: String,
}

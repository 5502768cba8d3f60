//! Mounts of a container.

use serde::{Deserialize, Serialize};

use crate::facts::{Fact, Origin};

/// What kind of mount it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MountKind {
    /// A path of the host.
    Bind,
    /// A volume of the engine's.
    Volume,
    /// Memory.
    Tmpfs,
    /// A path of an image.
    Image,
    /// Something that this version has no word for.
    Other,
}

/// One mount, as asked for and as resolved on the host.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mount {
    /// What kind it is.
    pub kind: MountKind,
    /// The volume's name, for a volume.
    pub volume: Option<String>,
    /// The volume's driver, for a volume.
    pub driver: Option<String>,
    /// The path on the host as written; empty where there is none.
    pub source: String,
    /// The path that `source` leads to on the host, with every symlink and `..` resolved; for a
    /// local-driver volume with a bind device, where that device leads. Absent where the mount has
    /// no path on the host; unknown where it could not be resolved.
    pub host_path: Fact<String>,
    /// What stands at `host_path`: `dir`, `file`, `socket`, `block`, `char`, `fifo`.
    pub node: Fact<String>,
    /// The path in the container.
    pub target: String,
    /// Whether the container may write to it.
    pub writable: bool,
    /// `Propagation`: `rprivate`, `shared`, `rshared`, `slave`, `rslave`, `private`; empty is the
    /// default, `rprivate`.
    pub propagation: String,
    /// Where it was read.
    pub origin: Origin,
}

impl Mount {
    /// The path on the host by which it is judged: the resolved one, else the one as written.
    #[must_use]
    pub fn judged_path(&self) -> Option<&str> {
        match &self.host_path {
            Fact::Known(path) => Some(path),
            Fact::Unknown(_) if !self.source.is_empty() => Some(&self.source),
            Fact::Absent | Fact::Unknown(_) => None,
        }
    }
}

//! Images, as the engine tells of them.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{CapSet, EnvVar, Field, Healthcheck, Inspection, Sighting};
use crate::ImageId;

/// An image in an engine's store.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Image {
    /// Its id.
    pub id: ImageId,
    /// Names with tags, such as `nginx:1.29`.
    pub tags: Vec<String>,
    /// Names with digests.
    pub digests: Vec<String>,
    /// When it was built.
    pub created: Field<Timestamp>,
    /// Size in bytes.
    pub size: Field<i64>,
    /// What containers inherit from it.
    pub config: ImageConfig,
    /// How it was built, oldest first.
    pub history: Field<Vec<Layer>>,
    /// Digests of its uncompressed layers, the lowest first (`RootFS.Layers`): the same digest in
    /// two images is one layer on disk.
    pub layers: Field<Vec<String>>,
    /// The folders of its layers on the host, as the daemon sees it, the uppermost first
    /// (`GraphDriver.Data`); empty where the engine tells none (containerd's image store).
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub folders: Vec<String>,
    /// Its files that give more rights to whoever starts them, by path; none where nobody asked
    /// for the files of images to be walked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub elevating: Option<Field<Vec<ElevatingFile>>>,
    /// Its packages, compared with advisories; none where there are no advisories to compare with.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub inspection: Option<Field<Inspection>>,
}

/// A regular file that gives whoever starts it rights of another: execve(2), capabilities(7).
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(default)]
pub struct ElevatingFile {
    /// Its path in the image.
    pub path: String,
    /// The lower twelve bits of `st_mode`.
    pub mode: u32,
    /// Its owner, as the host counts.
    pub uid: u32,
    /// Its group, as the host counts.
    pub gid: u32,
    /// What `security.capability` permits; empty where it has none.
    pub capabilities: CapSet,
}

impl ElevatingFile {
    /// `S_ISUID` of stat(2).
    pub const SETUID: u32 = 0o4000;
    /// `S_ISGID` of stat(2).
    pub const SETGID: u32 = 0o2000;
}

/// What containers inherit from an image.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct ImageConfig {
    /// `User`.
    pub user: Field<String>,
    /// `Env`, without values.
    pub env: Field<Vec<EnvVar>>,
    /// `Labels`; values that look like secrets are replaced.
    pub labels: BTreeMap<String, String>,
    /// `Healthcheck`.
    pub healthcheck: Field<Healthcheck>,
}

/// One step of an image's history.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Layer {
    /// The instruction, secrets replaced.
    pub created_by: String,
    /// The secret that stood in it, if any.
    pub secret: Option<Sighting>,
    /// Size in bytes; 0 for an instruction that changes only the config.
    pub size: i64,
    /// The image as it was after this step, where the engine has that too: the classic builder
    /// keeps each, and none of those can be removed as long as what was made of it is there.
    pub image: Option<ImageId>,
    /// When the step was done; none where the image doesn't say.
    pub created: Option<Timestamp>,
    /// Who did it: `buildkit.dockerfile.v0`, `Imported from -`; secrets replaced.
    pub comment: String,
}

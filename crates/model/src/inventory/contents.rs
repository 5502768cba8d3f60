//! What was found in one root file system.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::Package;
use crate::facts::{Change, Distribution, Field};

/// What was looked into.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Target {
    /// What it is.
    pub kind: TargetKind,
    /// The name that people know it by: an image's name, a container's, a path.
    pub name: String,
    /// The digest of an image's config (`sha256:…`), or of its manifest where the engine keeps
    /// images in containerd's store; absent where there is none (a folder).
    pub id: Option<String>,
    /// The platform of an image, such as `linux/amd64`; absent where it says none.
    pub platform: Option<String>,
}

/// What kind of thing was looked into.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TargetKind {
    /// An image in an engine's store, in an archive or in an OCI layout.
    #[default]
    Image,
    /// A container with its writable layer.
    Container,
    /// A folder that holds a root.
    Root,
    /// The host.
    Host,
    /// A list that somebody else made: CycloneDX, SPDX.
    Sbom,
}

/// What is in one root file system, all its layers applied.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Inventory {
    /// What was looked into.
    pub target: Target,
    /// Its layers, the lowest first; empty where there are none.
    pub layers: Vec<InventoryLayer>,
    /// What was found.
    pub contents: Contents,
}

/// The distribution and the packages of a root.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Contents {
    /// The distribution (os-release(5)). Absent: a root without one (`FROM scratch`).
    pub distribution: Field<Distribution>,
    /// Every package, ordered by kind, name, version and architecture.
    pub packages: Vec<Package>,
    /// What could not be read: packages may be missing for each of these.
    pub problems: Vec<Problem>,
    /// What changelogs say of weaknesses, by package and number: of those that were asked for.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub changes: BTreeMap<String, Field<BTreeMap<String, Change>>>,
}

/// A layer of an image.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct InventoryLayer {
    /// The digest of its uncompressed tar (`rootfs.diff_ids` of the config), `sha256:…`; empty for a
    /// container's writable layer.
    pub diff_id: String,
    /// The digest of the blob that it was pulled as, where its source names one; it may have been
    /// read where that blob lies unpacked.
    pub digest: Option<String>,
    /// The instruction that made it, from the image's history, secrets replaced; may be empty.
    pub created_by: String,
}

/// Something that could not be read.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(default)]
pub struct Problem {
    /// Where: a layer's digest, a path in it.
    pub place: String,
    /// The offset in bytes in the uncompressed layer, where one is known.
    pub offset: Option<u64>,
    /// Why not, in a person's words.
    pub why: String,
}

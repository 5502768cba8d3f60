//! The programs that containers run on, and the packages that they came in.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Distribution, Field, Origin};

/// The programs behind an engine, as its own process would find them.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Programs {
    /// dockerd: who owns the file that its process runs.
    pub engine: Field<Owner>,
    /// Who owns the containerd that it would start.
    pub containerd: Field<Owner>,
    /// Who owns the runc that it starts containers with.
    pub runc: Field<Owner>,
    /// The distribution in the engine's own root (os-release(5)).
    pub distribution: Field<Distribution>,
}

/// Who keeps a program up to date. Absent where no package has it: a person put it there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Owner {
    /// A package, by its manager's own records.
    Package(Package),
    /// A package of this manager, most likely, whose records are not read.
    Unread(Manager),
}

/// A package that is installed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Package {
    /// Who installed it.
    pub manager: Manager,
    /// Its name.
    pub name: String,
    /// Its version, in the manager's own form.
    pub version: String,
    /// The version of the source that it was built from, where it has one of its own.
    pub source_version: Option<String>,
    /// What its changelog says of weaknesses, by CVE number; absent where it has no changelog.
    pub changes: Field<BTreeMap<String, Change>>,
}

/// The newest entry of a changelog that names a weakness.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    /// The version of the entry.
    pub version: String,
    /// The line in the unpacked file, counted from 1.
    pub line: u32,
    /// Whether it says that something is taken back, or is not a remedy.
    pub doubtful: bool,
}

/// A package that brings a kernel, as the manager's records have it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KernelPackage {
    /// Whose records it stands in.
    pub manager: Manager,
    /// Its name: `linux-image-6.1.0-13-amd64`, `kernel-core`, `linux-lts`.
    pub name: String,
    /// Its whole version in the manager's own form.
    pub version: String,
    /// Its architecture in the manager's own word; may be empty.
    pub architecture: String,
    /// Where its record stands.
    pub origin: Origin,
}

/// A package manager.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Manager {
    /// Debian, Ubuntu.
    Dpkg,
    /// Alpine.
    Apk,
    /// Red Hat, Fedora, Amazon, SUSE.
    Rpm,
    /// Arch.
    Pacman,
    /// Snaps.
    Snap,
}

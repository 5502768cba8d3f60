//! A package, as its manager's own records tell of it.

use serde::{Deserialize, Serialize};

use crate::facts::Origin;

/// Whose records a package stands in, and so how its versions are ordered.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(rename_all = "lowercase")]
pub enum PackageKind {
    /// dpkg: Debian, Ubuntu, and images without a package manager that keep `status.d`.
    #[default]
    Deb,
    /// apk: Alpine, Wolfi, Chainguard.
    Apk,
    /// rpm: Red Hat, Alma, Rocky, Fedora, Amazon, SUSE.
    Rpm,
}

impl PackageKind {
    /// The type of a package URL (purl-spec, PURL-TYPES): `deb`, `apk`, `rpm`.
    #[must_use]
    pub const fn purl_type(self) -> &'static str {
        match self {
            Self::Deb => "deb",
            Self::Apk => "apk",
            Self::Rpm => "rpm",
        }
    }
}

/// How far a package is installed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum InstallState {
    /// Its files are there, and it works.
    #[default]
    Installed,
    /// Its files are there, or some of them: `unpacked`, `half-configured`, `half-installed`,
    /// `triggers-awaited`, `triggers-pending` of dpkg(1). What is weak in it is there too.
    Incomplete,
    /// Only its configuration is left: `config-files` of dpkg(1). Nothing of it can be run.
    Removed,
}

/// A package that stands in a manager's records.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Package {
    /// Whose records it stands in.
    pub kind: PackageKind,
    /// Its own name, not its source's.
    pub name: String,
    /// Its whole version in the manager's own form: `[epoch:]version[-release]`.
    pub version: String,
    /// Its architecture in the manager's own word: `amd64`, `x86_64`, `noarch`; may be empty.
    pub architecture: String,
    /// What it was built from, where its records say so: `Source` of dpkg, `origin` of apk, the
    /// source rpm. Absent where it is its own source.
    pub source: Option<SourcePackage>,
    /// Its licences as the records give them, SPDX or not.
    pub licences: Vec<String>,
    /// Who built it, as it says itself (`Vendor` of rpm, `Maintainer` of dpkg and apk); may be empty.
    pub vendor: String,
    /// The module that it came with (`Modularitylabel` of rpm: `name:stream:version:context`).
    pub module: Option<String>,
    /// How far it is installed.
    pub state: InstallState,
    /// Where its record stands.
    pub origin: Origin,
    /// The lowest layer that has it in this version: the position in [`super::Inventory::layers`].
    pub layer: Option<usize>,
}

/// The source of a package.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SourcePackage {
    /// Its name.
    pub name: String,
    /// Its version, where it differs from the package's own (a rebuild, `1.2-3+b1` of `1.2-3`).
    pub version: Option<String>,
}

impl Package {
    /// The source's name, or its own where it is its own source.
    #[must_use]
    pub fn source_name(&self) -> &str {
        self.source.as_ref().map_or(&self.name, |source| &source.name)
    }

    /// The source's version, or its own where the source has the same.
    #[must_use]
    pub fn source_version(&self) -> &str {
        let source = self.source.as_ref().and_then(|source| source.version.as_deref());
        source.unwrap_or(&self.version)
    }
}

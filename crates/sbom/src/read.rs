//! Bills of materials that are read.

use std::collections::BTreeMap;

use dockward_model::facts::Origin;
use dockward_model::inventory::Inventory;
use serde::Deserialize;
use serde::de::IgnoredAny;

use crate::{Error, cyclonedx, spdx};

/// The longest bill that is read, in bytes.
pub const MAX_BYTES: usize = 256 << 20;

/// How many packages of a bill are read. Debian has 64,000 in all.
pub const MAX_PACKAGES: usize = 500_000;

/// How many kinds are counted by their own names.
const MAX_KINDS: usize = 64;

/// The name in [`LeftOut::kinds`] of components without a package URL, or with one that can't be
/// read.
pub const NO_PURL: &str = "no package URL";

/// The name in [`LeftOut::kinds`] of the kinds beyond those that are counted by their own names.
pub const OTHER_KINDS: &str = "other kinds";

/// What a bill of materials says.
#[derive(Debug, Clone, PartialEq)]
pub struct Read {
    /// Its format.
    pub format: Format,
    /// What is in what it is about: one inventory, or several where Dockward wrote one bill of
    /// several. Never empty.
    pub inventories: Vec<Inventory>,
    /// What is in it and not in the inventories: nobody has looked for weaknesses of these.
    pub left_out: LeftOut,
}

/// A format and its version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Format {
    /// CycloneDX, by its `specVersion`.
    CycloneDx(String),
    /// SPDX, by its `spdxVersion`.
    Spdx(String),
}

/// Components that are in no inventory.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LeftOut {
    /// How many of each kind, by the type of their package URLs (`npm`, `pypi`), or [`NO_PURL`], or
    /// [`OTHER_KINDS`].
    pub kinds: BTreeMap<String, u64>,
}

impl LeftOut {
    /// How many there are.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.kinds.values().sum()
    }

    pub(crate) fn count(&mut self, kind: &str) {
        let is_full = self.kinds.len() >= MAX_KINDS && !self.kinds.contains_key(kind);
        let kind = if is_full { OTHER_KINDS } else { kind };
        *self.kinds.entry(kind.to_owned()).or_default() += 1;
    }
}

/// What tells the formats apart.
#[derive(Deserialize)]
struct Heading<'a> {
    #[serde(borrow, rename = "bomFormat")]
    bom_format: Option<&'a serde_json::value::RawValue>,
    #[serde(borrow, rename = "spdxVersion")]
    spdx_version: Option<&'a serde_json::value::RawValue>,
    #[serde(rename = "@context")]
    context: Option<IgnoredAny>,
    artifacts: Option<IgnoredAny>,
    #[serde(rename = "payloadType")]
    payload_type: Option<IgnoredAny>,
    #[serde(rename = "predicateType")]
    predicate_type: Option<IgnoredAny>,
}

/// Reads a bill of materials: CycloneDX 1.2 to 1.7 or SPDX 2.2 and 2.3, as JSON. `name` is where it
/// came from, for what packages that name no record of their own were read in.
///
/// Components that can't be read are [`dockward_model::inventory::Problem`]s, the rest is read.
///
/// # Errors
/// When it is none of these, or longer, deeper or fuller than what is read.
pub fn read(name: &str, bytes: &[u8]) -> Result<Read, Error> {
    if bytes.len() > MAX_BYTES {
        return Err(Error::TooLarge { max: MAX_BYTES });
    }
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let text =
        std::str::from_utf8(bytes).map_err(|error| Error::NotUtf8 { at: error.valid_up_to() })?;
    let list = Origin::file(name, None);
    let text = text.trim_start();
    if !text.starts_with('{') {
        return Err(Error::UnknownFormat(told(text)));
    }
    let heading: Heading<'_> =
        serde_json::from_str(text).map_err(|source| Error::Json { what: "JSON", source })?;
    match heading {
        Heading { bom_format: Some(_), .. } => cyclonedx::read(list, text),
        Heading { spdx_version: Some(_), .. } => spdx::read(list, text),
        Heading { context: Some(_), .. } => Err(Error::UnknownFormat("JSON-LD, maybe SPDX 3")),
        Heading { artifacts: Some(_), .. } => Err(Error::UnknownFormat("Syft's own JSON")),
        Heading { payload_type: Some(_), .. } | Heading { predicate_type: Some(_), .. } => {
            Err(Error::UnknownFormat("an attestation; hand in its predicate"))
        }
        _ => Err(Error::UnknownFormat("JSON of another kind")),
    }
}

fn told(text: &str) -> &'static str {
    match text {
        "" => "nothing at all",
        xml if xml.starts_with('<') => "XML",
        tags if tags.starts_with("SPDXVersion:") => "SPDX as tags and values",
        _ => "no JSON",
    }
}

/// A version as an error may show it.
pub(crate) fn shortened(version: &str) -> String {
    version.chars().take(20).collect()
}

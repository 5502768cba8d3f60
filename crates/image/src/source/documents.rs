//! The documents that tell of an image, as much of them as is needed: OCI's image-spec, Docker's
//! schema 2 and its `manifest.json`. What is null or missing is empty.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer};

use super::Parts;
use crate::blob::Digest;
use crate::{Error, Platform};

fn or_default<'de, D: Deserializer<'de>, T: Deserialize<'de> + Default>(
    d: D,
) -> Result<T, D::Error> {
    Option::<T>::deserialize(d).map(Option::unwrap_or_default)
}

/// A reference to a blob (descriptor.md).
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Descriptor {
    #[serde(deserialize_with = "or_default")]
    pub(super) media_type: String,
    #[serde(deserialize_with = "or_default")]
    pub(super) digest: String,
    pub(super) size: Option<u64>,
    pub(super) platform: Option<PlatformOf>,
    #[serde(deserialize_with = "or_default")]
    pub(super) annotations: BTreeMap<String, String>,
}

/// A platform (image-index.md).
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct PlatformOf {
    #[serde(deserialize_with = "or_default")]
    pub(super) os: String,
    #[serde(deserialize_with = "or_default")]
    pub(super) architecture: String,
    pub(super) variant: Option<String>,
}

impl PlatformOf {
    pub(super) fn platform(&self) -> Platform {
        let variant = self.variant.clone().filter(|variant| !variant.is_empty());
        Platform { os: self.os.clone(), architecture: self.architecture.clone(), variant }
    }
}

/// An index, a manifest, or something else: by what it has, since media types are often missing.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Manifest {
    pub(super) manifests: Option<Vec<Descriptor>>,
    pub(super) config: Option<Descriptor>,
    pub(super) layers: Option<Vec<Descriptor>>,
}

/// An image's config (config.md).
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Config {
    #[serde(flatten)]
    pub(super) platform: PlatformOf,
    #[serde(deserialize_with = "or_default")]
    pub(super) rootfs: RootFs,
    #[serde(deserialize_with = "or_default")]
    pub(super) history: Vec<Step>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct RootFs {
    #[serde(deserialize_with = "or_default")]
    pub(super) diff_ids: Vec<String>,
}

/// A step of an image's history.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Step {
    #[serde(deserialize_with = "or_default")]
    pub(super) created_by: String,
    #[serde(deserialize_with = "or_default")]
    pub(super) empty_layer: bool,
}

/// An image in `manifest.json` of `docker save`.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub(super) struct Saved {
    #[serde(deserialize_with = "or_default")]
    pub(super) config: String,
    #[serde(deserialize_with = "or_default")]
    pub(super) repo_tags: Vec<String>,
    #[serde(deserialize_with = "or_default")]
    pub(super) layers: Vec<String>,
}

/// Reads a document's text. `place` is what it is called in messages.
pub(super) fn parse<'a, T: Deserialize<'a>>(place: &str, text: &'a [u8]) -> Result<T, Error> {
    serde_json::from_slice(text)
        .map_err(|error| bad(place, format!("it is not well formed: {error}")))
}

pub(super) fn bad(place: &str, why: impl Into<String>) -> Error {
    let place = place.chars().take(200).collect();
    Error::BadPart { place, why: why.into() }
}

/// The document that a descriptor means, its digest checked.
pub(super) fn of_descriptor(
    parts: &dyn Parts,
    descriptor: &Descriptor,
) -> Result<(Digest, Vec<u8>), Error> {
    let Some(digest) = Digest::parse(&descriptor.digest) else {
        return Err(bad(&descriptor.digest, "it is no digest"));
    };
    let text = parts.document(&digest.path()).map_err(|why| bad(digest.as_str(), why))?;
    let text = text.ok_or_else(|| bad(digest.as_str(), "it is missing"))?;
    if !digest.is_of(&text) {
        return Err(bad(digest.as_str(), format!("its digest is {}", digest.hash().of(&text))));
    }
    Ok((digest, text))
}

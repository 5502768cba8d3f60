//! Images, as the engine tells of them.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{EnvVar, Field, Healthcheck, Sighting};
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
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Layer {
    /// The instruction, secrets replaced.
    pub created_by: String,
    /// The secret that stood in it, if any.
    pub secret: Option<Sighting>,
    /// Size in bytes; 0 for an instruction that changes only the config.
    pub size: i64,
}

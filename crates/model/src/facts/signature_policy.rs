//! Which signatures are asked for before an image is used.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// containers-policy.json(5), which Podman, Buildah, Skopeo and CRI-O obey; the Docker engine has
/// nothing like it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct SignaturePolicy {
    /// The types of the default requirements: `insecureAcceptAnything`, `reject`, `signedBy`,
    /// `sigstoreSigned`.
    pub default: Vec<String>,
    /// Those of narrower scopes, by transport and scope (`docker registry.example.com`).
    pub scopes: BTreeMap<String, Vec<String>>,
}

impl SignaturePolicy {
    /// The requirement that asks for nothing.
    pub const ACCEPTS_ANYTHING: &'static str = "insecureAcceptAnything";

    /// Whether these requirements let any image through: all of a list have to be met, so one
    /// that asks for something is enough.
    #[must_use]
    pub fn accepts_anything(requirements: &[String]) -> bool {
        requirements.iter().all(|kind| kind == Self::ACCEPTS_ANYTHING)
    }
}

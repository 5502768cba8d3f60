//! What a log says of its own key.

use serde::{Deserialize, Serialize};

use crate::{PublicKey, Text};

/// What a log says of its key: in its first entry, and in the last one where its key was replaced.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Key {
    /// The public key of this log, in the form of signed notes.
    pub public: String,
    /// In a first entry: the log that this one goes on for; none where it goes on for none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub follows: Option<Followed>,
    /// In a last entry: the public key that took the place of this one. Its log follows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replaced_by: Option<String>,
    /// Why it was replaced.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<Text>,
}

impl Key {
    /// The first entry of a log that follows none.
    pub(crate) fn new(public: &PublicKey) -> Self {
        Self { public: public.to_string(), follows: None, replaced_by: None, reason: None }
    }
}

/// A log that ended, as the one after it names it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Followed {
    /// Its public key, in the form of signed notes.
    pub key: String,
    /// How many entries it has in the end.
    pub size: u64,
    /// The hash of its tree in the end, in base64.
    pub root: String,
}

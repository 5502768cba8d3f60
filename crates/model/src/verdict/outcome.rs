//! How judging one subject by one rule ends.

use serde::{Deserialize, Serialize};

use super::{Evidence, Severity};
use crate::facts::Field;

/// How judging ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// As it should be.
    Pass,
    /// The question doesn't arise here; says why (no AppArmor in this kernel).
    NotApplicable(String),
    /// A person has to decide; holds what they need for it.
    Review(Failure),
    /// Not as it should be.
    Fail(Failure),
    /// Could not be judged; says why. Never a pass.
    Unknown(String),
}

/// Why something fails or needs a look, and what to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// How bad, where it differs from the rule's own severity.
    pub severity: Option<Severity>,
    /// One line: what is wrong with this subject.
    pub message: String,
    /// Where that was seen; never empty.
    pub evidence: Vec<Evidence>,
    /// The change that mends it, as the user would write it.
    pub fix: String,
    /// What an attacker gains by it: the steps that attack paths are made of.
    pub openings: Vec<Opening>,
}

impl Failure {
    /// A failure with one piece of evidence.
    #[must_use]
    pub fn new(message: impl Into<String>, evidence: Evidence, fix: impl Into<String>) -> Self {
        Self {
            severity: None,
            message: message.into(),
            evidence: vec![evidence],
            fix: fix.into(),
            openings: Vec::new(),
        }
    }

    /// The same, this bad.
    #[must_use]
    pub const fn severity(mut self, severity: Severity) -> Self {
        self.severity = Some(severity);
        self
    }

    /// The same with more evidence.
    #[must_use]
    pub fn and(mut self, evidence: impl IntoIterator<Item = Evidence>) -> Self {
        self.evidence.extend(evidence);
        self
    }

    /// The same, opening a way for who stands at `needs`.
    #[must_use]
    pub fn opens(mut self, gain: Gain, needs: Foothold) -> Self {
        self.openings.push(Opening { gain, needs });
        self
    }
}

impl From<Failure> for Outcome {
    fn from(failure: Failure) -> Self {
        Self::Fail(failure)
    }
}

impl Outcome {
    /// Unknown, because `field` could not be read.
    #[must_use]
    pub fn unread<T>(field: &Field<T>) -> Self {
        let why = field.fact.unknown().unwrap_or("it is not there");
        Self::Unknown(format!("{}: {why}", field.origin))
    }
}

/// What an attacker gains by a weakness.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Gain {
    /// Root on the host; through an engine that is rootless, all that its user may.
    HostRoot,
    /// Reading any file of the host, keys and password hashes among them.
    HostFiles,
    /// The host's own network: services on loopback, other containers' traffic.
    HostNetwork,
    /// What runs in another container, by id or name.
    Container(String),
    /// Code running in this container: a way in from outside (a published port, an open API).
    Reach,
}

/// What an attacker needs for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Foothold {
    /// To reach a network interface of the host.
    Network,
    /// A login on the host, as the users that the finding names.
    LocalUser,
    /// Code in the container, as any user.
    InContainer,
    /// Code in the container, as root.
    RootInContainer,
}

/// A step that a weakness opens.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Opening {
    /// What is gained.
    pub gain: Gain,
    /// What is needed.
    pub needs: Foothold,
}

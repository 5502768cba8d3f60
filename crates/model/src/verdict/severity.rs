//! How bad it is.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// How bad a finding is: what an attacker gains, and how little they need for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Worth knowing; nothing to defend.
    Info,
    /// A layer of defence that is missing.
    Low,
    /// Makes another weakness worse.
    Medium,
    /// One step away from the host, or from its data.
    High,
    /// Root on the host, or as good as that.
    Critical,
}

impl Severity {
    /// All of them, worst first.
    pub const WORST_FIRST: [Self; 5] =
        [Self::Critical, Self::High, Self::Medium, Self::Low, Self::Info];

    /// The name in lower case.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
            Self::Critical => "critical",
        }
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for Severity {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Self::WORST_FIRST
            .into_iter()
            .find(|s| s.name() == text)
            .ok_or_else(|| format!("`{text}` is none of critical, high, medium, low, info"))
    }
}

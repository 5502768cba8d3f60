//! Where a finding was read, what was seen, what was expected.

use serde::{Deserialize, Serialize};

use crate::facts::{Field, Origin};

/// Whether a value is what somebody wrote or what is in force.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// Somebody wrote it; whether it is in force was not seen.
    Configured,
    /// It is in force: the engine or the kernel says so.
    Effective,
}

/// One piece of evidence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Evidence {
    /// Where it was read.
    pub origin: Origin,
    /// What was seen there.
    pub seen: String,
    /// What was expected.
    pub expected: String,
    /// Whether it is configured or in force.
    pub level: Level,
}

impl Evidence {
    /// Evidence from `origin`. The kernel's word is effective, all else is configured unless said
    /// otherwise with [`Self::effective`].
    #[must_use]
    pub fn at(origin: &Origin, seen: impl Into<String>, expected: impl Into<String>) -> Self {
        let level = match origin {
            Origin::Kernel { .. } => Level::Effective,
            _ => Level::Configured,
        };
        Self { origin: origin.clone(), seen: seen.into(), expected: expected.into(), level }
    }

    /// Evidence from the place where `field` was read.
    #[must_use]
    pub fn of<T>(field: &Field<T>, seen: impl Into<String>, expected: impl Into<String>) -> Self {
        Self::at(&field.origin, seen, expected)
    }

    /// The same, marked as in force.
    #[must_use]
    pub fn effective(mut self) -> Self {
        self.level = Level::Effective;
        self
    }
}

//! What is different from an earlier run.

use jiff::Timestamp;

use super::Finding;

/// What is different from an earlier run, judged by the same rules and settings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct News {
    /// When the earlier run looked.
    pub since: Timestamp,
    /// Findings that were not there, worst first.
    pub appeared: Vec<Finding>,
    /// Findings that are no longer there, as they were.
    pub gone: Vec<Finding>,
    /// Findings that are there in both, and say something else now.
    pub changed: Vec<Change>,
    /// Containers, images, networks, volumes, services that came or went.
    pub resources: Vec<ResourceNews>,
}

/// A finding that says something else now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// As it was.
    pub before: Finding,
    /// As it is.
    pub now: Finding,
}

/// A thing that came, went, or was made anew.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct ResourceNews {
    /// `container`, `image`, `network`, `volume`, …
    pub kind: &'static str,
    /// Its name.
    pub name: String,
    /// What happened to it.
    pub what: Happened,
    /// What to know of it, such as the image before and now; may be empty.
    pub detail: String,
}

/// What happened to a thing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Happened {
    /// It was not there before.
    Appeared,
    /// It is no longer there.
    Gone,
    /// It is another one, or runs from another image.
    Changed,
}

impl Happened {
    /// The word for it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Appeared => "appeared",
            Self::Gone => "gone",
            Self::Changed => "changed",
        }
    }
}

impl News {
    /// Whether nothing is different.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.appeared.is_empty()
            && self.gone.is_empty()
            && self.changed.is_empty()
            && self.resources.is_empty()
    }
}

//! What an update of advisories says of what runs here.

use jiff::Timestamp;

use super::{FailedTarget, Scanned};

/// What is new about what runs on this host, since the advisories before.
#[derive(Debug, Clone)]
pub struct AdvisoryNews {
    /// Dockward's own version.
    pub version: String,
    /// The time as of which was judged.
    pub now: Timestamp,
    /// This host's name.
    pub host: String,
    /// When the database before was built; absent where there was none: then all is new.
    pub since: Option<Timestamp>,
    /// How many running containers were compared.
    pub containers: usize,
    /// What new advisories hit, in the order of their worst.
    pub hits: Vec<Hit>,
    /// What runs and could not be looked into.
    pub failed: Vec<FailedTarget>,
}

/// A running container, or the host itself, that new advisories hit.
#[derive(Debug, Clone)]
pub struct Hit {
    /// What is inside, and all that is known to be weak in it.
    pub scanned: Scanned,
    /// The image that the container was made from; absent for the host.
    pub image: Option<String>,
    /// Which of its vulnerabilities are new and count, by position, worst first; never empty.
    pub news: Vec<(usize, WeaknessNews)>,
}

/// What is new about a weakness of a package.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum WeaknessNews {
    /// It was known before, and is exploited now.
    Exploited,
    /// It was not known of this package.
    Appeared,
    /// It was known before, and an update mends it now.
    Mendable,
}

impl WeaknessNews {
    /// It in a few words.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Exploited => "exploited now",
            Self::Appeared => "new",
            Self::Mendable => "can be mended now",
        }
    }
}

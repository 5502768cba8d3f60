//! What is inside an image, a container or a root, and what is known of it.
//!
//! An [`Inventory`] is read once and kept; a [`Match`] is made anew whenever advisories are. Both are
//! plain facts: who reads layers fills in the first, who knows advisories the second.

mod contents;
mod explained;
mod exposure;
mod matched;
mod package;
#[cfg(any(test, feature = "samples"))]
pub mod sample;

pub use contents::{Contents, Inventory, InventoryLayer, Problem, Target, TargetKind};
pub use explained::{ExplainedRow, Explanation};
pub use exposure::{Exposure, LoadedBy, ReachedBy};
pub use matched::{
    AdvisoryFacts, Compared, Exploited, FixState, HeldAgainst, Likelihood, Match, MatchedName,
    Matches, RatedBy, Rating, Unmatched, UnmatchedWhy,
};
pub use package::{InstallState, Package, PackageKind, SourcePackage};

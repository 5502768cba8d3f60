//! What Dockward finds beside what Trivy finds, in the same roots, by databases made of the same advisories.
//!
//! The records of `../shared/advisories` are written as a database of Trivy's by a reading of their own (`records`),
//! packages are drawn from them with versions around each fix (`draw`), roots are made of those packages (`root`),
//! and both look into them. Where they differ, [`REASONS`] must say why: a difference without a reason fails, and so
//! does a reason that explains nothing any more.

mod bolt;
mod draw;
mod ours;
mod reasons;
mod records;
mod root;
mod rpmdb;
mod theirs;

pub use draw::{Drawn, draw};
pub use ours::{database, found as ours};
pub use reasons::{Difference, REASONS, Reason, Side};
pub use records::{Records, Release, Said};
pub use root::{Root, make};
pub use theirs::{Trivy, found as theirs};

/// A weakness of a package: its name, its version, and the CVE or the advisory without one.
pub type Pair = (String, String, String);

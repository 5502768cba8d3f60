//! Feeds of advisories to one database in one file, and that file mapped into memory.
//!
//! [`build`] reads feeds as they are published (the OSV bucket's layout, CISA's catalogue of exploited
//! vulnerabilities, EPSS of FIRST, statements of "not affected"), and writes one immutable file;
//! [`Mapped`] opens it. [`update()`] brings feeds up to date from where they are published and builds of
//! them, [`install()`] takes a database that a site publishes and signs for itself. What is in it and how it is read is `dockward-advisory`'s.
//!
//! Invariant: memory does not grow with the feeds; nothing of a feed is lost without being counted and
//! named; the same feeds at the same time make the same bytes; a database never goes back in time
//! unless told so. `unsafe` is in `mapped` alone.

mod build;
mod collector;
mod error;
mod input;
mod listing;
mod mapped;
mod mirror;
mod osv;
mod published;
mod repack;
mod scores;
mod signature;
mod sorter;
mod statements;
mod update;
mod write;
mod zip;

pub use build::{Options, Summary, build};
pub use collector::{Problems, Refused};
pub use error::BuildError;
pub use listing::{Changes, Listing};
pub use mapped::{Mapped, OpenError};
pub use osv::{Understood, understand};
pub use published::{Install, Installed, Origin, SIGNATURE_ANNOTATION, install};
pub use signature::{Accepted, PublicKey, SecretKey, SignatureError, verify};
pub use update::{
    Change, Outcome, PUBLISHED, Place, Plan, Progress, Published, SourceStatus, UpdateError,
    Updated, status, update,
};

/// What updates read of CISA's catalogue and of scores before they take them, for fuzz targets.
#[doc(hidden)]
pub fn fuzz_scores(bytes: &[u8]) {
    update::scores_times(bytes);
}
pub use zip::{Entry, Zip};

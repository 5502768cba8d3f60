//! Feeds of advisories to one database in one file, and that file mapped into memory.
//!
//! [`build`] reads feeds as they are published (the OSV bucket's layout, CISA's catalogue of exploited
//! vulnerabilities, EPSS of FIRST, statements of "not affected"), and writes one immutable file;
//! [`Mapped`] opens it. What is in it and how it is read is `dockward-advisory`'s.
//!
//! Invariant: memory does not grow with the feeds; nothing of a feed is lost without being counted and
//! named; the same feeds at the same time make the same bytes; a database never goes back in time
//! unless told so. `unsafe` is in `mapped` alone.

mod build;
mod collector;
mod error;
mod input;
mod mapped;
mod osv;
mod scores;
mod sorter;
mod statements;
mod write;
mod zip;

pub use build::{Options, Summary, build};
pub use collector::{Problems, Refused};
pub use error::BuildError;
pub use mapped::{Mapped, OpenError};
pub use osv::{Understood, understand};

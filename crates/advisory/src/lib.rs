//! Which versions are older than which, and what is known to be weak in them.
//!
//! ```
//! use dockward_advisory::{Program, known, upstream::Version};
//!
//! let runc = Version::parse("1.1.5+ds1").expect("a version");
//! assert!(known(Program::Runc, &runc).any(|weakness| weakness.id == "CVE-2024-21626"));
//! ```
//!
//! Invariant: pure, and nothing is allocated to compare two versions. What is known is facts: ids,
//! version numbers, and our own words.

mod backport;
pub mod database;
pub mod ecosystem;
mod explain;
mod matching;
mod news;
pub mod order;
mod rank;
mod support;
mod updates;
mod weakness;

pub use backport::held_against;
pub use explain::explain;
pub use matching::{Settings, matches};
pub use news::news;
pub use order::{apk, dpkg, rpm, upstream};
pub use rank::{Nearness, rank};
pub use support::{Distribution, Support, distribution, line};
pub use updates::{order, updates};
pub use weakness::{KNOWN_UNTIL, Program, Weakness, known};

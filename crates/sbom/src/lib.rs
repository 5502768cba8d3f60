//! Software bills of materials: CycloneDX 1.6 and SPDX 2.3 written, CycloneDX 1.2 to 1.7 and SPDX 2.2
//! and 2.3 read, as JSON.
//!
//! Invariant: no I/O but the writer that it is given, no clock, no randomness: the same
//! [`Document`] gives the same bytes. What is read may be hostile: it is capped, and what this crate
//! does not know is counted, never dropped in silence.
//!
//! What is written can be read again without loss: the same packages, and so the same matches. A
//! package of which only the configuration is left ([`InstallState::Removed`]) is not in a bill: it
//! is not there, and other tools would take it for one that is.
//!
//! [`InstallState::Removed`]: dockward_model::inventory::InstallState::Removed

mod collector;
pub mod cyclonedx;
mod distribution;
mod document;
mod error;
mod json;
mod licence;
mod package_url;
mod properties;
mod read;
mod serial;
mod source;
pub mod spdx;

pub use document::{Document, Judged, Scanned};
pub use error::Error;
pub use read::{Format, LeftOut, MAX_BYTES, MAX_PACKAGES, NO_PURL, OTHER_KINDS, Read, read};

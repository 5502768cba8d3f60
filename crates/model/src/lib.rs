//! The shared words of Dockward.
//!
//! [`facts`] is what was seen and where, [`inventory`] what is inside of an image or a root,
//! [`verdict`] what was concluded. Facts are collected once and judged many times; nothing in this
//! crate reads a file, a socket, the environment or a clock.
//!
//! Invariant: no I/O, and unknown is a value of its own, never a default and never a pass.

pub mod facts;
mod id;
pub mod inventory;
pub mod verdict;

pub use id::{ContainerId, ImageId, RuleId};

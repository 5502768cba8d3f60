//! Whether what stands before a Docker Engine blocks what it should: each shape of a request and each side door is a
//! case in `cases/`, tried on a real engine.
//!
//! A *bypass* is when the engine then holds what should have been denied. `README.md` beside this crate says how to
//! run it, and what engines do that their documentation does not name.

mod answer;
mod case;
mod connection;
mod engine;
mod error;
mod image;
mod routes;
mod run;
mod verdict;
mod wire;

pub use case::{Case, Expect, Level, Need, Probe, Step, Theme, themes};
pub use connection::Address;
pub use error::Error;
pub use routes::{Route, routes};
pub use run::{Options, run};
pub use verdict::{Run, Seen, Verdict};

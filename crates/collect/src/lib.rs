//! Host and engine into one [`Snapshot`](dockward_model::facts::Snapshot).
//!
//! ```no_run
//! use dockward_collect::{Options, collect};
//! use dockward_engine::Named;
//!
//! let options = Options::wanted(Named::from_env(None))?;
//! let collected = collect(&options, &mut |step| eprintln!("{step:?}"));
//! for (why, hint) in collected.engines.iter().filter_map(|engine| engine.explain()) {
//!     eprintln!("{why}: {hint}");
//! }
//! dockward_collect::record::write(&collected.snapshot, "host.json".as_ref())?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! Invariant: reads only. Nothing is started, entered or changed, nothing is executed in a
//! container, and no path that a container's owner names leads out of where it belongs.
//!
//! - Each fact has its origin. What could not be read is unknown, never a default.
//! - A snapshot holds no secrets: they are replaced on the way in, by `dockward-secret`.
//! - Nothing fails as a whole: one odd answer loses one field, one container that can't be read
//!   stays in the list, and without any engine the host is still seen.

mod answers;
mod blind;
mod certificate;
mod container;
mod daemon;
pub mod daemon_process;
mod elevating;
mod engine;
mod field;
mod ground;
pub mod host;
mod image;
pub mod in_use;
pub mod kernel;
pub mod mounted;
mod options;
mod packages;
pub mod parsers;
mod places;
mod progress;
pub mod record;
#[cfg(test)]
mod recorded_answers;
mod redacted;
pub mod requested;
pub mod resolve;
mod resources;
mod service;
mod sight;
mod snapshot;
mod state;
mod swarm;
mod threads;
pub mod tree;
mod unseen;
mod visit;
mod volume;

pub use answers::from_answers;
pub use options::{Engines, Options};
pub use packages::changelog::read as changes;
pub use progress::{Phase, Progress, Timing};
pub use snapshot::{Collected, collect};
pub use state::EngineState;

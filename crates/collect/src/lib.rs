//! Host and engine into one Snapshot; reads only

mod answers;
mod blind;
mod container;
mod daemon;
pub mod daemon_process;
mod engine;
mod field;
mod ground;
pub mod host;
mod image;
pub mod kernel;
mod options;
mod progress;
pub mod record;
mod redacted;
pub mod resolve;
mod resources;
mod snapshot;
mod state;
pub mod tree;
mod unseen;
mod volume;

pub use answers::from_answers;
pub use options::Options;
pub use progress::{Phase, Progress, Timing};
pub use snapshot::{Collected, collect};
pub use state::EngineState;

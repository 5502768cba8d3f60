//! Host and engine into one Snapshot; reads only

mod container;
mod daemon;
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
mod resources;
pub mod tree;
mod unseen;
mod user;
mod volume;

//! What the engine answers, as lenient structs of our own.
//!
//! The names follow the API's (`RepoDigests` is `repo_digests`); the doc comment of each field
//! names the API's field. See the Engine API's reference, versions 1.41 to 1.51.

mod container;
mod host_config;
mod image;
mod info;
mod network;
mod plugin;
mod service;
mod swarm;
mod version;
mod volume;

pub use container::*;
pub use host_config::*;
pub use image::*;
pub use info::*;
pub use network::*;
pub use plugin::*;
pub use service::*;
pub use swarm::*;
pub use version::*;
pub use volume::*;

use std::collections::BTreeMap;

/// Text by name: labels, options, sysctls.
pub type Texts = BTreeMap<String, String>;

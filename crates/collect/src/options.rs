//! What is looked at, and how much of it.

use dockward_engine::{Endpoint, Limits};

/// What is looked at, and how much of it.
#[derive(Debug, Clone)]
pub struct Options {
    /// Where an engine may listen, in the order in which to look.
    pub endpoints: Vec<Endpoint>,
    /// Caps on what the engine may cost.
    pub limits: Limits,
    /// How many containers are looked at; what there are more is said.
    pub most_containers: usize,
    /// How many images are looked at; where there are more, none is.
    pub most_images: usize,
}

impl Options {
    /// The first engine at one of these places, with the usual caps.
    #[must_use]
    pub fn new(endpoints: Vec<Endpoint>) -> Self {
        Self { endpoints, limits: Limits::default(), most_containers: 10_000, most_images: 10_000 }
    }
}

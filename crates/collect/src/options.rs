//! What is looked at, and how much of it.

use std::path::PathBuf;

use dockward_engine::{Endpoint, Limits, Named, Wanted};

/// What is looked at, and how much of it.
#[derive(Debug, Clone)]
pub struct Options {
    /// The engines to ask.
    pub engines: Engines,
    /// The folder below which the host is mounted; none where it is the one that we run on.
    pub root: Option<PathBuf>,
    /// Caps on what an engine may cost. Engines in users' runtime folders may cost less.
    pub limits: Limits,
    /// How many engines are asked; what there are more is said.
    pub most_engines: usize,
    /// How many containers of an engine are looked at; what there are more is said.
    pub most_containers: usize,
    /// How many images are looked at; where there are more, none is.
    pub most_images: usize,
    /// Whether the files of images are walked: that can take seconds.
    pub deep: bool,
}

/// Which engines are asked.
#[derive(Debug, Clone)]
pub enum Engines {
    /// All of these.
    These(Vec<Endpoint>),
    /// All that listen at the usual sockets of the host, those of its users included.
    Local(Named),
}

impl Options {
    /// All engines at these places, with the usual caps.
    #[must_use]
    pub fn new(endpoints: Vec<Endpoint>) -> Self {
        Self::of(Engines::These(endpoints))
    }

    /// The engine that `named` names, else all of this host, with the usual caps.
    ///
    /// # Errors
    /// Where it names one that can't be reached.
    pub fn wanted(named: Named) -> Result<Self, dockward_engine::Error> {
        Ok(Self::of(match named.wanted()? {
            Wanted::Named(endpoint) => Engines::These(vec![endpoint]),
            Wanted::Local => Engines::Local(named),
        }))
    }

    fn of(engines: Engines) -> Self {
        Self {
            engines,
            root: None,
            limits: Limits::default(),
            most_engines: 16,
            most_containers: 10_000,
            most_images: 10_000,
            deep: false,
        }
    }
}

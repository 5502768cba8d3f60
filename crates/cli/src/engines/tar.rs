//! Images and containers as an engine's API hands them over: where its disk can't be read. The tar
//! goes past and is kept nowhere.

use std::io;
use std::time::{Duration, Instant};

use dockward_collect::{Collected, EngineState};
use dockward_engine::{Client, Deadlines, Limits, Packed};
use dockward_image::Options;
use dockward_model::facts::{Container, Engine, Image};
use dockward_model::inventory::Inventory;

use crate::target::told;

/// How long a tar may take where nobody said so.
const LONGEST: Duration = Duration::from_secs(600);

/// An engine that can be asked for tars.
pub(super) struct Tars {
    client: Client,
    until: Instant,
}

impl Tars {
    /// Connects again to an engine that was asked before.
    pub(super) fn of(seen: &Collected, engine: &Engine, options: &Options) -> Result<Self, String> {
        let endpoint = seen.engines.iter().find_map(|state| match state {
            EngineState::Asked { endpoint } => {
                (endpoint.to_string() == engine.daemon.endpoint).then_some(endpoint)
            }
            _ => None,
        });
        let endpoint = endpoint.ok_or("the engine was not asked")?.clone();
        let until = options.deadline.unwrap_or_else(|| Instant::now() + LONGEST);
        let left = until.saturating_duration_since(Instant::now());
        let deadlines = Deadlines { overall: left, ..Deadlines::default() };
        let limits = Limits { deadlines, ..Limits::default() };
        let client = Client::connect(endpoint, limits).map_err(|error| told(&error))?;
        Ok(Self { client, until })
    }

    /// An image, as `docker save` writes it.
    pub(super) fn image(
        &self,
        image: &Image,
        name: &str,
        options: &Options,
    ) -> Result<Vec<Inventory>, String> {
        let packed = Packed::Image(image.id.0.clone());
        let tar = self.client.tar(&packed, self.until).map_err(|error| told(&error))?;
        let found = dockward_image::passing(name, tar, options);
        let mut found = found.map_err(|error| told(&error))?;
        for inventory in &mut found {
            // It was asked for by its id, so that it has no name in there.
            name.clone_into(&mut inventory.target.name);
            inventory.target.id = Some(image.id.0.clone());
        }
        Ok(found)
    }

    /// A container with what it wrote itself, running or not.
    pub(super) fn container(
        &self,
        container: &Container,
        options: &Options,
    ) -> Result<Vec<Inventory>, String> {
        let packed = Packed::Container(container.id.0.clone());
        let again = || {
            let tar = self.client.tar(&packed, self.until);
            tar.map_err(|error| io::Error::other(told(&error)))
        };
        let found = dockward_image::exported(&container.name, again, options);
        found.map(|one| vec![one]).map_err(|error| told(&error))
    }
}

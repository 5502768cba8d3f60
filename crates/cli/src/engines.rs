//! Images and containers by their names, read where the engine itself keeps them.
//!
//! The engine is asked what there is and where; the bytes are read from its disk. Paths are as the
//! daemon sees them, so they are looked up in the root of its process, and no link leads out of it.
//! What can't be read there, its API hands over.

mod found;
mod store;
mod tar;

use std::cell::{Cell, OnceCell};
use std::time::Duration;

use dockward_collect::Collected;
use dockward_image::{Options, Source};
use dockward_model::facts::{Container, Engine, Flavour, Image};
use dockward_model::inventory::{Inventory, TargetKind};

use crate::args::EngineName;
use crate::command::check;
use crate::near::{Look, Runs};
use crate::target::{Looked, Refused, opened};
use found::Found;
pub(crate) use found::Kind;
pub(crate) use store::source;
use tar::Tars;

/// How long an engine may take.
const PATIENCE: Duration = Duration::from_secs(60);

/// The engines that are meant; they are asked once, and only where a target is a name.
pub(crate) struct Engines<'a> {
    named: &'a EngineName,
    overall: Duration,
    /// Whether its API is asked for what can't be read on its disk.
    tars: Cell<bool>,
    seen: OnceCell<Result<Collected, Refused>>,
}

/// Running containers that were looked into.
#[derive(Default)]
pub(crate) struct Running<'a> {
    /// What is inside of them.
    pub(crate) looked: Looked<'a>,
    /// The image that each was made from, in the same order.
    pub(crate) images: Vec<String>,
}

impl<'a> Engines<'a> {
    /// Those that the command line names. `most` is how long they may take in any case.
    pub(crate) fn new(named: &'a EngineName, most: Option<Duration>) -> Self {
        let overall = most.map_or(PATIENCE, |most| most.min(PATIENCE));
        Self { named, overall, tars: Cell::new(true), seen: OnceCell::new() }
    }

    /// The same, but of images and containers only what can be read on disk: no engine makes tars for
    /// it.
    pub(crate) fn on_disk(named: &'a EngineName, most: Option<Duration>) -> Self {
        let engines = Self::new(named, most);
        engines.no_more_tars();
        engines
    }

    /// From here on nothing but the disk is read: to look again is worth no second tar.
    pub(crate) fn no_more_tars(&self) {
        self.tars.set(false);
    }

    /// Looks into the image or the container of this name.
    pub(crate) fn look(
        &self,
        kind: Kind,
        name: &str,
        options: &Options,
    ) -> Result<Vec<Look<'_>>, Refused> {
        let seen = self.seen.get_or_init(|| self.ask()).as_ref().map_err(Clone::clone)?;
        match found::find(&seen.snapshot.engines, kind, name) {
            Ok(Found::Image(engine, image, shown)) => {
                let inventories = self.image(seen, (engine, image), &shown, options)?;
                Ok(running(inventories, engine, image))
            }
            Ok(Found::Container(engine, one)) => {
                let inventories = self.container(seen, engine, one, options)?.into_iter();
                Ok(inventories.map(|inventory| within(inventory, engine, one)).collect())
            }
            Err(why) => Err(unfound(seen, why)),
        }
    }

    /// Looks into every image, in use or not. What is left when the time is up is named.
    pub(crate) fn all(&self, options: &Options) -> Looked<'_> {
        let mut looked = Looked::default();
        let seen = match self.seen.get_or_init(|| self.ask()) {
            Ok(seen) => seen,
            Err(refused) => {
                looked.fail("the engine's images", refused.clone());
                return looked;
            }
        };
        for state in &seen.engines {
            let Some((why, hint)) = state.explain() else { continue };
            let elsewhere = "where one listens elsewhere, name it with -H".to_owned();
            let hint = if state.is_absent() { elsewhere } else { hint };
            looked.fail("the engine's images", (why, hint));
        }
        for engine in &seen.snapshot.engines {
            if let Some(why) = engine.images.fact.unknown() {
                let name = format!("images of {}", engine.daemon.endpoint);
                looked.fail(&name, (why.to_owned(), String::new()));
            }
        }
        for (engine, image) in in_use_first(&seen.snapshot.engines) {
            let name = found::called(image);
            match self.image(seen, (engine, image), &name, options) {
                Ok(inventories) => {
                    looked.inventories.extend(running(inventories, engine, image));
                }
                Err(refused) => looked.fail(&name, refused),
            }
        }
        looked
    }

    /// Looks into every running container, with the image that it was made from.
    pub(crate) fn running(&self, options: &Options) -> Running<'_> {
        let mut running = Running::default();
        let seen = match self.seen.get_or_init(|| self.ask()) {
            Ok(seen) => seen,
            Err(refused) => {
                running.looked.fail("running containers", refused.clone());
                return running;
            }
        };
        let failed = seen.engines.iter().filter(|state| !state.is_absent());
        for refused in failed.filter_map(|state| state.explain()) {
            running.looked.fail("running containers", refused);
        }
        for engine in &seen.snapshot.engines {
            if let Some(why) = engine.containers_listed.fact.unknown() {
                let name = format!("containers of {}", engine.daemon.endpoint);
                running.looked.fail(&name, (why.to_owned(), String::new()));
            }
            for one in engine.containers.iter().filter(|one| !one.kernel.is_absent()) {
                match self.container(seen, engine, one, options) {
                    Ok(inventories) => {
                        running.images.extend(inventories.iter().map(|_| one.image.clone()));
                        let looks = inventories.into_iter().map(|i| within(i, engine, one));
                        running.looked.inventories.extend(looks);
                    }
                    Err(refused) => running.looked.fail(&one.name, refused),
                }
            }
        }
        running
    }

    /// An image, from the engine's disk or else over its API.
    fn image(
        &self,
        seen: &Collected,
        (engine, image): (&Engine, &Image),
        name: &str,
        options: &Options,
    ) -> Result<Vec<Inventory>, Refused> {
        let on_disk = source(engine, image, name)
            .and_then(|source| opened(&source, options).map_err(|(why, _)| why));
        let why = match on_disk {
            Ok(found) => return Ok(found),
            Err(why) => why,
        };
        let save = format!("`{} save {name} | dockward scan -` reads it, too", command(engine));
        self.tar(&why, save, || Tars::of(seen, engine, options)?.image(image, name, options))
    }

    /// A container as it is now, from its own root or else over the engine's API.
    fn container(
        &self,
        seen: &Collected,
        engine: &Engine,
        container: &Container,
        options: &Options,
    ) -> Result<Vec<Inventory>, Refused> {
        let root = store::root_of(engine, container);
        let running =
            root.and_then(|root| opened(&Source::Root(root), options).map_err(|(why, _)| why));
        let mut inventories = match running {
            Ok(found) => found,
            Err(why) => {
                let (command, name) = (command(engine), &container.name);
                let export =
                    format!("unpack the output of `{command} export {name}` and give the folder");
                self.tar(&why, export, || {
                    Tars::of(seen, engine, options)?.container(container, options)
                })?
            }
        };
        for inventory in &mut inventories {
            inventory.target.kind = TargetKind::Container;
            inventory.target.name.clone_from(&container.name);
        }
        Ok(inventories)
    }

    /// What the API hands over, since the disk can't be read for this reason.
    fn tar(
        &self,
        why: &str,
        hint: String,
        tar: impl FnOnce() -> Result<Vec<Inventory>, String>,
    ) -> Result<Vec<Inventory>, Refused> {
        if !self.tars.get() {
            return Err((why.to_owned(), hint));
        }
        tar().map_err(|and| (format!("{why}; and over its API: {and}"), hint))
    }

    fn ask(&self) -> Result<Collected, Refused> {
        let options = check::wanted(self.named)
            .map_err(|error| (error.to_string(), error.hint().unwrap_or_default().to_owned()))?;
        Ok(check::asked(options, self.overall))
    }
}

/// A container, which runs in itself alone.
fn within<'a>(inventory: Inventory, engine: &'a Engine, container: &'a Container) -> Look<'a> {
    let runs = Runs::In { engine, containers: vec![container], unlisted: None };
    Look { inventory, runs }
}

/// An image, and the containers that run it.
fn running<'a>(inventories: Vec<Inventory>, engine: &'a Engine, image: &Image) -> Vec<Look<'a>> {
    let look = |inventory| Look { inventory, runs: Runs::of_image(engine, &image.id) };
    inventories.into_iter().map(look).collect()
}

/// Every image: first those that some container was made from, for the time may not suffice for all.
fn in_use_first(engines: &[Engine]) -> Vec<(&Engine, &Image)> {
    let of = |engine| engine_images(engine).map(move |image| (engine, image));
    let mut all: Vec<_> = engines.iter().flat_map(of).collect();
    all.sort_by_key(|(engine, image)| {
        !engine.containers.iter().any(|one| one.image_id.get() == Some(&image.id))
    });
    all
}

fn engine_images(engine: &Engine) -> impl Iterator<Item = &Image> {
    engine.images.get().into_iter().flatten()
}

/// Nothing has the name; where an engine could not be asked, that may be why.
fn unfound(seen: &Collected, why: String) -> Refused {
    let unasked: Vec<_> = seen.engines.iter().filter_map(|engine| engine.explain()).collect();
    let whys = unasked.iter().map(|(why, _)| why.as_str());
    let why = std::iter::once(&*why).chain(whys).collect::<Vec<_>>().join("; ");
    let hint = match unasked.first() {
        Some((_, hint)) if !hint.is_empty() && !seen.has_no_engine() => hint.clone(),
        _ => {
            "name an image or a container of an engine, a folder, an archive of `docker save`, an \
              OCI layout or a bill of materials"
                .to_owned()
        }
    };
    (why, hint)
}

/// What people write to ask this engine.
fn command(engine: &Engine) -> &'static str {
    match engine.daemon.flavour.get() {
        Some(Flavour::Podman) => "podman",
        _ => "docker",
    }
}

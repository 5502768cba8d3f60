//! Images and containers by their names, read where the engine itself keeps them.
//!
//! The engine is asked what there is and where; the bytes are read from its disk. Paths are as the
//! daemon sees them, so they are looked up in the root of its process, and no link leads out of it.

mod found;

use std::cell::OnceCell;
use std::path::PathBuf;
use std::time::Duration;

use dockward_collect::Collected;
use dockward_collect::tree::{Live, Proc, Tree};
use dockward_image::{ContentImage, Options, OverlayImage, Source};
use dockward_model::facts::{Container, Engine, Fact, Flavour, Image};
use dockward_model::inventory::{Inventory, Problem, TargetKind};

use crate::args::EngineName;
use crate::command::check;
use crate::near::{Look, Runs};
use crate::target::{Looked, Refused, opened};
use found::Found;
pub(crate) use found::Kind;

/// How long an engine may take.
const PATIENCE: Duration = Duration::from_secs(60);

/// The engines that are meant; they are asked once, and only where a target is a name.
pub(crate) struct Engines<'a> {
    named: &'a EngineName,
    overall: Duration,
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
        Self { named, overall, seen: OnceCell::new() }
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
                let inventories = opened(&source(engine, image, &shown)?, options)?;
                Ok(running(inventories, engine, image))
            }
            Ok(Found::Container(engine, one)) => {
                let inventories = container(engine, one, options)?.into_iter();
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
            match source(engine, image, &name).and_then(|source| opened(&source, options)) {
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
                match container(engine, one, options) {
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

/// A container as it is now; one that does not run as its image is.
fn container(
    engine: &Engine,
    container: &Container,
    options: &Options,
) -> Result<Vec<Inventory>, Refused> {
    let save =
        format!("unpack the output of `docker export {}` and give the folder", container.name);
    if engine.daemon.elsewhere {
        return Err(("its engine runs on another host".to_owned(), save));
    }
    let mut inventories = match (&container.kernel, container.pid.get()) {
        // That the process is the container's was seen by its cgroup.
        (Fact::Known(_), Some(pid)) => {
            let root = root_of(engine, *pid).map_err(|why| (why, save))?;
            opened(&Source::Root(root), options)?
        }
        (Fact::Absent, _) => stopped(engine, container, options)?,
        (unknown, _) => {
            let why = unknown.unknown().unwrap_or("the engine names no process of it");
            return Err((why.to_owned(), save));
        }
    };
    for inventory in &mut inventories {
        inventory.target.kind = TargetKind::Container;
        inventory.target.name.clone_from(&container.name);
    }
    Ok(inventories)
}

/// The root of a process that the engine knows by this number: it may count in a pid namespace of its
/// own.
fn root_of(engine: &Engine, pid: i32) -> Result<PathBuf, String> {
    let daemon = engine.daemon.process.get().map(|daemon| daemon.pid);
    let daemon = daemon.ok_or("the engine's process can't be seen")?;
    let proc = match Proc::host() {
        Fact::Known(proc) => proc.of(daemon),
        other => other,
    };
    match proc {
        Fact::Known(proc) => Ok(proc.show(&format!("{pid}/root")).into()),
        other => Err(other.unknown().unwrap_or("there is no /proc").to_owned()),
    }
}

fn stopped(
    engine: &Engine,
    container: &Container,
    options: &Options,
) -> Result<Vec<Inventory>, Refused> {
    let own = container.image_id.get();
    let image = engine_images(engine).find(|image| own == Some(&image.id));
    let image = image
        .ok_or_else(|| ("it does not run, and its image is not there".to_owned(), String::new()))?;
    let mut inventories = opened(&source(engine, image, &container.image)?, options)?;
    for inventory in &mut inventories {
        inventory.contents.problems.push(Problem {
            place: container.name.clone(),
            offset: None,
            why: "it does not run: its image was looked into, what it wrote itself was not"
                .to_owned(),
        });
    }
    Ok(inventories)
}

/// Where an engine keeps an image.
pub(crate) fn source(engine: &Engine, image: &Image, name: &str) -> Result<Source, Refused> {
    let daemon = &engine.daemon;
    let save = |command: &str| format!("`{command} save {name} | dockward scan -` reads it, too");
    let refused = |why: String| (why, save("docker"));
    if daemon.elsewhere {
        return Err(refused("its engine runs on another host".to_owned()));
    }
    if daemon.flavour.get() == Some(&Flavour::Podman) {
        return Err(("Podman's store can't be read yet".to_owned(), save("podman")));
    }
    let unknown = |what: &str, why: Option<&str>| {
        refused(format!("{what}: {}", why.unwrap_or("the engine tells nothing of it")))
    };
    let pid = match &daemon.process.fact {
        Fact::Known(process) => process.pid,
        other => return Err(unknown("the engine's process can't be seen", other.unknown())),
    };
    let files = match Proc::host() {
        Fact::Known(proc) => Live::of_process(&proc, pid),
        other => Fact::Unknown(other.unknown().unwrap_or("there is no /proc").to_owned()),
    };
    let Fact::Known(files) = files else {
        return Err(unknown("the engine's files can't be read", files.unknown()));
    };
    let Some(data_root) = daemon.data_root.get() else {
        return Err(unknown("the engine's data root", daemon.data_root.fact.unknown()));
    };
    let store = Store { root: format!("/proc/{pid}/root").into(), files, data_root };
    let driver = daemon.storage_driver.get().map_or("", String::as_str);
    if image.folders.is_empty() {
        store.content(image, name).map_err(refused)
    } else if driver == "overlay2" {
        store.overlay(image, name).map_err(refused)
    } else {
        Err(refused(format!("the store of driver `{driver}` can't be read yet")))
    }
}

/// The files of an engine.
struct Store<'a> {
    root: PathBuf,
    files: Live,
    data_root: &'a str,
}

impl Store<'_> {
    /// An image whose layers are folders (moby's `layer` and `image` packages: `overlay2/…/diff`,
    /// `image/overlay2/imagedb/content/sha256/…`).
    fn overlay(&self, image: &Image, name: &str) -> Result<Source, String> {
        let digits = digits(image)?;
        let config = format!("{}/image/overlay2/imagedb/content/sha256/{digits}", self.data_root);
        let folders = image.folders.iter().rev().map(|folder| self.real(folder));
        Ok(Source::Overlay(OverlayImage {
            folders: folders.collect::<Result<_, _>>()?,
            config: self.real(&config)?,
            root: self.root.clone(),
            id: image.id.0.clone(),
            name: name.to_owned(),
        }))
    }

    /// An image of containerd's: of the one that the engine started itself, or of the system's.
    fn content(&self, image: &Image, name: &str) -> Result<Source, String> {
        let digits = digits(image)?;
        let own = format!("{}/containerd/daemon", self.data_root);
        let mut why = String::new();
        for root in [&*own, "/var/lib/containerd"] {
            let folder = format!("{root}/io.containerd.content.v1.content");
            match self.real(&format!("{folder}/blobs/sha256/{digits}")) {
                Ok(_) => {
                    let (root, folder) = (self.root.clone(), self.real(&folder)?);
                    let (digest, name) = (image.id.0.clone(), name.to_owned());
                    return Ok(Source::Content(ContentImage { root, folder, digest, name }));
                }
                Err(next) => why = next,
            }
        }
        Err(why)
    }

    /// A path with its links resolved as the daemon does.
    fn real(&self, path: &str) -> Result<String, String> {
        match self.files.real(path) {
            Fact::Known(real) => Ok(real),
            Fact::Absent => Err(format!("there is no {path} where the engine should keep it")),
            Fact::Unknown(why) => Err(why),
        }
    }
}

/// The digits of an image's id: they become a part of a path.
fn digits(image: &Image) -> Result<&str, String> {
    let digits = image.id.0.strip_prefix("sha256:").unwrap_or_default();
    let is_sound = digits.len() == 64 && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    if is_sound { Ok(digits) } else { Err(format!("its id `{}` is no digest", image.id)) }
}

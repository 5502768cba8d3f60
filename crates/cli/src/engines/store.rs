//! Where an engine keeps images and containers on its disk.

use std::path::PathBuf;

use dockward_collect::tree::{Live, Proc, Tree};
use dockward_image::{ContentImage, OverlayImage, Source};
use dockward_model::facts::{Container, Engine, Fact, Image};

/// The root of a container that runs.
pub(super) fn root_of(engine: &Engine, container: &Container) -> Result<PathBuf, String> {
    if engine.daemon.elsewhere {
        return Err("its engine runs on another host".to_owned());
    }
    let pid = match (&container.kernel, container.pid.get()) {
        // That the process is the container's was seen by its cgroup.
        (Fact::Known(_), Some(pid)) => *pid,
        (unknown, _) => {
            let why = unknown.unknown().unwrap_or("the engine names no process of it");
            return Err(why.to_owned());
        }
    };
    let daemon = engine.daemon.process.get().map(|daemon| daemon.pid);
    let daemon = daemon.ok_or("the engine's process can't be seen")?;
    // The engine may count processes in a namespace of its own.
    let proc = match Proc::host() {
        Fact::Known(proc) => proc.of(daemon),
        other => other,
    };
    match proc {
        Fact::Known(proc) => Ok(proc.show(&format!("{pid}/root")).into()),
        other => Err(other.unknown().unwrap_or("there is no /proc").to_owned()),
    }
}

/// Where an engine keeps an image.
///
/// # Errors
/// Why it can't be read there; the engine's API may hand it over all the same.
pub(crate) fn source(engine: &Engine, image: &Image, name: &str) -> Result<Source, String> {
    let daemon = &engine.daemon;
    if daemon.elsewhere {
        return Err("its engine runs on another host".to_owned());
    }
    let unknown = |what: &str, why: Option<&str>| {
        format!("{what}: {}", why.unwrap_or("the engine tells nothing of it"))
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
        store.content(image, name)
    } else if driver == "overlay2" {
        store.overlay(image, name)
    } else {
        Err(format!("nothing is known of how the storage driver `{driver}` keeps it"))
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

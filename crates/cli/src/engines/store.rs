//! Where an engine keeps images and containers on its disk.

use std::path::PathBuf;

use dockward_collect::mounted::lower_folders;
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
    let store = Store { root: format!("/proc/{pid}/root").into(), pid, files, data_root };
    let driver = daemon.storage_driver.get().map_or("", String::as_str);
    if image.folders.is_empty() {
        Ok(Source::Content(ContentImage {
            unpacked: store.mounted(engine, image),
            ..store.content(image, name)?
        }))
    } else if driver == "overlay2" {
        store.overlay(image, name)
    } else {
        Err(format!("nothing is known of how the storage driver `{driver}` keeps it"))
    }
}

/// The files of an engine.
struct Store<'a> {
    root: PathBuf,
    pid: i32,
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
    fn content(&self, image: &Image, name: &str) -> Result<ContentImage, String> {
        let digits = digits(image)?;
        let mut why = String::new();
        for root in self.containerds() {
            let folder = format!("{root}/io.containerd.content.v1.content");
            match self.real(&format!("{folder}/blobs/sha256/{digits}")) {
                Ok(_) => {
                    let (root, folder) = (self.root.clone(), self.real(&folder)?);
                    let (digest, name) = (image.id.0.clone(), name.to_owned());
                    let unpacked = Vec::new();
                    return Ok(ContentImage { root, folder, digest, name, unpacked });
                }
                Err(next) => why = next,
            }
        }
        Err(why)
    }

    /// Where containerd keeps what it has: the one that the engine started itself, and the system's.
    fn containerds(&self) -> [String; 2] {
        [format!("{}/containerd/daemon", self.data_root), "/var/lib/containerd".to_owned()]
    }

    /// What a container of the image has mounted over each other, the lowest first; empty where none
    /// is mounted from containerd's snapshots. The daemon's own mounts tell it (moby's
    /// `daemon/containerd/mount.go` mounts each container at `rootfs/SNAPSHOTTER/ID`): a container
    /// could mount in its own whatever it likes.
    fn mounted(&self, engine: &Engine, image: &Image) -> Vec<String> {
        let Fact::Known(proc) = Proc::host() else { return Vec::new() };
        let Ok(data_root) = self.real(self.data_root) else { return Vec::new() };
        let own = |one: &&Container| one.image_id.get() == Some(&image.id);
        let mounted = |one: &Container| {
            let target = format!("{data_root}/rootfs/overlayfs/{}", one.id);
            let Fact::Known(lower) = lower_folders(&proc, self.pid, &target) else { return None };
            self.containerds().iter().find_map(|root| {
                let place = self.real(&format!("{root}/{SNAPSHOTS}")).ok()?;
                snapshots(&place, &lower)
            })
        };
        engine.containers.iter().filter(own).find_map(mounted).unwrap_or_default()
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

/// Where containerd's overlayfs snapshotter unpacks layers, in its root: `NUMBER/fs` each.
const SNAPSHOTS: &str = "io.containerd.snapshotter.v1.overlayfs/snapshots";

/// The lower folders of a mount, given from the top down, as paths from the lowest up. None unless all
/// are snapshots below this place. Where they are long, containerd mounts from within a folder above
/// them and gives what is left (its `compactLowerdirOption`).
fn snapshots(place: &str, lower: &[String]) -> Option<Vec<String>> {
    let of = |folder: &String| {
        let number = match folder.strip_prefix(place) {
            Some(inside) => inside.strip_prefix("/")?,
            None => folder,
        };
        let number = number.strip_suffix("/fs")?;
        let is_number = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
        is_number.then(|| format!("{place}/{number}/fs"))
    };
    lower.iter().rev().map(of).collect()
}

/// The digits of an image's id: they become a part of a path.
fn digits(image: &Image) -> Result<&str, String> {
    let digits = image.id.0.strip_prefix("sha256:").unwrap_or_default();
    let is_sound = digits.len() == 64 && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    if is_sound { Ok(digits) } else { Err(format!("its id `{}` is no digest", image.id)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLACE: &str = "/data/containerd/daemon/io.containerd.snapshotter.v1.overlayfs/snapshots";

    fn of(lower: &[&str]) -> Option<Vec<String>> {
        let lower: Vec<_> = lower.iter().map(|one| one.replace('@', PLACE)).collect();
        let found = snapshots(PLACE, &lower)?;
        Some(found.iter().map(|one| one.replace(PLACE, "@")).collect())
    }

    #[test]
    fn snapshots_are_told_from_the_lowest_up_whole_or_relative() {
        let found = Some(vec!["@/1/fs".to_owned(), "@/16/fs".to_owned(), "@/98/fs".to_owned()]);
        assert_eq!(of(&["@/98/fs", "@/16/fs", "@/1/fs"]), found);
        assert_eq!(of(&["98/fs", "16/fs", "1/fs"]), found);
    }

    #[test]
    fn what_is_not_all_snapshots_of_this_place_is_none() {
        let hostile = [
            "/etc",
            "@/../../fs",
            "@/1/../2/fs",
            "@/1/work",
            "@/fs",
            "@//fs",
            "@x/1/fs",
            "@/1/fs/fs",
            "/other/snapshots/1/fs",
            "../1/fs",
            "fs",
            "/fs",
            "",
            "@/\u{661}/fs",
            "@/-1/fs",
        ];
        for one in hostile {
            assert_eq!(of(&["@/2/fs", one]), None, "{one}");
        }
    }
}

//! Files of images that give more rights to whoever starts them. Looking for them means walking all
//! files of all images, so it is done only when asked.
//!
//! Under overlay2 an image's layers are folders of the host (`GraphDriver` of inspect); each is
//! walked once, however many images share it. containerd's image store tells no folders: there a
//! running container of the image shows its files, with what it changed since it was started.

mod capability;
mod walk;

use std::collections::BTreeMap;
use std::os::fd::OwnedFd;

use dockward_model::ImageId;
use dockward_model::facts::{Container, ElevatingFile, Fact, Field, Image, Origin};

use crate::ground::Ground;
use crate::progress::{Phase, Progress, Tell};

pub(crate) use walk::Budget;

/// What was found in each folder so far.
struct Walker<'a> {
    ground: &'a dyn Ground,
    budget: Budget,
    found: BTreeMap<String, Fact<Vec<ElevatingFile>>>,
}

/// Fills in the files of each image.
pub(crate) fn fill(
    images: &mut [Image],
    containers: &[Container],
    ground: &dyn Ground,
    tell: &Tell,
) {
    let mut walker = Walker { ground, budget: Budget::usual(), found: BTreeMap::new() };
    let of = images.len();
    for (image, done) in images.iter_mut().zip(1..) {
        image.elevating = Some(match image.folders.as_slice() {
            [] => walker.running(&image.id, containers),
            folders => walker.layers(folders),
        });
        tell.about(Progress { phase: Phase::Files, done, of });
    }
}

impl Walker<'_> {
    fn layers(&mut self, folders: &[String]) -> Field<Vec<ElevatingFile>> {
        let origin = Origin::file(folders.first().map_or("", String::as_str), None);
        Field { fact: self.merged(folders), origin }
    }

    /// The files of all layers, without those that a layer above replaced, removed or hid.
    fn merged(&mut self, folders: &[String]) -> Fact<Vec<ElevatingFile>> {
        let mut above: Vec<OwnedFd> = Vec::new();
        let mut all = Vec::new();
        for folder in folders {
            let layer = match opened(self.ground.folder(folder), folder) {
                Ok(layer) => layer,
                Err(why) => return Fact::Unknown(why),
            };
            let found = match self.found(folder, &layer) {
                Fact::Known(found) => found,
                Fact::Absent => Vec::new(),
                Fact::Unknown(why) => return Fact::Unknown(why),
            };
            for file in found {
                match walk::is_hidden(&above, &file.path, &mut self.budget) {
                    Ok(true) => {}
                    Ok(false) => all.push(file),
                    Err(why) => return Fact::Unknown(why),
                }
            }
            above.push(layer);
        }
        all.sort();
        Fact::Known(all)
    }

    fn found(&mut self, folder: &str, layer: &OwnedFd) -> Fact<Vec<ElevatingFile>> {
        if let Some(found) = self.found.get(folder) {
            return found.clone();
        }
        let found = known(walk::folder(layer, &mut self.budget));
        self.found.insert(folder.to_owned(), found.clone());
        found
    }

    /// As a running container of the image sees its files.
    fn running(&mut self, id: &ImageId, containers: &[Container]) -> Field<Vec<ElevatingFile>> {
        // Only where the kernel's view is known is the process this container's.
        let runs = containers.iter().find(|c| {
            c.image_id.get() == Some(id) && c.kernel.known().is_some() && c.pid.get().is_some()
        });
        let Some(pid) = runs.and_then(|c| c.pid.get()) else {
            let why = "the engine doesn't tell where its files lie, and no container of it runs";
            return Field::unknown(why, Origin::Nowhere);
        };
        let name = format!("/proc/{pid}/root");
        let fact = match opened(self.ground.root(*pid), &name) {
            Ok(root) => known(walk::folder(&root, &mut self.budget)),
            Err(why) => Fact::Unknown(why),
        };
        Field { fact, origin: Origin::kernel(name, "") }
    }
}

fn opened(folder: Fact<OwnedFd>, name: &str) -> Result<OwnedFd, String> {
    match folder {
        Fact::Known(folder) => Ok(folder),
        Fact::Absent => Err(format!("{name} is not there")),
        Fact::Unknown(why) => Err(why),
    }
}

fn known<T>(result: Result<T, String>) -> Fact<T> {
    result.map_or_else(Fact::Unknown, Fact::Known)
}

#[cfg(test)]
mod tests;

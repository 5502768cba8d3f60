//! Images where an engine keeps them: in folders of overlay2, or in containerd's store of content.

use std::collections::BTreeMap;
use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::path::PathBuf;

use super::{Folder, Image, ImageLayer, Part, Parts, config, docker, layout};
use crate::beneath;
use crate::blob::Digest;
use crate::{Error, Platform};

/// An image in an engine's store whose layers are folders as overlayfs has them (overlay2).
///
/// The folders are what the engine made of the layers: nothing shows whether they were changed since,
/// so no index of one is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OverlayImage {
    /// The root that the paths are of, such as `/proc/PID/root` of the engine's process. Links in
    /// this path are followed, links in the others are not.
    pub root: PathBuf,
    /// The layers' folders in that root, the lowest first.
    pub folders: Vec<String>,
    /// The image's config in that root: `image/overlay2/imagedb/content/sha256/…` of the engine's
    /// data root.
    pub config: String,
    /// The digest that the config must have: the image's id.
    pub id: String,
    /// What people call the image.
    pub name: String,
}

/// An image in containerd's store of content, where each blob is a file named by its digest
/// (containerd's docs/content-flow.md).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ContentImage {
    /// The root that the path is of, as in [`OverlayImage`].
    pub root: PathBuf,
    /// The folder in that root that has `blobs` in it: `io.containerd.content.v1.content`.
    pub folder: String,
    /// The digest of the image's index or manifest: its id.
    pub digest: String,
    /// The folders in that root that a container of the image has mounted over each other, the lowest
    /// first: its layers unpacked, and at most one more on top, the container's own (moby's
    /// `ID-init`). They are read instead of the blobs; as of [`OverlayImage`]'s, no index of one is
    /// kept. Empty where no container is mounted.
    pub unpacked: Vec<String>,
    /// What people call the image.
    pub name: String,
}

/// The root of an engine, whose folders are layers.
pub(crate) struct Layers(Folder);

impl Parts for Layers {
    fn document(&self, name: &str) -> Result<Option<Vec<u8>>, String> {
        self.0.document(name)
    }

    fn layer(&self, name: &str) -> Result<Option<Part>, String> {
        let folder = beneath::folder_in(self.0.fd().as_fd(), name);
        Ok(folder.map_err(|error| error.to_string())?.map(Part::Folder))
    }
}

impl OverlayImage {
    pub(crate) fn store(&self) -> io::Result<Layers> {
        Folder::open(&self.root).map(Layers)
    }

    pub(crate) fn image(&self, layers: &Layers) -> Image {
        let part = |part: &String| ImageLayer { part: part.clone(), ..ImageLayer::default() };
        let id = Some(self.id.clone());
        let folders = self.folders.iter().map(part).collect();
        let mut image = Image { name: self.name.clone(), id, layers: folders, ..Image::default() };
        match docker::config_of(layers, &self.config, Digest::parse(&self.id).as_ref()) {
            Ok(config) => config::apply(&mut image, &config),
            Err(error) => config::problem(&mut image, error.to_string()),
        }
        image
    }
}

impl ContentImage {
    pub(crate) fn store(&self) -> io::Result<Blobs> {
        let root = beneath::folder(&self.root)?;
        let blobs = Folder::beneath(&self.root, &self.folder)?;
        let blobs = blobs.ok_or_else(|| io::Error::from(io::ErrorKind::NotFound))?;
        Ok(Blobs { blobs, root, unpacked: BTreeMap::new() })
    }

    pub(crate) fn image(
        &self,
        store: &mut Blobs,
        platform: Option<&Platform>,
    ) -> Result<Image, Error> {
        let image = layout::of_digest(store, &self.name, &self.digest, platform)?;
        store.unpacked = self.unpacked_of(&image);
        Ok(Image { id: Some(self.digest.clone()), ..image })
    }

    /// The layers' folders by the names of their blobs. None where folders and layers don't go
    /// together by their number, or the container may be of another platform.
    fn unpacked_of(&self, image: &Image) -> BTreeMap<String, String> {
        let count = image.layers.len();
        let is_named = image.layers.iter().all(|layer| layer.diff_id.is_some());
        let more = self.unpacked.len().checked_sub(count);
        if !image.is_only || !is_named || !matches!(more, Some(0 | 1)) {
            return BTreeMap::new();
        }
        let parts = image.layers.iter().map(|layer| layer.part.clone());
        parts.zip(self.unpacked.iter().cloned()).collect()
    }
}

/// A store of content, beside folders that some of its blobs are unpacked in.
pub(crate) struct Blobs {
    blobs: Folder,
    root: OwnedFd,
    unpacked: BTreeMap<String, String>,
}

impl Parts for Blobs {
    fn document(&self, name: &str) -> Result<Option<Vec<u8>>, String> {
        self.blobs.document(name)
    }

    fn layer(&self, name: &str) -> Result<Option<Part>, String> {
        let folder = self.unpacked.get(name);
        let folder = folder.map(|folder| beneath::folder_in(self.root.as_fd(), folder));
        match (folder, self.blobs.layer(name)) {
            // A blob may be gone once it is unpacked (containerd's `discard_unpacked_layers`).
            (Some(Ok(Some(folder))), blob) => Ok(Some(Part::Unpacked(
                folder,
                match blob {
                    Ok(Some(Part::Blob(blob))) => Some(blob),
                    _ => None,
                },
            ))),
            (_, blob) => blob,
        }
    }
}

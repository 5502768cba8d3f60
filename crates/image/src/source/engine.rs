//! Images where an engine keeps them: in folders of overlay2, or in containerd's store of content.

use std::io;
use std::os::fd::AsFd;
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
    pub(crate) fn store(&self) -> io::Result<Folder> {
        Folder::beneath(&self.root, &self.folder)?.ok_or_else(|| io::ErrorKind::NotFound.into())
    }

    pub(crate) fn image(
        &self,
        blobs: &Folder,
        platform: Option<&Platform>,
    ) -> Result<Image, Error> {
        let image = layout::of_digest(blobs, &self.name, &self.digest, platform)?;
        Ok(Image { id: Some(self.digest.clone()), ..image })
    }
}

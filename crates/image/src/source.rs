//! Where images come from: what a layout's folder or an archive has, and which images these make.

mod archive;
mod config;
mod docker;
mod documents;
mod engine;
mod folder;
mod layout;
mod members;
mod stream;

use std::os::fd::OwnedFd;

use dockward_model::inventory::Problem;

pub(crate) use archive::{Archive, Span, list};
pub use engine::{ContentImage, OverlayImage};
pub(crate) use folder::Folder;
pub(crate) use members::{Keep, Member, full};
pub(crate) use stream::{Kept, Stream, take_all};

use crate::blob::Digest;
use crate::layer::{Blob, Layer};
use crate::{Error, Platform};

/// The largest document (index, manifest, config) that is read, in bytes.
const LARGEST_DOCUMENT: u64 = 4 << 20;
/// How many layers an image may have. Engines take 127.
const MOST_LAYERS: usize = 1024;
/// How many images one source may have.
const MOST_IMAGES: usize = 1024;

/// A set of named parts: a folder, an archive.
pub(crate) trait Parts: Sync {
    /// A document; none where there is no part of this name.
    ///
    /// # Errors
    ///
    /// It can't be read, or is too large.
    fn document(&self, name: &str) -> Result<Option<Vec<u8>>, String>;

    /// A part that should be a layer; none where there is no part of this name.
    ///
    /// # Errors
    ///
    /// It can't be opened.
    fn layer(&self, name: &str) -> Result<Option<Part>, String>;
}

/// A part that should be a layer.
pub(crate) enum Part {
    /// It can be read.
    Blob(Blob),
    /// It was read as it went past, and can't be read again.
    Read(Box<Layer>),
    /// It is a folder of overlayfs.
    Folder(OwnedFd),
    /// It is such a folder, unpacked from a blob that may be there as well.
    Unpacked(OwnedFd, Option<Blob>),
}

/// An image, as its documents tell of it.
#[derive(Debug, Default)]
pub(crate) struct Image {
    pub(crate) name: String,
    pub(crate) id: Option<String>,
    pub(crate) platform: Option<String>,
    pub(crate) layers: Vec<ImageLayer>,
    pub(crate) problems: Vec<Problem>,
    /// Whether no image for another platform is there under its digest.
    pub(crate) is_only: bool,
}

/// A layer, as an image's documents tell of it.
#[derive(Debug, Default, Clone)]
pub(crate) struct ImageLayer {
    /// The part's name.
    pub(crate) part: String,
    /// The digest that the part must have.
    pub(crate) digest: Option<Digest>,
    /// The size in bytes that the part must have.
    pub(crate) size: Option<u64>,
    /// The digest that the uncompressed layer must have.
    pub(crate) diff_id: Option<Digest>,
    /// The instruction that made it, secrets replaced.
    pub(crate) created_by: String,
    /// Why it may not be there (a licence that forbids handing it on).
    pub(crate) is_foreign: bool,
}

impl ImageLayer {
    /// What it is called in messages.
    pub(crate) fn name(&self) -> &str {
        let digest = self.digest.as_ref().or(self.diff_id.as_ref());
        digest.map_or(&self.part, Digest::as_str)
    }
}

/// The images of a set of parts. `place` is what it is called in messages.
///
/// # Errors
///
/// There is none that can be read. Where some can, those that can't be are errors in the list.
pub(crate) fn images(
    parts: &dyn Parts,
    place: &str,
    platform: Option<&Platform>,
) -> Result<Vec<Result<Image, Error>>, Error> {
    let document = |name: &str| {
        parts.document(name).map_err(|why| Error::BadPart { place: name.to_owned(), why })
    };
    let index = document("index.json")?;
    // `docker save` writes both; only its own names the tags, only the other all platforms.
    let saved = document("manifest.json")?.filter(|_| index.is_none() || platform.is_none());
    match (saved, index) {
        (Some(saved), _) => docker::images(parts, &saved),
        (None, Some(index)) => layout::images(parts, place, &index, platform),
        (None, None) => Err(Error::NoImage { place: place.to_owned() }),
    }
}

//! A layout that is a folder.

use std::io::{self, Read};
use std::os::fd::{AsFd, OwnedFd};
use std::path::Path;
use std::sync::Arc;

use super::{LARGEST_DOCUMENT, Part, Parts};
use crate::beneath;
use crate::layer::Blob;

/// A folder whose files are the parts.
#[derive(Debug)]
pub(crate) struct Folder(OwnedFd);

impl Folder {
    pub(crate) fn open(path: &Path) -> io::Result<Self> {
        beneath::folder(path).map(Self)
    }

    /// The folder at a path beneath another one; none where there is none.
    pub(crate) fn beneath(root: &Path, path: &str) -> io::Result<Option<Self>> {
        let root = beneath::folder(root)?;
        Ok(beneath::folder_in(root.as_fd(), path)?.map(Self))
    }

    /// Whether it looks like a layout, or like an unpacked archive of `docker save`.
    pub(crate) fn is_layout(&self) -> bool {
        let has = |name| matches!(beneath::file(self.0.as_fd(), name), Ok(Some(_)));
        has("index.json") || has("manifest.json")
    }

    pub(crate) fn fd(&self) -> &OwnedFd {
        &self.0
    }
}

impl Parts for Folder {
    fn document(&self, name: &str) -> Result<Option<Vec<u8>>, String> {
        match beneath::file(self.0.as_fd(), name) {
            Ok(None) => Ok(None),
            Ok(Some(file)) => read_document(file).map(Some),
            Err(error) => Err(error.to_string()),
        }
    }

    fn layer(&self, name: &str) -> Result<Option<Part>, String> {
        let open = || {
            let Some(file) = beneath::file(self.0.as_fd(), name)? else { return Ok(None) };
            let length = file.metadata()?.len();
            Ok(Some(Part::Blob(Blob { file: Arc::new(file), start: 0, length })))
        };
        open().map_err(|error: io::Error| error.to_string())
    }
}

/// A document to its end, if it is not too large.
pub(super) fn read_document(from: impl Read) -> Result<Vec<u8>, String> {
    let mut text = Vec::new();
    let read = from.take(LARGEST_DOCUMENT + 1).read_to_end(&mut text);
    read.map_err(|error| error.to_string())?;
    if text.len() as u64 > LARGEST_DOCUMENT {
        return Err(format!("it is larger than {LARGEST_DOCUMENT} bytes"));
    }
    Ok(text)
}

//! Why nothing could be said of a source at all.

use std::io;
use std::path::PathBuf;

/// What failed, and on what. What mends it is in [`Error::hint`]. What could not be read of an image
/// that could be read otherwise is a problem of its inventory, and no error.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// It can't be opened or read.
    #[error("cannot read `{}`: {source}", .path.display())]
    Unreadable {
        /// Where.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// It is neither a folder nor a file that can be read.
    #[error("`{}` is neither a folder nor a file", .path.display())]
    OddKind {
        /// Where.
        path: PathBuf,
    },
    /// There is neither an `index.json` nor a `manifest.json` in it.
    #[error("no image in {place}: it has neither `index.json` nor `manifest.json`")]
    NoImage {
        /// What was looked into.
        place: String,
    },
    /// The archive is damaged before anything of an image could be read.
    #[error("{place} is damaged at byte {offset}: {why}")]
    Damaged {
        /// What was looked into.
        place: String,
        /// Where in it, in bytes of the uncompressed tar.
        offset: u64,
        /// What is wrong there.
        why: String,
    },
    /// A part that tells of the image can't be read.
    #[error("{place}: {why}")]
    BadPart {
        /// The part's name or digest.
        place: String,
        /// What is wrong with it.
        why: String,
    },
    /// The image is not there for this platform.
    #[error("{place} is not there for {platform}, only for {there}")]
    NoPlatform {
        /// The image.
        place: String,
        /// What was asked for.
        platform: String,
        /// What there is.
        there: String,
    },
    /// The text is no platform.
    #[error("`{text}` is no platform: it has to be OS/ARCHITECTURE or OS/ARCHITECTURE/VARIANT")]
    BadPlatform {
        /// What was given.
        text: String,
    },
}

impl Error {
    /// What to do about it, where that is known.
    #[must_use]
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            Self::Unreadable { source, .. } if source.kind() == io::ErrorKind::PermissionDenied => {
                Some("run as root, or as its owner")
            }
            Self::NoImage { .. } => Some(
                "give the output of `docker save` or an OCI layout; what `docker export` wrote is a \
                 root: unpack it and give the folder",
            ),
            Self::Damaged { .. } => Some("make the archive anew"),
            Self::NoPlatform { .. } => Some("choose one with --platform"),
            _ => None,
        }
    }
}

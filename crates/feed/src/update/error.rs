//! Why a source, or all of an update, failed.

use std::io;
use std::path::PathBuf;

use dockward_web::WebError;
use jiff::Timestamp;

use crate::error::BuildError;
use crate::signature::SignatureError;

/// Why a source, or all of an update, failed. What was there is as it was.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum UpdateError {
    /// It could not be had.
    #[error(transparent)]
    Web(#[from] WebError),
    /// A file or folder cannot be read or written.
    #[error("cannot use `{path}`: {source}")]
    Folder {
        /// The file or folder.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// The folder of feeds belongs to another, or others may write to it.
    #[error("`{0}` belongs to somebody else, or others may write to it: it is not trusted")]
    NotOurs(PathBuf),
    /// Another update is running.
    #[error("another update of `{0}` is running")]
    Busy(PathBuf),
    /// The place has nothing of this source.
    #[error("{place} has no `{what}`")]
    Missing {
        /// The address or folder.
        place: String,
        /// What is not there.
        what: String,
    },
    /// A name that cannot be that of an ecosystem.
    #[error("`{0}` is no name of an ecosystem")]
    Name(String),
    /// What came is not what the source publishes.
    #[error("{place}: {why}")]
    Content {
        /// The address or path.
        place: String,
        /// What is odd.
        why: String,
    },
    /// It would go back in time.
    #[error("{place} is older than what is here: {has}, and here is {had}")]
    Older {
        /// The address or path.
        place: String,
        /// The newest record that is here.
        had: Timestamp,
        /// The newest record there.
        has: Timestamp,
    },
    /// Most of its records are gone at once.
    #[error("{place} has {has} records, and here are {had}: most are gone at once")]
    Shrunk {
        /// The address or path.
        place: String,
        /// How many are here.
        had: usize,
        /// How many are there.
        has: usize,
    },
    /// A signed file cannot be taken.
    #[error(transparent)]
    Signature(#[from] SignatureError),
    /// The database could not be built.
    #[error(transparent)]
    Build(#[from] BuildError),
}

impl UpdateError {
    /// What to do about it.
    #[must_use]
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            Self::Web(error) => error.hint(),
            Self::Build(error) => error.hint(),
            Self::Signature(error) => error.hint(),
            Self::NotOurs(_) => Some("`chown` it to who runs this, and `chmod go-w` it"),
            Self::Busy(_) => Some("wait until it has ended"),
            Self::Older { .. } | Self::Shrunk { .. } => {
                Some("is it a stale mirror? If older is meant, say `--allow-older`")
            }
            Self::Missing { .. } => {
                Some("the layout is that of OSV's bucket: NAME/all.zip, NAME/modified_id.csv")
            }
            _ => None,
        }
    }
}

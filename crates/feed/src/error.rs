//! Why a database could not be built.

use std::io;
use std::path::PathBuf;

use jiff::Timestamp;

use crate::mapped::OpenError;

/// Why a database could not be built. The one that was there is as it was.
#[derive(Debug, thiserror::Error)]
pub enum BuildError {
    /// A feed cannot be read.
    #[error("cannot read the feed `{path}`")]
    Feed {
        /// The file or folder.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// A file is no feed that is known.
    #[error("`{0}` is no feed that is known")]
    NotAFeed(PathBuf),
    /// The feeds hold no advisory at all.
    #[error("the feeds hold no advisory")]
    Empty,
    /// A source would go back in time.
    #[error("{source_name} would go back from {had} to {has}")]
    BackInTime {
        /// The source.
        source_name: String,
        /// The newest record of the database that is there.
        had: Timestamp,
        /// The newest record in the feeds: a time, or that there is none.
        has: String,
    },
    /// The database that is there is not to be trusted, or cannot be read.
    #[error("what is in the database's place cannot be replaced")]
    There(#[source] Box<OpenError>),
    /// The file cannot be written.
    #[error("cannot write `{path}`")]
    Write {
        /// The file, or the folder of temporary files.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
}

impl BuildError {
    /// What to do about it.
    #[must_use]
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            Self::BackInTime { .. } => {
                Some("bring the feed up to date, or say that older is meant with `--allow-older`")
            }
            Self::NotAFeed(_) | Self::Empty => Some(
                "feeds are: a folder or `all.zip` of OSV records, CISA's catalogue of known exploited \
                 vulnerabilities (JSON), EPSS scores of FIRST (CSV)",
            ),
            Self::There(source) => source.hint(),
            _ => None,
        }
    }
}

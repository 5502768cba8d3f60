//! What goes wrong, and what to do about it.

use std::io;
use std::path::PathBuf;

use crate::NoteError;

/// Why a ledger cannot be opened, kept or closed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LedgerError {
    /// Its folder cannot be used.
    #[error("cannot open the ledger {path}: {source}", path = path.display())]
    Folder {
        /// The folder.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// Two cannot write one ledger.
    #[error("the ledger {path} is being written by another process", path = path.display())]
    Locked {
        /// The folder.
        path: PathBuf,
    },
    /// Its folder is no place for a ledger.
    #[error("the folder {path} may be written by others than its owner", path = path.display())]
    OpenToOthers {
        /// The folder.
        path: PathBuf,
    },
    /// What another user, root too, writes in it would not be its owner's.
    #[error("the folder {path} is of user {owner}, who alone can write a ledger there", path = path.display())]
    NotOurs {
        /// The folder.
        path: PathBuf,
        /// The user id of its owner.
        owner: u32,
    },
    /// A part of it cannot be read or written.
    #[error("{what} of the ledger {path}: {source}", path = path.display())]
    Part {
        /// Which part.
        what: &'static str,
        /// The folder.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A key is none, or none can be made.
    #[error("the key of the ledger {path}: {source}", path = path.display())]
    Key {
        /// The folder.
        path: PathBuf,
        /// Why.
        source: NoteError,
    },
    /// The ledger has another name.
    #[error("the ledger is of {has}, not of {wanted}")]
    Origin {
        /// Its name.
        has: String,
        /// The name that was asked for.
        wanted: String,
    },
    /// What is there cannot be gone on with.
    #[error("the ledger {path} does not fit: {why}", path = path.display())]
    Misfit {
        /// The folder.
        path: PathBuf,
        /// The first thing that does not fit.
        why: String,
    },
    /// It ended, and another log follows it.
    #[error("the ledger {path} has ended: its key was replaced by {by}", path = path.display())]
    Replaced {
        /// The folder.
        path: PathBuf,
        /// The public key that took its key's place.
        by: String,
    },
    /// Nothing more can be written before it is opened again.
    #[error(transparent)]
    Append(#[from] AppendError),
}

impl LedgerError {
    /// What to do about it.
    #[must_use]
    pub const fn hint(&self) -> Option<&'static str> {
        match self {
            Self::Locked { .. } => {
                Some("while the guard runs, it keeps and prunes its ledger itself")
            }
            Self::OpenToOthers { .. } => Some("take the right to write from group and others"),
            Self::NotOurs { .. } => Some("run it as that user: `sudo -u '#UID' …`"),
            Self::Origin { .. } => Some("a ledger keeps its name; begin another folder"),
            Self::Replaced { .. } => Some(
                "a ledger that was put aside is not written any more; where changing the key was cut \
                 short, `dockward ledger rekey` finishes it",
            ),
            Self::Misfit { .. } => Some(
                "keep the folder as it is, `dockward ledger verify` it against a checkpoint that \
                 was kept elsewhere, and begin another folder",
            ),
            _ => None,
        }
    }
}

/// Why an entry was not recorded.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum AppendError {
    /// There is no room, not even the reserve's. It was counted.
    #[error("the disk that holds the ledger is full")]
    Full,
    /// Tiles cannot be written, and too much waits for it. It was counted.
    #[error("too much waits to be signed, since the log cannot be written")]
    Behind,
    /// What is written can no longer be relied on.
    #[error("the ledger must be opened again: {0}")]
    Broken(String),
    /// An outcome of a decision that is not waiting for one.
    #[error("decision {0} waits for no outcome")]
    Unlinked(u64),
    /// It is longer than a leaf may be.
    #[error("the entry is too long for a leaf")]
    Long,
    /// The ledger is closed.
    #[error("the ledger is closed")]
    Closed,
}

//! A database's file, mapped into memory.

#![allow(unsafe_code, reason = "mapping a file is unsafe by its nature; there is one call")]

use std::fs::File;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use dockward_advisory::database::{Database, DatabaseError};
use memmap2::{Mmap, MmapOptions};
use rustix::fs::{Mode, OFlags};

/// The bits of a mode that let others than the owner write.
const OTHERS_WRITE: u32 = 0o022;

/// Why a file cannot be used as a database.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// It cannot be opened or mapped.
    #[error("cannot open the database `{path}`")]
    Io {
        /// The file.
        path: PathBuf,
        /// Why not.
        source: std::io::Error,
    },
    /// It is a folder, a device, a pipe.
    #[error("`{0}` is no regular file")]
    NoFile(PathBuf),
    /// Somebody else could change it under our hands.
    #[error("`{0}` belongs to somebody else, or others may write to it: it is not trusted")]
    NotOurs(PathBuf),
    /// It holds no database.
    #[error("`{path}`: {source}")]
    NoDatabase {
        /// The file.
        path: PathBuf,
        /// Why it is none.
        source: DatabaseError,
    },
}

impl OpenError {
    /// What to do about it.
    #[must_use]
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            Self::Io { source, .. } if source.kind() == std::io::ErrorKind::NotFound => {
                Some("make one: `dockward db update`, or `dockward db build FEED…`")
            }
            Self::NotOurs(_) => Some("`chown` it to root or to yourself, and `chmod go-w` it"),
            Self::NoDatabase { source, .. } => Some(source.hint()),
            _ => None,
        }
    }
}

/// A database's file in memory. It may be shared between threads, and stays as it is while another
/// file is put in its place.
#[derive(Debug)]
pub struct Mapped {
    path: PathBuf,
    map: Mmap,
}

impl Mapped {
    /// Maps a file that belongs to root or to ourselves and that nobody else may write to.
    ///
    /// # Errors
    /// When it cannot be opened, is not to be trusted, or holds no database.
    pub fn open(path: &Path) -> Result<Self, OpenError> {
        let io = |source: std::io::Error| OpenError::Io { path: path.to_owned(), source };
        // Not waiting: a pipe in its place would otherwise keep us until somebody writes to it.
        let flags = OFlags::RDONLY | OFlags::CLOEXEC | OFlags::NONBLOCK | OFlags::NOCTTY;
        let file =
            rustix::fs::open(path, flags, Mode::empty()).map_err(|error| io(error.into()))?;
        let file = File::from(file);
        let facts = file.metadata().map_err(io)?;
        if !facts.is_file() {
            return Err(OpenError::NoFile(path.to_owned()));
        }
        let ours = [0, rustix::process::geteuid().as_raw()].contains(&facts.uid());
        if !ours || facts.mode() & OTHERS_WRITE != 0 {
            return Err(OpenError::NotOurs(path.to_owned()));
        }
        // SAFETY: the bytes behind a shared borrow of the map must not change while it lives, and a
        // file that becomes shorter must not be read past its end. Only the file's owner can do
        // either, which was just held to be root or ourselves on the descriptor that is mapped, and
        // nobody else may write. Both only ever put another file in its place: `build` writes a
        // file of another name and renames it (see `write`), which leaves this one as it was. The
        // map is private and read-only.
        let map = unsafe { MmapOptions::new().map_copy_read_only(&file) }.map_err(io)?;
        let mapped = Self { path: path.to_owned(), map };
        mapped.database()?;
        Ok(mapped)
    }

    /// The database in it.
    ///
    /// # Errors
    /// When its header is damaged, or it is of another version.
    pub fn database(&self) -> Result<Database<'_>, OpenError> {
        Database::read(&self.map)
            .map_err(|source| OpenError::NoDatabase { path: self.path.clone(), source })
    }
}

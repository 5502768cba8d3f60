//! A snapshot as a file: written for its owner only, read with care.

use std::ffi::OsString;
use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter, Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use dockward_model::facts::Snapshot;
use rustix::fs::OFlags;
use serde::Deserialize;

/// How long a recording may be, in bytes: some 20,000 containers.
const LIMIT: u64 = 256 * 1024 * 1024;

/// Why a recording could not be written or read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RecordError {
    /// It could not be written.
    #[error("cannot write the recording `{}`: {source}", .path.display())]
    Write {
        /// Where.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// What is there already is not a file of one's own to be replaced.
    #[error("will not write a recording over `{}`: it is {what}", .path.display())]
    InTheWay {
        /// Where.
        path: PathBuf,
        /// `a symbolic link`, `a folder`, …
        what: &'static str,
    },
    /// It could not be read.
    #[error("cannot read the recording `{}`: {source}", .path.display())]
    Read {
        /// Where.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// It is longer than any recording.
    #[error("`{}` is longer than {} MiB, the most that a recording may have", .path.display(), LIMIT >> 20)]
    TooLarge {
        /// Where.
        path: PathBuf,
    },
    /// It is no recording.
    #[error("`{}` is no recording: {why}", .path.display())]
    NotARecording {
        /// Where.
        path: PathBuf,
        /// What is wrong about it, with line and column.
        why: String,
    },
    /// It was written by another version.
    #[error(
        "`{}` is a recording of version {found}, this dockward reads version {}",
        .path.display(), Snapshot::VERSION
    )]
    Version {
        /// Where.
        path: PathBuf,
        /// The version that it says.
        found: u32,
    },
}

impl RecordError {
    /// What mends it.
    #[must_use]
    pub fn hint(&self) -> Option<&'static str> {
        Some(match self {
            Self::InTheWay { .. } => "name another path, or remove what is there",
            Self::Version { found, .. } if *found > Snapshot::VERSION => {
                "update dockward, or record the host again with this one"
            }
            Self::Version { .. } => "record the host again",
            Self::NotARecording { .. } => "a recording is made by `dockward record`",
            _ => return None,
        })
    }
}

/// Writes a snapshot, readable by its owner only from the first moment on. What was there is
/// replaced at once or not at all; a symbolic link is not followed.
///
/// # Errors
/// Where something else than a regular file is in the way, or the system refuses.
pub fn write(snapshot: &Snapshot, path: &Path) -> Result<(), RecordError> {
    refuse_what_is_in_the_way(path)?;
    let temporary = beside(path);
    let written = write_new(snapshot, &temporary).and_then(|()| fs::rename(&temporary, path));
    written.map_err(|source| {
        // It may not even have been made.
        let _ = fs::remove_file(&temporary);
        RecordError::Write { path: path.to_path_buf(), source }
    })
}

fn refuse_what_is_in_the_way(path: &Path) -> Result<(), RecordError> {
    let Ok(found) = fs::symlink_metadata(path) else { return Ok(()) };
    let what = match found.file_type() {
        kind if kind.is_file() => return Ok(()),
        kind if kind.is_symlink() => "a symbolic link",
        kind if kind.is_dir() => "a folder",
        _ => "no regular file",
    };
    Err(RecordError::InTheWay { path: path.to_path_buf(), what })
}

/// In the same folder, so that it can be renamed: only there is that one step.
fn beside(path: &Path) -> PathBuf {
    let mut name = OsString::from(".");
    name.push(path.file_name().unwrap_or_default());
    name.push(format!(".{}", std::process::id()));
    path.with_file_name(name)
}

fn write_new(snapshot: &Snapshot, path: &Path) -> io::Result<()> {
    // A left-over of an earlier run with our pid; what can't be removed makes the next line fail.
    let _ = fs::remove_file(path);
    let file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    let mut out = BufWriter::new(file);
    serde_json::to_writer(&mut out, snapshot)?;
    out.write_all(b"\n")?;
    out.into_inner()?.sync_all()
}

/// Reads a snapshot. It may come from anywhere: its length is capped, and another version is
/// refused by name.
///
/// # Errors
/// Where it can't be read, is too long, no recording, or of another version.
pub fn read(path: &Path) -> Result<Snapshot, RecordError> {
    let unread = |source| RecordError::Read { path: path.to_path_buf(), source };
    let file = open(path).map_err(unread)?;
    let said = file.metadata().map_err(unread)?.len();
    let mut text = Vec::new();
    if said <= LIMIT {
        file.take(LIMIT + 1).read_to_end(&mut text).map_err(unread)?;
    }
    if said.max(text.len() as u64) > LIMIT {
        return Err(RecordError::TooLarge { path: path.to_path_buf() });
    }
    parse(&text, path)
}

/// Regular files only: a pipe would be waited for without end.
fn open(path: &Path) -> io::Result<File> {
    let flags = (OFlags::NONBLOCK | OFlags::NOCTTY).bits();
    let flags = i32::try_from(flags).map_err(io::Error::other)?;
    let file = OpenOptions::new().read(true).custom_flags(flags).open(path)?;
    if file.metadata()?.is_file() { Ok(file) } else { Err(io::Error::other("no regular file")) }
}

pub(crate) fn parse(text: &[u8], path: &Path) -> Result<Snapshot, RecordError> {
    #[derive(Deserialize)]
    struct Versioned {
        version: u32,
    }
    let wrong = |error: serde_json::Error| RecordError::NotARecording {
        path: path.to_path_buf(),
        why: error.to_string(),
    };
    let Versioned { version } = serde_json::from_slice(text).map_err(wrong)?;
    if version != Snapshot::VERSION {
        return Err(RecordError::Version { path: path.to_path_buf(), found: version });
    }
    serde_json::from_slice(text).map_err(wrong)
}

#[cfg(test)]
mod tests;

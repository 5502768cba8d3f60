//! Room that is kept for when there is none: a file that is given back to the file system when it is
//! full, so that recording goes on.

use std::io::{self, Write as _};

use rustix::fs::FallocateFlags;

use crate::files::{FILE, Folder};

pub(crate) const NAME: &str = "reserve";

/// How much room there is for entries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Room {
    /// As much as the file system has, and the reserve.
    Normal,
    /// The file system was full: the reserve is in use, or could not be made.
    Reserve,
    /// There is no room at all: entries are being lost, and counted.
    Full,
}

/// Whether the reserve is there, of that many bytes; it is made where the file system has twice as
/// much to give.
pub(crate) fn ensure(folder: &Folder, size: u64) -> io::Result<bool> {
    if let Ok(file) = folder.file(NAME) {
        if file.metadata()?.len() == size {
            return Ok(true);
        }
        folder.remove(NAME)?;
    }
    if folder.free()? < size.saturating_mul(2) {
        return Ok(false);
    }
    let made = folder.create(NAME, FILE).and_then(|file| allocate(file, size));
    if made.is_err() {
        folder.remove(NAME)?;
    }
    made.map(|()| true)
}

fn allocate(mut file: std::fs::File, size: u64) -> io::Result<()> {
    match rustix::fs::fallocate(&file, FallocateFlags::empty(), 0, size) {
        Ok(()) => Ok(()),
        // Some file systems can only be written to.
        Err(rustix::io::Errno::OPNOTSUPP) => {
            let zeros = vec![0; 1 << 16];
            let mut left = size;
            while left > 0 {
                let piece = zeros.get(..left.min(1 << 16) as usize).unwrap_or_default();
                file.write_all(piece)?;
                left -= piece.len() as u64;
            }
            Ok(())
        }
        Err(error) => Err(error.into()),
    }
}

/// Keeps room for what will be written to a file next, which nobody else can take: the file becomes no
/// longer by it (fallocate(2), `FALLOC_FL_KEEP_SIZE`).
pub(crate) fn keep(file: &std::fs::File, from: u64, size: u64) -> io::Result<()> {
    Ok(rustix::fs::fallocate(file, FallocateFlags::KEEP_SIZE, from, size)?)
}

/// Gives the room back to the file system. Whether there was any.
pub(crate) fn release(folder: &Folder) -> bool {
    folder.file(NAME).is_ok() && folder.remove(NAME).is_ok()
}

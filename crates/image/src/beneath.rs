//! Opening a file beneath a folder by a path in which no link is followed: a layout is what somebody
//! sent, and may hold links and FIFOs.

use std::fs::File;
use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::path::Path;

use rustix::fs::{AtFlags, CWD, FileType, Mode, OFlags, StatxFlags, openat, statx};
use rustix::io::Errno;

const HANDLE: OFlags = OFlags::PATH.union(OFlags::NOFOLLOW).union(OFlags::CLOEXEC);
const FILE: OFlags = OFlags::RDONLY
    .union(OFlags::NOFOLLOW)
    .union(OFlags::NONBLOCK)
    .union(OFlags::NOCTTY)
    .union(OFlags::CLOEXEC);

/// Opens a folder that the user named: links to it are followed.
pub(crate) fn folder(path: &Path) -> io::Result<OwnedFd> {
    let flags = OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC;
    Ok(openat(CWD, path, flags, Mode::empty())?)
}

/// Opens a folder at a path beneath another; none where there is none.
pub(crate) fn folder_in(root: BorrowedFd<'_>, path: &str) -> io::Result<Option<OwnedFd>> {
    let parts = || path.split('/').filter(|part| !part.is_empty());
    let open = || {
        let mut here = openat(root, ".", HANDLE | OFlags::DIRECTORY, Mode::empty())?;
        for part in parts() {
            if part == ".." {
                return Err(Errno::NOENT);
            }
            here = openat(&here, part, HANDLE | OFlags::DIRECTORY, Mode::empty())?;
        }
        Ok(here)
    };
    match open() {
        Ok(folder) => Ok(Some(folder)),
        Err(Errno::NOENT | Errno::NOTDIR) => Ok(None),
        Err(errno) => Err(errno.into()),
    }
}

/// Opens a regular file at a path beneath a folder; none where nothing is there.
pub(crate) fn file(root: BorrowedFd<'_>, path: &str) -> io::Result<Option<File>> {
    match open(root, path) {
        Ok(file) => Ok(Some(file)),
        Err(Errno::NOENT | Errno::NOTDIR) => Ok(None),
        Err(errno) => Err(errno.into()),
    }
}

fn open(root: BorrowedFd<'_>, path: &str) -> Result<File, Errno> {
    let (folders, name) = path.rsplit_once('/').unwrap_or(("", path));
    let mut here = None;
    for folder in folders.split('/').filter(|folder| !folder.is_empty()) {
        if folder == ".." {
            return Err(Errno::NOENT);
        }
        let at = here.as_ref().map_or(root, |here: &OwnedFd| here.as_fd());
        here = Some(openat(at, folder, HANDLE | OFlags::DIRECTORY, Mode::empty())?);
    }
    let at = here.as_ref().map_or(root, |here| here.as_fd());
    // First without opening it: to open a device may set something off.
    regular(openat(at, name, HANDLE, Mode::empty())?.as_fd())?;
    let file = openat(at, name, FILE, Mode::empty())?;
    regular(file.as_fd())?;
    Ok(file.into())
}

fn regular(file: BorrowedFd<'_>) -> Result<(), Errno> {
    let stat = statx(file, "", AtFlags::EMPTY_PATH, StatxFlags::TYPE)?;
    match FileType::from_raw_mode(stat.stx_mode.into()) {
        FileType::RegularFile => Ok(()),
        FileType::Symlink => Err(Errno::LOOP),
        _ => Err(Errno::INVAL),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_regular_files_are_opened_and_no_link_is_followed() {
        let dir = tempfile::tempdir().unwrap();
        let path = |name: &str| dir.path().join(name);
        std::fs::create_dir(path("in")).unwrap();
        std::fs::write(path("in/file"), "x").unwrap();
        std::os::unix::fs::symlink("/etc/passwd", path("in/link")).unwrap();
        std::os::unix::fs::symlink("in", path("way")).unwrap();
        std::os::unix::net::UnixListener::bind(path("in/socket")).unwrap();
        rustix::fs::mknodat(CWD, path("in/fifo"), FileType::Fifo, 0o600.into(), 0).unwrap();
        let root = folder(dir.path()).unwrap();
        let open = |path: &str| file(root.as_fd(), path);
        assert!(open("in/file").unwrap().is_some());
        for none in ["in/none", "none/file", "in/file/x", "in/../in/file", "way/file"] {
            assert!(open(none).unwrap().is_none(), "{none}");
        }
        for refused in ["in/link", "in/fifo", "in/socket", "in"] {
            assert!(open(refused).is_err(), "{refused}");
        }
        let folder = |path: &str| folder_in(root.as_fd(), path).unwrap();
        assert!(folder("/in/").is_some() && folder("").is_some());
        for none in ["none", "in/file", "way", "in/..", "in/link/x"] {
            assert!(folder(none).is_none(), "{none}");
        }
    }
}

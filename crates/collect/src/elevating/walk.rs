//! A folder's files, one after the other.
//!
//! Invariant: folders are opened one name at a time and no link is followed; of anything else than
//! a folder nothing is opened at all. Time and number are limited, and so are open descriptors: one
//! for each level.

use std::ffi::{CStr, CString};
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd};
use std::time::{Duration, Instant};

use dockward_model::facts::{CapSet, ElevatingFile};
use rustix::fs::{
    AtFlags, Dir, FileType, Mode, OFlags, Statx, StatxFlags, lgetxattr, openat, statx,
};
use rustix::io::Errno;

use super::capability;

const MAX_DEPTH: usize = 256;
/// More files of this kind no image has that was not built to keep us busy.
const MAX_FOUND: usize = 1000;

/// How much may still be looked at.
#[derive(Debug)]
pub(crate) struct Budget {
    entries: usize,
    until: Instant,
}

impl Budget {
    /// Enough for all images of a large host.
    pub(crate) fn usual() -> Self {
        Self { entries: 5_000_000, until: Instant::now() + Duration::from_secs(120) }
    }

    #[cfg(test)]
    pub(super) fn of(entries: usize) -> Self {
        Self { entries, ..Self::usual() }
    }

    fn take(&mut self) -> Result<(), String> {
        self.entries = self.entries.checked_sub(1).ok_or("more than 5 million files")?;
        if self.entries.is_multiple_of(1024) && Instant::now() > self.until {
            self.entries = 0;
            return Err("walking the files of images took longer than 120 s".to_owned());
        }
        Ok(())
    }
}

/// A folder that is being walked: the folders in it are still to come.
struct Level {
    folder: OwnedFd,
    path: String,
    to_come: Vec<CString>,
}

/// The files below `root` that give more rights. What is mounted below it is left out.
pub(super) fn folder(root: &OwnedFd, budget: &mut Budget) -> Result<Vec<ElevatingFile>, String> {
    let mount = Mounted::of(&look(root.as_fd(), c"").map_err(|errno| refused("/", errno))?);
    let mut found = Vec::new();
    let copy = root.try_clone().map_err(|error| format!("cannot open /: {error}"))?;
    let mut levels = vec![level(copy, String::new(), mount, &mut found, budget)?];
    while let Some(top) = levels.last_mut() {
        let Some(name) = top.to_come.pop() else {
            levels.pop();
            continue;
        };
        let path = format!("{}/{}", top.path, name.to_string_lossy());
        let opened = openat(&top.folder, name.as_c_str(), FOLDER, Mode::empty());
        let below = match opened {
            Ok(below) => below,
            // Gone, or something else by now.
            Err(Errno::NOENT | Errno::NOTDIR | Errno::LOOP) => continue,
            Err(errno) => return Err(refused(&path, errno)),
        };
        if levels.len() == MAX_DEPTH {
            return Err(format!("{path:.100} lies deeper than {MAX_DEPTH} folders"));
        }
        levels.push(level(below, path, mount, &mut found, budget)?);
    }
    found.sort();
    Ok(found)
}

const FOLDER: OFlags = OFlags::RDONLY
    .union(OFlags::DIRECTORY)
    .union(OFlags::NOFOLLOW)
    .union(OFlags::NONBLOCK)
    .union(OFlags::CLOEXEC);

/// Looks at what is in a folder; folders in it are noted.
fn level(
    folder: OwnedFd,
    path: String,
    mount: Mounted,
    found: &mut Vec<ElevatingFile>,
    budget: &mut Budget,
) -> Result<Level, String> {
    let mut to_come = Vec::new();
    let failed = |errno| refused(&path, errno);
    for entry in Dir::read_from(&folder).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        let name = entry.file_name();
        if matches!(name.to_bytes(), b"." | b"..") {
            continue;
        }
        budget.take()?;
        if !matches!(
            entry.file_type(),
            FileType::Directory | FileType::RegularFile | FileType::Unknown
        ) {
            continue;
        }
        let stat = match look(folder.as_fd(), name) {
            Ok(stat) => stat,
            Err(Errno::NOENT) => continue,
            Err(errno) => return Err(failed(errno)),
        };
        match FileType::from_raw_mode(stat.stx_mode.into()) {
            FileType::Directory if mount.holds_folder(&stat) => to_come.push(name.to_owned()),
            FileType::RegularFile if mount.holds(&stat) => {
                found.extend(elevating(&folder, name, &path, &stat)?);
            }
            _ => {}
        }
        if found.len() > MAX_FOUND {
            return Err(format!("more than {MAX_FOUND} files give more rights"));
        }
    }
    Ok(Level { folder, path, to_come })
}

fn elevating(
    folder: &OwnedFd,
    name: &CStr,
    path: &str,
    stat: &Statx,
) -> Result<Option<ElevatingFile>, String> {
    let mode = u32::from(stat.stx_mode) & 0o7777;
    let path = || format!("{path}/{}", name.to_string_lossy());
    let can_run = mode & 0o111 != 0;
    let capabilities = if can_run { capabilities(folder, name, path)? } else { CapSet::default() };
    let sets = mode & (ElevatingFile::SETUID | ElevatingFile::SETGID) != 0;
    Ok((sets || capabilities != CapSet::default()).then(|| ElevatingFile {
        path: path(),
        mode,
        uid: stat.stx_uid,
        gid: stat.stx_gid,
        capabilities,
    }))
}

fn capabilities(
    folder: &OwnedFd,
    name: &CStr,
    path: impl Fn() -> String,
) -> Result<CapSet, String> {
    match attribute(folder.as_fd(), name, c"security.capability") {
        Ok(Some(bytes)) => capability::of_attribute(&bytes)
            .ok_or_else(|| format!("{} has capabilities of an unknown form", path())),
        Ok(None) => Ok(CapSet::default()),
        Err(errno) => Err(refused(&path(), errno)),
    }
}

/// An extended attribute of what stands there, links not followed: nothing is opened for it.
fn attribute(at: BorrowedFd<'_>, name: &CStr, attribute: &CStr) -> Result<Option<Vec<u8>>, Errno> {
    let mut path = format!("/proc/self/fd/{}/", at.as_raw_fd()).into_bytes();
    path.extend_from_slice(name.to_bytes());
    let mut value = [0; 64];
    match lgetxattr(path, attribute, &mut value[..]) {
        Ok(length) => Ok(Some(value.get(..length).unwrap_or_default().to_vec())),
        Err(Errno::NODATA | Errno::NOTSUP | Errno::NOENT) => Ok(None),
        Err(errno) => Err(errno),
    }
}

/// Whether one of the layers above has something of its own at `path`, deleted it, or hides what
/// lies below (Documentation/filesystems/overlayfs.rst, "whiteouts and opaque directories").
pub(super) fn is_hidden(
    above: &[OwnedFd],
    path: &str,
    budget: &mut Budget,
) -> Result<bool, String> {
    for layer in above {
        budget.take()?;
        if hides(layer, path).map_err(|errno| refused(path, errno))? {
            return Ok(true);
        }
    }
    Ok(false)
}

fn hides(layer: &OwnedFd, path: &str) -> Result<bool, Errno> {
    let mut here: Option<OwnedFd> = None;
    let mut is_opaque = false;
    let mut names = path.split('/').filter(|name| !name.is_empty()).peekable();
    while let Some(name) = names.next() {
        let Ok(name) = CString::new(name) else { return Ok(false) };
        let at = here.as_ref().map_or(layer.as_fd(), AsFd::as_fd);
        match look(at, &name) {
            Ok(_) if names.peek().is_none() => return Ok(true),
            Ok(stat) if FileType::from_raw_mode(stat.stx_mode.into()) != FileType::Directory => {
                return Ok(true);
            }
            Ok(_) => {}
            Err(Errno::NOENT) => return Ok(is_opaque),
            Err(errno) => return Err(errno),
        }
        // Rootless engines have the attribute in the user's name space.
        for opaque in [c"trusted.overlay.opaque", c"user.overlay.opaque"] {
            let value = attribute(at, &name, opaque)?;
            is_opaque |= value.is_some_and(|value| value == b"y");
        }
        here = Some(openat(at, name.as_c_str(), FOLDER, Mode::empty())?);
    }
    Ok(is_opaque)
}

/// Which mount something lies on.
#[derive(Debug, Clone, Copy)]
struct Mounted {
    id: Option<u64>,
    device: (u32, u32),
}

impl Mounted {
    fn of(stat: &Statx) -> Self {
        let has_id = StatxFlags::from_bits_retain(stat.stx_mask).contains(StatxFlags::MNT_ID);
        Self {
            id: has_id.then_some(stat.stx_mnt_id),
            device: (stat.stx_dev_major, stat.stx_dev_minor),
        }
    }

    /// On kernels before 5.8 a file that is mounted alone isn't told from others: overlayfs shows
    /// files with the devices of their layers.
    fn holds(self, stat: &Statx) -> bool {
        let other = Self::of(stat);
        self.id.is_none() || other.id.is_none() || self.id == other.id
    }

    fn holds_folder(self, stat: &Statx) -> bool {
        self.holds(stat) && (self.id.is_some() || self.device == Self::of(stat).device)
    }
}

/// What stands there; an empty name is the folder itself. Nothing is asked of another host, and
/// nothing is mounted by it.
fn look(at: BorrowedFd<'_>, name: &CStr) -> Result<Statx, Errno> {
    let flags = AtFlags::EMPTY_PATH
        | AtFlags::SYMLINK_NOFOLLOW
        | AtFlags::NO_AUTOMOUNT
        | AtFlags::STATX_DONT_SYNC;
    statx(at, name, flags, StatxFlags::BASIC_STATS | StatxFlags::MNT_ID)
}

fn refused(path: &str, errno: Errno) -> String {
    let path = if path.is_empty() { "/" } else { path };
    format!("cannot look at {path:.200}: {}", std::io::Error::from(errno).kind())
}

//! Resolving a path beneath a root folder, one component at a time.
//!
//! The kernel's own way (openat2 with `RESOLVE_IN_ROOT`) is missing on kernels before 5.6 and
//! forbidden in many containers, and does not tell the resolved path. Here every component is
//! opened by itself, as a mere handle (`O_PATH|O_NOFOLLOW`: nothing is opened for reading, no
//! device is touched), links are followed by their text, and `..` goes back to a folder that is
//! already open: so no link, no rename and no `..` can lead out of the root.
//!
//! Who looks at one file looks at its neighbours next: the folders that a walk went through stay
//! open for the next one.

use std::collections::{BTreeMap, VecDeque};
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd};
use std::sync::{Mutex, MutexGuard, PoisonError};

use rustix::fs::{
    AtFlags, CWD, Dir, FileType, Mode, OFlags, Statx, StatxFlags, openat, readlinkat, statx,
};

use super::refusal::Refusal;

const MAX_LINKS: usize = 40;
/// Each level holds a file descriptor open.
const MAX_DEPTH: usize = 128;
const MAX_PATH: usize = 4096;

/// Whether file systems that may never answer are looked into.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reach {
    /// Stop where one begins.
    Local,
    /// Go on: the caller waits no longer than it wants to.
    Everything,
}

/// Whether a link at the end of a path is followed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Last {
    Follow,
    Keep,
}

/// Which file it is, whatever its name: device and inode.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Identity {
    pub(crate) device: (u32, u32),
    pub(crate) inode: u64,
}

/// A root folder and what is known of the file systems beneath it.
#[derive(Debug)]
pub(crate) struct Beneath {
    root: OwnedFd,
    /// How the root is called in messages; empty for `/`.
    shown: String,
    /// Devices of file systems that may never answer, and their types.
    remote: BTreeMap<(u32, u32), String>,
    /// Devices of file systems that are never looked into, and their types.
    closed: BTreeMap<(u32, u32), String>,
    /// The folders of the last walk, the first one at the end. None while somebody walks.
    last_walk: Mutex<Vec<Folder>>,
}

/// A folder on the way: its name, a handle, and what it is.
type Folder = (String, OwnedFd, Statx);

/// What stands at the end of a path.
pub(crate) struct Found {
    handle: OwnedFd,
    stat: Statx,
    path: String,
}

impl Found {
    pub(crate) fn path(&self) -> &str {
        &self.path
    }

    pub(crate) fn stat(&self) -> &Statx {
        &self.stat
    }

    pub(crate) fn kind(&self) -> FileType {
        FileType::from_raw_mode(self.stat.stx_mode.into())
    }

    pub(crate) fn identity(&self) -> Identity {
        Identity { device: device(&self.stat), inode: self.stat.stx_ino }
    }
}

/// The walk so far: folders that are open, components still to go.
struct Walk<'a> {
    beneath: &'a Beneath,
    open: Vec<Folder>,
    /// Folders that are known below those, the next one at the end.
    known: Vec<Folder>,
    pending: VecDeque<String>,
    links: usize,
}

impl Beneath {
    pub(crate) fn new(
        root: OwnedFd,
        shown: String,
        remote: BTreeMap<(u32, u32), String>,
        closed: BTreeMap<(u32, u32), String>,
    ) -> Self {
        Self { root, shown, remote, closed, last_walk: Mutex::default() }
    }

    /// How a path beneath this root is called in messages.
    pub(crate) fn show(&self, path: &str) -> String {
        format!("{}{path}", self.shown)
    }

    /// A root of its own at a folder of this one.
    pub(crate) fn narrowed_to(&self, found: Found) -> Self {
        let shown = self.show(&found.path);
        Self::new(found.handle, shown, self.remote.clone(), self.closed.clone())
    }

    /// Finds what stands at `path`.
    pub(crate) fn find(&self, path: &str, last: Last, reach: Reach) -> Result<Found, Refusal> {
        if path.len() > MAX_PATH || path.contains('\0') {
            return Err(Refusal::Because(
                "the path is longer than 4,096 bytes or holds a NUL".into(),
            ));
        }
        let known = std::mem::take(&mut *self.last_walk());
        let (open, pending) = (Vec::new(), VecDeque::new());
        let mut walk = Walk { beneath: self, open, known, pending, links: 0 };
        let found = walk.go(path, last, reach);
        walk.back_to_root();
        *self.last_walk() = walk.known;
        found
    }

    fn last_walk(&self) -> MutexGuard<'_, Vec<Folder>> {
        self.last_walk.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The text of the link at `path`; absent where it is no link.
    pub(crate) fn link(&self, path: &str, reach: Reach) -> Result<String, Refusal> {
        let found = self.find(path, Last::Keep, reach)?;
        if found.kind() != FileType::Symlink {
            return Err(Refusal::Absent);
        }
        link_text(found.handle.as_fd(), "", &self.show(path))
    }

    /// Opens a folder for listing or as a root.
    pub(crate) fn folder(&self, path: &str, reach: Reach) -> Result<Found, Refusal> {
        let found = self.find(path, Last::Follow, reach)?;
        match found.kind() {
            FileType::Directory => Ok(found),
            other => Err(Refusal::Because(format!(
                "{} is {}, not a folder",
                self.show(path),
                describe(other)
            ))),
        }
    }

    /// Opens a folder to look things up in it; a link at its end is not followed.
    pub(crate) fn open_folder(&self, path: &str, reach: Reach) -> Result<OwnedFd, Refusal> {
        let found = self.find(path, Last::Keep, reach)?;
        match found.kind() {
            FileType::Directory => {
                reopen(&found.handle, OFlags::RDONLY | OFlags::DIRECTORY, &self.show(path))
            }
            _ => Err(Refusal::Absent),
        }
    }

    /// The names in a folder, sorted, at most `max`.
    pub(crate) fn names(
        &self,
        path: &str,
        max: usize,
        reach: Reach,
    ) -> Result<Vec<String>, Refusal> {
        let folder = self.folder(path, reach)?;
        let flags = OFlags::RDONLY | OFlags::DIRECTORY;
        let fd = reopen(&folder.handle, flags, &self.show(path))?;
        let refused = |errno| Refusal::from_kernel(errno, &self.show(path));
        let mut names = Vec::new();
        for entry in Dir::new(fd).map_err(refused)? {
            let name = entry.map_err(refused)?.file_name().to_string_lossy().into_owned();
            if name == "." || name == ".." {
                continue;
            }
            if names.len() == max {
                let path = self.show(path);
                return Err(Refusal::Because(format!("{path} holds more than {max} files")));
            }
            names.push(name);
        }
        names.sort_unstable();
        Ok(names)
    }

    /// The content of a regular file of at most `limit` bytes.
    pub(crate) fn content(
        &self,
        path: &str,
        limit: usize,
        reach: Reach,
    ) -> Result<Vec<u8>, Refusal> {
        let found = self.find(path, Last::Follow, reach)?;
        let shown = self.show(path);
        if found.kind() != FileType::RegularFile {
            let what = describe(found.kind());
            return Err(Refusal::Because(format!("{shown} is {what}, not a regular file")));
        }
        let file = reopen(&found.handle, OFlags::RDONLY | OFlags::NONBLOCK, &shown)?;
        read_capped(file.as_fd(), limit, &shown)
    }
}

impl Walk<'_> {
    fn here(&self) -> BorrowedFd<'_> {
        self.open.last().map_or(self.beneath.root.as_fd(), |(_, fd, _)| fd.as_fd())
    }

    fn shown(&self, name: &str) -> String {
        self.beneath.show(&format!("{}/{name}", self.path()))
    }

    fn path(&self) -> String {
        self.open.iter().fold(String::new(), |path, (name, ..)| path + "/" + name)
    }

    fn go(&mut self, path: &str, last: Last, reach: Reach) -> Result<Found, Refusal> {
        self.prepend(path);
        while let Some(name) = self.pending.pop_front() {
            self.step(name, last, reach)?;
        }
        self.end()
    }

    fn back_to_root(&mut self) {
        self.known.extend(self.open.drain(..).rev());
    }

    /// Puts the components of `path` before those still to go; an absolute one starts at the root.
    fn prepend(&mut self, path: &str) {
        if path.starts_with('/') {
            self.back_to_root();
        }
        for name in path.rsplit('/').filter(|name| !name.is_empty() && *name != ".") {
            self.pending.push_front(name.to_owned());
        }
    }

    fn step(&mut self, name: String, last: Last, reach: Reach) -> Result<(), Refusal> {
        if name == ".." {
            self.known.extend(self.open.pop());
            return Ok(());
        }
        let (handle, stat) = match self.known_folder(&name) {
            Some(known) => known,
            None => self.look_up(&name)?,
        };
        self.admit(&name, &stat, reach)?;
        let is_link = FileType::from_raw_mode(stat.stx_mode.into()) == FileType::Symlink;
        if is_link && (last == Last::Follow || !self.pending.is_empty()) {
            return self.follow(&handle, &name);
        }
        if self.open.len() == MAX_DEPTH {
            let shown = self.beneath.show(&self.path());
            return Err(Refusal::Because(format!("{shown}: deeper than {MAX_DEPTH} folders")));
        }
        self.open.push((name, handle, stat));
        Ok(())
    }

    /// A folder on the way that is open already; what a path ends with is always looked at anew.
    fn known_folder(&mut self, name: &str) -> Option<(OwnedFd, Statx)> {
        if self.pending.is_empty() {
            return None;
        }
        let (known, handle, stat) = self.known.pop()?;
        if known != name {
            self.known.clear();
            return None;
        }
        Some((handle, stat))
    }

    fn look_up(&self, name: &str) -> Result<(OwnedFd, Statx), Refusal> {
        let refused = |errno| Refusal::from_kernel(errno, &self.shown(name));
        let flags = OFlags::PATH | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let handle = openat(self.here(), name, flags, Mode::empty()).map_err(refused)?;
        let stat = look(&handle).map_err(refused)?;
        Ok((handle, stat))
    }

    /// Whether what lies on its file system is looked into.
    fn admit(&self, name: &str, stat: &Statx, reach: Reach) -> Result<(), Refusal> {
        let device = device(stat);
        if let Some(kind) = self.beneath.closed.get(&device) {
            let shown = self.shown(name);
            return Err(Refusal::Because(format!(
                "{shown} lies on {kind}, which is not looked into"
            )));
        }
        match self.beneath.remote.get(&device) {
            Some(kind) if reach == Reach::Local => Err(Refusal::Remote(kind.clone())),
            _ => Ok(()),
        }
    }

    fn follow(&mut self, link: &OwnedFd, name: &str) -> Result<(), Refusal> {
        let shown = self.shown(name);
        self.links += 1;
        if self.links > MAX_LINKS {
            return Err(Refusal::Because(format!("{shown}: more than {MAX_LINKS} symbolic links")));
        }
        self.prepend(&link_text(link.as_fd(), "", &shown)?);
        Ok(())
    }

    fn end(&mut self) -> Result<Found, Refusal> {
        let path = self.path();
        if let Some((_, handle, stat)) = self.open.pop() {
            return Ok(Found { handle, stat, path });
        }
        let refused = |errno| Refusal::from_kernel(errno, &self.beneath.show("/"));
        let handle = self.beneath.root.try_clone().map_err(|error| {
            Refusal::Because(format!("cannot open {}: {error}", self.beneath.show("/")))
        })?;
        let stat = look(&handle).map_err(refused)?;
        Ok(Found { handle, stat, path: "/".into() })
    }
}

/// Owner, mode and device, as the kernel has them at hand: nothing is asked of another host.
fn look(handle: &OwnedFd) -> rustix::io::Result<Statx> {
    let flags = AtFlags::EMPTY_PATH | AtFlags::STATX_DONT_SYNC;
    statx(handle, "", flags, StatxFlags::BASIC_STATS)
}

fn device(stat: &Statx) -> (u32, u32) {
    (stat.stx_dev_major, stat.stx_dev_minor)
}

/// The text of a link; an empty `name` means the handle itself.
pub(crate) fn link_text(at: BorrowedFd<'_>, name: &str, shown: &str) -> Result<String, Refusal> {
    let target = readlinkat(at, name, Vec::with_capacity(128))
        .map_err(|errno| Refusal::from_kernel(errno, shown))?;
    target.into_string().map_err(|_| Refusal::Because(format!("{shown} leads to no UTF-8 path")))
}

/// Opens what a handle stands for: no name is looked up again, so nothing can be put in its place.
fn reopen(handle: &OwnedFd, flags: OFlags, shown: &str) -> Result<OwnedFd, Refusal> {
    let path = format!("/proc/self/fd/{}", handle.as_raw_fd());
    let flags = flags | OFlags::CLOEXEC | OFlags::NOCTTY;
    openat(CWD, path, flags, Mode::empty()).map_err(|errno| Refusal::from_kernel(errno, shown))
}

/// Reads to the end, at most `limit` bytes.
pub(crate) fn read_capped(
    from: BorrowedFd<'_>,
    limit: usize,
    shown: &str,
) -> Result<Vec<u8>, Refusal> {
    const CHUNK: usize = 16 * 1024;
    let mut bytes = Vec::new();
    loop {
        let start = bytes.len();
        bytes.resize(start + CHUNK, 0);
        let space = bytes.get_mut(start..).unwrap_or_default();
        let count = rustix::io::retry_on_intr(|| rustix::io::read(from, &mut *space))
            .map_err(|errno| Refusal::from_kernel(errno, shown))?;
        bytes.truncate(start + count);
        if count == 0 {
            return Ok(bytes);
        }
        if bytes.len() > limit {
            return Err(Refusal::Because(format!("{shown} is longer than {limit} bytes")));
        }
    }
}

fn describe(kind: FileType) -> &'static str {
    match kind {
        FileType::Directory => "a folder",
        FileType::Socket => "a socket",
        FileType::BlockDevice => "a block device",
        FileType::CharacterDevice => "a character device",
        FileType::Fifo => "a FIFO",
        FileType::Symlink => "a symbolic link",
        _ => "of an unknown kind",
    }
}

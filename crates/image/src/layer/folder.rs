//! A layer that is a folder: what overlay2 keeps of one (`diff`), or a whole root.
//!
//! Nothing is opened but what is looked for, name by name and never through a link, so no link leads
//! out; a file is opened for reading only once it was seen to be a regular one.

use std::collections::BTreeMap;
use std::fs::File;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

use rustix::fs::{
    AtFlags, Dir, FileType, Mode, OFlags, Statx, StatxFlags, fgetxattr, openat, readlinkat, statx,
};
use rustix::io::Errno;

use super::builder::{Builder, content, text, too_large};
use super::{Body, LayerIndex, Node};
use crate::Cataloger;
use crate::confined::Records;
use crate::wanted::{Seen, Use, Wanted};

/// What a folder is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FolderKind {
    /// All of a root.
    Root,
    /// A layer as overlayfs has it (the kernel's Documentation/filesystems/overlayfs.rst):
    /// whiteouts are devices 0:0, opaque folders are marked.
    Overlay,
}

/// How many names of one folder are looked at.
const MOST_NAMES: usize = 1 << 16;

const FOLDER: OFlags =
    OFlags::RDONLY.union(OFlags::DIRECTORY).union(OFlags::NOFOLLOW).union(OFlags::CLOEXEC);
const HANDLE: OFlags = OFlags::PATH.union(OFlags::NOFOLLOW).union(OFlags::CLOEXEC);
const FILE: OFlags = OFlags::RDONLY
    .union(OFlags::NOFOLLOW)
    .union(OFlags::NONBLOCK)
    .union(OFlags::NOCTTY)
    .union(OFlags::CLOEXEC);

/// Reads what is looked for in a folder; records by `records`, or here without it.
pub(crate) fn of_folder(
    root: BorrowedFd<'_>,
    wanted: &Wanted,
    kind: FolderKind,
    records: Option<Records<'_>>,
) -> LayerIndex {
    let (builder, folders) = (Builder::default(), BTreeMap::new());
    let mut reading = Reading { wanted, kind, builder, folders, records };
    match openat(root, ".", FOLDER, Mode::empty()) {
        Ok(root) => reading.enter("", root),
        Err(errno) => reading.builder.problem("/", None, refused(errno)),
    }
    // Sorted, so that a folder comes before what is in it.
    for (path, is_whole) in wanted.paths() {
        if !path.is_empty() {
            reading.look(&path);
        }
        if is_whole {
            reading.look_in(&path);
        }
    }
    reading.builder.end(None, None, &mut |_| {})
}

struct Reading<'w> {
    wanted: &'w Wanted,
    kind: FolderKind,
    builder: Builder,
    /// Folders that are open, by path.
    folders: BTreeMap<String, OwnedFd>,
    records: Option<Records<'w>>,
}

impl Reading<'_> {
    fn enter(&mut self, path: &str, folder: OwnedFd) {
        if self.kind == FolderKind::Overlay {
            if marked(folder.as_fd(), "opaque") {
                self.builder.opaque(path);
            }
            if marked(folder.as_fd(), "redirect") {
                let why = "it stands for a folder of another name in the layers below";
                self.builder.problem(&format!("/{path}"), None, why);
            }
        }
        self.folders.insert(path.to_owned(), folder);
    }

    fn look_in(&mut self, path: &str) {
        match self.folders.get(path).map(|folder| names(folder.as_fd())) {
            None => {}
            Some(Err(errno)) => self.builder.problem(&format!("/{path}"), None, refused(errno)),
            Some(Ok((names, is_all))) => {
                if !is_all {
                    let why = format!("it holds more than {MOST_NAMES} names, or some not UTF-8");
                    self.builder.problem(&format!("/{path}"), None, why);
                }
                for name in names {
                    self.look(&format!("{path}/{name}"));
                }
            }
        }
    }

    /// Looks at what stands at a path, if the folder that it lies in is one.
    fn look(&mut self, path: &str) {
        let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
        let Some(folder) = self.folders.get(folder) else { return };
        match stand(folder.as_fd(), name) {
            Err(Errno::NOENT | Errno::NOTDIR) => {}
            Err(errno) => self.builder.problem(&format!("/{path}"), None, refused(errno)),
            Ok((handle, stat)) => self.take(path, name, &handle, &stat),
        }
    }

    fn take(&mut self, path: &str, name: &str, handle: &OwnedFd, stat: &Statx) {
        let is_whiteout = (stat.stx_rdev_major, stat.stx_rdev_minor) == (0, 0);
        match FileType::from_raw_mode(stat.stx_mode.into()) {
            FileType::Directory => {
                self.builder.insert(path, Node::Folder);
                match openat(handle, ".", FOLDER, Mode::empty()) {
                    Ok(folder) => self.enter(path, folder),
                    Err(errno) => self.builder.problem(&format!("/{path}"), None, refused(errno)),
                }
            }
            FileType::RegularFile => self.file(path, name, stat),
            FileType::Symlink => match readlinkat(handle, "", Vec::with_capacity(256)) {
                Ok(to) => match text(to.to_bytes()) {
                    Some(to) => self.builder.insert(path, Node::Link(to.to_owned())),
                    None => self.unread(path, "it is a link to a path that is not UTF-8"),
                },
                Err(errno) => self.unread(path, &refused(errno)),
            },
            FileType::CharacterDevice if is_whiteout && self.kind == FolderKind::Overlay => {
                self.builder.whiteout(path);
            }
            _ => self.builder.insert(path, Node::Other),
        }
    }

    fn unread(&mut self, path: &str, why: &str) {
        if let Some(seen) = self.wanted.seen(path.as_bytes()) {
            self.builder.unread(path, seen, why);
        }
    }

    fn file(&mut self, path: &str, name: &str, stat: &Statx) {
        let Some(seen) = self.wanted.seen(path.as_bytes()) else { return };
        let (folder, _) = path.rsplit_once('/').unwrap_or(("", path));
        let Some(folder) = self.folders.get(folder) else { return };
        let mut records = self.records.take();
        match open(folder.as_fd(), name, stat) {
            Ok(file) if self.kind == FolderKind::Overlay && marked(file.as_fd(), "metacopy") => {
                self.unread(path, "its content is in a layer below");
            }
            Ok(file) => {
                let from = (stat.stx_size, File::from(file));
                match &mut records {
                    None => self.builder.file(path, seen, from.0, from.1),
                    Some(records) => self.file_by(records, (path, name), seen, &from),
                }
            }
            Err(errno) => self.unread(path, &refused(errno)),
        }
        self.records = records;
    }

    /// A file whose records others read.
    fn file_by(
        &mut self,
        records: &mut Records<'_>,
        (path, name): (&str, &str),
        seen: Seen<'_>,
        from: &(u64, File),
    ) {
        let mut body = Body::default();
        for used in seen.uses() {
            let has_room = self.builder.has_room_for_record(from.0);
            match used {
                _ if from.0 > used.largest() => {
                    body.take(path, used, Err(too_large(from.0, used)));
                }
                _ if let Err(why) = has_room => body.take(path, used, Err(why)),
                Use::Beside(_) => body.beside = Some(from.0),
                Use::Release => {
                    let read = content(from.0, used.largest(), &from.1);
                    let read = read.map_err(|why| why.unwrap_or_else(|| too_large(from.0, used)));
                    body.take(path, used, read.as_deref().map_err(Clone::clone));
                }
                Use::Catalog(cataloger) => {
                    let beside = self.beside(cataloger, path, name);
                    body.records.push(records.read(cataloger, path, from, beside.as_ref()));
                }
            }
        }
        self.builder.body(path, body);
    }

    /// What lies beside a record and belongs to it, if it can be read.
    fn beside(&self, cataloger: &Cataloger, path: &str, name: &str) -> Option<(u64, File)> {
        let (folder, _) = path.rsplit_once('/').unwrap_or(("", path));
        let folder = self.folders.get(folder)?;
        let name = format!("{name}{}", cataloger.beside?);
        let (_, stat) = stand(folder.as_fd(), &name).ok()?;
        let is_file = FileType::from_raw_mode(stat.stx_mode.into()) == FileType::RegularFile;
        let is_fine = is_file && stat.stx_size <= cataloger.largest;
        let file = is_fine.then(|| open(folder.as_fd(), &name, &stat).ok()).flatten()?;
        Some((stat.stx_size, File::from(file)))
    }
}

/// What has this name in a folder, without opening it.
fn stand(folder: BorrowedFd<'_>, name: &str) -> Result<(OwnedFd, Statx), Errno> {
    let handle = openat(folder, name, HANDLE, Mode::empty())?;
    let stat = look(handle.as_fd())?;
    Ok((handle, stat))
}

fn look(handle: BorrowedFd<'_>) -> Result<Statx, Errno> {
    statx(handle, "", AtFlags::EMPTY_PATH, StatxFlags::BASIC_STATS)
}

/// Opens a regular file that was seen before: another one in its place is refused.
fn open(folder: BorrowedFd<'_>, name: &str, seen: &Statx) -> Result<OwnedFd, Errno> {
    let file = openat(folder, name, FILE, Mode::empty())?;
    let stat = look(file.as_fd())?;
    let identity = |stat: &Statx| (stat.stx_dev_major, stat.stx_dev_minor, stat.stx_ino);
    if identity(&stat) == identity(seen) { Ok(file) } else { Err(Errno::AGAIN) }
}

/// The names in a folder in order, and whether these are all.
fn names(folder: BorrowedFd<'_>) -> Result<(Vec<String>, bool), Errno> {
    let (mut names, mut is_all) = (Vec::new(), true);
    for entry in Dir::read_from(folder)? {
        let name = entry?.file_name().to_owned();
        match name.into_string() {
            Ok(name) if name == "." || name == ".." => {}
            Ok(name) if names.len() < MOST_NAMES => names.push(name),
            Ok(_) => return Ok((names, false)),
            Err(_) => is_all = false,
        }
    }
    names.sort_unstable();
    Ok((names, is_all))
}

/// Whether overlayfs marked it so, as root (`trusted.`) or in a user's namespace (`user.`).
fn marked(file: BorrowedFd<'_>, mark: &str) -> bool {
    ["trusted", "user"].iter().any(|space| {
        let mut value = [0_u8; 256];
        // Longer than any but a redirect, which is one however long it is.
        match fgetxattr(file, format!("{space}.overlay.{mark}"), &mut value) {
            Ok(length) => mark != "opaque" || value.get(..length) == Some(b"y"),
            Err(errno) => errno == Errno::RANGE,
        }
    })
}

fn refused(errno: Errno) -> String {
    let text = std::io::Error::from(errno).to_string();
    text.split(" (os error").next().unwrap_or_default().to_lowercase()
}

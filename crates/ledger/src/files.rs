//! Files below one folder, opened name by name without following links: nobody who may write
//! anywhere on the way can make a privileged reader or writer go elsewhere.

use std::fs::File;
use std::io::{self, Read as _, Write as _};
use std::os::fd::{AsFd as _, OwnedFd};
use std::path::Path;

use rustix::fs::{
    AtFlags, CWD, Dir, FileType, Mode, OFlags, RenameFlags, StatxAttributes, StatxFlags,
};

/// The mode of folders: the owner's, readable by the group.
const FOLDER: Mode = Mode::from_raw_mode(0o750);
/// The mode of files.
pub(crate) const FILE: Mode = Mode::from_raw_mode(0o640);
/// The mode of what nobody else may read.
pub(crate) const SECRET: Mode = Mode::from_raw_mode(0o600);
const ONLY_FOLDERS: OFlags = OFlags::DIRECTORY.union(OFlags::NOFOLLOW).union(OFlags::CLOEXEC);

/// An open folder.
#[derive(Debug)]
pub(crate) struct Folder(OwnedFd);

impl Folder {
    /// Opens a folder that is there; its own name must be no link.
    pub(crate) fn open(path: &Path) -> io::Result<Self> {
        Ok(Self(rustix::fs::openat(CWD, path, ONLY_FOLDERS | OFlags::RDONLY, Mode::empty())?))
    }

    /// Opens a folder, which is made where it is missing; the one above must be there.
    pub(crate) fn made(path: &Path) -> io::Result<Self> {
        made(rustix::fs::mkdirat(CWD, path, FOLDER))?;
        Self::open(path)
    }

    /// Whether others than its owner may write in it.
    pub(crate) fn is_open_to_others(&self) -> io::Result<bool> {
        Ok(rustix::fs::fstat(&self.0)?.st_mode & 0o022 != 0)
    }

    /// The user id of its owner.
    pub(crate) fn owner(&self) -> io::Result<u32> {
        Ok(rustix::fs::fstat(&self.0)?.st_uid)
    }

    /// Gives it the mode of another folder.
    pub(crate) fn set_mode_of(&self, other: &Self) -> io::Result<()> {
        let mode = Mode::from_raw_mode(rustix::fs::fstat(&other.0)?.st_mode);
        Ok(rustix::fs::fchmod(&self.0, mode)?)
    }

    /// Whether a file system is mounted on it: it can't be renamed then. Before Linux 5.8 only where
    /// the file system is another one than that of `above`.
    pub(crate) fn is_mount(&self, above: &Self) -> io::Result<bool> {
        let flags = AtFlags::EMPTY_PATH | AtFlags::NO_AUTOMOUNT;
        let facts = rustix::fs::statx(&self.0, c"", flags, StatxFlags::empty())?;
        let mounted = facts.stx_attributes.contains(StatxAttributes::MOUNT_ROOT);
        let device = |folder: &Self| Ok::<_, io::Error>(rustix::fs::fstat(&folder.0)?.st_dev);
        Ok(mounted || device(self)? != device(above)?)
    }

    /// Whether the folder of that name in this one is another open one.
    pub(crate) fn holds(&self, name: &str, folder: &Self) -> io::Result<bool> {
        let there = rustix::fs::statat(&self.0, name, AtFlags::SYMLINK_NOFOLLOW)?;
        let open = rustix::fs::fstat(&folder.0)?;
        Ok((there.st_dev, there.st_ino) == (open.st_dev, open.st_ino))
    }

    /// Two files or folders in this one change their names at once (renameat2(2), `RENAME_EXCHANGE`).
    pub(crate) fn exchange(&self, one: &str, other: &str) -> io::Result<()> {
        Ok(rustix::fs::renameat_with(&self.0, one, &self.0, other, RenameFlags::EXCHANGE)?)
    }

    fn step(&self, name: &str) -> io::Result<Self> {
        Ok(Self(rustix::fs::openat(&self.0, name, ONLY_FOLDERS | OFlags::RDONLY, Mode::empty())?))
    }

    /// The same folder, opened once more.
    pub(crate) fn again(&self) -> io::Result<Self> {
        self.0.try_clone().map(Self)
    }

    /// A folder below this one.
    pub(crate) fn sub(&self, path: &str) -> io::Result<Self> {
        path.split('/').try_fold(self.again()?, |folder, name| folder.step(name))
    }

    /// A folder below this one, made where it is missing.
    pub(crate) fn made_sub(&self, path: &str) -> io::Result<Self> {
        path.split('/').try_fold(self.again()?, |folder, name| {
            if made(rustix::fs::mkdirat(&folder.0, name, FOLDER))? {
                folder.sync()?;
            }
            folder.step(name)
        })
    }

    /// The folder that a file is in, and its name there.
    fn above<'a>(&self, path: &'a str) -> io::Result<(Self, &'a str)> {
        match path.rsplit_once('/') {
            Some((folder, name)) => Ok((self.sub(folder)?, name)),
            None => Ok((self.again()?, path)),
        }
    }

    /// Opens a regular file for reading.
    pub(crate) fn file(&self, path: &str) -> io::Result<File> {
        let (folder, name) = self.above(path)?;
        // Without waiting for who would write into a pipe.
        let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
        let file = File::from(rustix::fs::openat(&folder.0, name, flags, Mode::empty())?);
        if file.metadata()?.is_file() {
            Ok(file)
        } else {
            Err(io::Error::other("it is no regular file"))
        }
    }

    /// A whole file of at most that many bytes; none where there is none.
    pub(crate) fn read(&self, path: &str, most: u64) -> io::Result<Option<Vec<u8>>> {
        let file = match self.file(path) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error),
        };
        let mut bytes = Vec::new();
        file.take(most.saturating_add(1)).read_to_end(&mut bytes)?;
        if bytes.len() as u64 > most {
            return Err(io::Error::other(format!("it is longer than {most} bytes")));
        }
        Ok(Some(bytes))
    }

    /// Makes a file that was not there, and opens it for writing at its end.
    pub(crate) fn create(&self, name: &str, mode: Mode) -> io::Result<File> {
        let flags = OFlags::CREATE | OFlags::EXCL | OFlags::WRONLY | OFlags::APPEND;
        let flags = flags | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let file = rustix::fs::openat(&self.0, name, flags, mode)?;
        // Whatever the process's mask is.
        rustix::fs::fchmod(&file, mode)?;
        Ok(file.into())
    }

    /// Opens a file for locking, which is made where it is missing.
    pub(crate) fn lockable(&self, name: &str) -> io::Result<File> {
        let flags = OFlags::CREATE | OFlags::RDWR | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        Ok(rustix::fs::openat(&self.0, name, flags, FILE)?.into())
    }

    /// Puts a whole file in its place at once, on the disk before this returns. `through` is a folder
    /// of the same file system that nobody reads.
    pub(crate) fn put(
        &self,
        path: &str,
        bytes: &[u8],
        mode: Mode,
        through: &Self,
    ) -> io::Result<()> {
        self.place(path, bytes, mode, through)?;
        self.above(path)?.0.sync()
    }

    /// As [`put`](Self::put), but that its name is on the disk only once its folder is synced.
    pub(crate) fn place(
        &self,
        path: &str,
        bytes: &[u8],
        mode: Mode,
        through: &Self,
    ) -> io::Result<()> {
        const NAME: &str = "new";
        through.remove(NAME)?;
        let written = through.create(NAME, mode).and_then(|mut file| {
            file.write_all(bytes)?;
            file.sync_data()?;
            if let Some((folder, _)) = path.rsplit_once('/') {
                self.made_sub(folder)?;
            }
            let (folder, name) = self.above(path)?;
            Ok(rustix::fs::renameat(&through.0, NAME, &folder.0, name)?)
        });
        if written.is_err() {
            // It takes room where there is none.
            let _ = through.remove(NAME);
        }
        written
    }

    /// Removes a file; one that is not there is no error.
    pub(crate) fn remove(&self, path: &str) -> io::Result<()> {
        self.unlink(path, AtFlags::empty())
    }

    /// Removes a folder with the files in it; one that is not there is no error.
    pub(crate) fn remove_folder(&self, path: &str) -> io::Result<()> {
        match self.sub(path) {
            Ok(folder) => {
                for (name, _) in folder.list()? {
                    folder.remove(&name)?;
                }
                self.unlink(path, AtFlags::REMOVEDIR)
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            Err(error) => Err(error),
        }
    }

    fn unlink(&self, path: &str, flags: AtFlags) -> io::Result<()> {
        let removed = self.above(path).and_then(|(folder, name)| {
            rustix::fs::unlinkat(&folder.0, name, flags).map_err(io::Error::from)
        });
        match removed {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }

    /// Moves a file to another folder.
    pub(crate) fn rename(&self, name: &str, to: &Self, as_name: &str) -> io::Result<()> {
        rustix::fs::renameat(&self.0, name, &to.0, as_name)?;
        to.sync()?;
        self.sync()
    }

    /// What is in it: names, sorted, and whether each is a folder.
    pub(crate) fn list(&self) -> io::Result<Vec<(String, bool)>> {
        let mut all = Vec::new();
        for entry in Dir::read_from(&self.0)? {
            let entry = entry?;
            let name = entry.file_name();
            if name == c"." || name == c".." {
                continue;
            }
            let kind = match entry.file_type() {
                FileType::Unknown => {
                    let stat = rustix::fs::statat(&self.0, name, AtFlags::SYMLINK_NOFOLLOW)?;
                    FileType::from_raw_mode(stat.st_mode)
                }
                known => known,
            };
            all.push((name.to_string_lossy().into_owned(), kind == FileType::Directory));
        }
        all.sort();
        Ok(all)
    }

    /// All files below it, with their paths from here.
    pub(crate) fn walk(&self) -> io::Result<Vec<String>> {
        let (mut files, mut folders) = (Vec::new(), vec![String::new()]);
        while let Some(path) = folders.pop() {
            let folder = if path.is_empty() { self.again()? } else { self.sub(&path)? };
            for (name, is_folder) in folder.list()? {
                let name = if path.is_empty() { name } else { format!("{path}/{name}") };
                if is_folder { folders.push(name) } else { files.push(name) }
            }
        }
        files.sort();
        Ok(files)
    }

    /// Its names are on the disk when this returns.
    pub(crate) fn sync(&self) -> io::Result<()> {
        Ok(rustix::fs::fsync(&self.0)?)
    }

    /// How many bytes are free for us on its file system.
    pub(crate) fn free(&self) -> io::Result<u64> {
        let facts = rustix::fs::fstatvfs(self.0.as_fd())?;
        Ok(facts.f_bavail.saturating_mul(facts.f_frsize))
    }
}

/// Whether it was made now.
fn made(result: rustix::io::Result<()>) -> io::Result<bool> {
    match result {
        Ok(()) => Ok(true),
        Err(rustix::io::Errno::EXIST) => Ok(false),
        Err(error) => Err(error.into()),
    }
}

/// Whether there is no room left, or no more of it for us.
pub(crate) fn is_full(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_link_is_followed_and_what_is_no_file_is_not_read() {
        let temporary = tempfile::tempdir().unwrap();
        let folder = Folder::open(temporary.path()).unwrap();
        folder.put("a/b/c", b"1", FILE, &folder).unwrap();
        assert_eq!(folder.read("a/b/c", 1).unwrap(), Some(b"1".to_vec()));
        assert_eq!(folder.read("a/b/d", 1).unwrap(), None);
        assert!(folder.read("a/b/c", 0).is_err());
        std::os::unix::fs::symlink("b", temporary.path().join("a/link")).unwrap();
        std::os::unix::fs::symlink("b/c", temporary.path().join("a/file")).unwrap();
        rustix::fs::mknodat(CWD, temporary.path().join("a/pipe"), FileType::Fifo, FILE, 0).unwrap();
        for path in ["a/link/c", "a/file", "a/pipe", "a/b"] {
            assert!(folder.read(path, 9).is_err(), "{path}");
        }
        assert!(folder.put("a/link/new", b"1", FILE, &folder).is_err());
        assert_eq!(folder.walk().unwrap(), ["a/b/c", "a/file", "a/link", "a/pipe"]);
    }
}

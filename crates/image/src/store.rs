//! A store of layers' indexes, so that a layer is read once on a machine.
//!
//! An index is found by the layer's digest and by what was looked for how (`Wanted::version`), and is
//! only kept where all bytes of the layer were seen to have that digest. Whoever can write to a
//! store can make packages disappear: so folder and files must be ours alone.

use std::fs::File;
use std::io::{self, Read, Write};
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};

use rustix::fs::{AtFlags, Dir, Mode, OFlags, openat, renameat, statat, unlinkat};

use crate::beneath;
use crate::blob::Digest;
use crate::layer::LayerIndex;

/// The largest index that is kept, how many, and how many bytes all of them may have.
const LARGEST: u64 = 64 << 20;
const MOST_FILES: usize = 4096;
const MOST_BYTES: u64 = 512 << 20;

/// A folder of indexes.
#[derive(Debug)]
pub struct Store {
    folder: OwnedFd,
}

impl Store {
    /// The store of whoever runs this: `/var/lib/dockward/index` for root, else `dockward/index` in
    /// the user's cache folder (`$XDG_CACHE_HOME` or `~/.cache`). None: there is no such folder and
    /// it can't be made, or others can write to it.
    #[must_use]
    pub fn of_user() -> Option<Self> {
        let absolute = |name| std::env::var_os(name).map(PathBuf::from).filter(|p| p.is_absolute());
        let folder = if rustix::process::geteuid().is_root() {
            PathBuf::from("/var/lib/dockward/index")
        } else {
            let cache = absolute("XDG_CACHE_HOME");
            cache.or_else(|| Some(absolute("HOME")?.join(".cache")))?.join("dockward/index")
        };
        Self::at(&folder).ok()
    }

    /// A store in this folder, which is made where it is missing.
    ///
    /// # Errors
    ///
    /// It can't be made or opened, or others can write to it.
    pub fn at(path: &Path) -> io::Result<Self> {
        std::fs::DirBuilder::new().recursive(true).mode(0o700).create(path)?;
        let folder = beneath::folder(path)?;
        let folder = openat(&folder, ".", OFlags::RDONLY | OFlags::CLOEXEC, Mode::empty())?;
        if !is_ours(&File::from(folder.try_clone()?))? {
            return Err(io::Error::new(
                io::ErrorKind::PermissionDenied,
                "others own it or can write to it",
            ));
        }
        Ok(Self { folder })
    }

    /// The index of a layer. None where there is none that is sound and ours.
    pub(crate) fn get(&self, digest: &Digest, version: &str) -> Option<LayerIndex> {
        let file = beneath::file(self.folder.as_fd(), &name(digest, version)).ok()??;
        let is_fine = is_ours(&file).ok()? && file.metadata().ok()?.len() <= LARGEST;
        let mut text = Vec::new();
        file.take(LARGEST).read_to_end(&mut text).ok().filter(|_| is_fine)?;
        serde_json::from_slice(&text).ok()
    }

    /// Keeps the index of a layer whose digest was checked. It is there whole or not at all.
    ///
    /// # Errors
    ///
    /// It can't be written.
    pub(crate) fn put(&self, digest: &Digest, version: &str, index: &LayerIndex) -> io::Result<()> {
        let text = serde_json::to_vec(index)?;
        if text.len() as u64 > LARGEST {
            return Ok(());
        }
        self.make_room()?;
        let name = name(digest, version);
        let new = format!("{name}.{}.{:?}.new", std::process::id(), std::thread::current().id());
        let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW;
        let mode = Mode::RUSR | Mode::WUSR;
        // What a run that was killed left behind.
        let _ = unlinkat(&self.folder, &new, AtFlags::empty());
        let file = openat(&self.folder, &new, flags | OFlags::CLOEXEC, mode)?;
        let written = File::from(file).write_all(&text);
        let moved = written.and_then(|()| Ok(renameat(&self.folder, &new, &self.folder, &name)?));
        if moved.is_err() {
            let _ = unlinkat(&self.folder, &new, AtFlags::empty());
        }
        moved
    }

    /// Removes the oldest files until there is room for another.
    fn make_room(&self) -> io::Result<()> {
        let mut files = Vec::new();
        for entry in Dir::read_from(&self.folder)? {
            let name = entry?.file_name().to_owned();
            if name.to_bytes().starts_with(b"sha")
                && let Ok(stat) = statat(&self.folder, &*name, AtFlags::SYMLINK_NOFOLLOW)
            {
                files.push((stat.st_mtime, u64::try_from(stat.st_size).unwrap_or(0), name));
            }
        }
        files.sort_unstable_by(|a, b| (a.0, &a.2).cmp(&(b.0, &b.2)));
        let mut bytes: u64 = files.iter().map(|(_, size, _)| size).sum();
        let mut count = files.len();
        for (_, size, name) in &files {
            if count < MOST_FILES && bytes < MOST_BYTES {
                break;
            }
            // Another run may have removed it.
            let _ = unlinkat(&self.folder, &**name, AtFlags::empty());
            (count, bytes) = (count - 1, bytes.saturating_sub(*size));
        }
        Ok(())
    }
}

fn name(digest: &Digest, version: &str) -> String {
    format!("{}.{version}.json", digest.as_str().replacen(':', "-", 1))
}

/// Whether only we can write to it.
fn is_ours(file: &File) -> io::Result<bool> {
    let metadata = file.metadata()?;
    let own = metadata.uid() == rustix::process::geteuid().as_raw();
    Ok(own && metadata.permissions().mode() & 0o022 == 0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::blob::Hash;

    fn index(why: &str) -> LayerIndex {
        LayerIndex { whiteouts: vec![why.to_owned()], ..LayerIndex::default() }
    }

    #[test]
    fn an_index_is_found_by_digest_and_version_only() {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::at(&dir.path().join("a/b")).unwrap();
        let (one, two) = (Hash::Sha256.of(b"1"), Hash::Sha256.of(b"2"));
        store.put(&one, "v1", &index("x")).unwrap();
        assert_eq!(store.get(&one, "v1"), Some(index("x")));
        assert_eq!(store.get(&one, "v2"), None);
        assert_eq!(store.get(&two, "v1"), None);
        store.put(&one, "v1", &index("y")).unwrap();
        assert_eq!(store.get(&one, "v1"), Some(index("y")));
        assert_eq!(std::fs::read_dir(dir.path().join("a/b")).unwrap().count(), 1);
    }

    #[test]
    fn what_is_damaged_or_writable_by_others_is_not_used() {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::at(dir.path()).unwrap();
        let digest = Hash::Sha256.of(b"1");
        store.put(&digest, "v", &index("x")).unwrap();
        let path = dir.path().join(name(&digest, "v"));
        let mode = |mode| std::fs::set_permissions(&path, PermissionsExt::from_mode(mode)).unwrap();
        mode(0o666);
        assert_eq!(store.get(&digest, "v"), None);
        mode(0o600);
        let text = std::fs::read(&path).unwrap();
        std::fs::write(&path, &text[..text.len() - 1]).unwrap();
        assert_eq!(store.get(&digest, "v"), None);
        store.put(&digest, "v", &index("x")).unwrap();
        assert_eq!(store.get(&digest, "v"), Some(index("x")));
        std::fs::remove_file(&path).unwrap();
        std::os::unix::fs::symlink("/etc/passwd", &path).unwrap();
        assert_eq!(store.get(&digest, "v"), None);
        std::fs::set_permissions(dir.path(), PermissionsExt::from_mode(0o777)).unwrap();
        assert!(Store::at(dir.path()).is_err());
    }
}

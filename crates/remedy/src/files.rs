//! Files of a host, read and written whole.

use std::fs::{self, DirBuilder, OpenOptions, Permissions};
use std::io::{self, Read as _, Write as _};
use std::os::unix::fs::{
    DirBuilderExt as _, MetadataExt as _, OpenOptionsExt as _, PermissionsExt as _,
};
use std::path::{Path, PathBuf};

use rustix::fs::OFlags;
use serde::{Deserialize, Serialize};

use crate::Error;

/// The longest file that is changed, in bytes.
const LONGEST: u64 = 1 << 20;

/// What a file holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Content {
    /// Its text.
    pub text: String,
    /// Its permissions, as of chmod(2).
    pub mode: u32,
}

/// The files of the host whose root is a folder.
#[derive(Debug, Clone)]
pub struct Files {
    root: PathBuf,
}

impl Files {
    /// The files below `root`; `/` for this host.
    #[must_use]
    pub fn below(root: PathBuf) -> Self {
        Self { root }
    }

    /// Where a path of the host lies for us.
    pub(crate) fn at(&self, path: &str) -> PathBuf {
        self.root.join(path.trim_start_matches('/'))
    }

    /// What stands there; none where nothing does.
    ///
    /// # Errors
    /// A link, something else than a file of text, a file of more than 1 MiB, or what the kernel says.
    pub fn read(&self, path: &str) -> Result<Option<Content>, Error> {
        match self.open(path) {
            Ok(content) => Ok(Some(content)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(source) => Err(Error::File { path: path.to_owned(), source }),
        }
    }

    fn open(&self, path: &str) -> io::Result<Content> {
        let flags = (OFlags::NOFOLLOW | OFlags::NONBLOCK).bits().cast_signed();
        let mut options = OpenOptions::new();
        let file = options.read(true).custom_flags(flags).open(self.at(path))?;
        let facts = file.metadata()?;
        if !facts.is_file() || facts.len() > LONGEST {
            return Err(io::Error::other("it is no file of at most 1 MiB"));
        }
        let mut text = String::new();
        file.take(LONGEST).read_to_string(&mut text)?;
        Ok(Content { text, mode: facts.mode() & 0o7777 })
    }

    /// Puts a file in its place at once, and on the disk; folders above it are made.
    ///
    /// # Errors
    /// What the kernel says.
    pub fn write(&self, path: &str, content: &Content) -> Result<(), Error> {
        self.put(&self.at(path), content).map_err(Error::file(path))
    }

    #[allow(clippy::unused_self, reason = "only files of a host are written")]
    fn put(&self, at: &Path, content: &Content) -> io::Result<()> {
        let folder = at.parent().unwrap_or(Path::new("/"));
        DirBuilder::new().recursive(true).mode(0o755).create(folder)?;
        let mut file = tempfile::NamedTempFile::new_in(folder)?;
        file.write_all(content.text.as_bytes())?;
        file.as_file().set_permissions(Permissions::from_mode(content.mode))?;
        file.as_file().sync_all()?;
        file.persist(at)?;
        fs::File::open(folder)?.sync_all()
    }

    /// Removes a file, and the folder that it lay in where that is then an empty folder of drop-ins.
    ///
    /// # Errors
    /// What the kernel says; that nothing is there is none.
    pub fn remove(&self, path: &str) -> Result<(), Error> {
        let at = self.at(path);
        match fs::remove_file(&at) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                return Err(Error::File { path: path.to_owned(), source: error });
            }
            _ => {}
        }
        let drop_ins = |folder: &&Path| {
            let name = folder.file_name().and_then(|name| name.to_str()).unwrap_or_default();
            name.ends_with(".service.d") || name.ends_with(".socket.d")
        };
        if let Some(folder) = at.parent().filter(drop_ins) {
            // Others may have theirs in it.
            let _ = fs::remove_dir(folder);
        }
        Ok(())
    }
}

//! The feeds as they were had, beside the database: in the layout of OSV's bucket, with what is known
//! of each source. Every file is replaced by another one under its name, never changed.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, Read as _, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::listing::Listing;
use crate::repack;
use crate::update::UpdateError;

/// The bits of a mode that let others than the owner write.
const OTHERS_WRITE: u32 = 0o022;
/// The longest file of what is known, in bytes.
const LONGEST_STATE: u64 = 16 << 20;
/// The longest list of records, in bytes.
pub(crate) const LONGEST_LISTING: u64 = 256 << 20;

/// What is known of a source.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Kept {
    /// Where it was had.
    pub(crate) from: String,
    /// What told its state from others, by file.
    #[serde(default)]
    pub(crate) validators: BTreeMap<String, [Option<String>; 2]>,
    /// When its newest record was changed.
    pub(crate) newest: Option<Timestamp>,
    /// How many records it has; none where nobody counted.
    pub(crate) records: Option<u64>,
    /// When it was last known to be as its publisher has it.
    pub(crate) checked: Option<Timestamp>,
    /// When it was last another than before.
    pub(crate) changed: Option<Timestamp>,
    /// Why it could not be had the last time; absent where it could.
    pub(crate) failed: Option<String>,
}

/// What is known of all, and of files that a site signs.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct State {
    #[serde(default)]
    pub(crate) sources: BTreeMap<String, Kept>,
    /// The last signed file that was taken.
    #[serde(default)]
    pub(crate) signed: Option<crate::signature::Accepted>,
}

/// The folder of the feeds.
#[derive(Debug)]
pub(crate) struct Mirror {
    folder: PathBuf,
    /// Held while it lives: nobody else updates the same folder.
    _lock: File,
}

/// The folder of the feeds of a database: `NAME.feeds` beside it.
pub(crate) fn folder_of(database: &Path) -> PathBuf {
    let mut name = database.as_os_str().to_owned();
    name.push(".feeds");
    name.into()
}

/// What is known of a database's sources; nothing where there is no such folder.
pub(crate) fn state(folder: &Path) -> Result<State, UpdateError> {
    let path = folder.join("state.json");
    let failed = |source| UpdateError::Folder { path: path.clone(), source };
    let mut text = Vec::new();
    match File::open(&path) {
        Ok(file) => file.take(LONGEST_STATE).read_to_end(&mut text).map_err(failed)?,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(State::default()),
        Err(error) => return Err(failed(error)),
    };
    serde_json::from_slice(&text).map_err(|error| failed(error.into()))
}

impl Mirror {
    /// Opens or makes the folder, and keeps others from it.
    pub(crate) fn open(folder: PathBuf) -> Result<Self, UpdateError> {
        let failed = |source| UpdateError::Folder { path: folder.clone(), source };
        let made = fs::DirBuilder::new().recursive(true).mode(0o755).create(&folder);
        made.map_err(failed)?;
        let facts = fs::metadata(&folder).map_err(failed)?;
        let ours = facts.uid() == rustix::process::geteuid().as_raw();
        if !ours || facts.mode() & OTHERS_WRITE != 0 {
            return Err(UpdateError::NotOurs(folder));
        }
        let lock = File::create(folder.join("lock")).map_err(failed)?;
        let operation = rustix::fs::FlockOperation::NonBlockingLockExclusive;
        match rustix::fs::flock(&lock, operation) {
            Ok(()) => Ok(Self { folder, _lock: lock }),
            Err(rustix::io::Errno::WOULDBLOCK) => Err(UpdateError::Busy(folder)),
            Err(error) => Err(failed(error.into())),
        }
    }

    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    /// The folder of OSV's records.
    pub(crate) fn bucket(&self) -> PathBuf {
        self.folder.join("osv")
    }

    /// The folder of an ecosystem, made where it is not there.
    pub(crate) fn ecosystem(&self, name: &str) -> io::Result<PathBuf> {
        let folder = self.bucket().join(name);
        fs::DirBuilder::new().recursive(true).mode(0o755).create(&folder)?;
        Ok(folder)
    }

    /// What the zip of an ecosystem's folder holds: by the list beside it, else by itself. None where
    /// there is no zip that can be read.
    pub(crate) fn held(folder: &Path) -> Option<Listing> {
        let zip = folder.join("all.zip");
        if !zip.is_file() {
            return None;
        }
        let mut text = Vec::new();
        let list = File::open(folder.join("modified_id.csv")).ok();
        let read = list.and_then(|list| list.take(LONGEST_LISTING).read_to_end(&mut text).ok());
        let listed =
            read.and_then(|_| Listing::parse(&text).ok()).filter(|list| !list.0.is_empty());
        listed.or_else(|| repack::held(&zip).ok())
    }

    /// Puts another zip in the place of an ecosystem's. The list goes first: one that says less than
    /// there is would keep a record that is gone.
    pub(crate) fn replace(folder: &Path, zip: &Path, holds: &Listing) -> io::Result<()> {
        let list = folder.join("modified_id.csv");
        match fs::remove_file(&list) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        readable(zip)?;
        fs::rename(zip, folder.join("all.zip"))?;
        put(&list, holds.written().as_bytes())
    }

    /// Names the ecosystems that are there, as the bucket does.
    pub(crate) fn name_ecosystems(&self) -> io::Result<bool> {
        let bucket = self.bucket();
        let mut names = Vec::new();
        for entry in fs::read_dir(&bucket).into_iter().flatten() {
            let path = entry?.path();
            let name = path.file_name().and_then(|name| name.to_str()).map(str::to_owned);
            names.extend(name.filter(|_| path.join("all.zip").is_file()));
        }
        names.sort_unstable();
        if !names.is_empty() {
            put(&bucket.join("ecosystems.txt"), (names.join("\n") + "\n").as_bytes())?;
        }
        Ok(!names.is_empty())
    }

    pub(crate) fn keep(&self, state: &State) -> Result<(), UpdateError> {
        let path = self.folder.join("state.json");
        let text = serde_json::to_vec_pretty(state).map_err(io::Error::from);
        let kept = text.and_then(|text| put(&path, &text));
        kept.map_err(|source| UpdateError::Folder { path, source })
    }
}

/// Puts a file with these bytes in the place of another, whole or not at all.
pub(crate) fn put(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    let mut file = tempfile::NamedTempFile::new_in(folder)?;
    file.write_all(bytes)?;
    file.as_file().sync_all()?;
    readable(file.path())?;
    file.persist(path).map(drop).map_err(|error| error.error)
}

/// Feeds are public: everybody may read them, and only we may write.
pub(crate) fn readable(path: &Path) -> io::Result<()> {
    fs::set_permissions(path, fs::Permissions::from_mode(0o644))
}

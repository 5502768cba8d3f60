//! The folder of a ledger:
//!
//! ```text
//! log/checkpoint, log/tile/…   the log as C2SP tlog-tiles has it: what may be served as it is
//! key, key.pub                 what signs (0600), and what its signatures are held to
//! journal/                     what is in no signed tree yet
//! damaged/                     what could not be read of a journal after a power cut
//! in-force                     what is decided by, remembered to tell what of it changes
//! clock                        when it was looked last what is too old, by the wall clock
//! reserve, lock, tmp/          room for when there is none; who writes; what is being written
//! ```

use std::fs::File;
use std::io;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustix::fs::FlockOperation;

use crate::files::{self, Folder};
use crate::note::{LONGEST_NOTE, is_name};
use crate::{Checkpoint, LedgerError, NoteError, PublicKey, SecretKey, journal, publisher};

pub(crate) const CHECKPOINT: &str = "checkpoint";
pub(crate) const KEY: &str = "key";
pub(crate) const PUBLIC: &str = "key.pub";
pub(crate) const LOCK: &str = "lock";
pub(crate) const CLOCK: &str = "clock";
/// The longest such file, in bytes.
pub(crate) const LONGEST_CLOCK: u64 = 256;
pub(crate) const IN_FORCE: &str = "in-force";
/// The longest such file, in bytes: a thousand waivers are a few hundred KiB.
pub(crate) const LONGEST_IN_FORCE: u64 = 4 << 20;

/// The open folder of a ledger that we alone write.
#[derive(Debug)]
pub(crate) struct Store {
    pub(crate) path: PathBuf,
    pub(crate) root: Folder,
    pub(crate) log: Folder,
    pub(crate) journals: Folder,
    pub(crate) temporary: Folder,
    pub(crate) key: SecretKey,
    /// Held until the end.
    pub(crate) lock: Arc<Lock>,
}

impl Store {
    /// Opens the folder, makes what is missing in it, and locks it.
    pub(crate) fn open(path: &Path, origin: Option<&str>) -> Result<Self, LedgerError> {
        let failed = |source| LedgerError::Folder { path: path.to_owned(), source };
        let root = Folder::made(path).map_err(failed)?;
        if root.is_open_to_others().map_err(failed)? {
            return Err(LedgerError::OpenToOthers { path: path.to_owned() });
        }
        let owner = root.owner().map_err(failed)?;
        if owner != rustix::process::geteuid().as_raw() {
            return Err(LedgerError::NotOurs { path: path.to_owned(), owner });
        }
        let lock = locked(&root, path)?;
        let log = root.made_sub("log").map_err(failed)?;
        let journals = root.made_sub("journal").map_err(failed)?;
        let temporary = root.made_sub("tmp").map_err(failed)?;
        for (name, _) in temporary.list().map_err(failed)? {
            temporary.remove(&name).map_err(failed)?;
        }
        let begun = log.file(CHECKPOINT).is_ok()
            || !journal::generations(&journals).map_err(failed)?.is_empty();
        let key = key(&root, &temporary, path, origin, begun)?;
        Ok(Self {
            path: path.to_owned(),
            root,
            log,
            journals,
            temporary,
            key,
            lock: Arc::new(lock),
        })
    }

    /// An error in a part of it.
    pub(crate) fn failed(&self, what: &'static str) -> impl Fn(io::Error) -> LedgerError {
        move |source| LedgerError::Part { what, path: self.path.clone(), source }
    }

    /// What is there does not fit.
    pub(crate) fn misfit(&self, why: impl Into<String>) -> LedgerError {
        LedgerError::Misfit { path: self.path.clone(), why: why.into() }
    }

    /// The signed word that is there.
    pub(crate) fn checkpoint(&self) -> Result<Option<Checkpoint>, LedgerError> {
        let bytes = self.log.read(CHECKPOINT, LONGEST_NOTE as u64);
        let Some(bytes) = bytes.map_err(self.failed("the checkpoint"))? else { return Ok(None) };
        let text =
            String::from_utf8(bytes).map_err(|_| self.misfit("the checkpoint is no text"))?;
        let checkpoint = Checkpoint::verified(&text, self.key.public());
        checkpoint.map(Some).map_err(|why| self.misfit(format!("the checkpoint: {why}")))
    }
}

/// Who has it alone writes a ledger.
#[derive(Debug)]
pub(crate) struct Lock(File);

impl Drop for Lock {
    fn drop(&mut self) {
        // A process that another thread is starting has the file open for a moment, too.
        let _ = rustix::fs::flock(&self.0, FlockOperation::Unlock);
    }
}

pub(crate) fn locked(root: &Folder, path: &Path) -> Result<Lock, LedgerError> {
    let failed = |source| LedgerError::Folder { path: path.to_owned(), source };
    let lock = root.lockable(LOCK).map_err(failed)?;
    match rustix::fs::flock(&lock, FlockOperation::NonBlockingLockExclusive) {
        Ok(()) => Ok(Lock(lock)),
        Err(rustix::io::Errno::WOULDBLOCK) => Err(LedgerError::Locked { path: path.to_owned() }),
        Err(error) => Err(failed(error.into())),
    }
}

/// Whether somebody writes the ledger at this moment.
pub(crate) fn is_locked(root: &Folder) -> bool {
    root.file(LOCK).is_ok_and(|lock| {
        let lock = rustix::fs::flock(&lock, FlockOperation::NonBlockingLockShared);
        lock == Err(rustix::io::Errno::WOULDBLOCK)
    })
}

/// The key that is there; where nothing was written yet, one is made.
fn key(
    root: &Folder,
    temporary: &Folder,
    path: &Path,
    origin: Option<&str>,
    begun: bool,
) -> Result<SecretKey, LedgerError> {
    let failed = |source| LedgerError::Part { what: "the key", path: path.to_owned(), source };
    let bad = |source| LedgerError::Key { path: path.to_owned(), source };
    let misfit = |why: &str| LedgerError::Misfit { path: path.to_owned(), why: why.to_owned() };
    let key = match text(root, KEY).map_err(failed)? {
        Some(text) => {
            let mode = root.file(KEY).and_then(|file| file.metadata()).map_err(failed)?;
            if mode.permissions().mode() & 0o077 != 0 {
                return Err(misfit("others than its owner may read the key"));
            }
            SecretKey::parse(&text).map_err(bad)?
        }
        None if begun => {
            let by = ended(root).map(|(_, _, by)| by);
            let replaced = by.map(|by| LedgerError::Replaced { path: path.to_owned(), by });
            return Err(replaced.unwrap_or_else(|| misfit("its key is missing")));
        }
        None => {
            let key = SecretKey::generate(&origin.map_or_else(host, str::to_owned)).map_err(bad)?;
            root.put(KEY, key.text().as_bytes(), files::SECRET, temporary).map_err(failed)?;
            key
        }
    };
    let (has, public) = (key.public().name(), format!("{}\n", key.public()));
    if let Some(wanted) = origin.filter(|wanted| *wanted != has) {
        return Err(LedgerError::Origin { has: has.to_owned(), wanted: wanted.to_owned() });
    }
    match text(root, PUBLIC).map_err(failed)? {
        Some(text) if text == public => {}
        Some(_) => return Err(misfit("key.pub is of another key")),
        None => root.put(PUBLIC, public.as_bytes(), files::FILE, temporary).map_err(failed)?,
    }
    Ok(key)
}

/// The key of a log that ended, its last word, and the key that took its key's place; none where the
/// signed tree doesn't end so. It takes no secret key to see that.
pub(crate) fn ended(root: &Folder) -> Option<(PublicKey, Checkpoint, String)> {
    let key = public_key(root).ok()?.ok()?;
    let log = root.sub("log").ok()?;
    let note = String::from_utf8(log.read(CHECKPOINT, LONGEST_NOTE as u64).ok()??).ok()?;
    let last = Checkpoint::verified(&note, &key).ok()?;
    let by = publisher::last(&log, last.size)?.event.replaced_by()?.to_owned();
    Some((key, last, by))
}

fn text(root: &Folder, name: &str) -> io::Result<Option<String>> {
    let bytes = root.read(name, LONGEST_NOTE as u64)?;
    let text = bytes.map(String::from_utf8).transpose();
    text.map_err(|_| io::Error::other("it is no text"))
}

/// The name of this host.
fn host() -> String {
    let name = rustix::system::uname().nodename().to_string_lossy().into_owned();
    if is_name(&name) { name } else { "localhost".to_owned() }
}

/// The public key that lies in the ledger's own folder. It proves nothing against who can write
/// there.
pub(crate) fn public_key(root: &Folder) -> io::Result<Result<PublicKey, NoteError>> {
    let text = text(root, PUBLIC)?.ok_or(io::ErrorKind::NotFound)?;
    let key = PublicKey::parse(&text);
    Ok(key.and_then(|key| {
        let written = format!("{key}\n") == text;
        let why = NoteError::Form { what: "public key of notes", why: "there is more in it" };
        if written { Ok(key) } else { Err(why) }
    }))
}

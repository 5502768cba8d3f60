//! Another key. A log is its name and its key, so a new key begins a new log: the old one ends with an
//! entry that names the new key, and the new one begins with an entry that names the old log's key,
//! size and tree. Whoever has both can prove that one follows the other.
//!
//! The new ledger is made in a folder beside the old one; once it is whole, the two folders change
//! their names at once. So under its name there is always one of both, whenever this ends. Each step
//! is on the disk before the next one begins, and one that was done is not done again.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::entry::{Event, Followed, Key};
use crate::files::{FILE, Folder};
use crate::opened::Opened;
use crate::store::{self, IN_FORCE, KEY, LONGEST_IN_FORCE, Lock, Store};
use crate::{Checkpoint, Ledger, LedgerError, Options, PublicKey, Text, keeper, reserve};

/// A ledger whose key was replaced.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rekeyed {
    /// The key from now on.
    pub key: PublicKey,
    /// The key until now, whose secret is gone.
    pub old: PublicKey,
    /// The last word of the old log.
    pub last: Checkpoint,
    /// The folder of the old ledger: the ledger's own name, a dash and the first bytes of the old key's
    /// hash.
    pub kept: PathBuf,
}

/// What was done last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    /// The new key is there, in the folder beside.
    Made,
    /// The old log's last entry names it.
    Named,
    /// That is signed.
    Ended,
    /// The old secret is gone.
    Forgotten,
    /// The new log has its first entry, signed.
    Begun,
    /// The folders have changed their names.
    Exchanged,
}

/// Replaces the key of the ledger in a folder that nobody writes: the old ledger is put aside, and a
/// new one that follows it takes its place. Where that was cut short, it is finished; the reason is
/// then the one that was given first.
///
/// # Errors
/// When somebody writes the ledger, or a step cannot be done. It can be tried again.
pub fn rekey(path: &Path, options: &Options, reason: Option<&str>) -> Result<Rekeyed, LedgerError> {
    steps(path, options, reason, &mut |_| {})
}

fn steps(
    path: &Path,
    options: &Options,
    reason: Option<&str>,
    done: &mut dyn FnMut(Step),
) -> Result<Rekeyed, LedgerError> {
    let place = Place::of(path)?;
    let old = Old::open(&place.path, options)?;
    let kept = place.beside(&old);
    let new = place.made(&old, &kept, options)?;
    done(Step::Made);
    let key = new.store.key.public().clone();
    let ended = old.end(&key, options, reason, done)?;
    done(Step::Forgotten);
    ended.followed_by(new, options)?;
    done(Step::Begun);
    place.exchange(&ended, &kept)?;
    done(Step::Exchanged);
    let kept = place.path.with_file_name(kept);
    Ok(Rekeyed { key, old: ended.key, last: ended.last, kept })
}

/// Where the ledger lies.
struct Place {
    path: PathBuf,
    above: Folder,
    name: String,
}

impl Place {
    fn of(path: &Path) -> Result<Self, LedgerError> {
        let failed = |source| LedgerError::Folder { path: path.to_owned(), source };
        // It is no link itself.
        let root = Folder::open(path).map_err(failed)?;
        let path = path.canonicalize().map_err(failed)?;
        let nameless = || failed(io::Error::other("it has no name that could be changed"));
        let (above, name) = path.parent().zip(path.file_name()).ok_or_else(nameless)?;
        let name = name.to_str().ok_or_else(nameless)?.to_owned();
        let above = Folder::open(above).map_err(failed)?;
        if root.is_mount(&above).map_err(failed)? {
            let why = "it is a mount point, which can't be renamed; a ledger in a folder below can";
            return Err(failed(io::Error::other(why)));
        }
        Ok(Self { path, above, name })
    }

    /// The name of the folder beside it.
    fn beside(&self, old: &Old) -> String {
        format!("{}-{}", self.name, old.key().id_text())
    }

    /// The folder of the new ledger, with its key.
    fn made(&self, old: &Old, kept: &str, options: &Options) -> Result<Opened, LedgerError> {
        let path = self.path.with_file_name(kept);
        let wrong = |why: &str| LedgerError::Part {
            what: "the next key",
            path: self.path.clone(),
            source: io::Error::other(format!("{} {why}", path.display())),
        };
        let by = old.replaced_by();
        if by.is_some() && Folder::open(&path).is_err() {
            return Err(wrong("is missing, with the key that took the place of its own"));
        }
        let origin = Some(old.key().name().to_owned());
        let new = Opened::at(&path, &Options { origin, ..options.clone() })?;
        match by {
            Some(by) if by != new.store.key.public().to_string() => {
                return Err(wrong("is of another key than the one that took its key's place"));
            }
            None if new.next > 0 => return Err(wrong("is in the way: it holds a ledger")),
            _ => {}
        }
        let ready = exchanges(&new.store)
            .and_then(|()| new.store.root.set_mode_of(old.root()))
            .and_then(|()| self.above.sync());
        ready.map_err(new.store.failed("the folder"))?;
        Ok(new)
    }

    fn exchange(&self, ended: &Ended, kept: &str) -> Result<(), LedgerError> {
        let failed = |source| LedgerError::Folder { path: self.path.clone(), source };
        if !self.above.holds(&self.name, &ended.root).map_err(failed)? {
            return Err(failed(io::Error::other("it was moved meanwhile")));
        }
        let exchanged = self.above.exchange(&self.name, kept).map_err(|error| {
            io::Error::other(format!(
                "it can't change with {kept} ({error}); both are whole, and can be renamed by hand"
            ))
        });
        let failed =
            |source| LedgerError::Part { what: "the name", path: self.path.clone(), source };
        exchanged.and_then(|()| self.above.sync()).map_err(failed)
    }
}

/// Whether names can be exchanged on this file system, before anything relies on it.
fn exchanges(store: &Store) -> io::Result<()> {
    let (folder, names) = (&store.temporary, ["one", "other"]);
    names.iter().try_for_each(|name| folder.create(name, FILE).map(drop))?;
    let exchanged = folder.exchange(names[0], names[1]);
    names.iter().try_for_each(|name| folder.remove(name))?;
    exchanged.map_err(|error| {
        io::Error::other(format!("this file system can't exchange two names ({error})"))
    })
}

/// The ledger whose key is replaced, locked.
enum Old {
    /// With its secret key.
    Open(Box<Opened>),
    /// All was done of it before.
    Ended(Ended, String),
}

impl Old {
    fn open(path: &Path, options: &Options) -> Result<Self, LedgerError> {
        let root = Folder::open(path)
            .map_err(|source| LedgerError::Folder { path: path.to_owned(), source })?;
        if root.file(KEY).is_err() && store::ended(&root).is_some() {
            let lock = Arc::new(store::locked(&root, path)?);
            // Nobody else does the same.
            if let Some((key, last, by)) = store::ended(&root) {
                return Ok(Self::Ended(Ended { root, _lock: lock, key, last }, by));
            }
        }
        if store::public_key(&root).is_err() {
            let source = io::Error::other("there is no key.pub in it");
            return Err(LedgerError::Folder { path: path.to_owned(), source });
        }
        Opened::at(path, options).map(|opened| Self::Open(Box::new(opened)))
    }

    const fn key(&self) -> &PublicKey {
        match self {
            Self::Open(opened) => opened.store.key.public(),
            Self::Ended(ended, _) => &ended.key,
        }
    }

    const fn root(&self) -> &Folder {
        match self {
            Self::Open(opened) => &opened.store.root,
            Self::Ended(ended, _) => &ended.root,
        }
    }

    fn replaced_by(&self) -> Option<&str> {
        match self {
            Self::Open(opened) => opened.replaced_by.as_deref(),
            Self::Ended(_, by) => Some(by),
        }
    }

    /// Ends the log with an entry that names the new key, and removes the secret one: nothing more is
    /// signed with it.
    fn end(
        self,
        by: &PublicKey,
        options: &Options,
        reason: Option<&str>,
        done: &mut dyn FnMut(Step),
    ) -> Result<Ended, LedgerError> {
        let opened = match self {
            Self::Ended(ended, _) => return Ok(ended),
            Self::Open(opened) => *opened,
        };
        let shared = if opened.replaced_by.is_some() {
            let (shared, ..) = opened.written(options.clone(), Vec::new())?;
            keeper::finish(&shared).map_err(shared.store.failed("the log"))?;
            shared
        } else {
            let mut last = Key::new(opened.store.key.public());
            (last.replaced_by, last.reason) = (Some(by.to_string()), reason.map(Text::new));
            let ledger = Ledger::begin(opened, options.clone(), Vec::new())?;
            ledger.append(&Event::Key(last))?;
            done(Step::Named);
            let shared = Arc::clone(&ledger.shared);
            ledger.end_for_good()?;
            shared
        };
        done(Step::Ended);
        Ended::of(&shared.store)
    }
}

/// The old ledger, locked: its log is signed to the end, and has no secret key.
struct Ended {
    root: Folder,
    _lock: Arc<Lock>,
    key: PublicKey,
    last: Checkpoint,
}

impl Ended {
    fn of(store: &Store) -> Result<Self, LedgerError> {
        let failed = store.failed("the folder");
        let last = store.checkpoint()?.ok_or_else(|| store.misfit("log/checkpoint is missing"))?;
        store.root.remove(KEY).map_err(&failed)?;
        reserve::release(&store.root);
        store.root.sync().map_err(&failed)?;
        let root = store.root.again().map_err(&failed)?;
        let lock = Arc::clone(&store.lock);
        Ok(Self { root, _lock: lock, key: store.key.public().clone(), last })
    }

    /// Begins the log that follows, and hands over what was in force.
    fn followed_by(&self, new: Opened, options: &Options) -> Result<(), LedgerError> {
        let mut first = Key::new(new.store.key.public());
        let (size, root) = (self.last.size, self.last.root.to_string());
        first.follows = Some(Followed { key: self.key.to_string(), size, root });
        let first = Event::Key(first);
        let was = new.last.as_ref().map(|entry| entry.event.clone());
        let (shared, next, _) = new.written(options.clone(), Vec::new())?;
        match (next, was) {
            (0, _) => shared.append(&first, false).map(|_| ())?,
            (1, Some(was)) if was == first => {}
            _ => return Err(shared.store.misfit("it holds what was not begun to follow")),
        }
        let failed = shared.store.failed(IN_FORCE);
        if let Some(bytes) = self.root.read(IN_FORCE, LONGEST_IN_FORCE).map_err(&failed)? {
            let (root, through) = (&shared.store.root, &shared.store.temporary);
            root.put(IN_FORCE, &bytes, FILE, through).map_err(&failed)?;
        }
        keeper::finish(&shared).map_err(shared.store.failed("the log"))
    }
}

#[cfg(test)]
mod tests;

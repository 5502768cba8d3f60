//! A ledger that was opened and read, before anything is written.

use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU8, AtomicUsize};
use std::sync::{Arc, Condvar, Mutex};

use crate::copies::{Copies, Publish};
use crate::entry::Entry;
use crate::keeper::Keeping;
use crate::ledger::Shared;
use crate::publisher::{self, Publisher};
use crate::queue::Queue;
use crate::recover::{Recovered, recover};
use crate::reserve::{self, Room};
use crate::store::Store;
use crate::writing::Writing;
use crate::{LedgerError, Options};

/// What is there.
#[derive(Debug)]
pub(crate) struct Opened {
    pub(crate) store: Store,
    publisher: Publisher,
    found: Recovered,
    /// The index of the next entry.
    pub(crate) next: u64,
    /// The newest entry; none where there is none, or it cannot be read.
    pub(crate) last: Option<Entry>,
    /// The key that took its key's place, by its last entry: then there comes no other.
    pub(crate) replaced_by: Option<String>,
}

impl Opened {
    /// Locks the folder, which is made where it is missing, and reads what is signed and what is not.
    pub(crate) fn at(path: &Path, options: &Options) -> Result<Self, LedgerError> {
        let store = Store::open(path, options.origin.as_deref())?;
        let mut publisher = Publisher::load(&store)?;
        let found = recover(&store, publisher.size(), options.clock.wall())?;
        let last = match found.entries.last() {
            Some(line) => Entry::parse(line).ok(),
            None => publisher::last(&store.log, publisher.size()),
        };
        let replaced_by = last.as_ref().and_then(|last| last.event.replaced_by());
        let replaced_by = replaced_by.map(str::to_owned);
        let next = publisher.size().saturating_add(found.entries.len() as u64);
        publisher.take(found.entries.iter().cloned());
        Ok(Self { store, publisher, found, next, last, replaced_by })
    }

    /// Begins to write: what all threads have, the index of the next entry, and what was found.
    pub(crate) fn written(
        self,
        options: Options,
        copies: Vec<Box<dyn Publish>>,
    ) -> Result<(Arc<Shared>, u64, Recovered), LedgerError> {
        let Self { store, publisher, found, next, .. } = self;
        let reserved = reserve::ensure(&store.root, options.reserve);
        let room = if reserved.is_ok_and(|there| there) { Room::Normal } else { Room::Reserve };
        let writing = Writing::begin(&store, found.generation, next, &found.state, options.sync)?;
        let copies = Copies::start(copies).map_err(store.failed("copying"))?;
        let shared = Shared {
            queue: Queue::default(),
            writing: Mutex::new(writing),
            signed: Condvar::new(),
            publisher: Mutex::new(publisher),
            counting: Mutex::default(),
            copies: Mutex::new(copies),
            unsigned: AtomicUsize::new(0),
            room: AtomicU8::new(room as u8),
            closed: AtomicBool::new(false),
            keeping: Keeping::default(),
            store,
            options,
        };
        Ok((Arc::new(shared), next, found))
    }
}

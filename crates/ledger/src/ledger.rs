//! The ledger while it is written.

use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU8, AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use jiff::Timestamp;

use crate::clock::{Clock, System};
use crate::copies::{Copied, Copies, Publish};
use crate::entry::{Caller, Event, Key, Outcome, Reads, Start, Status, Stop};
use crate::keeper::{self, Keeping};
use crate::opened::Opened;
use crate::publisher::Publisher;
use crate::queue::Queue;
use crate::reads::Counting;
use crate::recover::Recovered;
use crate::reserve::Room;
use crate::store::{IN_FORCE, LONGEST_IN_FORCE, Store};
use crate::writing::Writing;
use crate::{AppendError, LedgerError, Text, Texts, files};

/// How a ledger is kept.
#[derive(Debug, Clone)]
pub struct Options {
    /// The name of the log, which its key has too; it cannot be changed later. None: this host's.
    pub origin: Option<String>,
    /// The version of who writes.
    pub version: String,
    /// Whether an entry is on the disk before its append returns. Otherwise it is in the kernel: the
    /// end of the process loses nothing, a power cut or the end of the kernel what was not on the
    /// disk yet, which is what came in about the last [`sync_every`](Self::sync_every).
    pub sync: bool,
    /// How often what was written is brought to the disk.
    pub sync_every: Duration,
    /// How often a checkpoint is signed, where there is something new.
    pub publish_every: Duration,
    /// How many bytes are kept in reserve for when the file system is full.
    pub reserve: u64,
    /// How old entries become before they are thrown away; none: never.
    pub keep: Option<Duration>,
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            origin: None,
            version: env!("CARGO_PKG_VERSION").to_owned(),
            sync: false,
            sync_every: Duration::from_secs(1),
            publish_every: Duration::from_secs(10),
            reserve: 16 << 20,
            keep: None,
            clock: Arc::new(System::default()),
        }
    }
}

/// What all threads of a ledger have.
#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) store: Store,
    pub(crate) options: Options,
    pub(crate) queue: Queue,
    pub(crate) writing: Mutex<Writing>,
    /// Told when what waited was signed.
    pub(crate) signed: Condvar,
    pub(crate) publisher: Mutex<Publisher>,
    pub(crate) counting: Mutex<Counting>,
    pub(crate) copies: Mutex<Copies>,
    /// How many bytes wait to be signed.
    pub(crate) unsigned: AtomicUsize,
    pub(crate) room: AtomicU8,
    pub(crate) closed: AtomicBool,
    pub(crate) keeping: Keeping,
}

pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Shared {
    pub(crate) fn room(&self) -> Room {
        match self.room.load(Ordering::Relaxed) {
            0 => Room::Normal,
            1 => Room::Reserve,
            _ => Room::Full,
        }
    }

    pub(crate) fn set_room(&self, room: Room) {
        self.room.store(room as u8, Ordering::Relaxed);
    }
}

/// An open ledger. One process writes it, any of its threads; it is closed when it is dropped.
#[derive(Debug)]
pub struct Ledger {
    pub(crate) shared: Arc<Shared>,
    keeper: Option<JoinHandle<()>>,
}

impl Ledger {
    /// Opens the ledger in a folder, which is made where it is missing. What a crash left behind is
    /// gone on with: nothing that was recorded is lost, and decisions without an outcome get one
    /// whose status is unknown. `copies` get what is recorded from now on.
    ///
    /// # Errors
    /// When another process writes it, it cannot be read or written, or what is there does not fit.
    pub fn open(
        path: &Path,
        options: Options,
        copies: Vec<Box<dyn Publish>>,
    ) -> Result<Self, LedgerError> {
        let opened = Opened::at(path, &options)?;
        match opened.replaced_by {
            Some(by) => Err(LedgerError::Replaced { path: path.to_owned(), by }),
            None => Self::begin(opened, options, copies),
        }
    }

    /// Goes on with what was opened: tells what was left open, and that it begins.
    pub(crate) fn begin(
        opened: Opened,
        options: Options,
        copies: Vec<Box<dyn Publish>>,
    ) -> Result<Self, LedgerError> {
        let (shared, next, found) = opened.written(options, copies)?;
        let keeper = keeper::start(&shared).map_err(shared.store.failed("a thread"))?;
        let ledger = Self { shared, keeper: Some(keeper) };
        ledger.tell(next, found)?;
        Ok(ledger)
    }

    fn tell(&self, next: u64, found: Recovered) -> Result<(), LedgerError> {
        let version = Text::new(&self.shared.options.version);
        let mut events = Vec::new();
        if next == 0 {
            events.push(Event::Key(Key::new(self.shared.store.key.public())));
        }
        events.extend(unknown(&found.state.pending, "the guard ended before it knew"));
        events.extend(
            found.state.reads.into_iter().map(|one| Event::Reads(Reads { cut: true, ..one })),
        );
        events.push(Event::Start(Start { version, after_crash: found.crashed }));
        for event in events {
            match self.append(&event) {
                // A full disk must not keep the guard from letting people delete something.
                Ok(_) | Err(AppendError::Full) => {}
                Err(error) => return Err(error.into()),
            }
        }
        // Where there is no room, what was journalled stays there.
        keeper::publish(&self.shared).or_else(|error| match crate::files::is_full(&error) {
            true => Ok(()),
            false => Err((self.shared.store.failed("the log"))(error)),
        })
    }

    /// Records an event, and gives its index. It survives the end of this process when this returns;
    /// see [`Options::sync`] for the end of the machine.
    ///
    /// # Errors
    /// When it was not recorded. What there was no room for is counted, and told by a later entry.
    pub fn append(&self, event: &Event) -> Result<u64, AppendError> {
        self.shared.append(event, false)
    }

    /// The same for what can wait: once half of the reserve is used up, the rest is for what makes room,
    /// and for what comes of what was recorded.
    ///
    /// # Errors
    /// As [`append`](Self::append).
    pub fn append_sparing(&self, event: &Event) -> Result<u64, AppendError> {
        self.shared.append(event, true)
    }

    /// Counts a request that changes nothing. About once an hour its caller and operation make one
    /// entry. The end of the process loses what was counted since the last checkpoint's time.
    ///
    /// # Errors
    /// When another count had to be recorded to make room, and could not be.
    pub fn read(&self, caller: &Caller, operation: &Text) -> Result<(), AppendError> {
        if self.shared.closed.load(Ordering::Relaxed) {
            return Err(AppendError::Closed);
        }
        let clock = &self.shared.options.clock;
        let (wall, steady) = (clock.wall(), clock.steady());
        let evicted = lock(&self.shared.counting).count(caller, operation, wall, steady);
        evicted.map_or(Ok(()), |one| self.append(&Event::Reads(one)).map(|_| ()))
    }

    /// What was remembered last, in this process or an earlier one; none where nothing was.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn remembered(&self) -> Result<Option<Vec<u8>>, LedgerError> {
        let store = &self.shared.store;
        store.root.read(IN_FORCE, LONGEST_IN_FORCE).map_err(store.failed(IN_FORCE))
    }

    /// Remembers what is in force, to tell later what of it changed. It is no entry.
    ///
    /// # Errors
    /// When it cannot be written; what was remembered before is then still there.
    pub fn remember(&self, bytes: &[u8]) -> Result<(), LedgerError> {
        let store = &self.shared.store;
        // What is signed is put in its place through the same folder.
        let _publisher = lock(&self.shared.publisher);
        let put = store.root.put(IN_FORCE, bytes, files::FILE, &store.temporary);
        put.map_err(store.failed(IN_FORCE))
    }

    /// How much room there is. With [`Room::Full`] nothing that adds to the host should be allowed,
    /// and what makes room (delete, stop, prune) should pass.
    #[must_use]
    pub fn room(&self) -> Room {
        self.shared.room()
    }

    /// How copying goes.
    #[must_use]
    pub fn copies(&self) -> Vec<Copied> {
        lock(&self.shared.copies).state()
    }

    /// Signs what was recorded, now.
    ///
    /// # Errors
    /// When it cannot be written; it will be tried again.
    pub fn publish(&self) -> Result<(), LedgerError> {
        keeper::publish(&self.shared).map_err(self.shared.store.failed("the log"))
    }

    /// Throws away whole bundles of entries that were all recorded before a time. Their hashes stay,
    /// so that all proofs keep working. Gives how many entries.
    ///
    /// # Errors
    /// When it cannot be recorded or done.
    pub fn prune(&self, older_than: Timestamp) -> Result<u64, LedgerError> {
        crate::prune::prune(&self.shared, older_than)
    }

    /// The name of the log.
    #[must_use]
    pub fn origin(&self) -> &str {
        self.shared.store.key.public().name()
    }

    /// Records that it ends, signs everything, and lets the folder go.
    ///
    /// # Errors
    /// When something of it cannot be written: the next one who opens it goes on from the journal.
    pub fn close(mut self) -> Result<(), LedgerError> {
        self.end()
    }

    /// Signs everything, and lets the folder go, after an entry that is the last one for good.
    pub(crate) fn end_for_good(mut self) -> Result<(), LedgerError> {
        self.shared.closed.store(true, Ordering::Relaxed);
        self.keep_no_longer();
        keeper::finish(&self.shared).map_err(self.shared.store.failed("the log"))
    }

    /// Whether it was kept until now.
    fn keep_no_longer(&mut self) -> bool {
        let Some(keeper) = self.keeper.take() else { return false };
        self.shared.keeping.end();
        let _ = keeper.join();
        true
    }

    fn end(&mut self) -> Result<(), LedgerError> {
        if !self.keep_no_longer() {
            return Ok(());
        }
        let ended = self.finish();
        lock(&self.shared.copies).end();
        ended
    }

    fn finish(&self) -> Result<(), LedgerError> {
        let shared = &self.shared;
        let due = lock(&shared.counting).due(shared.options.clock.steady(), true);
        for one in due {
            self.append(&Event::Reads(one))?;
        }
        let pending = lock(&shared.writing).pending().clone();
        for event in unknown(&pending, "the guard was stopped before it knew") {
            self.append(&event)?;
        }
        self.append(&Event::Stop(Stop { version: Text::new(&shared.options.version) }))?;
        shared.closed.store(true, Ordering::Relaxed);
        keeper::finish(shared).map_err(shared.store.failed("the log"))
    }
}

impl Drop for Ledger {
    fn drop(&mut self) {
        // What could not be finished is gone on with when it is opened again.
        let _ = self.end();
    }
}

/// Outcomes that nobody knows.
fn unknown<'a>(
    pending: impl IntoIterator<Item = &'a u64>,
    why: &str,
) -> impl Iterator<Item = Event> {
    pending.into_iter().map(move |decision| {
        Event::Outcome(Outcome {
            decision: *decision,
            status: Status::UNKNOWN,
            created: Texts::default(),
            reason: Some(Text::new(why)),
        })
    })
}

//! The thread that keeps a ledger: what was written is brought to the disk, signed and copied, reads
//! are recorded, the reserve is filled again, and what is too old is thrown away.

use std::io;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Condvar, Mutex};
use std::thread::JoinHandle;
use std::time::Duration;

use crate::age::{Age, Seen};
use crate::entry::Event;
use crate::files::{FILE, is_full};
use crate::journal;
use crate::ledger::{Shared, lock};
use crate::publisher::Publisher;
use crate::reserve::{self, Room};
use crate::store::{CLOCK, LONGEST_CLOCK};
use crate::writing::Newest;

/// What the keeper is told.
#[derive(Debug, Default)]
pub(crate) struct Keeping {
    told: Mutex<Told>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct Told {
    hurry: bool,
    end: bool,
}

impl Keeping {
    /// Much waits to be signed.
    pub(crate) fn hurry(&self) {
        lock(&self.told).hurry = true;
        self.changed.notify_one();
    }

    pub(crate) fn end(&self) {
        lock(&self.told).end = true;
        self.changed.notify_one();
    }

    /// Waits. Whether to hurry; none at the end.
    fn wait(&self, most: Duration) -> Option<bool> {
        let idle = |told: &mut Told| !told.hurry && !told.end;
        let (mut told, _) = match self.changed.wait_timeout_while(lock(&self.told), most, idle) {
            Ok(waited) => waited,
            Err(poisoned) => poisoned.into_inner(),
        };
        (!told.end).then(|| std::mem::take(&mut told.hurry))
    }
}

pub(crate) fn start(shared: &Arc<Shared>) -> io::Result<JoinHandle<()>> {
    let shared = Arc::clone(shared);
    let clock = &shared.options.clock;
    // What can't be read was not remembered.
    let before = shared.store.root.read(CLOCK, LONGEST_CLOCK).ok().flatten();
    let before = before.and_then(|bytes| serde_json::from_slice(&bytes).ok());
    let age = Age::new(clock.wall(), clock.steady(), before.as_ref());
    std::thread::Builder::new().name("ledger-keeper".to_owned()).spawn(move || keep(&shared, age))
}

fn keep(shared: &Shared, mut age: Age) {
    let clock = &shared.options.clock;
    let mut published = clock.steady();
    while let Some(hurry) = shared.keeping.wait(shared.options.sync_every) {
        let now = clock.steady();
        // Nobody who counts waits for these to be written.
        let due = lock(&shared.counting).due(now, false);
        for one in due {
            // One that there is no room for is counted as lost.
            let _ = shared.append(&Event::Reads(one), true);
        }
        if hurry || now.saturating_sub(published) >= shared.options.publish_every {
            // What cannot be written stays in the journal and is tried again.
            let _ = publish(shared);
            published = now;
        } else {
            sync(shared);
        }
        refill(shared);
        let older_than = age.older_than(clock.wall(), now, shared.options.keep);
        // What could not be thrown away now can be in an hour.
        let _ = older_than.map(|older_than| crate::prune::prune(shared, older_than));
        // Where it can't be remembered, the next one believes the wall clock a day later.
        let _ = age.seen().map(|seen| remember(shared, &seen));
    }
}

fn remember(shared: &Shared, seen: &Seen) -> io::Result<()> {
    let store = &shared.store;
    // What is signed is put in its place through the same folder.
    let _publisher = lock(&shared.publisher);
    store.root.put(CLOCK, &serde_json::to_vec(seen)?, FILE, &store.temporary)
}

/// Brings what was written to the disk, while others write on.
fn sync(shared: &Shared) {
    let Some(file) = lock(&shared.writing).take_unsynced() else { return };
    if let Err(error) = file.and_then(|file| file.sync_data()) {
        lock(&shared.writing).give_up(error.to_string());
    }
}

/// The reserve is made again once there is room for it.
fn refill(shared: &Shared) {
    if shared.room() != Room::Normal
        && reserve::ensure(&shared.store.root, shared.options.reserve).is_ok_and(|there| there)
    {
        shared.set_room(Room::Normal);
        lock(&shared.writing).keep_nothing();
    }
}

/// Signs what was written, and begins a new journal so that the old one can go.
///
/// # Errors
/// What could not be written. Nothing is lost by it.
pub(crate) fn publish(shared: &Shared) -> io::Result<()> {
    // What there is much of is on the disk before anybody has to wait for it.
    sync(shared);
    let mut publisher = lock(&shared.publisher);
    let newest = turn(shared, &mut publisher)?;
    signed(shared, &mut publisher)?;
    let Some((generation, file)) = newest else { return Ok(()) };
    file.sync_data()?;
    shared.store.journals.sync()?;
    clear(shared, generation)
}

/// Signs what was written for the last time, and removes the journal.
pub(crate) fn finish(shared: &Shared) -> io::Result<()> {
    let mut publisher = lock(&shared.publisher);
    publisher.take(lock(&shared.writing).take_fresh());
    signed(shared, &mut publisher)?;
    clear(shared, u64::MAX)
}

/// Takes what was written to be signed, and begins the journal's next file with what is open now,
/// where something is new. All that is in earlier ones than that which it gives is taken.
fn turn(shared: &Shared, publisher: &mut Publisher) -> io::Result<Newest> {
    let mut counting = lock(&shared.counting);
    let (reads_changed, reads) = (counting.has_changed(), counting.shown());
    drop(counting);
    let mut writing = lock(&shared.writing);
    let fresh = writing.take_fresh();
    let changed = reads_changed || !fresh.is_empty() || !writing.has_journal();
    // While nothing can be signed, no file of the journal can go: one more would not help.
    let retried = !publisher.is_done() && writing.has_journal();
    publisher.take(fresh);
    if changed && !retried { writing.turn(&shared.store, reads) } else { writing.newest() }
}

/// Signs all that was taken. Whoever waits for room in between is told.
fn signed(shared: &Shared, publisher: &mut Publisher) -> io::Result<()> {
    let mut note = None;
    while !publisher.is_done() {
        note = some_signed(shared, publisher)?;
        let unsigned = publisher.unsigned() + lock(&shared.writing).unsigned();
        shared.unsigned.store(unsigned, Ordering::Relaxed);
        shared.signed.notify_all();
    }
    if let Some(note) = note {
        lock(&shared.copies).checkpoint(&note);
    }
    Ok(())
}

fn some_signed(shared: &Shared, publisher: &mut Publisher) -> io::Result<Option<String>> {
    publisher.publish(&shared.store).or_else(|error| match is_full(&error) {
        true if reserve::release(&shared.store.root) => {
            shared.set_room(Room::Reserve);
            // The other half is for what is signed.
            lock(&shared.writing).keep(shared.options.reserve / 2);
            publisher.publish(&shared.store)
        }
        _ => Err(error),
    })
}

/// Removes the files of the journal that come before a generation.
fn clear(shared: &Shared, before: u64) -> io::Result<()> {
    for generation in journal::generations(&shared.store.journals)? {
        if generation < before {
            shared.store.journals.remove(&journal::name(generation))?;
        }
    }
    shared.store.journals.sync()
}

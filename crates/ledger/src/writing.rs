//! What happens while one thread writes for all that wait.

use std::collections::BTreeSet;
use std::fs::File;
use std::io;
use std::sync::atomic::Ordering;
use std::sync::{Arc, MutexGuard};
use std::time::Duration;

use jiff::Timestamp;

use crate::entry::{Entry, Event, Gap, Reads};
use crate::files::is_full;
use crate::journal::{self, Journal, Kind};
use crate::ledger::Shared;
use crate::queue::Waiting;
use crate::reserve::{self, Room};
use crate::state::{Effect, State};
use crate::store::Store;
use crate::{AppendError, LedgerError, Text};

/// From how many bytes on that wait to be signed they are signed at once.
pub(crate) const MUCH: usize = 4 << 20;
/// From how many bytes on nothing more is taken before that has happened.
const TOO_MUCH: usize = 48 << 20;
/// How long is waited for it.
const PATIENCE: Duration = Duration::from_secs(5);

/// Why something was lost, where that is the file system's doing.
const NO_ROOM: &str = "there was no room";

/// Entries that could not be recorded.
#[derive(Debug)]
struct Lost {
    count: u64,
    since: Timestamp,
    why: &'static str,
}

impl Lost {
    /// What tells of it.
    fn gap(&self) -> Option<Vec<u8>> {
        let gap = Gap {
            lost: self.count,
            at_least: false,
            reason: Text::new(self.why),
            from: Some(self.since),
        };
        serde_json::to_vec(&Event::Gap(gap)).ok()
    }
}

/// The generation of the journal's newest file, and that file; none where there is none.
pub(crate) type Newest = Option<(u64, File)>;

/// The end of the log.
#[derive(Debug)]
pub(crate) struct Writing {
    /// None where there was no room to begin one.
    journal: Option<Journal>,
    /// The generation of the journal's newest file; of the next one where there is none.
    generation: u64,
    next: u64,
    /// What was written and not handed over to be signed.
    fresh: Vec<Arc<[u8]>>,
    pending: BTreeSet<u64>,
    lost: Option<Lost>,
    broken: Option<String>,
    /// How many bytes of the reserve the journal's file got when that was given back, and how many of
    /// them it still keeps.
    got: u64,
    kept: u64,
    /// Whether something was written that may not be on the disk.
    unsynced: bool,
    /// Whether what is acknowledged must be on the disk.
    sync: bool,
}

impl Writing {
    /// The end of a log whose next entry is `next`. Where there is no room to begin a file of the
    /// journal, it is tried again with each entry.
    pub(crate) fn begin(
        store: &Store,
        generation: u64,
        next: u64,
        state: &State,
        sync: bool,
    ) -> Result<Self, LedgerError> {
        let journal = match begun(store, generation, next, state, sync) {
            Ok(journal) => Some(journal),
            Err(error) if is_full(&error) => None,
            Err(error) => return Err(store.failed("the journal")(error)),
        };
        Ok(Self {
            journal,
            generation,
            next,
            fresh: Vec::new(),
            pending: state.pending.clone(),
            lost: None,
            broken: None,
            got: 0,
            kept: 0,
            unsynced: false,
            sync,
        })
    }

    /// Begins the journal's next file with what is open now, once what the last one has is on the
    /// disk. Where there is no room, it goes on in the old one. Gives the generation whose
    /// predecessors can go once all that they hold is signed, and this one is on the disk.
    pub(crate) fn turn(&mut self, store: &Store, reads: Vec<Reads>) -> io::Result<Newest> {
        if let Some(journal) = &self.journal {
            let held = journal.sync();
            held.inspect_err(|error| self.give_up(error.to_string()))?;
            self.unsynced = false;
        }
        let next = self.generation.saturating_add(u64::from(self.journal.is_some()));
        let state = State { pending: self.pending.clone(), reads };
        match begun(store, next, self.next, &state, self.sync) {
            Ok(journal) if journal.keep(self.kept).is_ok() => {
                (self.journal, self.generation) = (Some(journal), next);
            }
            // In the old one there is room that nobody else can take.
            Ok(_) => store.journals.remove(&journal::name(next))?,
            Err(error) if is_full(&error) => {}
            Err(error) => return Err(error),
        }
        self.newest()
    }

    /// As [`turn`](Self::turn), without beginning a file.
    pub(crate) fn newest(&self) -> io::Result<Newest> {
        let file = self.journal.as_ref().map(Journal::shared).transpose()?;
        Ok(file.map(|file| (self.generation, file)))
    }

    pub(crate) const fn has_journal(&self) -> bool {
        self.journal.is_some()
    }

    /// The file that was written to since this was asked last.
    pub(crate) fn take_unsynced(&mut self) -> Option<io::Result<File>> {
        let unsynced = std::mem::take(&mut self.unsynced);
        self.journal.as_ref().filter(|_| unsynced).map(Journal::shared)
    }

    pub(crate) const fn pending(&self) -> &BTreeSet<u64> {
        &self.pending
    }

    /// What is to be signed.
    pub(crate) fn take_fresh(&mut self) -> Vec<Arc<[u8]>> {
        std::mem::take(&mut self.fresh)
    }

    /// How many bytes were written and not handed over to be signed.
    pub(crate) fn unsigned(&self) -> usize {
        self.fresh.iter().map(|line| line.len()).sum()
    }

    /// Nothing more is written.
    pub(crate) fn give_up(&mut self, why: String) {
        self.broken.get_or_insert(why);
    }

    /// Writes a batch, and tells each what came of it.
    pub(crate) fn write(&mut self, batch: &[Arc<Waiting>], shared: &Shared) {
        let now = shared.options.clock.wall();
        let behind = shared.unsigned.load(Ordering::Relaxed) > TOO_MUCH;
        let (mut taken, mut lines, mut records) = (Vec::new(), Vec::new(), Vec::new());
        let told = if behind { None } else { self.lost.take() };
        if let Some(gap) = told.as_ref().and_then(Lost::gap) {
            self.add(&gap, now, &mut lines, &mut records);
        }
        let scarce = self.is_scarce();
        for waiting in batch {
            let refused = self.refusal(waiting, shared);
            match refused.or(behind.then_some(AppendError::Behind)) {
                Some(AppendError::Behind) => {
                    self.lose(1, now, "the log could not be signed", waiting)
                }
                Some(error) => waiting.tell(Err(error)),
                None if scarce && waiting.spares => self.lose(1, now, NO_ROOM, waiting),
                None => {
                    self.add(&waiting.event, now, &mut lines, &mut records);
                    taken.push(waiting);
                }
            }
        }
        if taken.is_empty() {
            return self.not_told(told);
        }
        match self.put(&records, shared) {
            Ok(()) => self.took(&taken, lines, shared),
            Err(error) => {
                self.not_told(told);
                self.not_taken(&taken, &error, now);
            }
        }
    }

    fn not_taken(&mut self, batch: &[&Arc<Waiting>], error: &AppendError, now: Timestamp) {
        for waiting in batch {
            if *error == AppendError::Full {
                self.lose(1, now, NO_ROOM, waiting);
            } else {
                waiting.tell(Err(error.clone()));
            }
        }
    }

    fn refusal(&self, waiting: &Waiting, shared: &Shared) -> Option<AppendError> {
        if shared.closed.load(Ordering::Relaxed) {
            return Some(AppendError::Closed);
        }
        if let Some(why) = &self.broken {
            return Some(AppendError::Broken(why.clone()));
        }
        match waiting.effect {
            Effect::Closes(decision) if !self.pending.contains(&decision) => {
                Some(AppendError::Unlinked(decision))
            }
            _ => None,
        }
    }

    /// What was lost earlier is still to be told.
    fn not_told(&mut self, earlier: Option<Lost>) {
        let Some(mut lost) = earlier else { return };
        lost.count = lost.count.saturating_add(self.lost.as_ref().map_or(0, |one| one.count));
        self.lost = Some(lost);
    }

    fn lose(&mut self, count: u64, now: Timestamp, why: &'static str, waiting: &Waiting) {
        let lost = self.lost.get_or_insert(Lost { count: 0, since: now, why });
        lost.count = lost.count.saturating_add(count);
        let behind = why != NO_ROOM;
        waiting.tell(Err(if behind { AppendError::Behind } else { AppendError::Full }));
    }

    fn add(&self, event: &[u8], now: Timestamp, lines: &mut Vec<Arc<[u8]>>, records: &mut Vec<u8>) {
        let seq = self.next.saturating_add(lines.len() as u64);
        let line = Entry::line(seq, now, event);
        journal::add(records, Kind::Entry, seq, &line);
        lines.push(line.into());
    }

    /// Brings records into the kernel, with the reserve where there is no other room; and on the
    /// disk, where that is asked for.
    fn put(&mut self, records: &[u8], shared: &Shared) -> Result<(), AppendError> {
        let mut result = self.write_to_journal(records, shared);
        let full = matches!(&result, Err((error, true)) if is_full(error));
        if full && reserve::release(&shared.store.root) {
            shared.set_room(Room::Reserve);
            self.keep(shared.options.reserve);
            result = self.write_to_journal(records, shared);
        }
        if result.is_ok() {
            self.kept = self.kept.saturating_sub(records.len() as u64);
        }
        match result {
            Ok(()) if self.sync => self.synced()?,
            Ok(()) => self.unsynced = true,
            Err((error, true)) if is_full(&error) => {
                shared.set_room(Room::Full);
                return Err(AppendError::Full);
            }
            Err((error, _)) => return Err(self.broke(&error)),
        }
        if shared.room() == Room::Full {
            shared.set_room(Room::Reserve);
        }
        Ok(())
    }

    /// What filled the file system goes on to do so: it would take what the reserve gave back. Where a
    /// file system can't keep room for a file, whoever is first gets it.
    pub(crate) fn keep(&mut self, size: u64) {
        let journal = self.journal.as_ref();
        self.kept = journal.filter(|one| one.keep(size).is_ok()).map_or(0, |_| size);
        self.got = self.kept;
    }

    /// Whether what is left of the reserve is for what makes room.
    const fn is_scarce(&self) -> bool {
        self.kept < self.got / 2
    }

    /// There is a reserve again.
    pub(crate) const fn keep_nothing(&mut self) {
        (self.got, self.kept) = (0, 0);
    }

    fn write_to_journal(
        &mut self,
        records: &[u8],
        shared: &Shared,
    ) -> Result<(), (io::Error, bool)> {
        if self.journal.is_none() {
            let state = State { pending: self.pending.clone(), reads: Vec::new() };
            let journal = begun(&shared.store, self.generation, self.next, &state, self.sync);
            self.journal = Some(journal.map_err(|error| (error, true))?);
        }
        self.journal.as_mut().map_or(Ok(()), |journal| journal.write(records))
    }

    /// After a failure the kernel may have forgotten what it could not write: trying again proves
    /// nothing.
    fn synced(&mut self) -> Result<(), AppendError> {
        let synced = self.journal.as_ref().map_or(Ok(()), Journal::sync);
        synced.map_err(|error| self.broke(&error))
    }

    fn broke(&mut self, error: &io::Error) -> AppendError {
        self.give_up(error.to_string());
        AppendError::Broken(error.to_string())
    }

    fn took(&mut self, taken: &[&Arc<Waiting>], lines: Vec<Arc<[u8]>>, shared: &Shared) {
        let first = self.next.saturating_add((lines.len() - taken.len()) as u64);
        self.next = self.next.saturating_add(lines.len() as u64);
        for (seq, waiting) in (first..).zip(taken) {
            match waiting.effect {
                Effect::Opens => self.pending.insert(seq),
                Effect::Closes(decision) => self.pending.remove(&decision),
                Effect::None => false,
            };
            waiting.tell(Ok(seq));
        }
        let copies = crate::ledger::lock(&shared.copies);
        let mut bytes = 0;
        for line in lines {
            copies.entry(&line);
            bytes += line.len();
            self.fresh.push(line);
        }
        drop(copies);
        if shared.unsigned.fetch_add(bytes, Ordering::Relaxed) + bytes > MUCH {
            shared.keeping.hurry();
        }
    }
}

/// Begins a file of the journal; in synchronous mode its name is on the disk before anything that it
/// holds is acknowledged.
fn begun(
    store: &Store,
    generation: u64,
    next: u64,
    state: &State,
    sync: bool,
) -> io::Result<Journal> {
    let bytes = serde_json::to_vec(state)?;
    let begin = || Journal::begin(&store.journals, generation, next, &bytes);
    let journal = begin().or_else(|error| match is_full(&error) {
        true if reserve::release(&store.root) => begin(),
        _ => Err(error),
    })?;
    if sync {
        journal.sync()?;
        store.journals.sync()?;
    }
    Ok(journal)
}

impl Shared {
    /// Waits until not too much waits to be signed, for a while.
    pub(crate) fn not_behind<'a>(
        &self,
        writing: MutexGuard<'a, Writing>,
    ) -> MutexGuard<'a, Writing> {
        let behind = |_: &mut Writing| self.unsigned.load(Ordering::Relaxed) > TOO_MUCH;
        match self.signed.wait_timeout_while(writing, PATIENCE, behind) {
            Ok((writing, _)) => writing,
            Err(poisoned) => poisoned.into_inner().0,
        }
    }
}

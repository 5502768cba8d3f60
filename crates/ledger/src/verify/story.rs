//! Whether entries follow from each other.

use std::collections::BTreeSet;

use jiff::Timestamp;

use crate::entry::{Entry, Event, Key, Status};
use crate::state::Effect;
use crate::tree::WIDTH;

/// What the entries told so far.
#[derive(Debug, Default)]
pub(super) struct Story {
    /// How many bundles are missing before the first one that is there.
    skipped: u64,
    begun: bool,
    /// Entries below this may be missing, by a later entry's word.
    pub(super) pruned: u64,
    pub(super) pending: BTreeSet<u64>,
    pub(super) unknown: u64,
    pub(super) lost: u64,
    pub(super) newest: Option<Timestamp>,
    /// What the first entry says of the log.
    pub(super) first: Option<Key>,
    /// The key that took the place of the log's: nothing follows then.
    pub(super) replaced_by: Option<String>,
}

impl Story {
    /// A bundle is missing; whether it may be, if it was pruned.
    pub(super) fn skip(&mut self, index: u64) -> bool {
        self.skipped = index + 1;
        !self.begun
    }

    /// How many entries are missing from the first one on.
    pub(super) const fn missing(&self) -> u64 {
        self.skipped * WIDTH
    }

    /// The next entry; what is wrong with it.
    pub(super) fn tell(&mut self, seq: u64, bytes: &[u8]) -> Result<(), String> {
        self.begun = true;
        let entry = Entry::parse(bytes)?;
        if entry.seq != seq {
            return Err(format!("it says that it is entry {}", entry.seq));
        }
        if self.replaced_by.is_some() {
            return Err("the log had ended before it, when its key was replaced".to_owned());
        }
        self.newest = self.newest.max(Some(entry.time));
        match Effect::of(&entry.event) {
            Effect::Opens => {
                self.pending.insert(seq);
            }
            // The decision may be among those that are gone.
            Effect::Closes(decision)
                if !self.pending.remove(&decision) && decision >= self.missing() =>
            {
                return Err(format!("decision {decision} waits for no outcome"));
            }
            _ => {}
        }
        match &entry.event {
            Event::Outcome(outcome) if outcome.status == Status::UNKNOWN => self.unknown += 1,
            Event::Gap(gap) => self.lost = self.lost.saturating_add(gap.lost),
            Event::Key(key) => {
                self.replaced_by.clone_from(&key.replaced_by);
                if seq == 0 {
                    self.first = Some(key.clone());
                }
            }
            Event::Prune(prune) => self.pruned = self.pruned.max(prune.below),
            _ => {}
        }
        Ok(())
    }
}

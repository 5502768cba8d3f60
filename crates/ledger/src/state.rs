//! What is open at some point of the log: decisions without an outcome, and reads that are still
//! counted. It is kept in the journal, so that it is known again without reading the log.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::entry::{Event, Reads};

/// What is open.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct State {
    /// The `seq` of each decision that was forwarded and has no outcome.
    pub pending: BTreeSet<u64>,
    /// Reads that were counted and not recorded yet.
    pub reads: Vec<Reads>,
}

/// What an event opens or closes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Effect {
    /// Nothing.
    None,
    /// A decision whose outcome is to come.
    Opens,
    /// The outcome of a decision.
    Closes(u64),
}

impl Effect {
    pub(crate) const fn of(event: &Event) -> Self {
        match event {
            Event::Decision(decision) if decision.is_forwarded() => Self::Opens,
            Event::Outcome(outcome) => Self::Closes(outcome.decision),
            _ => Self::None,
        }
    }
}

impl State {
    /// What is open after an event that is in the log already.
    pub(crate) fn replay(&mut self, seq: u64, event: &Event) {
        match (Effect::of(event), event) {
            (Effect::Opens, _) => {
                self.pending.insert(seq);
            }
            (Effect::Closes(decision), _) => {
                self.pending.remove(&decision);
            }
            (Effect::None, Event::Reads(done)) => {
                let same = |one: &Reads| {
                    (&one.caller, &one.operation, one.from)
                        == (&done.caller, &done.operation, done.from)
                };
                self.reads.retain(|one| !same(one));
            }
            (Effect::None, _) => {}
        }
    }
}

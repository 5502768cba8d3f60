//! What the journals say that were left behind: entries that are in no signed tree, and what was
//! open.

use std::io;
use std::sync::Arc;

use jiff::Timestamp;

use crate::entry::{Entry, Event, Gap};
use crate::files::FILE;
use crate::journal::{self, End, Kind, Record};
use crate::state::State;
use crate::store::Store;
use crate::{LedgerError, Text};

/// What was found.
#[derive(Debug, Default)]
pub(crate) struct Recovered {
    /// What was open.
    pub(crate) state: State,
    /// The entries that follow those of the signed tree.
    pub(crate) entries: Vec<Arc<[u8]>>,
    /// The generation that comes next.
    pub(crate) generation: u64,
    /// Whether anything was there, which a ledger that was closed does not leave.
    pub(crate) crashed: bool,
}

/// Reads what was left behind by who did not close the ledger; `signed` is the size of the tree.
///
/// What is damaged was never on the disk as a whole, so it is of the last seconds before the machine
/// went down, or somebody changed it. The file is copied to `damaged/`, those after it are moved
/// there, and a gap is put in its place.
pub(crate) fn recover(
    store: &Store,
    signed: u64,
    now: Timestamp,
) -> Result<Recovered, LedgerError> {
    let failed = store.failed("the journal");
    let generations = journal::generations(&store.journals).map_err(&failed)?;
    if generations.is_empty() {
        follows(store, None, signed)?;
    }
    let mut found = Recovered { crashed: !generations.is_empty(), ..Recovered::default() };
    found.generation = generations.last().map_or(0, |last| last.saturating_add(1));
    for (at, generation) in generations.iter().enumerate() {
        let bytes = store.journals.read(&journal::name(*generation), journal::LONGEST);
        let bytes = bytes.map_err(&failed)?.unwrap_or_default();
        let (records, end) = journal::read(&bytes);
        if at == 0 {
            follows(store, records.first(), signed)?;
        }
        let good = records.iter().take_while(|record| found.replay(record, signed)).count();
        if good == records.len() && !matches!(end, End::Damaged(_)) {
            continue;
        }
        let good = records.get(..good).unwrap_or_default();
        let later = generations.get(at + 1..).unwrap_or_default();
        found.set_aside(store, (*generation, &bytes, good), later, signed, now).map_err(&failed)?;
        break;
    }
    Ok(found)
}

/// Whether the journal's first record follows the signed tree. No crash makes a hole there: files of
/// the journal go once what they hold is signed and on the disk.
fn follows(store: &Store, first: Option<&Record<'_>>, signed: u64) -> Result<(), LedgerError> {
    let begun = signed > 0 || store.log.sub("tile").is_err();
    match first {
        Some(first) if first.index > signed => Err(store.misfit(format!(
            "the checkpoint has {signed} entries, and the journal begins with entry {}",
            first.index
        ))),
        None if !begun => Err(store.misfit("log/checkpoint is missing")),
        _ => Ok(()),
    }
}

impl Recovered {
    /// The index of the entry that comes next.
    fn next(&self, signed: u64) -> u64 {
        signed.saturating_add(self.entries.len() as u64)
    }

    /// Takes a record; whether it follows what was there.
    fn replay(&mut self, record: &Record<'_>, signed: u64) -> bool {
        let next = self.next(signed);
        if record.index > next {
            return false;
        }
        match record.kind {
            Kind::State => {
                let state = serde_json::from_slice(record.bytes);
                state.map(|state| self.state = state).is_ok()
            }
            Kind::Entry => {
                let entry = Entry::parse(record.bytes).ok();
                let Some(entry) = entry.filter(|entry| entry.seq == record.index) else {
                    return false;
                };
                self.state.replay(entry.seq, &entry.event);
                if record.index == next {
                    self.entries.push(Arc::from(record.bytes));
                }
                true
            }
        }
    }

    /// Keeps what is damaged where nothing removes it, and puts a gap in its place.
    fn set_aside(
        &mut self,
        store: &Store,
        (generation, bytes, good): (u64, &[u8], &[Record<'_>]),
        later: &[u64],
        signed: u64,
        now: Timestamp,
    ) -> io::Result<()> {
        let damaged = store.root.made_sub("damaged")?;
        let as_name = |generation| format!("{}-{generation}", now.strftime("%Y%m%dT%H%M%SZ"));
        for later in later {
            store.journals.rename(&journal::name(*later), &damaged, &as_name(*later))?;
        }
        damaged.put(&as_name(generation), bytes, FILE, &store.temporary)?;
        let reason = Text::new("a part of the journal could not be read");
        let gap = Event::Gap(Gap { lost: 1, at_least: true, reason, from: None });
        let (index, event) = (self.next(signed), serde_json::to_vec(&gap)?);
        let line = Entry::line(index, now, &event);
        let mut whole = journal::TITLE.to_vec();
        good.iter().for_each(|one| journal::add(&mut whole, one.kind, one.index, one.bytes));
        journal::add(&mut whole, Kind::Entry, index, &line);
        store.journals.put(&journal::name(generation), &whole, FILE, &store.temporary)?;
        self.entries.push(line.into());
        Ok(())
    }
}

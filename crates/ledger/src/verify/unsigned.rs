//! The journal, as a reader sees it.

use std::collections::BTreeMap;

use super::Look;
use crate::LedgerError;
use crate::journal::{self, End, Kind};
use crate::state::State;

/// How often the journal is read anew, where it is written meanwhile.
const TRIES: usize = 8;

/// What is in the journal.
#[derive(Debug, Default)]
pub(super) struct Unsigned {
    /// Entries by index; some of them may be signed.
    pub(super) entries: BTreeMap<u64, Vec<u8>>,
    /// Whether the last write was cut short.
    pub(super) cut: bool,
}

impl Unsigned {
    pub(super) fn read(look: &Look<'_>) -> Result<Self, LedgerError> {
        let Ok(folder) = look.root.sub("journal") else { return Ok(Self::default()) };
        let failed = look.failed("the journal");
        for _ in 0..TRIES {
            let generations = journal::generations(&folder).map_err(&failed)?;
            let mut found = Self::default();
            for generation in &generations {
                let name = journal::name(*generation);
                if let Some(bytes) = folder.read(&name, journal::LONGEST).map_err(&failed)? {
                    found
                        .take(&bytes)
                        .map_err(|why| look.misfit(format!("journal/{name}: {why}")))?;
                }
            }
            // The first ones go once they are signed: then there may be a hole.
            if journal::generations(&folder).map_err(&failed)?.first() == generations.first() {
                return Ok(found);
            }
        }
        Err(failed(std::io::Error::other("it changes all the time")))
    }

    fn take(&mut self, bytes: &[u8]) -> Result<(), String> {
        let (records, end) = journal::read(bytes);
        for record in records {
            match record.kind {
                Kind::State => {
                    serde_json::from_slice::<State>(record.bytes).map_err(|why| why.to_string())?;
                }
                Kind::Entry => {
                    self.entries.insert(record.index, record.bytes.to_vec());
                }
            }
        }
        match end {
            End::Whole => Ok(()),
            End::Cut(_) => {
                self.cut = true;
                Ok(())
            }
            End::Damaged(at) => Err(format!("what begins at byte {at} was never written so")),
        }
    }
}

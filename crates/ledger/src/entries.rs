//! The entries of a ledger for people, in order. They are read and not verified.

use std::collections::VecDeque;
use std::path::Path;

use crate::entry::Entry;
use crate::files::Folder;
use crate::journal::{self, Kind};
use crate::layout::{self, Tile, TileFile};
use crate::note::{self, LONGEST_NOTE};
use crate::prune::bundles;
use crate::publisher;
use crate::store::CHECKPOINT;
use crate::tree::WIDTH;
use crate::{Checkpoint, LedgerError};

/// Entries, read bundle by bundle.
#[derive(Debug)]
pub struct Entries {
    log: Option<Folder>,
    /// Bundles that are still to be read.
    bundles: VecDeque<TileFile>,
    /// Entries that are read.
    ready: VecDeque<Vec<u8>>,
    /// Entries of the journal.
    unsigned: VecDeque<Vec<u8>>,
}

/// The entries of the ledger in a folder, also while it is written: those that were not thrown away,
/// and those that are not signed yet.
///
/// # Errors
/// When the folder, its checkpoint or its journal cannot be read.
pub fn entries(path: &Path) -> Result<Entries, LedgerError> {
    let failed = |source| LedgerError::Folder { path: path.to_owned(), source };
    let root = Folder::open(path).map_err(failed)?;
    // Before the checkpoint: what leaves it meanwhile is in the tree.
    let journalled = journalled(&root).map_err(failed)?;
    let log = root.sub("log").ok();
    let note = log.as_ref().map(|log| log.read(CHECKPOINT, LONGEST_NOTE as u64)).transpose();
    let size = match note.map_err(failed)?.flatten() {
        Some(note) => {
            let note = String::from_utf8_lossy(&note);
            let read = note::unverified(&note).and_then(|_| Checkpoint::unverified(&note));
            let misfit = |why: crate::NoteError| LedgerError::Misfit {
                path: path.to_owned(),
                why: format!("log/checkpoint: {why}"),
            };
            read.map_err(misfit)?.size
        }
        None => 0,
    };
    let whole = log.as_ref().map(bundles).transpose().map_err(failed)?.unwrap_or_default();
    let whole = whole.into_iter().filter(|index| *index < size / WIDTH);
    let mut files: VecDeque<_> =
        whole.map(|index| TileFile { tile: Tile::Entries(index), width: WIDTH }).collect();
    if size % WIDTH > 0 {
        files.push_back(TileFile { tile: Tile::Entries(size / WIDTH), width: size % WIDTH });
    }
    let unsigned = journalled.into_iter().filter(|(index, _)| *index >= size);
    let unsigned = unsigned.map(|(_, bytes)| bytes).collect();
    Ok(Entries { log, bundles: files, ready: VecDeque::new(), unsigned })
}

fn journalled(root: &Folder) -> std::io::Result<Vec<(u64, Vec<u8>)>> {
    let Ok(folder) = root.sub("journal") else { return Ok(Vec::new()) };
    let mut found = Vec::new();
    for generation in journal::generations(&folder)? {
        let bytes = folder.read(&journal::name(generation), journal::LONGEST)?.unwrap_or_default();
        let (records, _) = journal::read(&bytes);
        let records = records.into_iter().filter(|record| record.kind == Kind::Entry);
        found.extend(records.map(|record| (record.index, record.bytes.to_vec())));
    }
    Ok(found)
}

impl Entries {
    fn load(&mut self, file: TileFile) -> Result<(), String> {
        let path = file.path();
        let log = self.log.as_ref().ok_or("there is no log")?;
        // While it is read, it may be thrown away, or become a whole one.
        let bytes = publisher::read(log, file).map_err(|error| format!("{path}: {error}"))?;
        let Some(bytes) = bytes else { return Ok(()) };
        let all = layout::unbundled(&bytes).ok_or_else(|| format!("{path} is damaged"))?;
        self.ready.extend(all.into_iter().map(<[u8]>::to_vec));
        Ok(())
    }
}

impl Iterator for Entries {
    /// An entry, or what is wrong with one or with a file.
    type Item = Result<Entry, String>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            if let Some(bytes) = self.ready.pop_front() {
                return Some(Entry::parse(&bytes));
            }
            match self.bundles.pop_front() {
                Some(file) => {
                    if let Err(why) = self.load(file) {
                        return Some(Err(why));
                    }
                }
                None => return self.unsigned.pop_front().map(|bytes| Entry::parse(&bytes)),
            }
        }
    }
}

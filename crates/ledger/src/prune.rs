//! Entries that are too old are thrown away; their hashes stay.

use jiff::Timestamp;

use crate::LedgerError;
use crate::entry::{Entry, Event, Prune};
use crate::files::Folder;
use crate::keeper;
use crate::layout::{self, Tile, TileFile};
use crate::ledger::{Shared, lock};
use crate::publisher::LONGEST_BUNDLE;
use crate::tree::WIDTH;

/// Records that entries will be thrown away, has that signed, and throws them away. Only whole
/// bundles go, from the oldest on, and none behind one that stays.
pub(crate) fn prune(shared: &Shared, older_than: Timestamp) -> Result<u64, LedgerError> {
    let failed = shared.store.failed("old entries");
    let signed = lock(&shared.publisher).size();
    let there = bundles(&shared.store.log).map_err(&failed)?;
    let old: Vec<_> = there
        .into_iter()
        .filter(|index| *index < signed / WIDTH)
        .take_while(|index| is_older(&shared.store.log, *index, older_than))
        .collect();
    let Some(last) = old.last() else { return Ok(0) };
    let below = (last + 1) * WIDTH;
    shared.append(&Event::Prune(Prune { below, older_than }), false)?;
    keeper::publish(shared).map_err(&failed)?;
    for index in &old {
        shared.store.log.remove(&whole(*index).path()).map_err(&failed)?;
    }
    Ok(old.len() as u64 * WIDTH)
}

pub(crate) const fn whole(index: u64) -> TileFile {
    TileFile { tile: Tile::Entries(index), width: WIDTH }
}

/// The indices of the whole bundles that are there, in order.
pub(crate) fn bundles(log: &Folder) -> std::io::Result<Vec<u64>> {
    let entries = match log.sub("tile/entries") {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries?,
    };
    let files = entries.walk()?.into_iter().filter_map(|path| {
        let file = TileFile::parse(&format!("tile/entries/{path}"))?;
        match file.tile {
            Tile::Entries(index) if file.width == WIDTH => Some(index),
            _ => None,
        }
    });
    let mut all: Vec<_> = files.collect();
    all.sort_unstable();
    Ok(all)
}

/// Whether all of a bundle was recorded before a time. What cannot be read is kept.
fn is_older(log: &Folder, index: u64, than: Timestamp) -> bool {
    let Ok(Some(bytes)) = log.read(&whole(index).path(), LONGEST_BUNDLE) else { return false };
    layout::unbundled(&bytes).is_some_and(|entries| {
        entries.iter().all(|entry| Entry::parse(entry).is_ok_and(|entry| entry.time < than))
    })
}

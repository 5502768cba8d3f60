//! Tiles and checkpoints: what was journalled becomes a signed tree.

use std::collections::BTreeSet;
use std::io;
use std::sync::Arc;

use crate::entry::Entry;
use crate::files::{FILE, Folder};
use crate::hash::HASH;
use crate::layout::{self, Tile, TileFile};
use crate::store::{CHECKPOINT, Store};
use crate::tree::{Edge, Place, WIDTH};
use crate::{Checkpoint, Hash, LedgerError};

/// The longest bundle of entries, in bytes.
pub(crate) const LONGEST_BUNDLE: u64 = WIDTH * (2 + layout::LONGEST_ENTRY as u64);

/// How many entries are signed at once.
const CHUNK: usize = 64 * WIDTH as usize;

/// What is signed, and what is to be.
#[derive(Debug, Default)]
pub(crate) struct Publisher {
    /// The edge of the signed tree.
    edge: Edge,
    /// The entries of the last bundle of the signed tree, where that is not full.
    tail: Vec<Arc<[u8]>>,
    /// The entries after that.
    backlog: Vec<Arc<[u8]>>,
}

impl Publisher {
    /// What was signed, read from its tiles.
    pub(crate) fn load(store: &Store) -> Result<Self, LedgerError> {
        let Some(Checkpoint { size, root, .. }) = store.checkpoint()? else {
            return Ok(Self::default());
        };
        let mut missing = None;
        let edge = Edge::read(size, |place, width| {
            let file = TileFile { tile: Tile::Hashes(place), width };
            let hashes = read(&store.log, file).ok().flatten();
            let hashes = hashes.and_then(|bytes| Hash::all(&bytes));
            missing = missing.take().or_else(|| hashes.is_none().then(|| file.path()));
            hashes.filter(|hashes| hashes.len() as u64 == width)
        });
        let missing = missing.unwrap_or_default();
        let edge =
            edge.ok_or_else(|| store.misfit(format!("log/{missing} is missing or short")))?;
        if edge.root() != root {
            return Err(store.misfit("the tiles are of another tree than the checkpoint"));
        }
        let tail = tail(store, size)?;
        Ok(Self { edge, tail, ..Self::default() })
    }

    /// How many entries the signed tree has.
    pub(crate) const fn size(&self) -> u64 {
        self.edge.size()
    }

    /// Whether all that was taken is signed.
    pub(crate) const fn is_done(&self) -> bool {
        self.backlog.is_empty()
    }

    /// Entries that are to be signed.
    pub(crate) fn take(&mut self, entries: impl IntoIterator<Item = Arc<[u8]>>) {
        self.backlog.extend(entries);
    }

    /// How many bytes are to be signed.
    pub(crate) fn unsigned(&self) -> usize {
        self.backlog.iter().map(|entry| entry.len()).sum()
    }

    /// Writes tiles and a checkpoint of what was taken, or of the first [`CHUNK`] of it, so that
    /// whoever waits sees that it goes on. Gives the checkpoint; none where there was nothing. All of
    /// it is on the disk then.
    ///
    /// # Errors
    /// What could not be written; all is as if this had not been tried, and may be tried again.
    pub(crate) fn publish(&mut self, store: &Store) -> io::Result<Option<String>> {
        let chunk = self.backlog.get(..CHUNK.min(self.backlog.len())).unwrap_or_default();
        if chunk.is_empty() {
            return Ok(None);
        }
        let mut files = Files { store, folders: BTreeSet::new() };
        let first = self.edge.size() / WIDTH;
        let entries: Vec<_> = self.tail.iter().chain(chunk).cloned().collect();
        for (index, some) in (first..).zip(entries.chunks(WIDTH as usize)) {
            files.entries(index, some)?;
        }
        let (mut edge, mut filled) = (self.edge.clone(), Vec::new());
        for entry in chunk {
            edge.push(Hash::leaf(entry), |place, row| filled.push((place, row.to_vec())));
        }
        for (place, row) in &filled {
            files.hashes(*place, row)?;
        }
        for (place, row) in edge.unfilled().filter(|(_, row)| !row.is_empty()) {
            files.hashes(place, row)?;
        }
        files.sync()?;
        let note = sign(store, &edge)?;
        self.backlog.drain(..chunk.len());
        let whole = usize::try_from((edge.size() / WIDTH - first) * WIDTH).unwrap_or(usize::MAX);
        self.tail = entries.into_iter().skip(whole).collect();
        let bundles = (first..edge.size() / WIDTH).map(Tile::Entries);
        self.edge = edge;
        thin(store, filled.iter().map(|(place, _)| Tile::Hashes(*place)).chain(bundles));
        Ok(Some(note))
    }
}

fn sign(store: &Store, edge: &Edge) -> io::Result<String> {
    let origin = store.key.public().name().to_owned();
    let checkpoint = Checkpoint { origin, size: edge.size(), root: edge.root() };
    let note = checkpoint.signed(&store.key);
    store.log.put(CHECKPOINT, note.as_bytes(), FILE, &store.temporary)?;
    Ok(note)
}

/// Files of the log that are written, and the folders that hold their names.
struct Files<'a> {
    store: &'a Store,
    folders: BTreeSet<String>,
}

impl Files<'_> {
    fn put(&mut self, file: TileFile, bytes: &[u8]) -> io::Result<()> {
        let path = file.path();
        self.store.log.place(&path, bytes, FILE, &self.store.temporary)?;
        self.folders.extend(path.rsplit_once('/').map(|(folder, _)| folder.to_owned()));
        Ok(())
    }

    fn entries(&mut self, index: u64, entries: &[Arc<[u8]>]) -> io::Result<()> {
        let file = TileFile { tile: Tile::Entries(index), width: entries.len() as u64 };
        let bundle = layout::bundle(entries.iter().map(|entry| &**entry));
        self.put(file, &bundle.ok_or_else(|| io::Error::other("an entry is too long"))?)
    }

    fn hashes(&mut self, place: Place, row: &[Hash]) -> io::Result<()> {
        let bytes: Vec<_> = row.iter().flat_map(|hash| hash.0).collect();
        self.put(TileFile { tile: Tile::Hashes(place), width: row.len() as u64 }, &bytes)
    }

    fn sync(&self) -> io::Result<()> {
        self.folders.iter().try_for_each(|folder| self.store.log.sub(folder)?.sync())
    }
}

/// Removes the parts of tiles that are whole now. What stays behind does no harm.
fn thin(store: &Store, tiles: impl Iterator<Item = Tile>) {
    for tile in tiles {
        let _ = store.log.remove_folder(&format!("{}.p", TileFile { tile, width: WIDTH }.path()));
    }
}

/// What a file of the log holds; of a part that is gone, what the whole tile has of it. None where
/// neither is there, or what is there is too short.
pub(crate) fn read(log: &Folder, file: TileFile) -> io::Result<Option<Vec<u8>>> {
    let most = match file.tile {
        Tile::Hashes(_) => WIDTH * HASH as u64,
        Tile::Entries(_) => LONGEST_BUNDLE,
    };
    let part = log.read(&file.path(), most)?;
    if part.is_some() || file.width == WIDTH {
        return Ok(part);
    }
    let whole = log.read(&TileFile { width: WIDTH, ..file }.path(), most)?;
    Ok(whole.and_then(|whole| layout::part_of(file, &whole).map(<[u8]>::to_vec)))
}

/// The last entry of a tree of that size; none where there is none, or it cannot be read.
pub(crate) fn last(log: &Folder, size: u64) -> Option<Entry> {
    let index = size.checked_sub(1)? / WIDTH;
    let file = TileFile { tile: Tile::Entries(index), width: size - index * WIDTH };
    let bytes = read(log, file).ok()??;
    Entry::parse(layout::unbundled(&bytes)?.last()?).ok()
}

/// The entries of the last bundle of a tree, where that is not full.
fn tail(store: &Store, size: u64) -> Result<Vec<Arc<[u8]>>, LedgerError> {
    let (index, width) = (size / WIDTH, size % WIDTH);
    if width == 0 {
        return Ok(Vec::new());
    }
    let file = TileFile { tile: Tile::Entries(index), width };
    let missing = || store.misfit(format!("log/{} is missing or damaged", file.path()));
    let bytes = read(&store.log, file).map_err(store.failed("the log"))?.ok_or_else(missing)?;
    let entries = layout::unbundled(&bytes).filter(|all| all.len() as u64 == width);
    Ok(entries.ok_or_else(missing)?.into_iter().map(Arc::from).collect())
}

//! The proof that one entry is in the signed tree, made of its tiles alone.

use std::path::Path;

use crate::files::Folder;
use crate::layout::{self, Tile, TileFile};
use crate::note::LONGEST_NOTE;
use crate::proof::{self, Subtrees};
use crate::publisher;
use crate::store::{self, CHECKPOINT};
use crate::tree::{Place, WIDTH};
use crate::{Checkpoint, Hash, LedgerError, PublicKey};

/// An entry that is in a signed tree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Included {
    /// Its index.
    pub index: u64,
    /// The signed tree.
    pub checkpoint: Checkpoint,
    /// The entry's line; none where it was thrown away for its age, and its hash alone is proved.
    pub line: Option<String>,
    /// The hash of the entry.
    pub leaf: Hash,
    /// The hashes that lead from it to the tree's, the nearest first.
    pub path: Vec<Hash>,
}

struct Tiles<'a> {
    log: &'a Folder,
    size: u64,
}

impl Subtrees for Tiles<'_> {
    fn subtree(&self, start: u64, height: u32) -> Option<Hash> {
        let level = u8::try_from(height / 8).ok()?;
        let first = start.checked_shr(8 * u32::from(level))?;
        let count = 1_u64.checked_shl(height % 8)?;
        let (index, at) = (first / WIDTH, first % WIDTH);
        let all = self.size.checked_shr(8 * u32::from(level))?;
        let width = all.checked_sub(index * WIDTH)?.min(WIDTH);
        let file = TileFile { tile: Tile::Hashes(Place { level, index }), width };
        let hashes = Hash::all(&publisher::read(self.log, file).ok()??)?;
        let range = usize::try_from(at).ok()?..usize::try_from(at + count).ok()?;
        hashes.get(range).map(Hash::above)
    }
}

/// Proves that an entry is in the signed tree of the ledger in a folder.
///
/// # Errors
/// When it is not, or a part of the proof is missing or does not fit.
pub fn prove(path: &Path, index: u64, key: Option<&PublicKey>) -> Result<Included, LedgerError> {
    let failed = |source| LedgerError::Folder { path: path.to_owned(), source };
    let misfit = |why: String| LedgerError::Misfit { path: path.to_owned(), why };
    let root = Folder::open(path).map_err(failed)?;
    let key = match key {
        Some(key) => key.clone(),
        None => store::public_key(&root).map_err(failed)?.map_err(|why| misfit(why.to_string()))?,
    };
    let log = root.sub("log").map_err(failed)?;
    let note = log.read(CHECKPOINT, LONGEST_NOTE as u64).map_err(failed)?;
    let note = note.and_then(|note| String::from_utf8(note).ok());
    let note = note.ok_or_else(|| misfit("log/checkpoint is missing or no text".to_owned()))?;
    let checkpoint = Checkpoint::verified(&note, &key).map_err(|why| misfit(why.to_string()))?;
    let tiles = Tiles { log: &log, size: checkpoint.size };
    let hashes = proof::inclusion(&tiles, index, checkpoint.size);
    let path = hashes.ok_or_else(|| {
        misfit(format!(
            "there is no entry {index} among the {} signed, or a tile is missing",
            checkpoint.size
        ))
    })?;
    let line = line(&log, index, checkpoint.size).map_err(failed)?;
    let leaf = match &line {
        Some(line) => Some(Hash::leaf(line.as_bytes())),
        None => tiles.subtree(index, 0),
    };
    let leaf =
        leaf.filter(|leaf| proof::includes(*leaf, index, checkpoint.size, &path, checkpoint.root));
    let leaf = leaf.ok_or_else(|| misfit(format!("entry {index} is not in the signed tree")))?;
    Ok(Included { index, checkpoint, line, leaf, path })
}

fn line(log: &Folder, index: u64, size: u64) -> std::io::Result<Option<String>> {
    let bundle = index / WIDTH;
    let width = size.saturating_sub(bundle * WIDTH).min(WIDTH);
    let file = TileFile { tile: Tile::Entries(bundle), width };
    let Some(bytes) = publisher::read(log, file)? else { return Ok(None) };
    let at = usize::try_from(index % WIDTH).unwrap_or(usize::MAX);
    let entry = layout::unbundled(&bytes).and_then(|all| all.get(at).map(|one| one.to_vec()));
    let text = entry.and_then(|entry| String::from_utf8(entry).ok());
    text.map(Some).ok_or_else(|| std::io::Error::other(format!("log/{} is damaged", file.path())))
}

//! Whether a ledger is what it was: every hash from the entries up, the signature, what every file
//! holds, and that it grew out of checkpoints that were kept elsewhere.

use std::collections::BTreeMap;
use std::path::Path;

use jiff::Timestamp;

use crate::entry::Followed;
use crate::files::Folder;
use crate::layout::{self, Tile, TileFile};
use crate::note::LONGEST_NOTE;
use crate::publisher::{self, LONGEST_BUNDLE};
use crate::store::{self, CHECKPOINT};
use crate::tree::{Edge, Place, WIDTH};
use crate::{Checkpoint, Hash, LedgerError, PublicKey};

mod inclusion;
mod others;
mod story;
mod unsigned;

pub use inclusion::{Included, prove};
use story::Story;
use unsigned::Unsigned;

/// A ledger that fits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verified {
    /// The key that signed it.
    pub key: PublicKey,
    /// Whether that key was taken from the ledger's own folder, which proves nothing against who can
    /// write there.
    pub own_key: bool,
    /// The signed tree; none where nothing was signed yet.
    pub checkpoint: Option<Checkpoint>,
    /// How many entries are in the journal and not signed yet.
    pub unsigned: u64,
    /// Whether the last write to the journal was cut short, which happens when its process is
    /// killed; no entry was acknowledged by it.
    pub cut: bool,
    /// Whether the ledger is being written at this moment.
    pub live: bool,
    /// All entries below this index were thrown away for their age; their hashes fit.
    pub pruned: u64,
    /// How many outcomes are unknown.
    pub unknown: u64,
    /// How many forwarded requests have no outcome yet.
    pub pending: u64,
    /// How many entries could not be recorded, by the ledger's own word.
    pub lost: u64,
    /// When the newest entry was recorded.
    pub newest: Option<Timestamp>,
    /// The log that it goes on for, by its first entry; none where it goes on for none, or that entry
    /// was thrown away.
    pub follows: Option<Followed>,
    /// The public key that took the place of its own, by its last entry.
    pub replaced_by: Option<String>,
}

impl Verified {
    /// Whether all is there and known: nothing pruned, lost, without an outcome or unsigned. While
    /// the ledger is written, some may be without an outcome or a signature yet.
    #[must_use]
    pub const fn is_complete(&self) -> bool {
        let settled = self.live || (self.pending == 0 && self.unsigned == 0);
        self.pruned == 0 && self.unknown == 0 && self.lost == 0 && settled
    }

    /// Whether it follows another log: the last entry there names the key here, and the first entry
    /// here names the key, the size and the tree there. Of a log whose first entries were thrown away
    /// only the former can be known.
    ///
    /// # Errors
    /// The first thing that does not fit.
    pub fn is_after(&self, old: &Self) -> Result<(), String> {
        let (key, was) = (self.key.to_string(), old.key.to_string());
        match &old.replaced_by {
            None => return Err("the log before it has not ended: its key was not replaced".into()),
            Some(by) if *by != key => {
                return Err(format!(
                    "the log before it ends with the key {by}, and its own is {key}"
                ));
            }
            Some(_) => {}
        }
        let ended = old.checkpoint.as_ref().map(|last| (last.size, last.root.to_string()));
        let Some((size, root)) = ended.filter(|_| old.unsigned == 0) else {
            return Err("the end of the log before it is not signed".to_owned());
        };
        match &self.follows {
            None if self.pruned > 0 => Ok(()),
            None => Err("its first entry says of no log that it follows it".to_owned()),
            Some(follows) if follows.key != was => Err(format!(
                "it follows the log of the key {}, and that before it has {was}",
                follows.key
            )),
            Some(follows) if (follows.size, &follows.root) != (size, &root) => Err(format!(
                "it follows {} entries with the tree {}, and the log before it has {size} with {root}",
                follows.size, follows.root
            )),
            Some(_) => Ok(()),
        }
    }
}

/// What is known of the tree while it is gone through.
struct Look<'a> {
    path: &'a Path,
    root: Folder,
    log: Option<Folder>,
    live: bool,
    edge: Edge,
    /// Tiles that hold unsigned entries.
    beyond: BTreeMap<Place, Vec<Hash>>,
    story: Story,
}

/// Verifies the ledger in a folder, also while it is written. `known` are checkpoints that were kept
/// elsewhere, and `key` is the key that signed, where that was kept elsewhere, too.
///
/// # Errors
/// The first thing that does not fit ([`LedgerError::Misfit`]), or what could not be read.
pub fn verify(
    path: &Path,
    known: &[Checkpoint],
    key: Option<&PublicKey>,
) -> Result<Verified, LedgerError> {
    let mut look = Look::new(path)?;
    // The journal first: what leaves it while we look is in the tree that we read after it.
    let unsigned = Unsigned::read(&look)?;
    let (public, own_key) = look.key(key)?;
    let checkpoint = look.checkpoint(&public)?;
    look.older(checkpoint.as_ref(), known)?;
    look.tree(checkpoint.as_ref(), known)?;
    let count = look.unsigned(&unsigned)?;
    look.others(&unsigned, checkpoint.as_ref())?;
    let missing = look.story.missing();
    if missing > look.story.pruned {
        return Err(look.misfit(format!("{} is missing", bundle(missing / WIDTH - 1).path())));
    }
    let Story { pending, unknown, lost, newest, first, replaced_by, .. } = look.story;
    if let Some(first) = first.as_ref().filter(|first| first.public != public.to_string()) {
        let why = format!("its first entry has the key {}, and key.pub is another", first.public);
        return Err(LedgerError::Misfit { path: path.to_owned(), why });
    }
    Ok(Verified {
        key: public,
        own_key,
        checkpoint,
        unsigned: count,
        cut: unsigned.cut,
        live: look.live,
        pruned: missing,
        unknown,
        pending: pending.len() as u64,
        lost,
        newest,
        follows: first.and_then(|first| first.follows),
        replaced_by,
    })
}

const fn bundle(index: u64) -> TileFile {
    TileFile { tile: Tile::Entries(index), width: WIDTH }
}

impl<'a> Look<'a> {
    fn new(path: &'a Path) -> Result<Self, LedgerError> {
        let failed = |source| LedgerError::Folder { path: path.to_owned(), source };
        let root = Folder::open(path).map_err(failed)?;
        let (live, log) = (store::is_locked(&root), root.sub("log").ok());
        let (edge, beyond, story) = (Edge::default(), BTreeMap::new(), Story::default());
        Ok(Self { path, root, log, live, edge, beyond, story })
    }

    fn misfit(&self, why: impl Into<String>) -> LedgerError {
        LedgerError::Misfit { path: self.path.to_owned(), why: why.into() }
    }

    fn failed(&self, what: &'static str) -> impl Fn(std::io::Error) -> LedgerError {
        move |source| LedgerError::Part { what, path: self.path.to_owned(), source }
    }

    /// The key to hold it to, and whether that is its own.
    fn key(&self, key: Option<&PublicKey>) -> Result<(PublicKey, bool), LedgerError> {
        let own = match store::public_key(&self.root) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => None,
            Err(error) => return Err(self.failed("the public key")(error)),
            Ok(own) => Some(own.map_err(|why| self.misfit(format!("key.pub: {why}")))?),
        };
        match (key, own) {
            (Some(key), Some(own)) if own != *key => Err(self.misfit("key.pub is another key")),
            (Some(key), _) => Ok((key.clone(), false)),
            (None, Some(own)) => Ok((own, true)),
            (None, None) => Err(self.misfit("key.pub is missing")),
        }
    }

    fn checkpoint(&self, key: &PublicKey) -> Result<Option<Checkpoint>, LedgerError> {
        let bytes = match &self.log {
            Some(log) => log.read(CHECKPOINT, LONGEST_NOTE as u64),
            None => Ok(None),
        };
        let Some(bytes) = bytes.map_err(self.failed("the checkpoint"))? else { return Ok(None) };
        let text =
            String::from_utf8(bytes).map_err(|_| self.misfit("the checkpoint is no text"))?;
        let verified = Checkpoint::verified(&text, key);
        verified.map(Some).map_err(|why| self.misfit(format!("log/checkpoint: {why}")))
    }

    fn read(&self, file: TileFile) -> Result<Option<Vec<u8>>, LedgerError> {
        let Some(log) = &self.log else { return Ok(None) };
        // While it is written, a part may give way to the whole tile.
        let read = if self.live {
            publisher::read(log, file)
        } else {
            log.read(&file.path(), LONGEST_BUNDLE)
        };
        read.map_err(self.failed("a file of the log"))
    }

    /// Whether there can be such older checkpoints of it.
    fn older(
        &self,
        checkpoint: Option<&Checkpoint>,
        known: &[Checkpoint],
    ) -> Result<(), LedgerError> {
        let size = checkpoint.map_or(0, |checkpoint| checkpoint.size);
        for old in known {
            let name = checkpoint.map_or(&old.origin, |checkpoint| &checkpoint.origin);
            if old.origin != *name {
                return Err(
                    self.misfit(format!("it is of {name}, the checkpoint of {}", old.origin))
                );
            }
            if old.size > size {
                return Err(self.misfit(format!(
                    "it has {size} signed entries, and had {} when the checkpoint was kept: it was cut \
                     or begun anew",
                    old.size
                )));
            }
            self.grew(old, 0)?;
        }
        Ok(())
    }

    /// Goes through the signed tree, from the first entry to the last.
    fn tree(
        &mut self,
        checkpoint: Option<&Checkpoint>,
        known: &[Checkpoint],
    ) -> Result<(), LedgerError> {
        let size = checkpoint.map_or(0, |checkpoint| checkpoint.size);
        for index in 0..size.div_ceil(WIDTH) {
            let width = size.saturating_sub(index * WIDTH).min(WIDTH);
            for leaf in self.leaves(index, width)? {
                self.push(leaf, true)?;
                for old in known {
                    self.grew(old, self.edge.size())?;
                }
            }
        }
        let unfilled: Vec<_> =
            self.edge.unfilled().map(|(place, row)| (place, row.to_vec())).collect();
        for (place, row) in unfilled.iter().filter(|(_, row)| !row.is_empty()) {
            self.compare(*place, row)?;
        }
        match checkpoint {
            Some(checkpoint) if checkpoint.root != self.edge.root() => {
                Err(self.misfit("the entries make another tree than the checkpoint says"))
            }
            _ => Ok(()),
        }
    }

    /// Whether the tree was that of an older checkpoint when it had as many entries.
    fn grew(&self, old: &Checkpoint, size: u64) -> Result<(), LedgerError> {
        if old.size != size || old.root == self.edge.root() {
            return Ok(());
        }
        Err(self.misfit(format!(
            "the first {size} entries are not those of the checkpoint that was kept"
        )))
    }

    /// The hashes of a bundle's entries; of one that was thrown away those that are kept.
    fn leaves(&mut self, index: u64, width: u64) -> Result<Vec<Hash>, LedgerError> {
        let file = TileFile { tile: Tile::Entries(index), width };
        let Some(bytes) = self.read(file)? else {
            let place = Place { level: 0, index };
            if width < WIDTH || !self.story.skip(index) {
                return Err(self.misfit(format!("log/{} is missing", file.path())));
            }
            return self.hashes(place, width);
        };
        let entries = layout::unbundled(&bytes).filter(|all| all.len() as u64 == width);
        let Some(entries) = entries else {
            return Err(self.misfit(format!("log/{} does not hold {width} entries", file.path())));
        };
        for (seq, entry) in (index * WIDTH..).zip(&entries) {
            self.story.tell(seq, entry).map_err(|why| LedgerError::Misfit {
                path: self.path.to_owned(),
                why: format!("log/{}: entry {seq}: {why}", file.path()),
            })?;
        }
        Ok(entries.iter().map(|entry| Hash::leaf(entry)).collect())
    }

    /// The hashes that a tile's file holds.
    fn hashes(&self, place: Place, width: u64) -> Result<Vec<Hash>, LedgerError> {
        let file = TileFile { tile: Tile::Hashes(place), width };
        let bytes = self.read(file)?;
        let bytes = bytes.ok_or_else(|| self.misfit(format!("log/{} is missing", file.path())))?;
        let hashes = Hash::all(&bytes).filter(|all| all.len() as u64 == width);
        hashes
            .ok_or_else(|| self.misfit(format!("log/{} does not hold {width} hashes", file.path())))
    }

    /// One more leaf; a tile that it fills is compared with its file, or kept.
    fn push(&mut self, leaf: Hash, signed: bool) -> Result<(), LedgerError> {
        let mut filled = Vec::new();
        self.edge.push(leaf, |place, row| filled.push((place, row.to_vec())));
        for (place, row) in filled {
            if signed {
                self.compare(place, &row)?;
            } else {
                self.beyond.insert(place, row);
            }
        }
        Ok(())
    }

    fn compare(&self, place: Place, row: &[Hash]) -> Result<(), LedgerError> {
        let file = TileFile { tile: Tile::Hashes(place), width: row.len() as u64 };
        let has = self.hashes(place, file.width)?;
        match has.iter().zip(row).position(|(has, wanted)| has != wanted) {
            None => Ok(()),
            Some(at) => {
                let span = WIDTH.saturating_pow(u32::from(place.level));
                let first = (place.index * WIDTH + at as u64).saturating_mul(span);
                let what = match place.level {
                    0 => format!("entry {first}"),
                    _ => format!("the {span} entries from {first} on"),
                };
                Err(self.misfit(format!("log/{} has another hash of {what}", file.path())))
            }
        }
    }

    /// Goes on with what is not signed yet. How many entries that are.
    fn unsigned(&mut self, unsigned: &Unsigned) -> Result<u64, LedgerError> {
        let signed = self.edge.size();
        for (seq, entry) in unsigned.entries.range(signed..) {
            if *seq != self.edge.size() {
                return Err(
                    self.misfit(format!("entry {} is missing from the journal", self.edge.size()))
                );
            }
            let told = self.story.tell(*seq, entry);
            told.map_err(|why| self.misfit(format!("journal: entry {seq}: {why}")))?;
            self.push(Hash::leaf(entry), false)?;
        }
        Ok(self.edge.size() - signed)
    }
}

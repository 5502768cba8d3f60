//! Every other file of a ledger: none may be there that does not belong, and each holds what it should.

use std::io::{ErrorKind, Read as _};

use super::{Look, Unsigned};
use crate::layout::{self, Tile, TileFile};
use crate::note::LONGEST_NOTE;
use crate::store::{CHECKPOINT, CLOCK, IN_FORCE, KEY, LOCK, PUBLIC};
use crate::tree::{Place, WIDTH};
use crate::{Checkpoint, Hash, LedgerError, SecretKey, journal, reserve};

impl Look<'_> {
    /// Looks at all files that were not compared yet.
    pub(super) fn others(
        &self,
        unsigned: &Unsigned,
        checkpoint: Option<&Checkpoint>,
    ) -> Result<(), LedgerError> {
        let files = self.root.walk().map_err(self.failed("its files"))?;
        for path in &files {
            match path.split_once('/') {
                None => self.top(path)?,
                Some(("log", CHECKPOINT)) => {}
                Some(("log", rest)) => self.tile(rest, unsigned, checkpoint)?,
                Some(("journal", name)) => {
                    let number: Option<u64> = name.parse().ok();
                    if number.is_none_or(|number| journal::name(number) != name) {
                        return Err(self.foreign(path));
                    }
                }
                // What was damaged is kept as it was; what is being written is nothing yet.
                Some(("damaged" | "tmp", _)) => {}
                Some(_) => return Err(self.foreign(path)),
            }
        }
        Ok(())
    }

    fn foreign(&self, path: &str) -> LedgerError {
        self.misfit(format!("{path} does not belong there"))
    }

    fn top(&self, name: &str) -> Result<(), LedgerError> {
        match name {
            KEY => self.secret(),
            // What these say of before is a convenience; what was decided by is in the entries.
            PUBLIC | IN_FORCE | CLOCK => Ok(()),
            LOCK => match self.root.read(name, 0) {
                Ok(_) => Ok(()),
                Err(_) => Err(self.misfit("lock is not empty")),
            },
            reserve::NAME => self.reserve(),
            other => Err(self.foreign(other)),
        }
    }

    /// The key that signs is the other half of the one that is believed. Whoever may not read it can
    /// verify all else.
    fn secret(&self) -> Result<(), LedgerError> {
        let bytes = match self.root.read(KEY, LONGEST_NOTE as u64) {
            Err(error) if error.kind() == ErrorKind::PermissionDenied => return Ok(()),
            bytes => bytes.map_err(self.failed("the key"))?.unwrap_or_default(),
        };
        let text = String::from_utf8(bytes).map_err(|_| self.misfit("key is no text"))?;
        let key = SecretKey::parse(&text).map_err(|why| self.misfit(format!("key: {why}")))?;
        let (own, _) = self.key(None)?;
        if key.text() == text && *key.public() == own {
            Ok(())
        } else {
            Err(self.misfit("key is another key than key.pub"))
        }
    }

    /// The reserve holds nothing.
    fn reserve(&self) -> Result<(), LedgerError> {
        let mut file = match self.root.file(reserve::NAME) {
            // It may have been given back a moment ago.
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
            file => file.map_err(self.failed("the reserve"))?,
        };
        let mut piece = vec![0; 1 << 16];
        loop {
            match file.read(&mut piece).map_err(self.failed("the reserve"))? {
                0 => return Ok(()),
                count if piece.iter().take(count).all(|byte| *byte == 0) => {}
                _ => return Err(self.misfit("reserve is not empty")),
            }
        }
    }

    /// A file below `log/`: what is whole in the signed tree was compared; all else are parts that an
    /// earlier checkpoint had, or that were written before the next one could be signed.
    fn tile(
        &self,
        path: &str,
        unsigned: &Unsigned,
        checkpoint: Option<&Checkpoint>,
    ) -> Result<(), LedgerError> {
        let file = TileFile::parse(path).ok_or_else(|| self.foreign(&format!("log/{path}")))?;
        let place = match file.tile {
            Tile::Hashes(place) => place,
            Tile::Entries(index) => Place { level: 0, index },
        };
        let size = checkpoint.map_or(0, |checkpoint| checkpoint.size);
        let Some(row) = self.row(place, size)?.filter(|row| row.len() as u64 >= file.width) else {
            // Who writes may be ahead of what was read here.
            let known =
                unsigned.entries.last_key_value().map_or(size, |(last, _)| size.max(last + 1));
            return if self.live {
                Ok(())
            } else {
                Err(self.misfit(format!(
                    "log/{path} holds more than the {known} entries that there are"
                )))
            };
        };
        // It may be gone by now, where a whole one took its place.
        let Some(bytes) = self.read(file)? else { return Ok(()) };
        let has = match file.tile {
            Tile::Hashes(_) => Hash::all(&bytes),
            Tile::Entries(_) => layout::unbundled(&bytes)
                .map(|entries| entries.iter().map(|entry| Hash::leaf(entry)).collect()),
        };
        let fits = has.is_some_and(|has| has.len() as u64 == file.width && row.starts_with(&has));
        if fits { Ok(()) } else { Err(self.misfit(format!("log/{path} is not of this tree"))) }
    }

    /// The hashes of a tile of the tree that was gone through.
    fn row(&self, place: Place, signed: u64) -> Result<Option<Vec<Hash>>, LedgerError> {
        if let Some(row) = self.beyond.get(&place) {
            return Ok(Some(row.clone()));
        }
        if let Some((_, row)) = self.edge.unfilled().find(|(at, _)| *at == place) {
            return Ok(Some(row.to_vec()));
        }
        let bits = 8 * (u32::from(place.level) + 1);
        let whole = signed.checked_shr(bits).is_some_and(|whole| place.index < whole);
        if whole { self.hashes(place, WIDTH).map(Some) } else { Ok(None) }
    }
}

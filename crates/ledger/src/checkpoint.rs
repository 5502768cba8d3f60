//! Checkpoints (C2SP tlog-checkpoint): which tree a log has, signed.

use crate::{Hash, NoteError, PublicKey, SecretKey, note};

/// A tree, as a log's signed word has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checkpoint {
    /// The log's name.
    pub origin: String,
    /// How many entries there are.
    pub size: u64,
    /// The hash of the tree.
    pub root: Hash,
}

impl Checkpoint {
    /// Reads a checkpoint and believes it by its signature.
    ///
    /// # Errors
    /// When it is none, or was not signed with this key.
    pub fn verified(text: &str, key: &PublicKey) -> Result<Self, NoteError> {
        let checkpoint = Self::of(key.verify(text)?)?;
        if checkpoint.origin == key.name() {
            Ok(checkpoint)
        } else {
            Err(form("it is of another log than the key"))
        }
    }

    /// Reads a checkpoint without looking at who signed it.
    ///
    /// # Errors
    /// When it is none.
    pub fn unverified(text: &str) -> Result<Self, NoteError> {
        Self::of(note::unverified(text)?)
    }

    fn of(text: &str) -> Result<Self, NoteError> {
        let mut lines = text.split('\n');
        let (Some(origin), Some(size), Some(root)) = (lines.next(), lines.next(), lines.next())
        else {
            return Err(form("it has three lines"));
        };
        let number: u64 = size.parse().map_err(|_| form("its second line is a number"))?;
        if number.to_string() != size || origin.is_empty() {
            return Err(form("its size or its origin is written otherwise"));
        }
        let root = Hash::parse(root).ok_or_else(|| form("its third line is a hash in base64"))?;
        Ok(Self { origin: origin.to_owned(), size: number, root })
    }

    /// The checkpoint as a signed note.
    #[must_use]
    pub fn signed(&self, key: &SecretKey) -> String {
        key.sign(&format!("{}\n{}\n{}\n", self.origin, self.size, self.root))
    }
}

const fn form(why: &'static str) -> NoteError {
    NoteError::Form { what: "checkpoint", why }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_read_as_it_was_written_and_by_its_own_key_alone() {
        let key = SecretKey::generate("web-07").unwrap();
        let (origin, root) = ("web-07".to_owned(), Hash::leaf(b"x"));
        let checkpoint = Checkpoint { origin, size: 1 << 40, root };
        let text = checkpoint.signed(&key);
        assert_eq!(Checkpoint::verified(&text, key.public()), Ok(checkpoint.clone()));
        let elsewhere = Checkpoint { origin: "web-08".to_owned(), ..checkpoint };
        assert!(Checkpoint::verified(&elsewhere.signed(&key), key.public()).is_err());
    }

    #[test]
    fn a_size_has_one_form() {
        let key = SecretKey::generate("a").unwrap();
        for size in ["01", "+1", "-1", "", "x", "18446744073709551616"] {
            let text = key.sign(&format!("a\n{size}\n{}\n", Hash::empty()));
            assert!(Checkpoint::verified(&text, key.public()).is_err(), "{size}");
        }
    }
}

//! Signed notes (C2SP signed-note) and the keys that sign them, in the text forms that other
//! programs for such notes read: `NAME+HASH+BASE64` for the public key, `PRIVATE+KEY+…` for the
//! secret one.

use std::fmt;

use data_encoding::{BASE64, HEXLOWER};
use ring::digest::{Context, SHA256};
use ring::rand::{SecureRandom as _, SystemRandom};
use ring::signature::{ED25519, Ed25519KeyPair, KeyPair as _, UnparsedPublicKey};

/// What stands before a key's bytes that is for Ed25519.
const ALGORITHM: u8 = 1;
const SECRET: &str = "PRIVATE+KEY+";
/// The longest note or key that is read, in bytes.
pub const LONGEST_NOTE: usize = 16 << 10;
/// How many signatures a note may have.
const SIGNATURES: usize = 100;

/// Why a note or a key is not taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NoteError {
    /// It is none.
    #[error("this is no {what}: {why}")]
    Form {
        /// What was expected.
        what: &'static str,
        /// What is wrong with it.
        why: &'static str,
    },
    /// Nobody signed it that was asked for.
    #[error("it is not signed by {0}")]
    Unsigned(String),
    /// The signature is of another text.
    #[error("the signature of {0} does not match: the text was changed, or another key made it")]
    Mismatch(String),
    /// The system gives no random numbers.
    #[error("no key can be made: the system gives no random numbers")]
    Random,
}

const fn form(what: &'static str, why: &'static str) -> NoteError {
    NoteError::Form { what, why }
}

/// Whether a text can name a key: not empty, no blanks, no plus, nothing that is not seen.
#[must_use]
pub fn is_name(text: &str) -> bool {
    let odd = |c: char| c == '+' || c.is_whitespace() || crate::text::is_hidden(c);
    !text.is_empty() && text.len() <= 253 && !text.contains(odd)
}

/// A key that notes are held to.
#[derive(Clone, PartialEq, Eq)]
pub struct PublicKey {
    name: String,
    bytes: [u8; 32],
}

impl PublicKey {
    /// Reads `NAME+HASH+BASE64`.
    ///
    /// # Errors
    /// When it is none.
    pub fn parse(text: &str) -> Result<Self, NoteError> {
        let form = |why| form("public key of notes", why);
        let mut words = text.trim_end_matches('\n').splitn(3, '+');
        let (Some(name), Some(hash), Some(key)) = (words.next(), words.next(), words.next()) else {
            return Err(form("it reads NAME+HASH+KEY"));
        };
        let bytes = keyed(key).ok_or_else(|| form("the key is no Ed25519 key in base64"))?;
        let key = Self { name: name.to_owned(), bytes };
        if !is_name(name) || HEXLOWER.encode(&key.id()) != hash {
            return Err(form("the hash is of another name or key"));
        }
        Ok(key)
    }

    /// Who signs with it.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What tells it from others of the same name: the first bytes of a hash.
    fn id(&self) -> [u8; 4] {
        let mut context = Context::new(&SHA256);
        context.update(self.name.as_bytes());
        context.update(&[b'\n', ALGORITHM]);
        context.update(&self.bytes);
        context.finish().as_ref().first_chunk().copied().unwrap_or_default()
    }

    /// That in hexadecimal digits: the second part of its text.
    #[must_use]
    pub fn id_text(&self) -> String {
        HEXLOWER.encode(&self.id())
    }

    /// The text that was signed with this key.
    ///
    /// # Errors
    /// When the note is none, or was not signed with this key.
    pub fn verify<'a>(&self, note: &'a str) -> Result<&'a str, NoteError> {
        let (text, signatures) = split(note)?;
        let mut seen = false;
        for (name, bytes) in signatures {
            let Some((id, signature)) = bytes.split_first_chunk::<4>() else { continue };
            if name != self.name || *id != self.id() {
                continue;
            }
            let key = UnparsedPublicKey::new(&ED25519, self.bytes);
            key.verify(text.as_bytes(), signature)
                .map_err(|_| NoteError::Mismatch(self.name.clone()))?;
            seen = true;
        }
        if seen { Ok(text) } else { Err(NoteError::Unsigned(self.to_string())) }
    }
}

impl fmt::Display for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (name, id) = (&self.name, self.id_text());
        write!(f, "{name}+{id}+{}", encoded(&self.bytes))
    }
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

fn encoded(bytes: &[u8; 32]) -> String {
    let mut all = vec![ALGORITHM];
    all.extend_from_slice(bytes);
    BASE64.encode(&all)
}

fn keyed(text: &str) -> Option<[u8; 32]> {
    let bytes = BASE64.decode(text.as_bytes()).ok()?;
    let (algorithm, key) = bytes.split_first()?;
    key.try_into().ok().filter(|_| *algorithm == ALGORITHM)
}

/// A signature's name, and its bytes: the key's id and the signature.
type Signature<'a> = (&'a str, Vec<u8>);

/// A note's text and its signatures.
fn split(note: &str) -> Result<(&str, Vec<Signature<'_>>), NoteError> {
    let form = |why| form("signed note", why);
    if note.len() > LONGEST_NOTE {
        return Err(form("it is too long"));
    }
    if note.contains(|c: char| c != '\n' && c.is_ascii_control()) {
        return Err(form("it has control characters"));
    }
    let at = note.rfind("\n\n").ok_or_else(|| form("it has no signatures"))?;
    let (text, signed) = note.split_at_checked(at + 1).ok_or_else(|| form("it has no text"))?;
    let signed = signed.strip_prefix('\n').filter(|lines| lines.ends_with('\n'));
    let lines = signed.ok_or_else(|| form("it does not end with a line"))?;
    let mut signatures = Vec::new();
    for line in lines.lines() {
        let words = line.strip_prefix("— ").and_then(|rest| rest.split_once(' '));
        let (name, bytes) = words.ok_or_else(|| form("a signature's line reads — NAME BASE64"))?;
        let bytes = BASE64.decode(bytes.as_bytes());
        let bytes = bytes.map_err(|_| form("a signature is no base64"))?;
        if !is_name(name) || bytes.len() < 5 || signatures.len() == SIGNATURES {
            return Err(form("a signature's line is none, or there are too many"));
        }
        signatures.push((name, bytes));
    }
    Ok((text, signatures))
}

/// A note's text, whoever signed it. It must be believed by its signature elsewhere.
///
/// # Errors
/// When the note is none.
pub fn unverified(note: &str) -> Result<&str, NoteError> {
    split(note).map(|(text, _)| text)
}

/// A key that signs. It is never shown.
pub struct SecretKey {
    public: PublicKey,
    pair: Ed25519KeyPair,
    seed: [u8; 32],
}

impl fmt::Debug for SecretKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SecretKey({})", self.public)
    }
}

impl SecretKey {
    /// Makes a new one for that name.
    ///
    /// # Errors
    /// When it is no name, or the system gives no random numbers.
    pub fn generate(name: &str) -> Result<Self, NoteError> {
        let mut seed = [0; 32];
        SystemRandom::new().fill(&mut seed).map_err(|_| NoteError::Random)?;
        Self::of(name, seed)
    }

    fn of(name: &str, seed: [u8; 32]) -> Result<Self, NoteError> {
        let form = |why| form("secret key of notes", why);
        if !is_name(name) {
            return Err(form(
                "its name is empty, too long, or has blanks, a plus or what is not seen",
            ));
        }
        let pair = Ed25519KeyPair::from_seed_unchecked(&seed);
        let pair = pair.map_err(|_| form("it holds no Ed25519 key"))?;
        let bytes = pair.public_key().as_ref().try_into();
        let bytes = bytes.map_err(|_| form("it holds no Ed25519 key"))?;
        Ok(Self { public: PublicKey { name: name.to_owned(), bytes }, pair, seed })
    }

    /// Reads the text of a key's file. Nothing of the text is told.
    ///
    /// # Errors
    /// When it is none.
    pub fn parse(text: &str) -> Result<Self, NoteError> {
        let form = |why| form("secret key of notes", why);
        let rest = text.strip_prefix(SECRET).ok_or_else(|| form("it begins otherwise"))?;
        let mut words = rest.trim_end_matches('\n').splitn(3, '+');
        let (Some(name), Some(hash), Some(key)) = (words.next(), words.next(), words.next()) else {
            return Err(form("it reads PRIVATE+KEY+NAME+HASH+KEY"));
        };
        let seed = keyed(key).ok_or_else(|| form("the key is no Ed25519 key in base64"))?;
        let key = Self::of(name, seed)?;
        if HEXLOWER.encode(&key.public.id()) != hash {
            return Err(form("the hash is of another name or key"));
        }
        Ok(key)
    }

    /// The text of its file, which only its owner may read (mode 0600).
    #[must_use]
    pub fn text(&self) -> String {
        let (name, id) = (&self.public.name, HEXLOWER.encode(&self.public.id()));
        format!("{SECRET}{name}+{id}+{}\n", encoded(&self.seed))
    }

    /// What its notes are held to.
    #[must_use]
    pub const fn public(&self) -> &PublicKey {
        &self.public
    }

    /// The text, which ends with a line's end, as a signed note.
    #[must_use]
    pub fn sign(&self, text: &str) -> String {
        let mut bytes = self.public.id().to_vec();
        bytes.extend_from_slice(self.pair.sign(text.as_bytes()).as_ref());
        format!("{text}\n— {} {}\n", self.public.name, BASE64.encode(&bytes))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of the specification and of Go's `golang.org/x/mod/sumdb/note`.
    const KEY: &str = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
    const NOTE: &str = "If you think cryptography is the answer to your problem,\n\
        then you don't know what your problem is.\n\n\
        — PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n";

    #[test]
    fn the_note_of_the_specification_is_believed() {
        let key = PublicKey::parse(KEY).unwrap();
        assert_eq!(key.to_string(), KEY);
        assert!(key.verify(NOTE).unwrap().ends_with("what your problem is.\n"));
        let changed = NOTE.replacen("answer", "cause", 1);
        assert_eq!(key.verify(&changed), Err(NoteError::Mismatch("PeterNeumann".to_owned())));
    }

    #[test]
    fn a_key_is_read_again_and_believes_what_it_signed() {
        let key = SecretKey::generate("web-07").unwrap();
        let again = SecretKey::parse(&key.text()).unwrap();
        let note = again.sign("one\n\ntwo\n");
        assert_eq!(key.public().verify(&note), Ok("one\n\ntwo\n"));
        let secret = key.text();
        assert!(!format!("{key:?}").contains(secret.trim().splitn(5, '+').last().unwrap()));
        let other = SecretKey::generate("web-07").unwrap();
        assert!(matches!(other.public().verify(&note), Err(NoteError::Unsigned(_))));
    }

    #[test]
    fn what_is_no_note_and_no_key_is_told() {
        let key = PublicKey::parse(KEY).unwrap();
        for note in ["", "text\n", "text\n\n", "text\n\n— a b\n", "te\rxt\n\n— a YWFhYWFhYWE=\n"]
        {
            assert!(key.verify(note).is_err(), "{note:?}");
        }
        for text in [
            "",
            "a+b",
            "a b+c74f20a3+AR",
            &KEY.replace("c74f", "c74e"),
            KEY.trim_start_matches('P'),
        ] {
            assert!(PublicKey::parse(text).is_err(), "{text}");
        }
        for name in ["", "a b", "a+b", "a\u{202e}b", "a\nb"] {
            assert!(SecretKey::generate(name).is_err(), "{name:?}");
        }
    }
}

//! Signatures of files that a site publishes for itself: Ed25519 (RFC 8032) over a short text that
//! names the file by its digest, and says of when and of which version it is.
//!
//! ```text
//! dockward signature 1
//! file sha256:9f86d0… 1048576
//! version 42
//! time 2026-11-28T10:00:00Z
//! next ed25519:BASE64        (only where the key is to be replaced)
//! key ed25519:BASE64
//! signature BASE64
//! ```
//!
//! Signed is everything before the last line, byte by byte. The version only ever grows, so an old
//! file can't be put in the place of a newer one. A file that names the next key makes that key
//! trusted too; the first file that the next key signs ends the trust in the old one.

use std::fmt;
use std::io::{self, Read};

use data_encoding::{BASE64, HEXLOWER};
use jiff::{SignedDuration, Timestamp};
use ring::digest::{Context, SHA256};
use ring::rand::SystemRandom;
use ring::signature::{ED25519, Ed25519KeyPair, KeyPair as _, UnparsedPublicKey};
use serde::{Deserialize, Serialize};

const TITLE: &str = "dockward signature 1";
const SECRET: &str = "dockward secret key 1";
const ALGORITHM: &str = "ed25519:";
/// The longest signature or key that is read, in bytes.
const LONGEST: usize = 4 << 10;
/// How far a signature may be ahead of us: clocks differ.
const AHEAD: SignedDuration = SignedDuration::from_hours(24);
/// How much is read at once, in bytes.
const PIECE: usize = 256 << 10;

/// Why a signature or a key is not taken.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SignatureError {
    /// It is no signature, or no key.
    #[error("this is no {what}: {why}")]
    Form {
        /// What was expected.
        what: &'static str,
        /// What is wrong with it.
        why: &'static str,
    },
    /// There is none.
    #[error("it is not signed")]
    Missing,
    /// It was made with a key that is not trusted.
    #[error("it is signed with {0}, which is not trusted")]
    Untrusted(PublicKey),
    /// It was made with a key that another has taken the place of.
    #[error("it is signed with {0}, which another key has replaced")]
    Replaced(PublicKey),
    /// The signature is not of this text.
    #[error("the signature does not match: it was changed, or another key made it")]
    Mismatch,
    /// The signature is of another file.
    #[error("the signature is of another file, or the file was changed")]
    OtherFile,
    /// The file is older than one that was taken.
    #[error("it is version {has}, and version {had} was taken already")]
    Replayed {
        /// The version that was taken.
        had: u64,
        /// The version that it is.
        has: u64,
    },
    /// It is of a time to come.
    #[error("it was signed at {0}, which is to come")]
    Ahead(Timestamp),
    /// The system gives no random numbers.
    #[error("no key can be made: the system gives no random numbers")]
    Random,
    /// The file cannot be read.
    #[error("the file to be signed cannot be read")]
    File(#[from] io::Error),
}

impl SignatureError {
    /// What to do about it.
    #[must_use]
    pub const fn hint(&self) -> Option<&'static str> {
        match self {
            Self::Untrusted(_) => {
                Some("is it yours? Then name it among the trusted keys of the settings")
            }
            Self::Missing => {
                Some("sign it: `dockward db sign --key KEY FILE`, and publish `FILE.sig` beside it")
            }
            Self::Replaced(_) => Some("sign with the new key"),
            Self::Replayed { .. } => {
                Some("it may be a stale mirror, or somebody who wants old advisories here")
            }
            Self::Ahead(_) => Some("is this machine's clock right?"),
            _ => None,
        }
    }
}

/// A key that signatures are held to, written `ed25519:BASE64`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PublicKey([u8; 32]);

impl PublicKey {
    /// Reads `ed25519:BASE64`.
    ///
    /// # Errors
    /// When it is none.
    pub fn parse(text: &str) -> Result<Self, SignatureError> {
        let form = |why| SignatureError::Form { what: "public key", why };
        let encoded =
            text.trim().strip_prefix(ALGORITHM).ok_or_else(|| form("it begins with `ed25519:`"))?;
        let bytes =
            BASE64.decode(encoded.as_bytes()).map_err(|_| form("what follows is base64"))?;
        bytes.try_into().map(Self).map_err(|_| form("it has 32 bytes"))
    }
}

impl fmt::Display for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{ALGORITHM}{}", BASE64.encode(&self.0))
    }
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Serialize for PublicKey {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for PublicKey {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        Self::parse(&String::deserialize(from)?).map_err(serde::de::Error::custom)
    }
}

/// A key that signs. It is never shown.
pub struct SecretKey {
    pair: Ed25519KeyPair,
    text: String,
}

impl fmt::Debug for SecretKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SecretKey({})", self.public())
    }
}

impl SecretKey {
    /// Makes a new one.
    ///
    /// # Errors
    /// When the system gives no random numbers.
    pub fn generate() -> Result<Self, SignatureError> {
        let document = Ed25519KeyPair::generate_pkcs8(&SystemRandom::new())
            .map_err(|_| SignatureError::Random)?;
        Self::parse(&format!("{SECRET}\n{}\n", BASE64.encode(document.as_ref())))
    }

    /// Reads the text of a key's file: a title, and PKCS #8 (RFC 8410) in base64.
    ///
    /// # Errors
    /// When it is none. The text is never told.
    pub fn parse(text: &str) -> Result<Self, SignatureError> {
        let form = |why| SignatureError::Form { what: "secret key", why };
        let encoded =
            text.trim().strip_prefix(SECRET).ok_or_else(|| form("its title is another"))?;
        let document = BASE64
            .decode(encoded.trim().as_bytes())
            .map_err(|_| form("its second line is base64"))?;
        let pair =
            Ed25519KeyPair::from_pkcs8(&document).map_err(|_| form("it holds no Ed25519 key"))?;
        Ok(Self { pair, text: text.trim().to_owned() + "\n" })
    }

    /// The text of its file, which only its owner may read (mode 0600).
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// What its signatures are held to.
    #[must_use]
    pub fn public(&self) -> PublicKey {
        let mut bytes = [0; 32];
        bytes.iter_mut().zip(self.pair.public_key().as_ref()).for_each(|(to, from)| *to = *from);
        PublicKey(bytes)
    }

    /// The text of a signature's file, which lies beside the file as `NAME.sig`.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn sign(
        &self,
        file: impl Read,
        version: u64,
        time: Timestamp,
        next: Option<PublicKey>,
    ) -> Result<String, SignatureError> {
        let (digest, length) = digest(file)?;
        let mut text =
            format!("{TITLE}\nfile sha256:{digest} {length}\nversion {version}\ntime {time}\n");
        if let Some(next) = next {
            text += &format!("next {next}\n");
        }
        text += &format!("key {}\n", self.public());
        let signature = BASE64.encode(self.pair.sign(text.as_bytes()).as_ref());
        Ok(format!("{text}signature {signature}\n"))
    }
}

/// SHA-256 in hexadecimal digits, and the length in bytes.
fn digest(mut file: impl Read) -> io::Result<(String, u64)> {
    let (mut context, mut piece, mut length) = (Context::new(&SHA256), vec![0; PIECE], 0);
    loop {
        match file.read(&mut piece)? {
            0 => return Ok((HEXLOWER.encode(context.finish().as_ref()), length)),
            count => {
                context.update(piece.get(..count).unwrap_or_default());
                length += count as u64;
            }
        }
    }
}

/// What is remembered of signed files that were taken.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Accepted {
    /// The highest version.
    pub version: u64,
    /// When that one was signed.
    pub time: Option<Timestamp>,
    /// Keys that signed files named as next.
    #[serde(default)]
    pub trusted: Vec<PublicKey>,
    /// Keys that a next one has taken the place of.
    #[serde(default)]
    pub replaced: Vec<PublicKey>,
    /// Which key named which as next.
    #[serde(default)]
    pub named: Vec<(PublicKey, PublicKey)>,
}

/// A signature, read and not yet believed.
#[derive(Debug)]
struct Statement<'a> {
    signed: &'a [u8],
    file: &'a str,
    version: u64,
    time: Timestamp,
    next: Option<PublicKey>,
    key: PublicKey,
    signature: Vec<u8>,
}

/// Holds a file to its signature: made with a key of `trusted` or one that such a key named as next,
/// of this very file, and not older than what was taken before. Returns what is to be remembered
/// instead of `had` once the file is taken.
///
/// # Errors
/// When any of that is not so: the file must not be used then.
pub fn verify(
    file: impl Read,
    signature: &str,
    trusted: &[PublicKey],
    had: &Accepted,
    now: Timestamp,
) -> Result<Accepted, SignatureError> {
    let statement = Statement::read(signature)?;
    let key = statement.key;
    if had.replaced.contains(&key) {
        return Err(SignatureError::Replaced(key));
    }
    if !trusted.contains(&key) && !had.trusted.contains(&key) {
        return Err(SignatureError::Untrusted(key));
    }
    let made = UnparsedPublicKey::new(&ED25519, key.0);
    made.verify(statement.signed, &statement.signature).map_err(|_| SignatureError::Mismatch)?;
    let (digest, length) = digest(file)?;
    if statement.file != format!("sha256:{digest} {length}") {
        return Err(SignatureError::OtherFile);
    }
    if statement.version < had.version {
        return Err(SignatureError::Replayed { had: had.version, has: statement.version });
    }
    if statement.time.duration_since(now) > AHEAD {
        return Err(SignatureError::Ahead(statement.time));
    }
    Ok(had.with(&statement))
}

impl Accepted {
    fn with(&self, statement: &Statement<'_>) -> Self {
        let mut now = self.clone();
        (now.version, now.time) = (statement.version, Some(statement.time));
        // Whoever named this key as next is replaced by it now that it signs.
        let old = now.named.iter().filter(|(_, next)| *next == statement.key).map(|(old, _)| *old);
        now.replaced.extend(old.collect::<Vec<_>>());
        now.named.retain(|(_, next)| *next != statement.key);
        if let Some(next) = statement.next.filter(|next| *next != statement.key) {
            now.trusted.push(next);
            now.named.push((statement.key, next));
        }
        for keys in [&mut now.trusted, &mut now.replaced] {
            keys.sort_unstable();
            keys.dedup();
        }
        now.named.sort_unstable();
        now.named.dedup();
        let replaced = now.replaced.clone();
        now.trusted.retain(|key| !replaced.contains(key));
        now
    }
}

impl<'a> Statement<'a> {
    fn read(text: &'a str) -> Result<Self, SignatureError> {
        let form = |why| SignatureError::Form { what: "signature", why };
        if text.len() > LONGEST {
            return Err(form("it is too long"));
        }
        let at =
            text.find("\nsignature ").map(|at| at + 1).ok_or_else(|| form("it is not signed"))?;
        let (signed, last) = text.split_at_checked(at).ok_or_else(|| form("it is not signed"))?;
        let mut lines = signed.lines().peekable();
        if lines.next() != Some(TITLE) {
            return Err(form("its title is another"));
        }
        let mut word = |name: &'static str| {
            let line = lines.next_if(|line| line.split(' ').next() == Some(name))?;
            line.split_once(' ').map(|(_, rest)| rest)
        };
        let file = word("file").ok_or_else(|| form("it names no file"))?;
        let version = word("version")
            .and_then(|n| n.parse().ok())
            .ok_or_else(|| form("it has no version"))?;
        let time =
            word("time").and_then(|t| t.parse().ok()).ok_or_else(|| form("it has no time"))?;
        let next = word("next").map(PublicKey::parse).transpose()?;
        let key = PublicKey::parse(word("key").ok_or_else(|| form("it names no key"))?)?;
        let signature = last.trim_end().strip_prefix("signature ").map(str::as_bytes);
        let signature = signature.and_then(|text| BASE64.decode(text).ok());
        let signature = signature.ok_or_else(|| form("its last line is no base64"))?;
        if lines.next().is_some() {
            return Err(form("there is more in it than belongs there"));
        }
        Ok(Self { signed: signed.as_bytes(), file, version, time, next, key, signature })
    }
}

#[cfg(test)]
mod tests;

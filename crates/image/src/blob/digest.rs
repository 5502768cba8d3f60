//! Digests, as the OCI's image-spec writes them (descriptor.md, "Digests").

use std::fmt;

use data_encoding::HEXLOWER;
use ring::digest::{Algorithm, Context, SHA256, SHA512};
use serde::{Deserialize, Serialize};

/// A digest that is well formed: `sha256:` or `sha512:` and so many lower-case hexadecimal digits.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub(crate) struct Digest(String);

impl From<Digest> for String {
    fn from(digest: Digest) -> Self {
        digest.0
    }
}

impl TryFrom<String> for Digest {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::parse(&text).ok_or("it is no digest")
    }
}

const ALGORITHMS: [(&str, &Algorithm, Hash); 2] =
    [("sha256", &SHA256, Hash::Sha256), ("sha512", &SHA512, Hash::Sha512)];

/// An algorithm that digests are made with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Hash {
    Sha256,
    Sha512,
}

impl Hash {
    fn algorithm(self) -> &'static Algorithm {
        match self {
            Self::Sha256 => &SHA256,
            Self::Sha512 => &SHA512,
        }
    }

    /// A digest in the making.
    pub(crate) fn start(self) -> Context {
        Context::new(self.algorithm())
    }

    /// The digest of what was given to a [`Context`].
    pub(crate) fn end(self, context: Context) -> Digest {
        let name = match self {
            Self::Sha256 => "sha256",
            Self::Sha512 => "sha512",
        };
        Digest(format!("{name}:{}", HEXLOWER.encode(context.finish().as_ref())))
    }

    /// The digest of these bytes.
    pub(crate) fn of(self, bytes: &[u8]) -> Digest {
        let mut context = self.start();
        context.update(bytes);
        self.end(context)
    }
}

impl Digest {
    /// Reads a digest; none where it is not well formed or of an algorithm that is not registered.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (name, hex) = text.split_once(':')?;
        let (_, algorithm, _) = ALGORITHMS.iter().find(|(known, ..)| *known == name)?;
        let digits = |byte: u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
        let is_sound = hex.len() == 2 * algorithm.output_len() && hex.bytes().all(digits);
        is_sound.then(|| Self(text.to_owned()))
    }

    /// A digest of SHA-256, from its digits alone: names of files in archives.
    pub(crate) fn sha256(hex: &str) -> Option<Self> {
        Self::parse(&format!("sha256:{hex}"))
    }

    pub(crate) fn hash(&self) -> Hash {
        if self.0.starts_with("sha512:") { Hash::Sha512 } else { Hash::Sha256 }
    }

    /// Whether these bytes have it.
    pub(crate) fn is_of(&self, bytes: &[u8]) -> bool {
        self.hash().of(bytes) == *self
    }

    /// Its place below a layout's folder: `blobs/sha256/…`.
    pub(crate) fn path(&self) -> String {
        format!("blobs/{}", self.0.replacen(':', "/", 1))
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_digest_is_taken_only_where_it_is_well_formed() {
        let empty = Hash::Sha256.of(b"");
        let text = "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
        assert_eq!(empty.as_str(), text);
        assert_eq!(Digest::parse(text).as_ref(), Some(&empty));
        assert!(empty.is_of(b"") && !empty.is_of(b"x"));
        let upper = text.to_uppercase().replace("SHA", "sha");
        for bad in
            ["", "sha256", "sha256:", "sha256:../../etc/passwd", "md5:00", &upper, "ha256:00"]
        {
            assert_eq!(Digest::parse(bad), None, "{bad}");
        }
        assert_eq!(Digest::parse(&format!("{text}0")), None);
        let long = Hash::Sha512.of(b"");
        assert_eq!(Digest::parse(long.as_str()), Some(long));
    }
}

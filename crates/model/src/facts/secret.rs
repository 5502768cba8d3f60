//! That a secret was seen, without the secret.

use serde::{Deserialize, Serialize};

/// What kind of secret a text looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SecretKind {
    /// A private key in PEM form, or the like.
    PrivateKey,
    /// An access key of a cloud provider.
    CloudKey,
    /// A token with its issuer's prefix (a forge, a chat, a package registry, a payment service).
    Token,
    /// A JSON web token (RFC 7519).
    JsonWebToken,
    /// A URL with a password in its authority (RFC 3986, section 3.2.1).
    UrlPassword,
    /// A value whose name says that it is a password, a secret, a token or a key.
    NamedSecret,
}

impl SecretKind {
    /// The kind in a person's words.
    #[must_use]
    pub const fn describe(self) -> &'static str {
        match self {
            Self::PrivateKey => "a private key",
            Self::CloudKey => "a cloud access key",
            Self::Token => "an access token",
            Self::JsonWebToken => "a JSON web token",
            Self::UrlPassword => "a URL with a password in it",
            Self::NamedSecret => "a value named as a secret",
        }
    }
}

/// A secret that was seen. It holds neither the value nor a hash of it: a report or a recorded
/// snapshot must be safe to hand on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sighting {
    /// What kind of secret it looks like.
    pub kind: SecretKind,
    /// The value's length in bytes.
    pub length: usize,
    /// The value's Shannon entropy in hundredths of a bit per byte.
    pub entropy_centibits: u32,
}

//! The files with which an engine speaks TLS.

use serde::{Deserialize, Serialize};

use super::{Fact, Field, Validity};

/// The files of an engine whose TLS is switched on (`tls`, `tlsverify`); absent where it is off, or
/// where the engine goes without one. Owners and modes stand in `Host::files`.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct TlsFiles {
    /// `tlscacert`: who signs callers' certificates. Absent where callers aren't asked for any.
    pub authority: Field<TlsFile>,
    /// `tlscert`: the engine's own certificate.
    pub certificate: Field<TlsFile>,
    /// `tlskey`: its private key, whose content is never read.
    pub key: Field<TlsFile>,
}

/// One of these files.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct TlsFile {
    /// Its path.
    pub path: String,
    /// The certificates in it, in order; absent of a key.
    pub certificates: Fact<Vec<Certificate>>,
}

/// What of a certificate (RFC 5280, section 4.1) says how long and how well it holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Certificate {
    /// From when to when it is valid.
    pub validity: Validity,
    /// Whether its issuer is its own subject: then nobody relies on its signature.
    pub self_issued: bool,
    /// `signatureAlgorithm` as a dotted number, such as `1.2.840.113549.1.1.11` (RFC 8017).
    pub signature: String,
    /// The length of an RSA key in bits; none of another key.
    pub rsa_bits: Option<usize>,
}

//! Why there is no TLS with an engine, and what mends it.

use std::fmt;

use rustls::{AlertDescription, CertificateError};

use super::Asked;
use crate::error::plain;

/// Why there is no TLS with an engine.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum TlsFault {
    /// The engine's certificate is over.
    Expired,
    /// The engine's certificate is not valid yet.
    NotYetValid,
    /// No authority that we trust signed the engine's certificate.
    UnknownIssuer,
    /// The engine's certificate is for other names.
    WrongName {
        /// What it is for, as far as was said.
        names: Vec<String>,
    },
    /// The engine's certificate is an authority's own.
    IsAuthority,
    /// The engine wants a certificate of ours, and there is none.
    CertificateWanted,
    /// The engine does not take the certificate that we showed.
    CertificateRefused {
        /// In the words of TLS, such as `UnknownCA`.
        why: String,
    },
    /// The other side answers in plain HTTP.
    PlainHttp,
    /// The other side speaks neither TLS nor HTTP.
    NotTls,
    /// The connection ended within the handshake.
    Closed,
    /// Something else.
    Other(String),
}

impl TlsFault {
    /// Of what the TLS library says.
    pub(crate) fn of(error: &rustls::Error, asked: Asked) -> Self {
        match error {
            rustls::Error::InvalidCertificate(error) => Self::of_certificate(error),
            rustls::Error::InvalidMessage(_) => Self::NotTls,
            rustls::Error::AlertReceived(alert) => Self::of_alert(*alert, asked),
            other => Self::Other(plain(&other.to_string(), 200)),
        }
    }

    fn of_certificate(error: &CertificateError) -> Self {
        use CertificateError as E;
        match error {
            E::Expired | E::ExpiredContext { .. } => Self::Expired,
            E::NotValidYet | E::NotValidYetContext { .. } => Self::NotYetValid,
            // An authority made anew under its old name has the right name and another key.
            E::UnknownIssuer | E::BadSignature => Self::UnknownIssuer,
            E::NotValidForName => Self::WrongName { names: Vec::new() },
            E::NotValidForNameContext { presented, .. } => {
                Self::WrongName { names: presented.iter().take(8).map(|n| plain(n, 100)).collect() }
            }
            other if format!("{other:?}").contains("CaUsedAsEndEntity") => Self::IsAuthority,
            other => Self::Other(plain(&other.to_string(), 200)),
        }
    }

    /// Engines older than TLS 1.3 say that they want a certificate as that it is bad.
    fn of_alert(alert: AlertDescription, asked: Asked) -> Self {
        use AlertDescription as A;
        match alert {
            A::CertificateRequired => Self::CertificateWanted,
            A::BadCertificate | A::HandshakeFailure if asked.is_missing() => {
                Self::CertificateWanted
            }
            A::BadCertificate
            | A::UnsupportedCertificate
            | A::CertificateRevoked
            | A::CertificateExpired
            | A::CertificateUnknown
            | A::UnknownCA
            | A::AccessDenied
            | A::DecryptError
                if asked.wanted =>
            {
                Self::CertificateRefused { why: format!("{alert:?}") }
            }
            other => Self::Other(format!("the engine broke it off with {other:?}")),
        }
    }

    /// What mends it.
    pub(crate) fn hint(&self) -> Option<&'static str> {
        Some(match self {
            Self::Expired | Self::NotYetValid => {
                "make the engine a new certificate and restart it; or is the clock of this host \
                 wrong?"
            }
            Self::UnknownIssuer => {
                "the engine's certificate must be signed by the authority in ca.pem, which lies in \
                 $DOCKER_CERT_PATH, in ~/.docker or with the context: is it this engine's?"
            }
            Self::WrongName { .. } => {
                "name the engine by a name that its certificate is for, or make it one with this \
                 name as a subject alternative name; the common name alone does not count"
            }
            Self::IsAuthority => {
                "make the engine a certificate of its own, signed by the authority and without \
                 `CA:TRUE`"
            }
            Self::CertificateWanted => {
                "put cert.pem and key.pem, signed by the engine's authority, into \
                 $DOCKER_CERT_PATH, into ~/.docker or into the context"
            }
            Self::CertificateRefused { .. } => {
                "cert.pem must be signed by the authority of the engine's --tlscacert, be for \
                 client authentication, and not be over"
            }
            Self::PlainHttp => {
                "the engine listens there without TLS: whoever reaches that port is root on its \
                 host. Start it with --tlsverify; until then, ask it without DOCKER_TLS_VERIFY and \
                 DOCKER_TLS"
            }
            Self::NotTls | Self::Closed => "is it a Docker engine that listens there, with TLS?",
            Self::Other(_) => return None,
        })
    }
}

impl fmt::Display for TlsFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Expired => "the engine's certificate has expired",
            Self::NotYetValid => "the engine's certificate is not valid yet",
            Self::UnknownIssuer => {
                "the engine's certificate is signed by nobody who is trusted here"
            }
            Self::WrongName { names } if names.is_empty() => {
                "the engine's certificate is for another name"
            }
            Self::WrongName { names } => {
                return write!(f, "the engine's certificate is only for {}", names.join(", "));
            }
            Self::IsAuthority => "the engine's certificate is an authority's, not an engine's",
            Self::CertificateWanted => "the engine wants to see a certificate, and there is none",
            Self::CertificateRefused { why } => {
                return write!(f, "the engine does not take the certificate it was shown ({why})");
            }
            Self::PlainHttp => "TLS was asked for, and plain HTTP is spoken there",
            Self::NotTls => "what answers there is not TLS",
            Self::Closed => "the connection was closed within the TLS handshake",
            Self::Other(why) => return write!(f, "no TLS: {why}"),
        })
    }
}

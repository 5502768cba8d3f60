//! Why something could not be had.

use std::io;
use std::path::PathBuf;

/// Why something could not be had. Addresses are told without query and credentials.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum WebError {
    /// It is no address that can be asked.
    #[error("`{url}` is no address of HTTP or HTTPS")]
    Address {
        /// As it was given.
        url: String,
    },
    /// The proxy that the environment names cannot be used.
    #[error("`{variable}` names no proxy that can be used")]
    Proxy {
        /// The variable.
        variable: &'static str,
    },
    /// No answer came.
    #[error("{url}: {why}")]
    Unreachable {
        /// The address.
        url: String,
        /// What came of it, in the library's words.
        why: String,
    },
    /// The server has it not, refuses it, or is broken.
    #[error("{url}: HTTP {status}")]
    Status {
        /// The address.
        url: String,
        /// The status.
        status: u16,
        /// `WWW-Authenticate`, where the server asks who we are.
        challenge: Option<String>,
    },
    /// A redirect that is not followed.
    #[error("{url}: a redirect to {to} is not followed: {why}")]
    Redirect {
        /// The address.
        url: String,
        /// Where it leads.
        to: String,
        /// Why not.
        why: &'static str,
    },
    /// It is longer than it may be.
    #[error("{url} is longer than {most} bytes")]
    TooLong {
        /// The address.
        url: String,
        /// The most that is read, in bytes.
        most: u64,
    },
    /// The connection ended before the answer did.
    #[error("{url}: ended after {got} of {of} bytes")]
    Cut {
        /// The address.
        url: String,
        /// What came, in bytes.
        got: u64,
        /// What should have come, in bytes.
        of: u64,
    },
    /// An answer that makes no sense.
    #[error("{url}: {what}")]
    Odd {
        /// The address.
        url: String,
        /// What is odd.
        what: &'static str,
    },
    /// What came could not be written.
    #[error("cannot write `{path}`")]
    Write {
        /// The file.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
}

impl WebError {
    /// What to do about it.
    #[must_use]
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            Self::Unreachable { .. } | Self::Cut { .. } => Some(
                "is there a way to it? `HTTPS_PROXY` and `NO_PROXY` are obeyed, and so is `SSL_CERT_FILE`",
            ),
            Self::Status { status: 401 | 403 | 407, .. } => {
                Some("it asks who we are, or refuses us")
            }
            Self::Status { status: 404 | 410, .. } => {
                Some("is the address right? it has no such file")
            }
            Self::Proxy { .. } => Some("write it as `http://host:port`"),
            Self::Write { .. } => Some("is there space, and may we write there?"),
            _ => None,
        }
    }

    /// Whether asking again may help.
    #[must_use]
    pub(crate) fn passes(&self) -> bool {
        match self {
            Self::Unreachable { .. } | Self::Cut { .. } => true,
            // Too early, too many, or broken for now (RFC 9110, RFC 6585, RFC 8470).
            Self::Status { status, .. } => matches!(status, 408 | 425 | 429 | 500..=599),
            _ => false,
        }
    }
}

//! TLS to an engine, with the files that the docker command takes.

use std::path::PathBuf;

/// How a TCP port is secured: the names of the files, not what is in them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tls {
    /// Whose signature the engine's certificate must bear; the system's authorities without it.
    pub ca: Option<PathBuf>,
    /// The certificate that we show.
    pub cert: Option<PathBuf>,
    /// The key of that certificate.
    pub key: Option<PathBuf>,
    /// Whether the engine's certificate is looked at. Without that, whoever sits between can be
    /// the engine.
    pub verify: bool,
}

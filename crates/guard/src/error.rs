//! What keeps a guard from serving.

use std::io;
use std::path::PathBuf;

/// What keeps a guard from serving.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Something is where the socket should be.
    #[error("cannot listen at {path}: {why}")]
    Occupied {
        /// The socket's path.
        path: PathBuf,
        /// What is there.
        why: &'static str,
    },
    /// The socket could not be made.
    #[error("cannot listen at {path}: {source}")]
    Bind {
        /// The socket's path.
        path: PathBuf,
        /// What the kernel said.
        source: io::Error,
    },
    /// A descriptor that was handed over is not a socket of the kind.
    #[error(
        "what was handed over as descriptor {at} (from 0) is no Unix socket that listens: {source}"
    )]
    HandedOver {
        /// Which one, from 0.
        at: usize,
        /// What it is.
        source: io::Error,
    },
    /// A file of TLS cannot be used.
    #[error("cannot use {path}: {why}")]
    Tls {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        why: String,
    },
    /// The kernel refuses what is needed to serve.
    #[error("cannot serve: {0}")]
    Serve(io::Error),
}

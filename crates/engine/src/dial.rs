//! Connecting to an endpoint, and who is at its other end.

mod tcp;
mod timed;
mod unix;

use std::io;
use std::net::TcpStream;
use std::os::unix::net::UnixStream;
use std::time::{Duration, Instant};

use crate::endpoint::Endpoint;
use crate::error::Error;

/// Who listens on the socket, as the kernel noted when it began to (`SO_PEERCRED`).
///
/// With socket activation that is the service manager, process 1, not the engine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Peer {
    /// The process; none where it lives outside our PID namespace, as when we run in a container.
    pub pid: Option<u32>,
    /// Its user, as seen from our user namespace.
    pub uid: u32,
    /// Its group, as seen from our user namespace.
    pub gid: u32,
}

/// A connected endpoint.
#[derive(Debug)]
pub(crate) enum Stream {
    Unix(UnixStream),
    Tcp(TcpStream),
}

impl Stream {
    /// Reads what has arrived, waiting no longer than until `until`.
    pub(crate) fn read(&mut self, into: &mut [u8], until: Instant) -> io::Result<usize> {
        match self {
            Self::Unix(stream) => timed::read(stream, into, until),
            Self::Tcp(stream) => timed::read(stream, into, until),
        }
    }

    /// Writes everything, waiting no longer than until `until`.
    pub(crate) fn write_all(&mut self, from: &[u8], until: Instant) -> io::Result<()> {
        match self {
            Self::Unix(stream) => timed::write_all(stream, from, until),
            Self::Tcp(stream) => timed::write_all(stream, from, until),
        }
    }
}

/// Connects to the endpoint within the given time.
pub(crate) fn dial(to: &Endpoint, within: Duration) -> Result<(Stream, Option<Peer>), Error> {
    match to {
        Endpoint::Unix(path) => {
            let (stream, peer) = unix::dial(path, within)?;
            Ok((Stream::Unix(stream), peer))
        }
        Endpoint::Tcp { host, port, tls: None } => {
            let stream = tcp::dial(&to.to_string(), host, *port, within)?;
            Ok((Stream::Tcp(stream), None))
        }
        Endpoint::Tcp { tls: Some(_), .. } => {
            Err(Error::Unsupported { kind: "an engine over TLS".to_owned() })
        }
        Endpoint::Ssh(_) => Err(Error::Unsupported { kind: "an engine at ssh://".to_owned() }),
    }
}

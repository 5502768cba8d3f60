//! One end that bytes come from and go to. Nothing here waits.

use std::io::{self, ErrorKind, IoSlice, Read, Write};
use std::net::Shutdown;
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::net::UnixStream;

use rustix::event::PollFlags;

use crate::tls::Session;

/// A caller's connection or the engine's, which never blocks.
#[derive(Debug)]
pub(crate) enum Wire {
    /// Over a Unix socket.
    Unix(UnixStream),
    /// Over TCP, with TLS.
    Tls(Box<Session>),
}

impl Wire {
    /// # Errors
    /// When the socket cannot be made non-blocking.
    pub(crate) fn unix(stream: UnixStream) -> io::Result<Self> {
        stream.set_nonblocking(true)?;
        Ok(Self::Unix(stream))
    }

    /// Reads what is there: 0 is the end, [`ErrorKind::WouldBlock`] that nothing is there.
    pub(crate) fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        uninterrupted(|| match self {
            Self::Unix(stream) => stream.read(into),
            Self::Tls(session) => session.read(into),
        })
    }

    /// Writes what there is room for.
    pub(crate) fn write(&mut self, parts: &[IoSlice<'_>]) -> io::Result<usize> {
        uninterrupted(|| match self {
            Self::Unix(stream) => stream.write_vectored(parts),
            Self::Tls(session) => session.write(parts),
        })
    }

    /// Whether there may be something to read that the socket doesn't tell of: it was decrypted.
    pub(crate) fn holds(&self) -> bool {
        matches!(self, Self::Tls(session) if session.holds())
    }

    /// Whether something that was written waits for room in the socket: it was encrypted.
    pub(crate) fn owes(&self) -> bool {
        matches!(self, Self::Tls(session) if session.owes())
    }

    /// Writes what waits for room, [`ErrorKind::WouldBlock`] where there is none.
    pub(crate) fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::Unix(_) => Ok(()),
            Self::Tls(session) => session.flush(),
        }
    }

    /// What says that the other end is gone. A TCP socket has no other sign than that nothing more
    /// comes; TLS tells an end of sending alone by itself (RFC 8446, section 6.1).
    pub(crate) fn gone(&self) -> PollFlags {
        match self {
            Self::Unix(_) => PollFlags::empty(),
            Self::Tls(_) => PollFlags::RDHUP,
        }
    }

    /// Tells the other end that nothing more comes.
    pub(crate) fn end_writing(&mut self) {
        // It fails only where the other end is gone, which reading tells.
        let _ = match self {
            Self::Unix(stream) => stream.shutdown(Shutdown::Write),
            Self::Tls(session) => session.end_writing(),
        };
    }

    /// Tells the other end that nothing more is read. What it sent before still is.
    pub(crate) fn end_reading(&mut self) {
        // TCP has no such thing.
        if let Self::Unix(stream) = self {
            let _ = stream.shutdown(Shutdown::Read);
        }
    }
}

impl AsFd for Wire {
    fn as_fd(&self) -> BorrowedFd<'_> {
        match self {
            Self::Unix(stream) => stream.as_fd(),
            Self::Tls(session) => session.as_fd(),
        }
    }
}

fn uninterrupted(mut call: impl FnMut() -> io::Result<usize>) -> io::Result<usize> {
    loop {
        match call() {
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            other => return other,
        }
    }
}

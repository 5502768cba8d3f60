//! One end that bytes come from and go to. Nothing here waits.

use std::io::{self, ErrorKind, IoSlice, Read, Write};
use std::net::Shutdown;
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::net::UnixStream;

/// A caller's connection or the engine's, which never blocks.
#[derive(Debug)]
pub(crate) enum Wire {
    /// Over a Unix socket.
    Unix(UnixStream),
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
        })
    }

    /// Writes what there is room for.
    pub(crate) fn write(&mut self, parts: &[IoSlice<'_>]) -> io::Result<usize> {
        uninterrupted(|| match self {
            Self::Unix(stream) => stream.write_vectored(parts),
        })
    }

    /// Tells the other end that nothing more comes.
    pub(crate) fn end_writing(&mut self) {
        // It fails only where the other end is gone, which reading tells.
        let _ = match self {
            Self::Unix(stream) => stream.shutdown(Shutdown::Write),
        };
    }

    /// Tells the other end that nothing more is read. What it sent before still is.
    pub(crate) fn end_reading(&mut self) {
        let _ = match self {
            Self::Unix(stream) => stream.shutdown(Shutdown::Read),
        };
    }
}

impl AsFd for Wire {
    fn as_fd(&self) -> BorrowedFd<'_> {
        match self {
            Self::Unix(stream) => stream.as_fd(),
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

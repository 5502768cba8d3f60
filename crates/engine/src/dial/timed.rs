//! Reading and writing under a deadline.

use std::io::{self, ErrorKind, Read, Write};
use std::net::TcpStream;
use std::os::unix::net::UnixStream;
use std::time::{Duration, Instant};

/// A socket whose reads and writes can be made to give up.
pub(super) trait Timed: Read + Write {
    /// How long one read may wait.
    fn wait_to_read(&self, wait: Duration) -> io::Result<()>;
    /// How long one write may wait.
    fn wait_to_write(&self, wait: Duration) -> io::Result<()>;
}

impl Timed for UnixStream {
    fn wait_to_read(&self, wait: Duration) -> io::Result<()> {
        self.set_read_timeout(Some(wait))
    }

    fn wait_to_write(&self, wait: Duration) -> io::Result<()> {
        self.set_write_timeout(Some(wait))
    }
}

impl Timed for TcpStream {
    fn wait_to_read(&self, wait: Duration) -> io::Result<()> {
        self.set_read_timeout(Some(wait))
    }

    fn wait_to_write(&self, wait: Duration) -> io::Result<()> {
        self.set_write_timeout(Some(wait))
    }
}

/// Reads what has arrived, waiting no longer than until `until`.
pub(super) fn read(from: &mut impl Timed, into: &mut [u8], until: Instant) -> io::Result<usize> {
    loop {
        from.wait_to_read(left(until)?)?;
        match from.read(into) {
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            other => return other,
        }
    }
}

/// Writes everything, waiting no longer than until `until`.
pub(super) fn write_all(to: &mut impl Timed, mut from: &[u8], until: Instant) -> io::Result<()> {
    while !from.is_empty() {
        to.wait_to_write(left(until)?)?;
        match to.write(from) {
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            other => from = from.get(other?..).unwrap_or_default(),
        }
    }
    Ok(())
}

/// The time left. None left is an error: the kernel would read it as "no timeout".
pub(super) fn left(until: Instant) -> io::Result<Duration> {
    let left = until.saturating_duration_since(Instant::now());
    if left.is_zero() {
        return Err(ErrorKind::TimedOut.into());
    }
    Ok(left)
}

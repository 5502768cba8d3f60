//! The way to the engine.

use std::io;
use std::os::fd::{AsRawFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::time::Duration;

use nix::errno::Errno;
use nix::sys::socket::sockopt;
use nix::sys::socket::{AddressFamily, SockFlag, SockType, UnixAddr, connect, setsockopt, socket};
use nix::sys::time::TimeVal;

/// Connects to the engine's socket.
///
/// # Errors
/// What the kernel says; `TimedOut` where the engine's queue stays full.
pub(crate) fn dial(path: &Path, within: Duration) -> io::Result<UnixStream> {
    match connect_within(path, within) {
        Ok(fd) => Ok(UnixStream::from(fd)),
        Err(Errno::EAGAIN) => Err(io::Error::from(io::ErrorKind::TimedOut)),
        Err(errno) => Err(errno.into()),
    }
}

/// `UnixStream::connect` has no timeout, and would wait for ever on a socket whose queue is full.
fn connect_within(path: &Path, within: Duration) -> Result<OwnedFd, Errno> {
    let address = UnixAddr::new(path)?;
    let fd = socket(AddressFamily::Unix, SockType::Stream, SockFlag::SOCK_CLOEXEC, None)?;
    let micros = i64::try_from(within.as_micros().max(1)).map_err(|_| Errno::EINVAL)?;
    let wait = TimeVal::new(micros / 1_000_000, micros % 1_000_000);
    setsockopt(&fd, sockopt::SendTimeout, &wait)?;
    connect(fd.as_raw_fd(), &address)?;
    Ok(fd)
}

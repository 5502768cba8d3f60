//! Whether the engine that answered is still the one that runs.

use std::os::fd::AsRawFd as _;
use std::os::unix::net::UnixStream;

use nix::errno::Errno;
use nix::sys::socket::{MsgFlags, recv};

use super::Client;
use crate::dial::Stream;

/// A connection that an engine has answered over, and over which nothing more is asked. It ends with
/// the engine's process, which accepted it: neither a socket that the service manager holds nor a
/// process id that is used again looks like it. The engine closes no idle connection (moby
/// `cmd/dockerd/daemon.go`, `http.Server` without `IdleTimeout` and `ReadTimeout`), and one that does
/// is asked again.
#[derive(Debug)]
pub struct Liveness(UnixStream);

impl Client {
    /// Keeps one of the connections for that; none where no Unix socket leads to the engine, or no
    /// connection is idle.
    pub fn liveness(&self) -> Option<Liveness> {
        let link = self.kept().filter(|link| link.has_answered())?;
        match link.into_stream() {
            Stream::Unix(stream) => Some(Liveness(stream)),
            _ => None,
        }
    }
}

impl Liveness {
    #[cfg(test)]
    pub(crate) fn write(&self, bytes: &str) {
        use std::io::Write as _;
        (&self.0).write_all(bytes.as_bytes()).unwrap();
    }

    /// Whether the connection stands. Costs one call of the kernel, and never waits.
    #[must_use]
    pub fn holds(&self) -> bool {
        let look = MsgFlags::MSG_PEEK | MsgFlags::MSG_DONTWAIT;
        recv(self.0.as_raw_fd(), &mut [0], look) == Err(Errno::EAGAIN)
    }
}

//! Connecting to an endpoint, and who is at its other end.

use std::io::{self, ErrorKind, Read, Write};
use std::os::fd::{AsFd, AsRawFd, OwnedFd};
use std::os::unix::fs::FileTypeExt;
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::time::{Duration, Instant};

use nix::errno::Errno;
use nix::sys::socket::{AddressFamily, SockFlag, SockType, UnixAddr, connect, setsockopt, socket};
use nix::sys::socket::{getsockopt, sockopt};
use nix::sys::time::TimeVal;

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

/// A connected endpoint. TLS and SSH will be further variants.
#[derive(Debug)]
pub(crate) enum Stream {
    Unix(UnixStream),
}

impl Stream {
    /// Reads what has arrived, waiting no longer than until `until`.
    pub(crate) fn read(&mut self, into: &mut [u8], until: Instant) -> io::Result<usize> {
        let Self::Unix(stream) = self;
        loop {
            stream.set_read_timeout(Some(left(until)?))?;
            match stream.read(into) {
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                other => return other,
            }
        }
    }

    /// Writes everything, waiting no longer than until `until`.
    pub(crate) fn write_all(&mut self, mut from: &[u8], until: Instant) -> io::Result<()> {
        let Self::Unix(stream) = self;
        while !from.is_empty() {
            stream.set_write_timeout(Some(left(until)?))?;
            match stream.write(from) {
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                other => from = from.get(other?..).unwrap_or_default(),
            }
        }
        Ok(())
    }
}

/// The time left. None left is an error: the kernel would read it as "no timeout".
fn left(until: Instant) -> io::Result<Duration> {
    let left = until.saturating_duration_since(Instant::now());
    if left.is_zero() {
        return Err(ErrorKind::TimedOut.into());
    }
    Ok(left)
}

/// Connects to the endpoint within the given time.
pub(crate) fn dial(to: &Endpoint, within: Duration) -> Result<(Stream, Option<Peer>), Error> {
    let Endpoint::Unix(path) = to;
    let fd = connect_unix(path, within).map_err(|errno| why_not(path, errno, within))?;
    let peer = peer(&fd);
    Ok((Stream::Unix(UnixStream::from(fd)), peer))
}

/// `UnixStream::connect` has no timeout, and would wait for ever on a socket whose queue is full.
fn connect_unix(path: &Path, within: Duration) -> Result<OwnedFd, Errno> {
    let address = UnixAddr::new(path)?;
    let fd = socket(AddressFamily::Unix, SockType::Stream, SockFlag::SOCK_CLOEXEC, None)?;
    let micros = i64::try_from(within.as_micros().max(1)).map_err(|_| Errno::EINVAL)?;
    let wait = TimeVal::new(micros / 1_000_000, micros % 1_000_000);
    setsockopt(&fd, sockopt::SendTimeout, &wait)?;
    connect(fd.as_raw_fd(), &address)?;
    Ok(fd)
}

fn peer(fd: &impl AsFd) -> Option<Peer> {
    let of = getsockopt(fd, sockopt::PeerCredentials).ok()?;
    Some(Peer {
        pid: u32::try_from(of.pid()).ok().filter(|&pid| pid != 0),
        uid: of.uid(),
        gid: of.gid(),
    })
}

fn why_not(path: &Path, errno: Errno, within: Duration) -> Error {
    let path = path.to_path_buf();
    match errno {
        Errno::ENOENT | Errno::ENOTDIR => Error::NoSocket { tried: vec![path] },
        Errno::EACCES | Errno::EPERM => Error::Denied { path },
        Errno::ECONNREFUSED if !is_socket(&path) => Error::NotASocket { path },
        Errno::ECONNREFUSED => Error::Refused { path },
        Errno::EAGAIN | Errno::EINTR => {
            Error::TimedOut { what: format!("connecting to `{}`", path.display()), after: within }
        }
        other => Error::Connect { path, source: other.into() },
    }
}

fn is_socket(path: &Path) -> bool {
    path.metadata().is_ok_and(|found| found.file_type().is_socket())
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::net::UnixListener;

    use super::*;

    const SHORT: Duration = Duration::from_millis(200);

    fn try_dial(path: &Path) -> Result<Option<Peer>, Error> {
        dial(&Endpoint::Unix(path.into()), SHORT).map(|(_, peer)| peer)
    }

    #[test]
    fn the_peer_is_the_process_that_listens() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("s");
        let _listener = UnixListener::bind(&path).unwrap();
        let peer = try_dial(&path).unwrap().unwrap();
        assert_eq!(peer.pid, Some(std::process::id()));
    }

    #[test]
    fn a_missing_a_stale_and_a_false_socket_are_told_apart() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("s");
        assert!(matches!(try_dial(&path), Err(Error::NoSocket { .. })));
        drop(UnixListener::bind(&path).unwrap());
        assert!(matches!(try_dial(&path), Err(Error::Refused { .. })));
        let file = dir.path().join("f");
        fs::write(&file, "").unwrap();
        assert!(matches!(try_dial(&file), Err(Error::NotASocket { .. })));
        assert!(matches!(try_dial(dir.path()), Err(Error::NotASocket { .. })));
        let below = file.join("s");
        assert!(matches!(try_dial(&below), Err(Error::NoSocket { .. })));
    }

    #[test]
    fn a_socket_that_may_not_be_opened_is_denied() {
        let error = why_not(Path::new("/s"), Errno::EACCES, SHORT);
        assert!(matches!(error, Error::Denied { .. }), "{error}");
    }

    #[test]
    fn a_path_longer_than_a_socket_address_is_an_error_not_a_panic() {
        let path = Path::new("/").join("x".repeat(200));
        assert!(matches!(try_dial(&path), Err(Error::Connect { .. })));
    }

    /// A socket with room for one waiting connection, unlike one of the standard library's.
    fn narrow_listener(path: &Path) -> OwnedFd {
        use nix::sys::socket::{Backlog, bind, listen};
        let flags = SockFlag::SOCK_CLOEXEC;
        let fd = socket(AddressFamily::Unix, SockType::Stream, flags, None).unwrap();
        bind(fd.as_raw_fd(), &UnixAddr::new(path).unwrap()).unwrap();
        listen(&fd, Backlog::new(0).unwrap()).unwrap();
        fd
    }

    #[test]
    fn a_socket_whose_queue_is_full_times_out() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("s");
        let _listener = narrow_listener(&path);
        let endpoint = Endpoint::Unix(path);
        let first = dial(&endpoint, SHORT).unwrap();
        let started = Instant::now();
        let error = dial(&endpoint, SHORT).unwrap_err();
        assert!(matches!(error, Error::TimedOut { .. }), "{error}");
        assert!(started.elapsed() < 10 * SHORT);
        drop(first);
    }
}

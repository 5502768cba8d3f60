//! Connecting to a Unix socket.

use std::os::fd::{AsRawFd, OwnedFd};
use std::os::unix::fs::FileTypeExt;
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::time::Duration;

use nix::errno::Errno;
use nix::sys::socket::{AddressFamily, SockFlag, SockType, UnixAddr, connect, setsockopt, socket};
use nix::sys::socket::{getsockopt, sockopt};
use nix::sys::time::TimeVal;

use super::Peer;
use crate::error::Error;

/// Connects, and says who listens there.
pub(super) fn dial(path: &Path, within: Duration) -> Result<(UnixStream, Option<Peer>), Error> {
    let fd = connect_within(path, within).map_err(|errno| why_not(path, errno, within))?;
    let peer = peer(&fd);
    Ok((UnixStream::from(fd), peer))
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

fn peer(fd: &impl std::os::fd::AsFd) -> Option<Peer> {
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
    use std::time::Instant;

    use super::*;

    const SHORT: Duration = Duration::from_millis(200);

    fn try_dial(path: &Path) -> Result<Option<Peer>, Error> {
        dial(path, SHORT).map(|(_, peer)| peer)
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
        let first = dial(&path, SHORT).unwrap();
        let started = Instant::now();
        let error = dial(&path, SHORT).unwrap_err();
        assert!(matches!(error, Error::TimedOut { .. }), "{error}");
        assert!(started.elapsed() < 10 * SHORT);
        drop(first);
    }
}

//! The sockets that callers connect to.

use std::fs;
use std::io;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::fs::{FileTypeExt, PermissionsExt};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};

use crate::{Error, Tls};

/// A socket that callers connect to.
#[derive(Debug)]
pub struct Listener {
    pub(crate) socket: Socket,
    /// What it is called: its path, or the name that it was handed over with.
    pub name: String,
}

/// What a listener listens on.
#[derive(Debug)]
pub(crate) enum Socket {
    Unix(UnixListener),
    Tcp(TcpListener, Tls),
}

/// A connection that was accepted.
pub(crate) enum Accepted {
    Unix(UnixStream),
    Tcp(TcpStream, Tls),
}

impl Socket {
    pub(crate) fn set_nonblocking(&self) -> io::Result<()> {
        match self {
            Self::Unix(socket) => socket.set_nonblocking(true),
            Self::Tcp(socket, _) => socket.set_nonblocking(true),
        }
    }

    pub(crate) fn accept(&self) -> io::Result<Accepted> {
        match self {
            Self::Unix(socket) => socket.accept().map(|(stream, _)| Accepted::Unix(stream)),
            Self::Tcp(socket, tls) => {
                socket.accept().map(|(stream, _)| Accepted::Tcp(stream, tls.clone()))
            }
        }
    }
}

impl AsFd for Socket {
    fn as_fd(&self) -> BorrowedFd<'_> {
        match self {
            Self::Unix(socket) => socket.as_fd(),
            Self::Tcp(socket, _) => socket.as_fd(),
        }
    }
}

/// Takes the Unix sockets that were handed over (`sd_listen_fds(3)`), each with its name of
/// `LISTEN_FDNAMES`; none where nothing was. Call it once, before any thread starts: it takes the
/// variables out of the environment.
///
/// # Errors
/// One that is not a Unix stream socket that listens.
pub fn handed_over() -> Result<Vec<Listener>, Error> {
    let names = std::env::var("LISTEN_FDNAMES").unwrap_or_default();
    // Without a process id they were meant for whoever started us.
    if std::env::var("LISTEN_PID").ok().and_then(|pid| pid.parse().ok()) != Some(std::process::id())
    {
        return Ok(Vec::new());
    }
    let mut given = listenfd::ListenFd::from_env();
    let mut names = names.split(':').filter(|name| !name.is_empty());
    let mut listeners = Vec::new();
    for at in 0..given.len() {
        let taken =
            given.take_unix_listener(at).map_err(|source| Error::HandedOver { at, source })?;
        let Some(socket) = taken else { continue };
        let name = names.next().map_or_else(|| format!("socket {at}"), str::to_owned);
        listeners.push(Listener { socket: Socket::Unix(socket), name });
    }
    Ok(listeners)
}

impl Listener {
    /// Wraps a socket that listens already.
    #[must_use]
    pub fn from_socket(socket: UnixListener, name: &str) -> Self {
        Self { socket: Socket::Unix(socket), name: name.to_owned() }
    }

    /// Makes a socket at `path` that root and `group` may connect to (mode 0660). A socket there that
    /// nobody listens on is replaced.
    ///
    /// # Errors
    /// Where somebody listens there, something else is there, or the kernel refuses.
    pub fn bind(path: &Path, group: Option<u32>) -> Result<Self, Error> {
        let bind = |source| Error::Bind { path: path.to_path_buf(), source };
        remove_stale(path)?;
        // Made elsewhere and moved there, so that nobody can connect while its mode is wider.
        let folder = path.parent().unwrap_or(Path::new("/"));
        let made = folder.join(format!(".dockward-guard-{}", std::process::id()));
        let socket =
            bound(&made, group).and_then(|socket| fs::rename(&made, path).map(|()| socket));
        let socket = socket.inspect_err(|_| drop(fs::remove_file(&made))).map_err(bind)?;
        Ok(Self { socket: Socket::Unix(socket), name: path.display().to_string() })
    }

    /// Listens on a TCP port, for callers who show a client certificate.
    ///
    /// # Errors
    /// What the kernel says.
    pub fn bind_tls(address: SocketAddr, tls: &Tls) -> Result<Self, Error> {
        let name = address.to_string();
        let bind = |source| Error::Bind { path: PathBuf::from(&name), source };
        let socket = TcpListener::bind(address).map_err(bind)?;
        Ok(Self { socket: Socket::Tcp(socket, tls.clone()), name })
    }

    /// The TCP address that it listens on, where it does.
    #[must_use]
    pub fn address(&self) -> Option<SocketAddr> {
        match &self.socket {
            Socket::Unix(_) => None,
            Socket::Tcp(socket, _) => socket.local_addr().ok(),
        }
    }
}

fn bound(path: &Path, group: Option<u32>) -> io::Result<UnixListener> {
    let socket = UnixListener::bind(path)?;
    std::os::unix::fs::chown(path, None, group)?;
    fs::set_permissions(path, fs::Permissions::from_mode(0o660))?;
    Ok(socket)
}

fn remove_stale(path: &Path) -> Result<(), Error> {
    let there = |why: &'static str| Error::Occupied { path: path.to_path_buf(), why };
    match path.symlink_metadata() {
        Err(_) => Ok(()),
        Ok(found) if !found.file_type().is_socket() => Err(there("it is not a socket")),
        Ok(_) => match UnixStream::connect(path) {
            Err(error) if error.kind() == io::ErrorKind::ConnectionRefused => {
                let gone = fs::remove_file(path);
                gone.map_err(|source| Error::Bind { path: PathBuf::from(path), source })
            }
            _ => Err(there("somebody listens there")),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stale_socket_is_replaced_and_a_live_one_is_not() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("docker.sock");
        drop(UnixListener::bind(&path).unwrap());
        let live = Listener::bind(&path, None).unwrap();
        assert_eq!(path.metadata().unwrap().permissions().mode() & 0o7777, 0o660);
        let error = Listener::bind(&path, None).unwrap_err();
        assert!(matches!(error, Error::Occupied { .. }), "{error}");
        assert!(UnixStream::connect(&path).is_ok());
        drop(live);
        assert!(Listener::bind(&path, None).is_ok());
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn what_is_no_socket_stays() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("docker.sock");
        fs::write(&path, "mine").unwrap();
        assert!(matches!(Listener::bind(&path, None), Err(Error::Occupied { .. })));
        assert_eq!(fs::read_to_string(&path).unwrap(), "mine");
    }

    #[test]
    fn the_group_is_given() {
        if !rustix::process::geteuid().is_root() {
            return;
        }
        use std::os::unix::fs::MetadataExt;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("docker.sock");
        let _listener = Listener::bind(&path, Some(4711)).unwrap();
        assert_eq!(path.metadata().unwrap().gid(), 4711);
    }
}

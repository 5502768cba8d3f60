//! Where an engine listens, and how it is written.

mod ssh;
mod tcp;

use std::fmt;
use std::path::{Path, PathBuf};

use crate::error::{Error, plain};
use crate::tls::Tls;

pub use ssh::Ssh;

/// One place where an engine may listen. It is shown as it is written, `tcp://db-1:2376`, and
/// holds no secret: of TLS only the names of the files.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Endpoint {
    /// A Unix socket, by its absolute path.
    Unix(PathBuf),
    /// A TCP port. Without TLS, whoever reaches it is root on its host.
    Tcp {
        /// A name, or an address without brackets.
        host: String,
        /// The port; 2375 without TLS and 2376 with it, where none is named.
        port: u16,
        /// How it is secured, if it is.
        tls: Option<Tls>,
    },
    /// A socket on another host, through the system's `ssh`.
    Ssh(Ssh),
}

/// How safe the way to an engine is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// A socket of this host's file system.
    Socket,
    /// TCP without TLS: everybody between may read, and change, what is said.
    Plain,
    /// TLS, but the engine's certificate is not looked at: as good as plain against whoever sits
    /// between.
    Unverified,
    /// TLS with a verified certificate.
    Verified,
    /// SSH, by the rules of the system's `ssh`.
    Ssh,
}

impl Endpoint {
    /// Reads an address as the docker command takes it: `unix:///path` or only the path,
    /// `tcp://host:port` or only `host:port`, `ssh://user@host:port/path`. `tls` is how a TCP port
    /// is secured.
    ///
    /// # Errors
    /// An address that is malformed, or of a kind that is not supported.
    pub fn parse(address: &str, tls: Option<&Tls>) -> Result<Self, Error> {
        let (scheme, rest) = match address.split_once("://") {
            Some(parts) => parts,
            None if address.starts_with('/') || !address.contains(':') => ("unix", address),
            None => ("tcp", address),
        };
        match scheme {
            "unix" => unix(rest).ok_or_else(|| bad(address, "no absolute path")),
            "tcp" => tcp::parse(rest, tls).map_err(|why| bad(address, why)),
            "ssh" => Ssh::parse(rest).map(Self::Ssh).map_err(|why| bad(address, why)),
            // The rest of the address is not repeated: it may hold a password.
            "http" | "https" | "npipe" | "fd" => {
                Err(Error::Unsupported { kind: format!("an engine at {scheme}://") })
            }
            _ => Err(bad(address, "no scheme that Docker knows")),
        }
    }

    /// Whether it is a socket of this host's file system, and not a port or another host.
    #[must_use]
    pub const fn is_unix(&self) -> bool {
        matches!(self, Self::Unix(_))
    }

    /// The path of a Unix socket.
    #[must_use]
    pub fn unix_path(&self) -> Option<&Path> {
        match self {
            Self::Unix(path) => Some(path),
            _ => None,
        }
    }

    /// How safe the way to it is.
    #[must_use]
    pub const fn way(&self) -> Way {
        match self {
            Self::Unix(_) => Way::Socket,
            Self::Tcp { tls: None, .. } => Way::Plain,
            Self::Tcp { tls: Some(tls), .. } if tls.verify => Way::Verified,
            Self::Tcp { .. } => Way::Unverified,
            Self::Ssh(_) => Way::Ssh,
        }
    }
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unix(path) => write!(f, "unix://{}", path.display()),
            Self::Tcp { host, port, .. } if host.contains(':') => {
                write!(f, "tcp://[{host}]:{port}")
            }
            Self::Tcp { host, port, .. } => write!(f, "tcp://{host}:{port}"),
            Self::Ssh(ssh) => ssh.fmt(f),
        }
    }
}

fn unix(path: &str) -> Option<Endpoint> {
    let path = if path.is_empty() { "/var/run/docker.sock" } else { path };
    let good = Path::new(path).is_absolute() && !path.contains('\0');
    good.then(|| Endpoint::Unix(path.into()))
}

/// Splits `host:port`, where the host may be an IPv6 address in brackets, and the port may be
/// missing or empty.
fn host_and_port(text: &str) -> Result<(&str, Option<u16>), &'static str> {
    let (host, rest) = match text.strip_prefix('[') {
        Some(inside) => {
            let (host, rest) = inside.split_once(']').ok_or("no `]` after its IPv6 address")?;
            host.parse::<std::net::Ipv6Addr>().map_err(|_| "no IPv6 address in its brackets")?;
            (host, rest)
        }
        None => text.split_at(text.find(':').unwrap_or(text.len())),
    };
    match rest.strip_prefix(':') {
        Some("") => Ok((host, None)),
        Some(port) => Ok((host, Some(number(port)?))),
        None if rest.is_empty() => Ok((host, None)),
        None => Err("something else than a port after its host"),
    }
}

fn number(port: &str) -> Result<u16, &'static str> {
    let why = "its port is no number from 1 to 65535";
    let digits = port.bytes().all(|byte| byte.is_ascii_digit());
    let port = port.parse().ok().filter(|&port| digits && port != 0);
    port.ok_or(why)
}

/// What stands before an `@` may be a password, and is not repeated.
fn bad(address: &str, why: &'static str) -> Error {
    let shown = match address.rsplit_once('@') {
        Some((_, after)) => format!("…@{after}"),
        None => address.to_owned(),
    };
    Error::BadAddress { value: plain(&shown, 100), why }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_of_address_that_no_engine_of_linux_has_are_refused_without_the_password() {
        for address in ["npipe:////./pipe/docker", "https://me:hunter2@host", "fd://"] {
            let error = Endpoint::parse(address, None).unwrap_err();
            assert!(matches!(error, Error::Unsupported { .. }), "{address}");
            assert!(!error.to_string().contains("hunter2"));
            assert!(error.hint().is_some());
        }
    }

    #[test]
    fn an_address_that_says_nothing_is_refused() {
        for address in
            ["docker.sock", "unix://docker.sock", "foo:///x", "unix:///a\0b", "foo://me:hunter2@x"]
        {
            let error = Endpoint::parse(address, None).unwrap_err();
            assert!(matches!(error, Error::BadAddress { .. }), "{address}");
            assert!(!error.to_string().contains("hunter2"));
        }
    }

    #[test]
    fn a_socket_is_written_with_its_scheme_or_as_its_path() {
        let parse = |address: &str| Endpoint::parse(address, None).unwrap();
        assert_eq!(parse("unix://"), Endpoint::Unix("/var/run/docker.sock".into()));
        assert_eq!(parse("/x/y"), Endpoint::Unix("/x/y".into()));
        assert_eq!(parse("/x:y").to_string(), "unix:///x:y");
        assert!(parse("/x").is_unix());
        assert_eq!(parse("/x").unix_path(), Some(Path::new("/x")));
        assert_eq!(parse("/x").way(), Way::Socket);
    }
}

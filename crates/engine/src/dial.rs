//! Connecting to an endpoint, and who is at its other end.

mod ssh;
mod tcp;
mod timed;
mod tls;
mod unix;

use std::io;
use std::net::TcpStream;
use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use crate::endpoint::Endpoint;
use crate::error::Error;
use crate::tls::{Secured, TlsFault};
use ssh::SshStream;
use tls::{PlainHttp, TlsStream};

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

/// What is known of the other end, as far as the kind of endpoint lets it be. It must be the same
/// for every connection, so that all answers are evidence of one engine.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct OtherEnd {
    /// The process behind a Unix socket.
    pub(crate) peer: Option<Peer>,
    /// The certificate that was shown, in DER.
    certificate: Option<Vec<u8>>,
}

/// A connected endpoint.
#[derive(Debug)]
pub(crate) enum Stream {
    Unix(UnixStream),
    Tcp(TcpStream),
    Tls(Box<TlsStream>),
    Ssh(SshStream),
}

impl Stream {
    /// Reads what has arrived, waiting no longer than until `until`.
    pub(crate) fn read(&mut self, into: &mut [u8], until: Instant) -> io::Result<usize> {
        match self {
            Self::Unix(stream) => timed::read(stream, into, until),
            Self::Tcp(stream) => timed::read(stream, into, until),
            Self::Tls(stream) => stream.read(into, until),
            Self::Ssh(ssh) => timed::read(&mut ssh.stream, into, until),
        }
    }

    /// Writes everything, waiting no longer than until `until`.
    pub(crate) fn write_all(&mut self, from: &[u8], until: Instant) -> io::Result<()> {
        match self {
            Self::Unix(stream) => timed::write_all(stream, from, until),
            Self::Tcp(stream) => timed::write_all(stream, from, until),
            Self::Tls(stream) => stream.write_all(from, until),
            Self::Ssh(ssh) => timed::write_all(&mut ssh.stream, from, until),
        }
    }
}

/// Connects to an endpoint, as often as needed.
#[derive(Debug)]
pub(crate) struct Dialer {
    place: String,
    kind: Kind,
}

#[derive(Debug)]
enum Kind {
    Unix(PathBuf),
    Tcp { host: String, port: u16, tls: Option<Secured> },
    Ssh(ssh::Dialer),
}

impl Dialer {
    /// Reads the files and finds the programs that connecting needs.
    pub(crate) fn prepare(to: &Endpoint) -> Result<Self, Error> {
        let kind = match to {
            Endpoint::Unix(path) => Kind::Unix(path.clone()),
            Endpoint::Tcp { host, port, tls } => {
                let tls = tls.as_ref().map(|tls| tls.prepare()).transpose()?;
                Kind::Tcp { host: host.clone(), port: *port, tls }
            }
            Endpoint::Ssh(to) => Kind::Ssh(ssh::Dialer::prepare(to)?),
        };
        Ok(Self { place: to.to_string(), kind })
    }

    /// Through this program in the place of the system's `ssh`.
    #[cfg(test)]
    pub(crate) fn over_ssh(program: PathBuf, to: &crate::Ssh) -> Self {
        Self { place: to.to_string(), kind: Kind::Ssh(ssh::Dialer { program, to: to.clone() }) }
    }

    /// How many connections may be open at a time, where the limits allow `most`: each over SSH
    /// is a login.
    pub(crate) fn connections(&self, most: usize) -> usize {
        match self.kind {
            Kind::Ssh(_) => most.min(2),
            _ => most,
        }
    }

    /// Connects within the given time.
    pub(crate) fn dial(&self, within: Duration) -> Result<(Stream, OtherEnd), Error> {
        match &self.kind {
            Kind::Unix(path) => {
                let (stream, peer) = unix::dial(path, within)?;
                Ok((Stream::Unix(stream), OtherEnd { peer, certificate: None }))
            }
            Kind::Tcp { host, port, tls } => {
                let until = Instant::now() + within;
                let socket = tcp::dial(&self.place, host, *port, within)?;
                let Some(tls) = tls else { return Ok((Stream::Tcp(socket), OtherEnd::default())) };
                let session = tls.session(host).map_err(|error| self.tls_fault(&error, tls))?;
                let stream = TlsStream::handshake(socket, session, until)
                    .map_err(|error| self.no_handshake(error, tls, within))?;
                let end = OtherEnd { peer: None, certificate: stream.certificate() };
                Ok((Stream::Tls(Box::new(stream)), end))
            }
            Kind::Ssh(ssh) => Ok((Stream::Ssh(ssh.dial(within)?), OtherEnd::default())),
        }
    }

    fn no_handshake(&self, error: io::Error, tls: &Secured, within: Duration) -> Error {
        use io::ErrorKind::{BrokenPipe, ConnectionReset, TimedOut, UnexpectedEof, WouldBlock};
        let fault = match error.kind() {
            TimedOut | WouldBlock => {
                let what = format!("the TLS handshake with {}", self.place);
                return Error::TimedOut { what, after: within };
            }
            UnexpectedEof | ConnectionReset | BrokenPipe if tls.asked().is_missing() => {
                TlsFault::CertificateWanted
            }
            UnexpectedEof | ConnectionReset | BrokenPipe => TlsFault::Closed,
            _ if error.get_ref().is_some_and(|inner| inner.is::<PlainHttp>()) => {
                TlsFault::PlainHttp
            }
            _ => return self.explained(error, tls),
        };
        Error::Tls { place: self.place.clone(), fault }
    }

    fn explained(&self, error: io::Error, tls: &Secured) -> Error {
        match error.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>()) {
            Some(error) => self.tls_fault(error, tls),
            None => {
                Error::Io { what: format!("the TLS handshake with {}", self.place), source: error }
            }
        }
    }

    fn tls_fault(&self, error: &rustls::Error, tls: &Secured) -> Error {
        Error::Tls { place: self.place.clone(), fault: TlsFault::of(error, tls.asked()) }
    }

    /// Why reading or writing failed, where that is the session's doing.
    pub(crate) fn broken(&self, error: &io::Error) -> Option<Error> {
        let Kind::Tcp { tls: Some(tls), .. } = &self.kind else { return None };
        let error = error.get_ref()?.downcast_ref::<rustls::Error>()?;
        Some(self.tls_fault(error, tls))
    }

    /// Why a new connection ended before its first answer, where anything tells.
    pub(crate) fn ended(&self, stream: &mut Stream) -> Option<Error> {
        let place = self.place.clone();
        match (&self.kind, stream) {
            (Kind::Tcp { tls: Some(tls), .. }, _) if tls.asked().is_missing() => {
                Some(Error::Tls { place, fault: TlsFault::CertificateWanted })
            }
            (Kind::Ssh(_), Stream::Ssh(ssh)) => Some(Error::Ssh { place, said: ssh.said() }),
            _ => None,
        }
    }
}

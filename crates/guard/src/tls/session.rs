//! TLS over a socket that doesn't block.

use std::io::{self, ErrorKind, IoSlice, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::os::fd::{AsFd, BorrowedFd};
use std::time::Duration;

use rustix::net::sockopt;
use rustls::ServerConnection;
use rustls::pki_types::CertificateDer;

/// Encrypted bytes that wait for room in the socket, at most.
const WAITING: usize = 128 * 1024;
/// A caller whose machine is gone says nothing: it is asked after this time, and then as often.
const ALIVE: Duration = Duration::from_secs(60);
const AGAIN: Duration = Duration::from_secs(10);
const TRIES: u32 = 6;

/// One connection.
#[derive(Debug)]
pub(crate) struct Session {
    stream: TcpStream,
    tls: ServerConnection,
    /// The last read gave something: more, or the end, may have been decrypted with it.
    more: bool,
}

impl Session {
    pub(super) fn new(stream: TcpStream, mut tls: ServerConnection) -> io::Result<Self> {
        stream.set_nonblocking(true)?;
        stream.set_nodelay(true)?;
        sockopt::set_socket_keepalive(&stream, true)?;
        sockopt::set_tcp_keepidle(&stream, ALIVE)?;
        sockopt::set_tcp_keepintvl(&stream, AGAIN)?;
        sockopt::set_tcp_keepcnt(&stream, TRIES)?;
        tls.set_buffer_limit(Some(WAITING));
        // A request may come with the end of the handshake.
        Ok(Self { stream, tls, more: true })
    }

    pub(super) fn shakes_hands(&self) -> bool {
        self.tls.is_handshaking() || self.tls.wants_write()
    }

    /// Goes on with the handshake; false where it has to wait.
    pub(super) fn shake(&mut self) -> io::Result<bool> {
        let sent = match self.flush() {
            Err(error) if error.kind() == ErrorKind::WouldBlock => false,
            other => other.map(|()| true)?,
        };
        if !self.tls.is_handshaking() {
            return Ok(sent);
        }
        match self.take() {
            Ok(0) => Err(ErrorKind::UnexpectedEof.into()),
            Ok(_) => Ok(true),
            Err(error) if error.kind() == ErrorKind::WouldBlock => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// The client's own certificate, which was verified.
    pub(super) fn certificate(&self) -> Option<&CertificateDer<'static>> {
        self.tls.peer_certificates()?.first()
    }

    /// Reads from the socket once, and decrypts.
    fn take(&mut self) -> io::Result<usize> {
        let count = self.tls.read_tls(&mut self.stream)?;
        if let Err(error) = self.tls.process_new_packets() {
            // The other end is told why, if it still listens.
            let _ = self.flush();
            return Err(io::Error::new(ErrorKind::InvalidData, error));
        }
        Ok(count)
    }

    pub(crate) fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        loop {
            match self.tls.reader().read(into) {
                Err(error) if error.kind() == ErrorKind::WouldBlock => self.more = false,
                other => {
                    self.more = other.as_ref().is_ok_and(|&count| count > 0);
                    return other;
                }
            }
            self.take()?;
        }
    }

    pub(crate) fn write(&mut self, parts: &[IoSlice<'_>]) -> io::Result<usize> {
        self.flush()?;
        let count = self.tls.writer().write_vectored(parts)?;
        match self.flush() {
            Err(error) if error.kind() != ErrorKind::WouldBlock => Err(error),
            _ => Ok(count),
        }
    }

    pub(crate) fn flush(&mut self) -> io::Result<()> {
        while self.tls.wants_write() {
            match self.tls.write_tls(&mut self.stream) {
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                other => drop(other?),
            }
        }
        Ok(())
    }

    pub(crate) fn holds(&self) -> bool {
        self.more
    }

    pub(crate) fn owes(&self) -> bool {
        self.tls.wants_write()
    }

    pub(crate) fn end_writing(&mut self) -> io::Result<()> {
        self.tls.send_close_notify();
        self.flush()?;
        self.stream.shutdown(Shutdown::Write)
    }
}

impl AsFd for Session {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.stream.as_fd()
    }
}

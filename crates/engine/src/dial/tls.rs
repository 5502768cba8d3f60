//! A TCP connection with TLS in it.

use std::io::{self, ErrorKind, Read, Write};
use std::net::TcpStream;
use std::time::Instant;

use rustls::ClientConnection;

use super::timed::{self, left};

/// A connection whose session is agreed on.
#[derive(Debug)]
pub(crate) struct TlsStream {
    socket: TcpStream,
    session: ClientConnection,
}

/// A socket whose every read and write ends at a deadline.
struct Until<'a>(&'a mut TcpStream, Instant);

impl Read for Until<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        timed::read(self.0, into, self.1)
    }
}

impl Write for Until<'_> {
    fn write(&mut self, from: &[u8]) -> io::Result<usize> {
        timed::write_all(self.0, from, self.1).map(|()| from.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl TlsStream {
    /// Agrees on a session by `until`, however many messages the other side makes of it.
    pub(super) fn handshake(
        socket: TcpStream,
        session: ClientConnection,
        until: Instant,
    ) -> io::Result<Self> {
        let mut this = Self { socket, session };
        this.push(until)?;
        if this.answers_in_http(until)? {
            return Err(io::Error::new(ErrorKind::InvalidData, PlainHttp));
        }
        while this.session.is_handshaking() {
            this.push(until)?;
            if !this.pull(until)? {
                return Err(ErrorKind::UnexpectedEof.into());
            }
        }
        this.push(until)?;
        Ok(this)
    }

    /// The engine's certificate.
    pub(super) fn certificate(&self) -> Option<Vec<u8>> {
        let chain = self.session.peer_certificates()?;
        chain.first().map(|certificate| certificate.as_ref().to_vec())
    }

    fn answers_in_http(&self, until: Instant) -> io::Result<bool> {
        self.socket.set_read_timeout(Some(left(until)?))?;
        let mut first = [0; 4];
        // A short piece is no answer in HTTP: its status line comes at once.
        Ok(self.socket.peek(&mut first)? == first.len() && &first == b"HTTP")
    }

    /// Reads what has arrived, waiting no longer than until `until`.
    pub(super) fn read(&mut self, into: &mut [u8], until: Instant) -> io::Result<usize> {
        loop {
            match self.session.reader().read(into) {
                Err(error) if error.kind() == ErrorKind::WouldBlock => {}
                other => return other,
            }
            self.push(until)?;
            self.pull(until)?;
        }
    }

    /// Writes everything, waiting no longer than until `until`.
    pub(super) fn write_all(&mut self, mut from: &[u8], until: Instant) -> io::Result<()> {
        while !from.is_empty() {
            let taken = self.session.writer().write(from)?;
            from = from.get(taken..).unwrap_or_default();
            self.push(until)?;
        }
        Ok(())
    }

    /// Sends what the session has to say. Where the other side no longer listens, it may have said
    /// why.
    fn push(&mut self, until: Instant) -> io::Result<()> {
        self.send(until).map_err(|error| match error.kind() {
            ErrorKind::BrokenPipe | ErrorKind::ConnectionReset => self.last_words(error, until),
            _ => error,
        })
    }

    fn send(&mut self, until: Instant) -> io::Result<()> {
        while self.session.wants_write() {
            self.session.write_tls(&mut Until(&mut self.socket, until))?;
        }
        Ok(())
    }

    fn last_words(&mut self, error: io::Error, until: Instant) -> io::Error {
        loop {
            match self.pull(until) {
                Ok(true) => {}
                Err(told) if told.kind() == ErrorKind::InvalidData => return told,
                Ok(false) | Err(_) => return error,
            }
        }
    }

    /// Takes in what the other side says. False at the end of the connection.
    fn pull(&mut self, until: Instant) -> io::Result<bool> {
        let more = self.session.read_tls(&mut Until(&mut self.socket, until))?;
        if let Err(error) = self.session.process_new_packets() {
            // Tells the other side why; that it may no longer listen does not matter.
            let _ = self.send(until);
            return Err(io::Error::new(ErrorKind::InvalidData, error));
        }
        Ok(more > 0)
    }
}

/// What answers a handshake in HTTP.
#[derive(Debug, thiserror::Error)]
#[error("plain HTTP is spoken there")]
pub(super) struct PlainHttp;

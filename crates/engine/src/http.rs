//! HTTP/1.1 as far as an engine's answers to `GET` need it.
//!
//! A [`Link`] is one connection. It can send nothing but `GET`, follows no redirects, and gives
//! up at the first thing that an engine does not do: two lengths, a compressed body, bytes after
//! the end.

mod body;
mod buffer;
mod head;
mod passing;

use std::io;
use std::time::Instant;

use crate::dial::Stream;
use buffer::Buffer;
pub(crate) use head::Head;
pub(crate) use passing::Passing;

/// What went wrong with an answer, before it is known what was asked.
#[derive(Debug)]
pub(crate) enum Fault {
    /// Closed before the first byte: of a connection that was kept, it means nothing.
    Unanswered,
    ClosedEarly {
        got: usize,
    },
    TooLarge {
        part: &'static str,
        limit: usize,
    },
    NotHttp(String),
    Encoded(String),
    Late,
    Io(io::Error),
}

impl From<io::Error> for Fault {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut => Self::Late,
            _ => Self::Io(error),
        }
    }
}

/// Caps for one answer.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Caps {
    /// Bytes of status line and headers, and of trailers.
    pub(crate) head: usize,
    /// Bytes of the body.
    pub(crate) body: usize,
    /// Bytes of the body where the status is not 2xx.
    pub(crate) refusal: usize,
    /// When the last byte must be there.
    pub(crate) until: Instant,
}

/// A whole answer.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) head: Head,
    pub(crate) body: Vec<u8>,
    /// Whether the connection can carry another question.
    pub(crate) keep: bool,
}

/// An answer whose body goes past.
#[derive(Debug)]
pub(crate) enum Passed {
    Body(Passing),
    Refusal(Reply),
}

/// One connection.
#[derive(Debug)]
pub(crate) struct Link {
    stream: Stream,
    buffer: Buffer,
    has_answered: bool,
}

impl Link {
    pub(crate) fn new(stream: Stream) -> Self {
        Self { stream, buffer: Buffer::default(), has_answered: false }
    }

    /// Whether an answer has come over it.
    pub(crate) const fn has_answered(&self) -> bool {
        self.has_answered
    }

    pub(crate) const fn stream(&mut self) -> &mut Stream {
        &mut self.stream
    }

    pub(crate) fn into_stream(self) -> Stream {
        self.stream
    }

    /// Asks for a path and reads the whole answer.
    pub(crate) fn get(&mut self, path: &str, caps: Caps) -> Result<Reply, Fault> {
        self.send(path, caps.until)?;
        let mut source = Source {
            stream: &mut self.stream,
            buffer: &mut self.buffer,
            until: caps.until,
            got: 0,
        };
        let head = head::read(&mut source, caps.head)?;
        let limit = if head.is_success() { caps.body } else { caps.refusal };
        let body = body::read(&mut source, &head, limit, caps.head)?;
        self.has_answered = true;
        let keep = head.keep_alive && self.buffer.is_empty();
        Ok(Reply { head, body, keep })
    }

    /// Asks for a path and hands over the body as it comes; a refusal is read whole. The connection is
    /// used up by it.
    pub(crate) fn pass(mut self, path: &str, caps: Caps) -> Result<Passed, Fault> {
        self.send(path, caps.until)?;
        let (stream, buffer) = (&mut self.stream, &mut self.buffer);
        let mut source = Source { stream, buffer, until: caps.until, got: 0 };
        let head = head::read(&mut source, caps.head)?;
        if head.is_success() {
            let passing = Passing::new(self, head.framing, caps.until, caps.head);
            return Ok(Passed::Body(passing));
        }
        let body = body::read(&mut source, &head, caps.refusal, caps.head)?;
        Ok(Passed::Refusal(Reply { head, body, keep: false }))
    }

    fn send(&mut self, path: &str, until: Instant) -> Result<(), Fault> {
        let request = format!(
            "GET {path} HTTP/1.1\r\nHost: docker\r\nUser-Agent: dockward/{}\r\n\
             Accept: application/json\r\nAccept-Encoding: identity\r\n\r\n",
            env!("CARGO_PKG_VERSION")
        );
        match self.stream.write_all(request.as_bytes(), until) {
            Err(error) if hung_up(&error) => Err(Fault::Unanswered),
            other => Ok(other?),
        }
    }
}

fn hung_up(error: &io::Error) -> bool {
    use io::ErrorKind::{BrokenPipe, ConnectionAborted, ConnectionReset, NotConnected};
    // Of TLS: the connection ended without saying that it would.
    use io::ErrorKind::UnexpectedEof;
    let kind = error.kind();
    matches!(kind, BrokenPipe | ConnectionAborted | ConnectionReset | NotConnected | UnexpectedEof)
}

/// The bytes of one answer as they arrive.
#[derive(Debug)]
pub(crate) struct Source<'a> {
    stream: &'a mut Stream,
    buffer: &'a mut Buffer,
    until: Instant,
    got: usize,
}

impl Source<'_> {
    /// Waits for more bytes. False at the end of the connection.
    fn fill(&mut self) -> Result<bool, Fault> {
        let (stream, until) = (&mut *self.stream, self.until);
        match self.buffer.fill(|space| stream.read(space, until)) {
            Ok(0) => Ok(false),
            Ok(more) => {
                self.got += more;
                Ok(true)
            }
            Err(error) if hung_up(&error) => Err(self.cut()),
            Err(error) => Err(error.into()),
        }
    }

    /// Waits for more bytes where the answer cannot end yet.
    fn need(&mut self) -> Result<(), Fault> {
        if self.fill()? { Ok(()) } else { Err(self.cut()) }
    }

    /// The connection ended where it must not.
    fn cut(&self) -> Fault {
        match self.got {
            0 => Fault::Unanswered,
            got => Fault::ClosedEarly { got },
        }
    }

    /// The bytes up to and with `end`, which must come within `limit` bytes.
    fn up_to(&mut self, end: &[u8], part: &'static str, limit: usize) -> Result<usize, Fault> {
        let mut seen = 0;
        loop {
            if let Some(at) = self.buffer.find(end, seen) {
                let length = at + end.len();
                return within(length, part, limit).map(|()| length);
            }
            seen = self.buffer.bytes().len().saturating_sub(end.len() - 1);
            within(seen, part, limit)?;
            self.need()?;
        }
    }
}

fn within(length: usize, part: &'static str, limit: usize) -> Result<(), Fault> {
    if length > limit {
        return Err(Fault::TooLarge { part, limit });
    }
    Ok(())
}

//! A body that is read as it comes, and never held whole.

use std::io::{self, Read};
use std::time::Instant;

use super::body::{chunk_end, chunk_size_line, skip_trailers};
use super::head::Framing;
use super::{Fault, Link, Source};

/// What is left of a body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Left {
    /// So many bytes.
    Length(usize),
    /// So many bytes of a chunk, and then other chunks; none where the next one's size comes first.
    Chunk(Option<usize>),
    UntilClosed,
    Nothing,
}

/// The body of an answer, as it goes past. Its end is where the answer says that it is: a connection
/// that ends before is an error.
#[derive(Debug)]
pub(crate) struct Passing {
    link: Link,
    until: Instant,
    left: Left,
    trailers: usize,
}

impl Passing {
    pub(super) fn new(link: Link, framing: Framing, until: Instant, trailers: usize) -> Self {
        let left = match framing {
            Framing::Nothing | Framing::Length(0) => Left::Nothing,
            Framing::Length(length) => Left::Length(length),
            Framing::Chunked => Left::Chunk(None),
            Framing::UntilClosed => Left::UntilClosed,
        };
        Self { link, until, left, trailers }
    }

    fn some(&mut self, out: &mut [u8]) -> Result<usize, Fault> {
        let (stream, buffer) = (&mut self.link.stream, &mut self.link.buffer);
        // Something has come already: an end from here on is one within the body.
        let mut source = Source { stream, buffer, until: self.until, got: 1 };
        loop {
            match self.left {
                Left::Nothing => return Ok(0),
                Left::Chunk(None) => {
                    let size = chunk_size_line(&mut source)?;
                    if size == 0 {
                        skip_trailers(&mut source, self.trailers)?;
                    }
                    self.left = if size == 0 { Left::Nothing } else { Left::Chunk(Some(size)) };
                }
                Left::Chunk(Some(0)) => {
                    chunk_end(&mut source)?;
                    self.left = Left::Chunk(None);
                }
                Left::Length(0) => self.left = Left::Nothing,
                Left::Length(left) | Left::Chunk(Some(left)) => {
                    if source.buffer.is_empty() {
                        source.need()?;
                    }
                    let moved = moved(&mut source, out, left);
                    self.left = match self.left {
                        Left::Length(_) => Left::Length(left - moved),
                        _ => Left::Chunk(Some(left - moved)),
                    };
                    return Ok(moved);
                }
                Left::UntilClosed => {
                    if source.buffer.is_empty() && !source.fill()? {
                        self.left = Left::Nothing;
                        return Ok(0);
                    }
                    return Ok(moved(&mut source, out, usize::MAX));
                }
            }
        }
    }
}

/// Moves what is there, at most `most` bytes.
fn moved(source: &mut Source<'_>, out: &mut [u8], most: usize) -> usize {
    let there = source.buffer.bytes();
    let count = there.len().min(out.len()).min(most);
    for (to, from) in out.iter_mut().zip(there.iter().take(count)) {
        *to = *from;
    }
    source.buffer.used(count);
    count
}

impl Read for Passing {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if out.is_empty() {
            return Ok(0);
        }
        self.some(out).map_err(|fault| {
            self.left = Left::Nothing;
            told(fault)
        })
    }
}

fn told(fault: Fault) -> io::Error {
    let kind = io::ErrorKind::InvalidData;
    match fault {
        Fault::Io(error) => error,
        Fault::Late => io::Error::new(io::ErrorKind::TimedOut, "the engine took too long"),
        Fault::Unanswered | Fault::ClosedEarly { .. } => {
            io::Error::new(io::ErrorKind::UnexpectedEof, "the engine's answer ended too early")
        }
        Fault::NotHttp(why) => io::Error::new(kind, why),
        Fault::TooLarge { part, .. } => io::Error::new(kind, format!("{part} is too large")),
        Fault::Encoded(encoding) => io::Error::new(kind, format!("it is encoded as {encoding}")),
    }
}

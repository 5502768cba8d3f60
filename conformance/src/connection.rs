//! Connections: raw bytes there, answers back, under a deadline and a cap.

use std::fmt;
use std::io::ErrorKind::{Interrupted, TimedOut, WouldBlock};
use std::io::{self, Read as _, Write as _};
use std::net::{Shutdown, TcpStream};
use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::str::FromStr;
use std::time::{Duration, Instant};

use crate::Error;
use crate::answer::{Answer, Reading};

/// How long the answers of one connection are waited for.
const DEADLINE: Duration = Duration::from_secs(15);
/// How long answers are waited for after an error: whoever refuses a request may leave the rest unread.
const AFTER_REFUSAL: Duration = Duration::from_millis(300);
/// How many bytes of answers are kept.
const LONGEST: usize = 64 << 20;

/// Where an engine, or what stands before it, listens.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Address {
    /// A Unix socket.
    Unix(PathBuf),
    /// A host and a port, without TLS.
    Tcp(String),
}

impl FromStr for Address {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        if let Some(path) = text.strip_prefix("unix://").filter(|path| path.starts_with('/')) {
            return Ok(Self::Unix(path.into()));
        }
        let host = text.strip_prefix("tcp://").filter(|host| host.contains(':'));
        host.map(|host| Self::Tcp(host.to_owned())).ok_or_else(|| Error::Address(text.to_owned()))
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unix(path) => write!(f, "unix://{}", path.display()),
            Self::Tcp(host) => write!(f, "tcp://{host}"),
        }
    }
}

/// How the answers of a connection are read.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Expected {
    /// How many are waited for.
    pub(crate) answers: usize,
    /// Our half is closed once all is written.
    pub(crate) half_close: bool,
    /// Answers have no body, whatever length they name: HEAD was asked.
    pub(crate) bodiless: bool,
}

impl Default for Expected {
    fn default() -> Self {
        Self { answers: 1, half_close: false, bodiless: false }
    }
}

/// What came back on one connection.
#[derive(Clone, Debug, Default)]
pub(crate) struct Exchange {
    /// The answers, in their order; fewer than were waited for if the connection ended.
    pub(crate) answers: Vec<Answer>,
    /// The other end said neither enough nor goodbye within the deadline.
    pub(crate) hung: bool,
}

impl Address {
    /// Writes those bytes on a new connection, closes that half if told so, and reads up to that many answers, for at
    /// most 15 s.
    ///
    /// A connection that ends early, or an answer that cannot be read, is no error: it is what came back.
    ///
    /// # Errors
    /// [`Error::Connect`] when nobody listens.
    pub(crate) fn exchange(&self, bytes: &[u8], expected: &Expected) -> Result<Exchange, Error> {
        let stream = self.connect().map_err(|why| Error::Connect(self.to_string(), why))?;
        let writer = stream.try_clone().map_err(|why| Error::Connect(self.to_string(), why))?;
        let exchange = talk(writer, &stream, bytes, expected);
        // This ends the writer too, if it still writes.
        let _ = stream.shutdown(Shutdown::Both);
        Ok(exchange)
    }

    fn connect(&self) -> io::Result<Stream> {
        match self {
            Self::Unix(path) => UnixStream::connect(path).map(Stream::Unix),
            Self::Tcp(host) => TcpStream::connect(host).map(Stream::Tcp),
        }
    }
}

enum Stream {
    Unix(UnixStream),
    Tcp(TcpStream),
}

impl Stream {
    fn try_clone(&self) -> io::Result<Self> {
        match self {
            Self::Unix(stream) => stream.try_clone().map(Self::Unix),
            Self::Tcp(stream) => stream.try_clone().map(Self::Tcp),
        }
    }

    /// Reads, waiting for at most that long.
    fn read(&self, into: &mut [u8], wait: Duration) -> io::Result<usize> {
        match self {
            Self::Unix(stream) => {
                stream.set_read_timeout(Some(wait))?;
                (&*stream).read(into)
            }
            Self::Tcp(stream) => {
                stream.set_read_timeout(Some(wait))?;
                (&*stream).read(into)
            }
        }
    }

    fn write_all(&self, bytes: &[u8]) -> io::Result<()> {
        match self {
            Self::Unix(stream) => (&*stream).write_all(bytes),
            Self::Tcp(stream) => (&*stream).write_all(bytes),
        }
    }

    fn shutdown(&self, how: Shutdown) -> io::Result<()> {
        match self {
            Self::Unix(stream) => stream.shutdown(how),
            Self::Tcp(stream) => stream.shutdown(how),
        }
    }
}

/// Writes in a thread of its own: whoever refuses a long body answers before it has read all of it.
fn talk(writer: Stream, reader: &Stream, bytes: &[u8], expected: &Expected) -> Exchange {
    let (bytes, half_close) = (bytes.to_vec(), expected.half_close);
    std::thread::spawn(move || {
        writer.write_all(&bytes)?;
        if half_close { writer.shutdown(Shutdown::Write) } else { Ok(()) }
    });
    let mut deadline = Instant::now() + DEADLINE;
    let mut reading = Reading::new(expected.bodiless);
    let mut exchange = Exchange::default();
    let mut buffer = vec![0; 64 << 10];
    while exchange.answers.len() < expected.answers && reading.len() < LONGEST {
        let left = deadline.saturating_duration_since(Instant::now());
        if left.is_zero() {
            exchange.hung = exchange.answers.is_empty();
            break;
        }
        match reader.read(&mut buffer, left) {
            Ok(0) => {
                exchange.answers.extend(reading.end());
                break;
            }
            Ok(read) => reading.push(buffer.get(..read).unwrap_or_default()),
            Err(why) if matches!(why.kind(), WouldBlock | TimedOut | Interrupted) => continue,
            Err(_) => {
                exchange.answers.extend(reading.end());
                break;
            }
        }
        while let Some(answer) = reading.next() {
            if answer.status >= 400 {
                deadline = deadline.min(Instant::now() + AFTER_REFUSAL);
            }
            exchange.answers.push(answer);
        }
    }
    exchange
}

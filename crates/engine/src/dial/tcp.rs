//! Connecting to a TCP port.

use std::io::{self, ErrorKind};
use std::net::{IpAddr, SocketAddr, TcpStream, ToSocketAddrs};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};

use super::timed::left;
use crate::error::Error;

/// More addresses than an honest name has.
const MOST_ADDRESSES: usize = 16;

/// Connects to the first address of a host that answers, in the resolver's order. Each gets its
/// share of the time that is left, so that one that swallows packets does not hide the next.
/// `place` is for the error.
pub(super) fn dial(
    place: &str,
    host: &str,
    port: u16,
    within: Duration,
) -> Result<TcpStream, Error> {
    let until = Instant::now() + within;
    let late = || Error::TimedOut { what: format!("connecting to {place}"), after: within };
    let addresses = match addresses(host, port, until) {
        Err(error) if error.kind() == ErrorKind::TimedOut => return Err(late()),
        found => found.map_err(|source| Error::Unresolved { place: place.to_owned(), source })?,
    };
    match first(&addresses, until) {
        Err((_, error)) if is_late(&error) => Err(late()),
        Err((address, source)) => {
            Err(Error::Unreachable { place: place.to_owned(), address, source })
        }
        Ok(stream) => Ok(stream),
    }
}

fn is_late(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::TimedOut | ErrorKind::WouldBlock)
}

/// Asks the system's resolver, which has no deadline of its own, on a thread that may outlive the
/// question.
fn addresses(host: &str, port: u16, until: Instant) -> io::Result<Vec<SocketAddr>> {
    if let Ok(address) = host.parse::<IpAddr>() {
        return Ok(vec![SocketAddr::new(address, port)]);
    }
    let (send, answer) = mpsc::channel();
    let name = host.to_owned();
    thread::Builder::new().spawn(move || {
        let found = (name.as_str(), port).to_socket_addrs();
        // Nobody listens any more where it took too long.
        let _ = send.send(found.map(|all| all.take(MOST_ADDRESSES).collect::<Vec<_>>()));
    })?;
    match answer.recv_timeout(left(until)?) {
        Ok(Ok(none)) if none.is_empty() => Err(io::Error::other("the name has no address")),
        Ok(found) => found,
        Err(RecvTimeoutError::Timeout) => Err(ErrorKind::TimedOut.into()),
        Err(RecvTimeoutError::Disconnected) => Err(io::Error::other("the resolver failed")),
    }
}

/// The first that answers, or the failure of the last that said something. That one of them kept
/// silent says less than that another refused.
fn first(all: &[SocketAddr], until: Instant) -> Result<TcpStream, (SocketAddr, io::Error)> {
    let mut told: Option<(SocketAddr, io::Error)> = None;
    for (at, &address) in all.iter().enumerate() {
        let share = |left: Duration| left / u32::try_from(all.len() - at).unwrap_or(u32::MAX);
        let stream = left(until).and_then(|left| TcpStream::connect_timeout(&address, share(left)));
        match stream {
            Ok(stream) => return Ok(stream),
            Err(error) if told.is_some() && is_late(&error) => {}
            Err(error) => told = Some((address, error)),
        }
    }
    let nothing = || (SocketAddr::from(([0, 0, 0, 0], 0)), io::Error::other("no address"));
    Err(told.unwrap_or_else(nothing))
}

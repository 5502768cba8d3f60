//! The guard at work: connections are accepted, each gets a thread, and all of them come to an end.

use std::collections::VecDeque;
use std::io::{self, ErrorKind};
use std::os::fd::BorrowedFd;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use nix::sys::resource::{Resource, getrlimit, setrlimit};
use rustix::event::{PollFd, PollFlags, poll};

use crate::buffer::Pool;
use crate::caller::Caller;
use crate::caller::peer::{self, Ticks};
use crate::connection::{Connection, Shared};
use crate::gate::{Denial, Gate};
use crate::listen::Accepted;
use crate::shares::{Place, Shares};
use crate::wire::Wire;
use crate::{Error, Limits, Listener, reply, stop, tls};

/// How long threads have to end once their connections were cut.
const LAST: Duration = Duration::from_secs(2);
/// How long nothing is accepted where the process has no descriptor or memory left for one more.
const BREATH: Duration = Duration::from_millis(50);
/// Refused connections that stay open for a while, so that their callers get to read why.
const REFUSED: usize = 64;

/// A guard before one engine.
pub struct Guard {
    gate: Arc<dyn Gate>,
    engine: PathBuf,
    limits: Limits,
}

/// How a guard's work ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ended {
    /// Calls that were cut because they did not end within [`Limits::grace`].
    pub cut: usize,
}

impl Guard {
    /// A guard that forwards to the engine at that Unix socket what the gate lets through.
    #[must_use]
    pub fn new(gate: Arc<dyn Gate>, engine: &Path, limits: Limits) -> Self {
        Self { gate, engine: engine.to_path_buf(), limits }
    }

    /// Serves until `stop` can be read: a [`Signals`](crate::Signals), or a pipe. Then nothing more
    /// is accepted, calls in flight may end, streams of lines are ended, and what is left after
    /// [`Limits::grace`] is cut. Connections that were not accepted stay with the socket, for
    /// whoever serves it next.
    ///
    /// # Errors
    /// When no connections can be accepted at all.
    pub fn serve(self, listeners: &[Listener], stop: BorrowedFd<'_>) -> Result<Ended, Error> {
        for listener in listeners {
            listener.socket.set_nonblocking().map_err(Error::Serve)?;
        }
        let (stops, wakers) = stop::pair().map_err(Error::Serve)?;
        let limits = Limits { connections: possible(self.limits.connections), ..self.limits };
        let shared = Arc::new(Shared {
            gate: self.gate,
            engine: self.engine,
            limits,
            pool: Arc::new(Pool::default()),
            stops,
        });
        let shares = Arc::new(Shares::default());
        let mut door = Door { shared: &shared, shares: &shares, refused: VecDeque::new() };
        door.accept(listeners, stop);
        drop(door);
        let last = wakers.soon(&shared.stops);
        let cut = shares.wait_for_none(shared.limits.grace);
        last.now();
        shares.wait_for_none(LAST);
        Ok(Ended { cut })
    }
}

/// Descriptors that are not of connections: listeners, logs, whatever the gate opens.
const OTHERS: u64 = 128;

/// As many connections as there are descriptors for: two each, and one while its caller is looked at.
/// The process's own limit is raised to where the kernel lets it.
fn possible(wanted: usize) -> usize {
    let Ok((soft, hard)) = getrlimit(Resource::RLIMIT_NOFILE) else { return wanted };
    let needed = (wanted as u64).saturating_mul(3).saturating_add(OTHERS);
    // What cannot be raised stays as it was, and is what there is.
    let _ = setrlimit(Resource::RLIMIT_NOFILE, needed.max(soft).min(hard), hard);
    let now = getrlimit(Resource::RLIMIT_NOFILE).map_or(0, |(soft, _)| soft);
    let room = now.saturating_sub(OTHERS) / 3;
    wanted.min(usize::try_from(room).unwrap_or(usize::MAX))
}

/// Where connections come in.
struct Door<'a> {
    shared: &'a Arc<Shared>,
    shares: &'a Arc<Shares>,
    refused: VecDeque<UnixStream>,
}

impl Door<'_> {
    fn accept(&mut self, listeners: &[Listener], stop: BorrowedFd<'_>) {
        loop {
            let mut polled: Vec<PollFd<'_>> =
                listeners.iter().map(|one| PollFd::new(&one.socket, PollFlags::IN)).collect();
            polled.push(PollFd::from_borrowed_fd(stop, PollFlags::IN));
            if poll(&mut polled, None).is_err() {
                continue;
            }
            let ready: Vec<bool> = polled.iter().map(|one| !one.revents().is_empty()).collect();
            if ready.last() == Some(&true) {
                return;
            }
            for (listener, _) in listeners.iter().zip(ready).filter(|(_, ready)| *ready) {
                self.accept_one(listener);
            }
        }
    }

    fn accept_one(&mut self, listener: &Listener) {
        match listener.socket.accept() {
            Ok(accepted) => self.begin(accepted),
            // Gone again, or another process that serves the same socket took it.
            Err(error)
                if matches!(
                    error.kind(),
                    ErrorKind::WouldBlock | ErrorKind::Interrupted | ErrorKind::ConnectionAborted
                ) => {}
            Err(_) => std::thread::sleep(BREATH),
        }
    }

    fn begin(&mut self, stream: Accepted) {
        let Some(place) = self.shares.enter(self.shared.limits.connections) else {
            return self.refuse(stream);
        };
        let (shared, came) = (Arc::clone(self.shared), peer::now());
        let begun = std::thread::Builder::new()
            .name("call".to_owned())
            .stack_size(self.shared.limits.stack)
            .spawn(move || connect(shared, place, stream, came));
        if begun.is_err() {
            // The connection went with the thread that could not be.
            std::thread::sleep(BREATH);
        }
    }

    fn refuse(&mut self, stream: Accepted) {
        // Over TLS it would take a handshake to tell why.
        let Accepted::Unix(stream) = stream else { return };
        let Ok(wire) = stream.try_clone().and_then(Wire::unix) else { return };
        let denial = full("all of its connections are taken");
        let mut side = self.shared.side(wire);
        // A new connection has room for this; nobody waits here.
        let _ = side.wire.write(&[io::IoSlice::new(&reply::denial(&denial, false, false))]);
        side.wire.end_writing();
        self.refused.push_back(stream);
        if self.refused.len() > REFUSED {
            self.refused.pop_front();
        }
    }
}

fn full(why: &str) -> Denial {
    Denial::new(503, format!("dockward guard is busy: {why}; try again"))
}

fn connect(shared: Arc<Shared>, mut place: Place, stream: Accepted, came: Ticks) {
    let Some((wire, identity)) = known(&shared, stream, came) else { return };
    let side = shared.side(wire);
    let most = shared.limits.connections;
    let allowed = place.belongs_to(&identity, most);
    let connection = Connection::new(shared, Arc::new(identity), side);
    if allowed {
        connection.run();
    } else {
        connection.refuse(&full("this caller has its share of connections"));
    }
}

/// The connection, and who it is of.
fn known(shared: &Shared, stream: Accepted, came: Ticks) -> Option<(Wire, Caller)> {
    match stream {
        Accepted::Unix(stream) => {
            let identity = Caller::Process(peer::of(&stream, came));
            Some((Wire::unix(stream).ok()?, identity))
        }
        Accepted::Tcp(stream, tls) => {
            let deadline = Instant::now().checked_add(shared.limits.head);
            let (session, names) = tls::accept(stream, &tls, deadline, &shared.stops)?;
            Some((Wire::Tls(Box::new(session)), Caller::Certificate(names)))
        }
    }
}

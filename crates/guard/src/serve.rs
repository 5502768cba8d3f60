//! The guard at work: connections are accepted, each gets a thread, and all of them come to an end.

use std::io::ErrorKind;
use std::os::fd::BorrowedFd;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use nix::sys::resource::{Resource, getrlimit, setrlimit};
use rustix::event::{PollFd, PollFlags, poll};

use crate::buffer::Pool;
use crate::caller::Caller;
use crate::caller::peer::{self, Ticks};
use crate::connection::{Connection, Shared};
use crate::gate::{Denial, Gate};
use crate::listen::Accepted;
use crate::quiet::{Quiet, Resting, Silent};
use crate::shares::{Place, Shares};
use crate::wire::Wire;
use crate::{Error, Limits, Listener, stop, tls};

/// How long threads have to end once their connections were cut.
const LAST: Duration = Duration::from_secs(2);
/// How long nothing is accepted where the process has no descriptor or memory left for one more.
const BREATH: Duration = Duration::from_millis(50);

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
            quiet: Quiet::new().map_err(Error::Serve)?,
        });
        let shares = Arc::new(Shares::default());
        let silent = wait_with_the_silent(&shared).map_err(Error::Serve)?;
        Door { shared: &shared, shares: &shares }.accept(listeners, stop);
        let last = wakers.soon(&shared.stops);
        let cut = shares.wait_for_none(shared.limits.grace);
        last.now();
        // Nothing of the gate is held any more by whoever waits here.
        let _ = silent.join();
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
}

impl Door<'_> {
    fn accept(&self, listeners: &[Listener], stop: BorrowedFd<'_>) {
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

    fn accept_one(&self, listener: &Listener) {
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

    fn begin(&self, stream: Accepted) {
        let stranger = matches!(stream, Accepted::Tcp(..));
        let place = self.shares.enter(self.shared.limits.connections, stranger);
        let place = match place {
            Some(place) => Ok(place),
            // Over TLS it would take a handshake to tell why.
            None if stranger => return,
            None => match self.shares.refuse() {
                Some(place) => Err(place),
                None => return,
            },
        };
        let (shared, shares) = (Arc::clone(self.shared), Arc::clone(self.shares));
        let came = peer::now();
        on_a_thread(self.shared, move || connect(shared, &shares, place, stream, came));
    }
}

/// Runs what there is to do for a connection.
fn on_a_thread(shared: &Shared, work: impl FnOnce() + Send + 'static) {
    let thread = std::thread::Builder::new().name("call".to_owned());
    if thread.stack_size(shared.limits.stack).spawn(work).is_err() {
        // The connection went with the thread that could not be.
        std::thread::sleep(BREATH);
    }
}

/// Begins the thread that waits with all answers that are silent.
fn wait_with_the_silent(shared: &Arc<Shared>) -> std::io::Result<JoinHandle<()>> {
    let shared = Arc::clone(shared);
    let waiting = move || {
        let wake = |resting: Resting| {
            on_a_thread(&shared, move || {
                serve(resting.connection, Some(resting.silent), resting.place)
            });
        };
        // Where it can't wait, whoever would rest goes on waiting for itself.
        if Quiet::serve(&shared, &wake).is_err() {
            shared.quiet.end(&wake);
        }
    };
    std::thread::Builder::new().name("silent".to_owned()).spawn(waiting)
}

/// Serves a connection until it ends, or is kept with those that are silent.
fn serve(mut connection: Connection, mut silent: Option<Box<Silent>>, mut place: Place) {
    while let Some((resting, its)) = connection.run(silent) {
        let shared = Arc::clone(resting.shared());
        match shared.quiet.keep(Resting { connection: resting, silent: its, place }) {
            Ok(()) => return,
            Err(back) => {
                (connection, silent, place) = (back.connection, Some(back.silent), back.place)
            }
        }
    }
}

fn full(why: &str) -> Denial {
    Denial::new(503, format!("dockward guard is busy: {why}; try again"))
}

/// Serves a connection that has a place among all, or tells one why it hasn't.
fn connect(
    shared: Arc<Shared>,
    shares: &Arc<Shares>,
    place: Result<Place, Place>,
    stream: Accepted,
    came: Ticks,
) {
    let Some((wire, identity)) = known(&shared, stream, came) else { return };
    let most = shared.limits.connections;
    let side = shared.side(wire);
    let connection = |identity| Connection::new(shared, Arc::new(identity), side);
    let (telling, why) = match place {
        Ok(mut place) => {
            if place.belongs_to(&identity, most) {
                return serve(connection(identity), None, place);
            }
            // Its place is another's while it is told.
            drop(place);
            (shares.refuse(), "this caller has its share of connections")
        }
        Err(telling) => (Some(telling), "all of its connections are taken"),
    };
    if telling.is_some() {
        connection(identity).refuse(&full(why));
    }
}

/// The connection, and who it is of. Apart, so that what a handshake needs of the stack is not below
/// all that comes after.
#[inline(never)]
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

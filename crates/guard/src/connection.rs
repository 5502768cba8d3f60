//! One connection of a caller: its requests, one after another.

use std::io::ErrorKind;
use std::os::fd::{AsFd, BorrowedFd};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use rustix::event::PollFlags;

use crate::buffer::{Inbox, Pool};
use crate::exchange::{Exchange, Then};
use crate::flow::Flow;
use crate::gate::{Denial, End, Gate};
use crate::http::request::{self, Request};
use crate::http::scan::Scan;
use crate::quiet::{Quiet, Silent};
use crate::relay::{Fault, Ran, Relay, Side, as_it_is};
use crate::stop::Stops;
use crate::wait::wait;
use crate::wire::Wire;
use crate::{Body, Caller, Limits, reply};

/// How long a connection that is new may still bring its first request once the guard ends: the
/// caller connected before, and would lose its call.
const FRESH: Duration = Duration::from_millis(500);

/// What all connections share.
pub(crate) struct Shared {
    pub(crate) gate: Arc<dyn Gate>,
    pub(crate) engine: PathBuf,
    pub(crate) limits: Limits,
    pub(crate) pool: Arc<Pool>,
    pub(crate) stops: Stops,
    pub(crate) quiet: Quiet,
}

impl Shared {
    pub(crate) fn side(&self, wire: Wire) -> Side {
        Side { wire, inbox: Inbox::new(Arc::clone(&self.pool)), hung_up: false }
    }

    pub(crate) fn unreachable(&self, why: &str) -> String {
        format!("dockward guard: no answer of the engine at {}: {why}", self.engine.display())
    }
}

/// One caller's connection.
pub(crate) struct Connection {
    shared: Arc<Shared>,
    identity: Arc<Caller>,
    caller: Side,
    engine: Option<Side>,
    served: bool,
}

/// Why there is no next request.
enum NoRequest {
    /// The connection ended between two requests.
    Ended,
    /// What came is refused with that status.
    Refused(u16, &'static str),
}

impl Connection {
    pub(crate) fn new(shared: Arc<Shared>, identity: Arc<Caller>, caller: Side) -> Self {
        Self { shared, identity, caller, engine: None, served: false }
    }

    /// Serves requests until the connection ends, or an answer is silent. `silent` is one that was,
    /// and is gone on with first.
    pub(crate) fn run(mut self, silent: Option<Box<Silent>>) -> Option<(Self, Box<Silent>)> {
        let mut then = match silent {
            Some(silent) => self.go_on(silent),
            None => self.serve(),
        };
        loop {
            match then {
                Then::Next => self.served = true,
                Then::Close => return None,
                Then::Linger => {
                    self.engine = None;
                    reply::linger(&mut self.caller, &self.shared.stops);
                    return None;
                }
                Then::Rest(silent) => return Some((self, silent)),
            }
            then = self.serve();
        }
    }

    /// Hands on what comes of an answer that was silent. What its caller has got of it can't be taken
    /// back: a fault ends the connection.
    fn go_on(&mut self, mut silent: Box<Silent>) -> Then {
        let Some(engine) = self.engine.as_mut() else { return Then::Close };
        let limits = &self.shared.limits;
        let stop = self.shared.stops.now.as_fd();
        let mut relay = Relay::new(&mut self.caller, engine, stop, Flow::nothing(), limits.stuck);
        let ran = relay.run_while_heard(&mut silent.down, &mut as_it_is, Some(limits.silence));
        let nothing_behind = relay.engine.inbox.data().is_empty();
        silent.allowed.outcome.end = ran.as_ref().map_or_else(Fault::end, |_| End::Answered);
        match ran {
            Ok(Ran::Silent) => Then::Rest(silent),
            Ok(Ran::Done) if silent.keep && nothing_behind => Then::Next,
            Ok(Ran::Done) | Err(_) => Then::Close,
        }
    }

    /// What tells that there is something to do while an answer is silent.
    pub(crate) fn ends(&self) -> Option<[BorrowedFd<'_>; 2]> {
        self.engine.as_ref().map(|engine| [self.caller.wire.as_fd(), engine.wire.as_fd()])
    }

    pub(crate) fn shared(&self) -> &Arc<Shared> {
        &self.shared
    }

    /// Refuses the first request, whatever it is.
    pub(crate) fn refuse(mut self, denial: &Denial) {
        if let Ok(request) = self.next() {
            let head_only = request.head.method == "HEAD";
            let bytes = reply::denial(denial, head_only, false);
            if reply::send(&mut self.caller, &bytes, &self.shared.stops) {
                reply::linger(&mut self.caller, &self.shared.stops);
            }
        }
    }

    fn serve(&mut self) -> Then {
        let request = match self.next() {
            Ok(request) => request,
            Err(NoRequest::Ended) => return Then::Close,
            Err(NoRequest::Refused(status, why)) => {
                let denial = Denial::new(status, format!("not taken: {why}"));
                let bytes = reply::denial(&denial, false, false);
                reply::send(&mut self.caller, &bytes, &self.shared.stops);
                return Then::Linger;
            }
        };
        Exchange {
            body_left: !matches!(request.head.body, Body::Nothing | Body::Sized(0)),
            shared: &self.shared,
            identity: &self.identity,
            caller: &mut self.caller,
            engine: &mut self.engine,
            request: &request,
            answered: false,
        }
        .run()
    }

    fn next(&mut self) -> Result<Request, NoRequest> {
        if self.caller.inbox.data().is_empty() {
            self.first_bytes()?;
        }
        let deadline = Instant::now().checked_add(self.shared.limits.head);
        let mut scan = Scan::default();
        loop {
            let found = scan.end(self.caller.inbox.data());
            if let Some(length) = found.map_err(|bad| NoRequest::Refused(400, bad.0))? {
                let bytes = self.caller.inbox.data().get(..length).unwrap_or_default();
                let request = request::parse(bytes);
                self.caller.inbox.used(length);
                return request.map_err(|bad| NoRequest::Refused(400, bad.0));
            }
            if self.caller.inbox.is_full() {
                return Err(NoRequest::Refused(431, "a head that is longer than 64 KiB"));
            }
            self.more(deadline)?;
        }
    }

    fn more(&mut self, deadline: Option<Instant>) -> Result<(), NoRequest> {
        let late = NoRequest::Refused(408, "the head of the request did not come");
        loop {
            if deadline.is_some_and(|at| Instant::now() >= at) {
                return Err(late);
            }
            if self.fill()? {
                return Ok(());
            }
            let stop = (self.shared.stops.now.as_fd(), PollFlags::empty());
            let caller = (self.caller.wire.as_fd(), PollFlags::IN);
            let [_, stopped] = wait([Some(caller), Some(stop)], deadline);
            if !stopped.is_empty() {
                return Err(NoRequest::Ended);
            }
        }
    }

    /// Reads what is there; false where nothing is.
    fn fill(&mut self) -> Result<bool, NoRequest> {
        match self.caller.inbox.fill(&mut self.caller.wire) {
            Ok(0) => Err(NoRequest::Ended),
            Ok(_) => Ok(true),
            Err(error) if error.kind() == ErrorKind::WouldBlock => Ok(false),
            Err(_) => Err(NoRequest::Ended),
        }
    }

    /// Waits for the next request, as long as it takes. An engine that closes meanwhile closes this
    /// connection too: its caller then knows before it sends anything.
    fn first_bytes(&mut self) -> Result<(), NoRequest> {
        if self.caller.wire.holds() && self.fill()? {
            return Ok(());
        }
        loop {
            let ending = self.shared.stops.ending();
            let engine = self.engine.as_ref().map(|engine| (engine.wire.as_fd(), PollFlags::IN));
            let stop = (self.shared.stops.soon.as_fd(), PollFlags::empty());
            let caller = (self.caller.wire.as_fd(), PollFlags::IN);
            let deadline = ending.then(|| Instant::now().checked_add(FRESH)).flatten();
            let [came, engine, stopped] =
                wait([Some(caller), engine, (!ending).then_some(stop)], deadline);
            if !came.is_empty() {
                if self.fill()? {
                    return Ok(());
                }
            } else if !engine.is_empty() {
                return Err(NoRequest::Ended);
            } else if !stopped.is_empty() && self.served {
                return self.last_bytes();
            } else if ending {
                return Err(NoRequest::Ended);
            }
        }
    }

    /// Closes an idle connection so that no request is lost: what was sent before is still there,
    /// and who sends from now on is told by the kernel that nothing went.
    fn last_bytes(&mut self) -> Result<(), NoRequest> {
        self.caller.wire.end_reading();
        if self.fill()? { Ok(()) } else { Err(NoRequest::Ended) }
    }
}

//! The client: connections kept, questions asked, answers read.

#[cfg(test)]
mod hostile_tests;
#[cfg(test)]
mod live_tests;
mod liveness;
#[cfg(test)]
mod session_tests;
#[cfg(test)]
mod ssh_tests;
#[cfg(test)]
mod tar_tests;
#[cfg(test)]
mod tcp_tests;
#[cfg(test)]
mod tls_tests;

use std::io::{self, Read};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::answer::{self, Answer};
use crate::api::{Ping, Version};
use crate::ask::{Ask, Packed};
use crate::dial::{Dialer, OtherEnd, Peer};
use crate::endpoint::Endpoint;
use crate::error::{Error, plain};
use crate::from_json::FromJson;
use crate::http::{Caps, Fault, Head, Link, Passed, Passing, Reply};
use crate::limits::Limits;
use crate::version::ApiVersion;

pub use liveness::Liveness;

/// Longer than any path that an honest engine's ids make.
const LONGEST_PATH: usize = 1024;
/// What even the smallest answer takes in memory, once read.
const SMALLEST_ANSWER: usize = 4096;
/// Bytes in memory for each byte that a body may have.
const MEMORY_FACTOR: usize = 2;

/// A connected engine. It can be shared between threads; each asks over a connection of its own.
#[derive(Debug)]
pub struct Client {
    endpoint: Endpoint,
    limits: Limits,
    started: Instant,
    dialer: Dialer,
    other_end: OtherEnd,
    ping: Ping,
    version: ApiVersion,
    idle: Mutex<Vec<Link>>,
    /// Bytes of all answers so far.
    bytes: AtomicUsize,
}

/// A tar that an engine makes, as it comes. One that ends early is an error, never a short tar.
#[derive(Debug)]
pub struct TarStream(Passing);

impl Read for TarStream {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        self.0.read(out)
    }
}

impl Client {
    /// Connects to one endpoint and agrees with its engine on a version of the API.
    ///
    /// # Errors
    /// Where no engine answers there, or one that is too old.
    pub fn connect(endpoint: Endpoint, limits: Limits) -> Result<Self, Error> {
        let dialer = Dialer::prepare(&endpoint)?;
        Self::through(dialer, endpoint, limits)
    }

    fn through(dialer: Dialer, endpoint: Endpoint, mut limits: Limits) -> Result<Self, Error> {
        let started = Instant::now();
        limits.connections = dialer.connections(limits.connections);
        let (stream, other_end) = dialer.dial(limits.deadlines.connect)?;
        let mut client = Self {
            endpoint,
            limits,
            started,
            dialer,
            other_end,
            ping: Ping::default(),
            version: ApiVersion::OLDEST,
            idle: Mutex::new(vec![Link::new(stream)]),
            bytes: AtomicUsize::new(0),
        };
        client.negotiate()?;
        Ok(client)
    }

    /// Where the engine listens.
    pub fn endpoint(&self) -> &Endpoint {
        &self.endpoint
    }

    /// Who listens there, where it is a Unix socket: every answer came from this process.
    pub fn peer(&self) -> Option<Peer> {
        self.other_end.peer
    }

    /// What the engine said to `/_ping`.
    pub fn ping(&self) -> &Ping {
        &self.ping
    }

    /// The version of the API that is spoken.
    pub fn api_version(&self) -> ApiVersion {
        self.version
    }

    /// How many threads ask at a time.
    pub(crate) fn threads(&self) -> usize {
        self.limits.connections.max(1)
    }

    /// Asks one question. `T` is the type that [`Ask`] names beside it.
    ///
    /// # Errors
    /// [`Error::Gone`] where only the one thing asked for is not there; otherwise what went wrong
    /// with the engine or its answer.
    pub fn get<T: FromJson>(&self, ask: &Ask) -> Result<Answer<T>, Error> {
        let what = ask.endpoint(self.version);
        let reply = self.exchange(&what, ask.limit(&self.limits))?;
        if reply.head.status == 404 && ask.is_about_one() {
            return Err(Error::Gone { what });
        }
        succeeded(&what, &reply)?;
        let body = match ask {
            Ask::Swarm => answer::without_join_tokens(&reply.body),
            _ => reply.body,
        };
        self.read(what, body, ask.limit(&self.limits))
    }

    /// Asks for a tar and hands it over as it comes: nothing is held, and nothing but `until` ends it
    /// early. The engine may take long before the first byte.
    ///
    /// # Errors
    /// As [`Client::get`]. What goes wrong within the tar is an error of its reader.
    pub fn tar(&self, packed: &Packed, until: Instant) -> Result<TarStream, Error> {
        let what = packed.endpoint(self.version);
        let wait = until.saturating_duration_since(Instant::now());
        let link = self.dial_again(&what, wait)?;
        let Limits { head, small, .. } = self.limits;
        let caps = Caps { head, body: 0, refusal: small, until };
        match link.pass(&what, caps).map_err(|fault| self.failed(fault, &what, wait))? {
            Passed::Body(passing) => Ok(TarStream(passing)),
            Passed::Refusal(reply) if reply.head.status == 404 => Err(Error::Gone { what }),
            Passed::Refusal(reply) => Err(refused(&what, &reply)),
        }
    }

    fn read<T: FromJson>(
        &self,
        what: String,
        body: Vec<u8>,
        limit: usize,
    ) -> Result<Answer<T>, Error> {
        let memory = limit.saturating_mul(MEMORY_FACTOR);
        answer::read(what, body, self.limits.depth, memory)
    }

    fn negotiate(&mut self) -> Result<(), Error> {
        let reply = self.exchange("/_ping", self.limits.small)?;
        self.ping = ping(&reply.head);
        let said = self.ping.api_version.as_deref().map(str::parse);
        let newest = match said {
            Some(Ok(version)) if version <= ApiVersion::NEWEST => version,
            _ => self.version_by_asking()?,
        };
        if newest < ApiVersion::OLDEST {
            return Err(Error::TooOld { newest });
        }
        self.version = newest;
        Ok(())
    }

    /// For engines that say nothing in the header, or that may no longer know our version.
    fn version_by_asking(&self) -> Result<ApiVersion, Error> {
        let what = "/version".to_owned();
        let reply = self.exchange(&what, self.limits.small)?;
        succeeded(&what, &reply)?;
        let version: Answer<Version> = self.read(what, reply.body, self.limits.small)?;
        let oldest = version.value.min_api_version.known();
        let newest = version.value.api_version.known();
        let newest: Option<ApiVersion> = newest.and_then(|text| text.parse().ok());
        let newest = newest.ok_or_else(|| Error::NotJson {
            what: version.endpoint,
            why: "it names no version of the API".to_owned(),
        })?;
        Ok(newest.spoken(oldest.and_then(|text| text.parse().ok())))
    }

    /// Sends a `GET` over a kept connection, or a new one. A kept one that the engine closed in
    /// the meantime is no failure.
    fn exchange(&self, what: &str, body: usize) -> Result<Reply, Error> {
        if what.len() > LONGEST_PATH {
            return Err(Error::TooLarge {
                what: plain(what, 80),
                part: "a request",
                limit: LONGEST_PATH,
            });
        }
        if self.bytes.load(Ordering::Relaxed) > self.limits.all {
            return Err(Error::TooLarge {
                what: what.to_owned(),
                part: "all answers together",
                limit: self.limits.all,
            });
        }
        let (caps, wait) = self.caps(what, body)?;
        while let Some(mut link) = self.kept() {
            match link.get(what, caps) {
                Err(Fault::Unanswered) if link.has_answered() => {}
                reply => return self.received(reply, link, what, wait),
            }
        }
        let mut link = self.dial_again(what, wait)?;
        let reply = link.get(what, caps);
        self.received(reply, link, what, wait)
    }

    /// A connection is kept only after an answer that was read to its end.
    fn received(
        &self,
        reply: Result<Reply, Fault>,
        mut link: Link,
        what: &str,
        wait: Duration,
    ) -> Result<Reply, Error> {
        let reply = match reply {
            Ok(reply) => reply,
            Err(fault) => {
                let why = self.why_so_soon(&fault, &mut link);
                return Err(why.unwrap_or_else(|| self.failed(fault, what, wait)));
            }
        };
        let cost = reply.body.len() + SMALLEST_ANSWER;
        self.bytes.fetch_add(cost, Ordering::Relaxed);
        if reply.keep {
            self.idle().push(link);
        }
        Ok(reply)
    }

    /// Why a connection came to nothing, where it is not the engine's answer that says so.
    fn why_so_soon(&self, fault: &Fault, link: &mut Link) -> Option<Error> {
        match fault {
            Fault::Io(error) => self.dialer.broken(error),
            Fault::Unanswered | Fault::Late | Fault::NotHttp(_) if !link.has_answered() => {
                self.dialer.ended(link.stream())
            }
            _ => None,
        }
    }

    fn dial_again(&self, what: &str, wait: Duration) -> Result<Link, Error> {
        let (stream, other_end) = self.dialer.dial(self.limits.deadlines.connect.min(wait))?;
        if other_end != self.other_end {
            return Err(Error::PeerChanged { what: what.to_owned() });
        }
        Ok(Link::new(stream))
    }

    fn caps(&self, what: &str, body: usize) -> Result<(Caps, Duration), Error> {
        let Limits { deadlines, head, .. } = self.limits;
        let left = deadlines.overall.saturating_sub(self.started.elapsed());
        let wait = deadlines.answer.min(left);
        if wait.is_zero() {
            return Err(Error::OutOfTime { what: what.to_owned(), after: deadlines.overall });
        }
        let caps = Caps { head, body, refusal: self.limits.small, until: Instant::now() + wait };
        Ok((caps, wait))
    }

    fn failed(&self, fault: Fault, what: &str, after: Duration) -> Error {
        let what = what.to_owned();
        match fault {
            Fault::Unanswered => Error::ClosedEarly { what, got: 0 },
            Fault::ClosedEarly { got } => Error::ClosedEarly { what, got },
            Fault::TooLarge { part, limit } => Error::TooLarge { what, part, limit },
            Fault::NotHttp(why) => Error::NotHttp { what, why },
            Fault::Encoded(encoding) => Error::Encoded { what, encoding },
            Fault::Late if after < self.limits.deadlines.answer => {
                Error::OutOfTime { what, after: self.limits.deadlines.overall }
            }
            Fault::Late => Error::TimedOut { what, after },
            Fault::Io(source) => Error::Io { what, source },
        }
    }

    /// Lets go of the lock before the connection is used.
    fn kept(&self) -> Option<Link> {
        self.idle().pop()
    }

    /// A thread that panicked while it held the lock left whole connections behind.
    fn idle(&self) -> MutexGuard<'_, Vec<Link>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn ping(head: &Head) -> Ping {
    let header = |name| head.header(name).map(|value| plain(value, 100));
    Ping {
        api_version: header("api-version"),
        os_type: header("ostype"),
        experimental: header("docker-experimental"),
        builder_version: header("builder-version"),
        swarm: header("swarm"),
        server: header("server"),
        libpod: header("libpod-api-version"),
    }
}

fn succeeded(what: &str, reply: &Reply) -> Result<(), Error> {
    if reply.head.is_success() { Ok(()) } else { Err(refused(what, reply)) }
}

fn refused(what: &str, reply: &Reply) -> Error {
    let (status, message) = (reply.head.status, message(&reply.body));
    Error::Status { what: what.to_owned(), status, message }
}

/// The `message` of an engine's error, or the body where it is none.
fn message(body: &[u8]) -> String {
    #[derive(serde::Deserialize)]
    struct Refusal {
        message: String,
    }
    let text = String::from_utf8_lossy(body);
    match serde_json::from_str::<Refusal>(&text) {
        Ok(refusal) => plain(&refusal.message, 200),
        Err(_) => plain(text.trim(), 200),
    }
}

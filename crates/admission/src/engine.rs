//! What is asked of the engine to judge a request: over connections of the guard's own.

use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::{Duration, Instant};

use dockward_collect::requested::Surroundings;
use dockward_engine::api::{Info, Network, Version as Versions};
use dockward_engine::{Ask, Client, Deadlines, Endpoint, Error, Limits, Liveness, Present};
use dockward_request::Version;

/// How long what the engine said of itself is believed, while it runs: some of it can be changed by a
/// signal (dockerd(8), "reload").
const FRESH: Duration = Duration::from_secs(30);

/// An engine that can be asked.
pub trait Engine: Send + Sync {
    /// The JSON of an answer; none where the one thing asked for is not there.
    ///
    /// # Errors
    /// Where the engine can't be asked.
    fn ask(&self, what: &Ask) -> Result<Option<Box<str>>, Unasked>;

    /// Where containers run.
    ///
    /// # Errors
    /// Where the engine can't be asked.
    fn surroundings(&self) -> Result<Arc<Surroundings>, Unasked>;

    /// The newest version of the API that both the engine and the guard know.
    ///
    /// # Errors
    /// Where the engine can't be asked.
    fn newest(&self) -> Result<Version, Unasked>;

    /// Both at once.
    ///
    /// # Errors
    /// Where the engine can't be asked.
    fn standing(&self) -> Result<(Arc<Surroundings>, Version), Unasked> {
        Ok((self.surroundings()?, self.newest()?))
    }
}

/// The engine could not be asked.
#[derive(Debug, thiserror::Error)]
#[error("the engine can't be asked: {0}")]
pub struct Unasked(pub String);

/// The engine behind the guard.
#[derive(Debug)]
pub struct Live {
    endpoint: Endpoint,
    known: RwLock<Option<Known>>,
    /// Held while it is connected to, so that many callers don't connect at once. When that came to
    /// nothing last, and why.
    connecting: Mutex<Option<(Instant, String)>>,
}

#[derive(Debug, Clone)]
struct Known {
    client: Arc<Client>,
    /// None where nobody can tell.
    liveness: Option<Arc<Liveness>>,
    surroundings: Arc<Surroundings>,
    newest: Version,
    since: Instant,
}

impl Live {
    /// An engine at that endpoint. Nothing is asked before something is wanted.
    #[must_use]
    pub const fn new(endpoint: Endpoint) -> Self {
        Self { endpoint, known: RwLock::new(None), connecting: Mutex::new(None) }
    }

    fn known(&self) -> Result<Known, Unasked> {
        self.fresh().map_or_else(|| self.again(), Ok)
    }

    /// Not inlined, as little as what it calls: its frame is large, and stays with whoever asks.
    #[cold]
    #[inline(never)]
    fn again(&self) -> Result<Known, Unasked> {
        let since = Instant::now();
        let mut failed = self.connecting.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = self.fresh() {
            return Ok(known);
        }
        // Before an engine that stands still, each would else wait for the failures of all before it.
        if let Some((_, why)) = failed.as_ref().filter(|(at, _)| *at >= since) {
            return Err(Unasked(why.clone()));
        }
        let known = connect(&self.endpoint).map_err(|error| {
            *failed = Some((Instant::now(), error.to_string()));
            Unasked(error.to_string())
        })?;
        *self.known.write().unwrap_or_else(PoisonError::into_inner) = Some(known.clone());
        Ok(known)
    }

    /// After an engine was started again, nothing of the one before holds: it can have other
    /// settings, and nothing need be asked of it before something is judged by these.
    fn fresh(&self) -> Option<Known> {
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
        let runs = |known: &&Known| known.liveness.as_ref().is_none_or(|one| one.holds());
        known.as_ref().filter(|known| known.since.elapsed() < FRESH).filter(runs).cloned()
    }

    fn forget(&self) {
        *self.known.write().unwrap_or_else(PoisonError::into_inner) = None;
    }

    fn asked(&self, what: &Ask) -> Result<Option<Box<str>>, Error> {
        let known =
            self.known().map_err(|Unasked(why)| Error::NotJson { what: String::new(), why });
        let client = known?.client;
        let answer = match what {
            Ask::Containers | Ask::Networks => client.get::<Vec<Present>>(what).map(|one| one.raw),
            _ => client.get::<Present>(what).map(|one| one.raw),
        };
        match answer {
            Ok(raw) => Ok(Some(raw)),
            Err(error) if error.is_gone() => Ok(None),
            Err(error) => Err(error),
        }
    }
}

impl Engine for Live {
    fn ask(&self, what: &Ask) -> Result<Option<Box<str>>, Unasked> {
        let again = |_| {
            self.forget();
            self.asked(what)
        };
        self.asked(what).or_else(again).map_err(|error| Unasked(error.to_string()))
    }

    fn surroundings(&self) -> Result<Arc<Surroundings>, Unasked> {
        self.known().map(|known| known.surroundings)
    }

    fn newest(&self) -> Result<Version, Unasked> {
        self.known().map(|known| known.newest)
    }

    fn standing(&self) -> Result<(Arc<Surroundings>, Version), Unasked> {
        self.known().map(|known| (known.surroundings, known.newest))
    }
}

#[inline(never)]
fn connect(endpoint: &Endpoint) -> Result<Known, Error> {
    // A guard lives long: only single answers are under a deadline.
    let deadlines = Deadlines {
        overall: Duration::MAX,
        answer: Duration::from_secs(10),
        ..Deadlines::default()
    };
    let limits = Limits { deadlines, all: usize::MAX, ..Limits::default() };
    let client = Client::connect(endpoint.clone(), limits)?;
    let info = client.get::<Info>(&Ask::Info)?.value;
    let versions = client.get::<Versions>(&Ask::Version)?.value;
    let networks = client.get::<Vec<Network>>(&Ask::Networks)?.value;
    let process = client.peer().and_then(|peer| i32::try_from(peer.pid?).ok());
    let surroundings = Surroundings::of(&info, &versions, &networks, process);
    let newest = Version::parse(&client.api_version().to_string()).unwrap_or(Version::OLDEST);
    Ok(Known {
        liveness: client.liveness().map(Arc::new),
        client: Arc::new(client),
        surroundings: Arc::new(surroundings),
        newest: newest.min(Version::NEWEST),
        since: Instant::now(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::net::UnixListener;

    #[test]
    fn callers_before_an_engine_that_stands_still_wait_for_one_failure_together() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("engine.sock");
        let listener = UnixListener::bind(&path).unwrap();
        let live = Live::new(Endpoint::Unix(path));
        std::thread::scope(|scope| {
            for _ in 0..6 {
                scope.spawn(|| {
                    assert!(live.newest().unwrap_err().to_string().contains("answer"));
                });
            }
        });
        listener.set_nonblocking(true).unwrap();
        let connections = std::iter::from_fn(|| listener.accept().ok()).count();
        assert!(connections < 3, "{connections} were tried, one after another");
    }
}

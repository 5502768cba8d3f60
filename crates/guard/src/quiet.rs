//! Answers that are silent: events that don't come, logs that nobody writes. They wait together for
//! one of their ends to be heard of, and have no thread of their own until then.

use std::collections::BTreeMap;
use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rustix::buffer::spare_capacity;
use rustix::event::epoll::{self, CreateFlags, Event, EventData, EventFlags};

use crate::allowed::Allowed;
use crate::connection::{Connection, Shared};
use crate::flow::Flow;
use crate::shares::Place;

/// An answer that is silent.
pub(crate) struct Silent {
    pub(crate) allowed: Allowed,
    /// What comes of it.
    pub(crate) down: Flow,
    /// Whether another request may follow on its connection.
    pub(crate) keep: bool,
}

/// A connection with an answer that is silent.
pub(crate) struct Resting {
    pub(crate) connection: Connection,
    pub(crate) silent: Box<Silent>,
    pub(crate) place: Place,
}

/// All that are silent.
pub(crate) struct Quiet {
    heard: OwnedFd,
    all: Mutex<All>,
}

#[derive(Default)]
struct All {
    by_token: BTreeMap<u64, Resting>,
    last: u64,
    /// Whether everything ends, and nothing may rest any more.
    over: bool,
}

/// The token of what says that everything is to end; connections have those after it.
const STOP: u64 = 0;
/// Ends that are heard of at a time.
const BATCH: usize = 64;

impl Quiet {
    pub(crate) fn new() -> io::Result<Self> {
        Ok(Self { heard: epoll::create(CreateFlags::CLOEXEC)?, all: Mutex::default() })
    }

    fn all(&self) -> MutexGuard<'_, All> {
        self.all.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Keeps a connection until one of its ends is heard of. Gives it back where that can't be.
    pub(crate) fn keep(&self, resting: Resting) -> Result<(), Box<Resting>> {
        let mut all = self.all();
        let token = all.last.saturating_add(1);
        if all.over || self.listen(&resting.connection, token).is_err() {
            self.deafen(&resting.connection);
            return Err(Box::new(resting));
        }
        all.last = token;
        all.by_token.insert(token, resting);
        Ok(())
    }

    /// A caller is heard of when it is gone, whatever it sends; the engine when it sends something.
    fn listen(&self, connection: &Connection, token: u64) -> io::Result<()> {
        let Some([caller, engine]) = connection.ends() else {
            return Err(io::ErrorKind::NotConnected.into());
        };
        epoll::add(&self.heard, caller, EventData::new_u64(token), EventFlags::empty())?;
        epoll::add(&self.heard, engine, EventData::new_u64(token), EventFlags::IN)?;
        Ok(())
    }

    fn deafen(&self, connection: &Connection) {
        for end in connection.ends().into_iter().flatten() {
            // It fails where it was never listened to.
            let _ = epoll::delete(&self.heard, end);
        }
    }

    /// Hands everything that is heard of to `wake`, until `shared` says that everything ends; then
    /// all the rest.
    pub(crate) fn serve(shared: &Arc<Shared>, wake: &dyn Fn(Resting)) -> io::Result<()> {
        let quiet = &shared.quiet;
        let stop = shared.stops.now.as_fd();
        epoll::add(&quiet.heard, stop, EventData::new_u64(STOP), EventFlags::empty())?;
        let mut events: Vec<Event> = Vec::with_capacity(BATCH);
        loop {
            match epoll::wait(&quiet.heard, spare_capacity(&mut events), None) {
                Ok(_) | Err(rustix::io::Errno::INTR) => {}
                Err(error) => return Err(error.into()),
            }
            for event in events.drain(..) {
                match { event.data }.u64() {
                    STOP => {
                        quiet.end(wake);
                        return Ok(());
                    }
                    token => quiet.wake(token, wake),
                }
            }
        }
    }

    fn wake(&self, token: u64, wake: &dyn Fn(Resting)) {
        // Both of its ends may have been heard of.
        let Some(resting) = self.all().by_token.remove(&token) else { return };
        self.deafen(&resting.connection);
        wake(resting);
    }

    /// Nothing rests any more.
    pub(crate) fn end(&self, wake: &dyn Fn(Resting)) {
        let mut all = self.all();
        all.over = true;
        let left = std::mem::take(&mut all.by_token);
        drop(all);
        left.into_values().for_each(wake);
    }
}

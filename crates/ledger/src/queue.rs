//! Group commit: whoever comes first writes for all that wait, and then hands over to one of those
//! that came meanwhile. Nobody waits for a lock that is held while the disk works.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, OnceLock};
use std::thread::Thread;

use crate::AppendError;
use crate::entry::Event;
use crate::layout::LONGEST_ENTRY;
use crate::ledger::{Shared, lock};
use crate::state::Effect;

/// What stands before an event in its line, at most, in bytes.
const BEFORE: usize = 128;

/// An event that waits to be written.
#[derive(Debug)]
pub(crate) struct Waiting {
    /// The event as JSON.
    pub(crate) event: Vec<u8>,
    pub(crate) effect: Effect,
    /// Whether it leaves the last of the reserve to others.
    pub(crate) spares: bool,
    result: OnceLock<Result<u64, AppendError>>,
    /// Whether it is its thread's turn to write.
    leads: AtomicBool,
    thread: Thread,
}

impl Waiting {
    fn new(event: &Event, spares: bool) -> Result<Self, AppendError> {
        let bytes = serde_json::to_vec(event).map_err(|_| AppendError::Long)?;
        if bytes.len() + BEFORE > LONGEST_ENTRY {
            return Err(AppendError::Long);
        }
        let (leads, thread) = (AtomicBool::new(false), std::thread::current());
        let effect = Effect::of(event);
        Ok(Self { event: bytes, effect, spares, result: OnceLock::new(), leads, thread })
    }

    /// Tells its thread what came of it; the first word counts.
    pub(crate) fn tell(&self, result: Result<u64, AppendError>) {
        let _ = self.result.set(result);
    }
}

/// All that wait.
#[derive(Debug, Default)]
pub(crate) struct Queue(Mutex<Line>);

#[derive(Debug, Default)]
struct Line {
    waiting: Vec<Arc<Waiting>>,
    /// Whether somebody writes, or was told to.
    led: bool,
}

impl Queue {
    /// Stands in line; whether it is this one's turn to write.
    fn enter(&self, waiting: &Arc<Waiting>) -> bool {
        let mut line = lock(&self.0);
        line.waiting.push(Arc::clone(waiting));
        !std::mem::replace(&mut line.led, true)
    }

    fn take(&self) -> Vec<Arc<Waiting>> {
        std::mem::take(&mut lock(&self.0).waiting)
    }

    /// The next one's turn.
    fn hand_over(&self) {
        let mut line = lock(&self.0);
        line.led = !line.waiting.is_empty();
        if let Some(next) = line.waiting.first() {
            next.leads.store(true, Ordering::Release);
            next.thread.unpark();
        }
    }
}

/// One turn to write. However it ends, all of its batch are told, and the next one's turn comes.
struct Turn<'a> {
    queue: &'a Queue,
    batch: Vec<Arc<Waiting>>,
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        self.queue.hand_over();
        let me = std::thread::current().id();
        for waiting in &self.batch {
            waiting.tell(Err(panicked()));
            if waiting.thread.id() != me {
                waiting.thread.unpark();
            }
        }
    }
}

fn panicked() -> AppendError {
    AppendError::Broken("a thread panicked while it wrote".to_owned())
}

impl Shared {
    /// Records an event: many threads may at once. Whoever gets to write takes all that waits with
    /// it, in one write, and in synchronous mode with one wait for the disk.
    pub(crate) fn append(&self, event: &Event, spares: bool) -> Result<u64, AppendError> {
        let waiting = Arc::new(Waiting::new(event, spares)?);
        let mut leads = self.queue.enter(&waiting);
        loop {
            if let Some(result) = waiting.result.get() {
                return result.clone();
            }
            if leads {
                self.lead();
            } else {
                std::thread::park();
            }
            leads = waiting.leads.load(Ordering::Acquire);
        }
    }

    fn lead(&self) {
        let mut turn = Turn { queue: &self.queue, batch: Vec::new() };
        // Whoever panicked here left something half done.
        let writing = self.writing.lock().map(|writing| self.not_behind(writing));
        turn.batch = self.queue.take();
        if let Ok(mut writing) = writing {
            writing.write(&turn.batch, self);
        }
    }
}

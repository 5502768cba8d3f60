//! Copies of what is recorded, for places that whoever owns this machine cannot change. A place that
//! is slow or gone never keeps an entry waiting.

use std::fmt::Debug;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

mod lines;
mod post;
mod syslog;

pub use lines::Lines;
pub use post::Post;
pub use syslog::Syslog;

/// How many entries wait for a place; more are left out, and counted.
const WAITING: usize = 8_192;
/// How long until a checkpoint that was not taken is tried again.
const AGAIN: Duration = Duration::from_secs(30);

/// How long the end waits for places to take what waits for them.
const PATIENCE: Duration = Duration::from_secs(5);

/// A place for copies.
pub trait Publish: Debug + Send {
    /// What it is called in messages, without anything secret.
    fn name(&self) -> String;

    /// Takes a signed checkpoint: a note, as it lies in `log/checkpoint`.
    ///
    /// # Errors
    /// Why not, in one line. The newest one is tried again.
    fn checkpoint(&mut self, note: &str) -> Result<(), String>;

    /// Takes an entry: one line of JSON, without its end. By default it is not wanted.
    ///
    /// # Errors
    /// Why not, in one line. It is not tried again, and counted as left out.
    fn entry(&mut self, line: &str) -> Result<(), String> {
        let _ = line;
        Ok(())
    }
}

/// How copying to a place goes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Copied {
    /// The place.
    pub name: String,
    /// How many checkpoints it took.
    pub checkpoints: u64,
    /// How many entries it took.
    pub entries: u64,
    /// How many entries it did not get.
    pub left_out: u64,
    /// Why it did not take the last thing; none where it did.
    pub failure: Option<String>,
}

#[derive(Debug, Clone)]
enum Message {
    Checkpoint(Arc<str>),
    Entry(Arc<[u8]>),
}

#[derive(Debug)]
struct Place {
    sender: Option<SyncSender<Message>>,
    copied: Arc<Mutex<Copied>>,
    thread: Option<JoinHandle<()>>,
}

/// All places, each with a thread of its own.
#[derive(Debug, Default)]
pub(crate) struct Copies {
    places: Vec<Place>,
    ending: Arc<AtomicBool>,
}

impl Copies {
    pub(crate) fn start(all: Vec<Box<dyn Publish>>) -> std::io::Result<Self> {
        let mut copies = Self::default();
        for mut place in all {
            let (sender, receiver) = sync_channel(WAITING);
            let copied = Copied { name: place.name(), ..Copied::default() };
            let copied = Arc::new(Mutex::new(copied));
            let (shared, ending) = (Arc::clone(&copied), Arc::clone(&copies.ending));
            let thread = std::thread::Builder::new().name("ledger-copy".to_owned());
            let work = move || copy(&mut *place, &receiver, &shared, &ending);
            let (sender, thread) = (Some(sender), Some(thread.spawn(work)?));
            copies.places.push(Place { sender, copied, thread });
        }
        Ok(copies)
    }

    pub(crate) fn checkpoint(&self, note: &str) {
        self.send(&Message::Checkpoint(note.into()));
    }

    pub(crate) fn entry(&self, line: &Arc<[u8]>) {
        if !self.places.is_empty() {
            self.send(&Message::Entry(Arc::clone(line)));
        }
    }

    fn send(&self, message: &Message) {
        for place in &self.places {
            let sender = place.sender.as_ref();
            if sender.is_none_or(|sender| sender.try_send(message.clone()).is_err()) {
                with(&place.copied, |copied| {
                    copied.left_out += u64::from(matches!(message, Message::Entry(_)));
                });
            }
        }
    }

    pub(crate) fn state(&self) -> Vec<Copied> {
        self.places.iter().map(|place| with(&place.copied, |copied| copied.clone())).collect()
    }

    /// Hands on what waits, but to no place that fails, and waits for none that hangs.
    pub(crate) fn end(&mut self) {
        self.ending.store(true, Ordering::Relaxed);
        self.places.iter_mut().for_each(|place| drop(place.sender.take()));
        let until = Instant::now().checked_add(PATIENCE);
        for thread in self.places.iter_mut().filter_map(|place| place.thread.take()) {
            while !thread.is_finished() && until.is_some_and(|until| Instant::now() < until) {
                std::thread::sleep(Duration::from_millis(5));
            }
            if thread.is_finished() {
                let _ = thread.join();
            }
        }
    }
}

fn with<T>(copied: &Mutex<Copied>, work: impl FnOnce(&mut Copied) -> T) -> T {
    work(&mut copied.lock().unwrap_or_else(PoisonError::into_inner))
}

fn copy(
    place: &mut dyn Publish,
    receiver: &Receiver<Message>,
    copied: &Mutex<Copied>,
    ending: &AtomicBool,
) {
    let mut untaken: Option<Arc<str>> = None;
    loop {
        let message = match receiver.recv_timeout(AGAIN) {
            Ok(message) => message,
            Err(RecvTimeoutError::Timeout) => match untaken.take() {
                Some(note) => Message::Checkpoint(note),
                None => continue,
            },
            Err(RecvTimeoutError::Disconnected) => return,
        };
        let result = match &message {
            Message::Checkpoint(note) => place.checkpoint(note),
            Message::Entry(line) => std::str::from_utf8(line)
                .map_err(|error| error.to_string())
                .and_then(|line| place.entry(line)),
        };
        let failed = result.is_err();
        with(copied, |copied| match (&message, &result) {
            (Message::Checkpoint(_), Ok(())) => copied.checkpoints += 1,
            (Message::Entry(_), Ok(())) => copied.entries += 1,
            (Message::Entry(_), Err(_)) => copied.left_out += 1,
            (Message::Checkpoint(note), Err(_)) => untaken = Some(Arc::clone(note)),
        });
        with(copied, |copied| copied.failure = result.err());
        if failed && ending.load(Ordering::Relaxed) {
            return;
        }
    }
}

#[cfg(test)]
mod tests;

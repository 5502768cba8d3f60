//! How far a collection is, and how long its parts took.

use std::sync::mpsc::Sender;
use std::time::Duration;

/// A part of the collection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Phase {
    /// The engine is asked what it is and has.
    Engine,
    /// Containers are asked for, one by one.
    Containers,
    /// Images are asked for, one by one.
    Images,
    /// The files of images are walked, which is done only when asked.
    Files,
    /// The rest of the host is looked at.
    Host,
}

/// How far a part is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// The part.
    pub phase: Phase,
    /// How many are done.
    pub done: usize,
    /// Of how many.
    pub of: usize,
}

/// How long the parts took. The host is looked at beside the engine, so they don't add up.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Timing {
    /// Finding the engine, and agreeing with it on a version.
    pub connect: Duration,
    /// Asking what it is and has.
    pub lists: Duration,
    /// Every container, and what the kernel says of it.
    pub containers: Duration,
    /// Every image and its history.
    pub images: Duration,
    /// The host.
    pub host: Duration,
    /// All of it.
    pub whole: Duration,
}

impl Timing {
    /// Takes in what another engine took.
    pub(crate) fn include(&mut self, other: &Self) {
        self.connect = self.connect.max(other.connect);
        self.lists = self.lists.max(other.lists);
        self.containers = self.containers.max(other.containers);
        self.images = self.images.max(other.images);
    }
}

/// Where progress is told.
#[derive(Debug)]
pub(crate) struct Tell(pub(crate) Sender<Progress>);

impl Tell {
    /// Nobody needs to listen.
    pub(crate) fn about(&self, progress: Progress) {
        let _ = self.0.send(progress);
    }
}

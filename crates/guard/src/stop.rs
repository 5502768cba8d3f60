//! How connections learn that the guard is to end: two pipes that nobody writes to. Closing their
//! other ends wakes every thread that waits with one of them.

use std::io;
use std::os::fd::OwnedFd;
use std::sync::atomic::{AtomicBool, Ordering};

/// What connections wait with.
#[derive(Debug)]
pub(crate) struct Stops {
    /// Readable once no new call is to begin, and streams that may be begun again are to end.
    pub(crate) soon: OwnedFd,
    /// Readable once everything is to end.
    pub(crate) now: OwnedFd,
    ending: AtomicBool,
}

/// What wakes them.
#[derive(Debug)]
pub(crate) struct Wakers {
    soon: OwnedFd,
    now: OwnedFd,
}

/// Both ends.
pub(crate) fn pair() -> io::Result<(Stops, Wakers)> {
    let pipe = || rustix::pipe::pipe_with(rustix::pipe::PipeFlags::CLOEXEC);
    let (soon, wakes_soon) = pipe()?;
    let (now, wakes_now) = pipe()?;
    let stops = Stops { soon, now, ending: AtomicBool::new(false) };
    Ok((stops, Wakers { soon: wakes_soon, now: wakes_now }))
}

impl Stops {
    /// Whether no new call is to begin.
    pub(crate) fn ending(&self) -> bool {
        self.ending.load(Ordering::Relaxed)
    }
}

impl Wakers {
    /// No new call begins.
    pub(crate) fn soon(self, stops: &Stops) -> Last {
        stops.ending.store(true, Ordering::Relaxed);
        drop(self.soon);
        Last(self.now)
    }
}

/// Ends everything when it is dropped.
#[derive(Debug)]
pub(crate) struct Last(OwnedFd);

impl Last {
    /// Everything ends.
    pub(crate) fn now(self) {
        drop(self.0);
    }
}

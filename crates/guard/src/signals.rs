//! Signals as a descriptor that can be waited for.

use std::os::fd::{AsFd, BorrowedFd};

use nix::sys::signal::{SigSet, Signal};
use nix::sys::signalfd::{SfdFlags, SignalFd};

use crate::Error;

/// Signals that are not delivered, but can be read.
#[derive(Debug)]
pub struct Signals(SignalFd);

impl Signals {
    /// `SIGTERM` and `SIGINT`, which end a guard. Call it before any thread starts: threads inherit
    /// that they are not delivered.
    ///
    /// # Errors
    /// What the kernel says.
    pub fn that_end() -> Result<Self, Error> {
        Self::of(&[Signal::SIGTERM, Signal::SIGINT])
    }

    /// `SIGHUP`, by which a guard is told that its settings changed; to be waited for by a thread of
    /// whoever holds the settings. Call it before any thread starts.
    ///
    /// # Errors
    /// What the kernel says.
    pub fn that_reload() -> Result<Self, Error> {
        Self::of(&[Signal::SIGHUP])
    }

    fn of(signals: &[Signal]) -> Result<Self, Error> {
        let set: SigSet = signals.iter().copied().collect();
        let made =
            set.thread_block().and_then(|()| SignalFd::with_flags(&set, SfdFlags::SFD_CLOEXEC));
        made.map(Self).map_err(|errno| Error::Serve(errno.into()))
    }

    /// Waits for the next of them.
    ///
    /// # Errors
    /// What the kernel says.
    pub fn wait(&self) -> Result<(), Error> {
        self.0.read_signal().map(|_| ()).map_err(|errno| Error::Serve(errno.into()))
    }
}

impl AsFd for Signals {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.0.as_fd()
    }
}

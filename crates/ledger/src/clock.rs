//! Clocks: one that people set, and one that never jumps.

use std::fmt::Debug;
use std::time::{Duration, Instant};

use jiff::Timestamp;

/// Tells the time, in two ways.
pub trait Clock: Debug + Send + Sync {
    /// By the wall clock, which can be set back and forth.
    fn wall(&self) -> Timestamp;
    /// Since some point, by a clock that only goes forward.
    fn steady(&self) -> Duration;
}

/// The system's clocks: `CLOCK_REALTIME` and `CLOCK_MONOTONIC`.
#[derive(Debug)]
pub struct System(Instant);

impl Default for System {
    fn default() -> Self {
        Self(Instant::now())
    }
}

impl Clock for System {
    fn wall(&self) -> Timestamp {
        Timestamp::now()
    }

    fn steady(&self) -> Duration {
        self.0.elapsed()
    }
}

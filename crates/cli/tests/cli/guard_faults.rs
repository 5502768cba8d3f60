//! Faults of the whole guard, before real engines: nothing passes undecided, nothing hangs without
//! end, and afterwards all goes on. (Broken settings are in `guard`, kills in a loop in
//! `guard_killed`.)

mod clock;
mod full;
mod killed;
mod raw;
mod restarted;
mod slow;
mod swapped;

use std::time::{Duration, Instant};

use dockward_testbed::{DaemonConfig, Engine, Suite};

use crate::guard::Guarded;

/// Longer than anything here takes on a busy machine, and shorter than forever.
const PATIENCE: Duration = Duration::from_secs(30);

/// Between two looks.
const SHORT: Duration = Duration::from_millis(1);

fn start(test: &str, suite: Suite, daemon: &str, settings: &str) -> Option<Guarded> {
    let engine = Engine::start_or_skip(test, suite, &DaemonConfig::json(daemon))?;
    Some(Guarded::before(engine, settings))
}

/// Waits until something holds.
fn until(what: &str, mut holds: impl FnMut() -> bool) {
    let deadline = Instant::now() + PATIENCE;
    while !holds() {
        assert!(Instant::now() < deadline, "{what}");
        std::thread::sleep(SHORT);
    }
}

//! A line on the terminal while looking takes longer than a second.

use std::io::{IsTerminal as _, Write as _, stderr};
use std::time::{Duration, Instant};

use dockward_collect::Phase;

/// After how long a person begins to wonder.
const PATIENCE: Duration = Duration::from_secs(1);

/// The line.
pub(crate) struct Line {
    started: Instant,
    shown: bool,
    wanted: bool,
}

impl Line {
    pub(crate) fn new() -> Self {
        Self { started: Instant::now(), shown: false, wanted: stderr().is_terminal() }
    }

    /// Shows what is being done, if it has taken long enough.
    pub(crate) fn show(&mut self, what: &str) {
        if self.wanted && self.started.elapsed() > PATIENCE {
            // A terminal that is gone is no reason to stop.
            let _ = write!(stderr(), "\r\x1b[K{} …", dockward_report::plain(what));
            self.shown = true;
        }
    }

    /// Takes the line away.
    pub(crate) fn clear(&mut self) {
        if std::mem::take(&mut self.shown) {
            let _ = write!(stderr(), "\r\x1b[K");
        }
    }
}

/// What is being done, in words.
pub(crate) fn words(step: dockward_collect::Progress) -> String {
    let what = match step.phase {
        Phase::Engine => return "asking the engine".into(),
        Phase::Host => return "looking at the host".into(),
        Phase::Containers => "containers",
        Phase::Images => "images",
        Phase::Files => "images walked",
    };
    format!("looking at {what}: {} of {}", step.done, step.of)
}

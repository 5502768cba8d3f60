//! What was seen, and what that says.

use serde::Serialize;

use crate::case::{Expect, Level};

/// What became of a case.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Seen {
    /// The engine does not hold what was to be denied.
    Blocked,
    /// The engine holds what was to be denied.
    Bypass,
    /// The engine did what was harmless.
    Passed,
    /// The engine would have done what was harmless, but did not.
    WronglyRefused,
    /// The engine itself, asked directly, refuses or ignores it: it says nothing of what is tested.
    NotUnderstood,
}

impl Seen {
    /// Whether the suite fails over it.
    pub fn is_fault(self) -> bool {
        matches!(self, Self::Bypass | Self::WronglyRefused)
    }

    /// In words, for a table.
    pub fn words(self) -> &'static str {
        match self {
            Self::Blocked => "blocked",
            Self::Bypass => "BYPASS",
            Self::Passed => "passed",
            Self::WronglyRefused => "WRONGLY REFUSED",
            Self::NotUnderstood => "not understood",
        }
    }
}

/// One case with what became of it.
#[derive(Clone, Debug, Serialize)]
pub struct Verdict {
    /// The theme.
    pub theme: String,
    /// The case's id.
    pub case: String,
    /// What was asked, in words.
    pub what: String,
    /// What must become of it.
    pub expected: Expect,
    /// What became of it.
    pub seen: Seen,
    /// No answer came within 15 s.
    pub hung: bool,
    /// The last answer in a line; of the engine itself, where it was not understood.
    pub answer: String,
}

/// All of a run.
#[derive(Clone, Debug, Serialize)]
pub struct Run {
    /// How the engine's version begins.
    pub engine: String,
    /// The level that was asked for.
    pub level: Level,
    /// One a case, in the cases' order.
    pub verdicts: Vec<Verdict>,
}

impl Run {
    /// How many cases ended like that.
    pub fn count(&self, seen: Seen) -> usize {
        self.verdicts.iter().filter(|one| one.seen == seen).count()
    }

    /// Whether nothing that was to be denied got through, and nothing harmless was refused.
    pub fn is_clean(&self) -> bool {
        self.verdicts.iter().all(|one| !one.seen.is_fault())
    }

    /// One sentence with all numbers.
    pub fn summary(&self) -> String {
        format!(
            "{} cases on engine {}: {} blocked, {} bypasses; {} passed, {} wrongly refused; {} not understood by this \
             engine",
            self.verdicts.len(),
            self.engine,
            self.count(Seen::Blocked),
            self.count(Seen::Bypass),
            self.count(Seen::Passed),
            self.count(Seen::WronglyRefused),
            self.count(Seen::NotUnderstood),
        )
    }
}

//! A benchmark's recommendations, and how a run answers each: the table that an auditor wants.

use serde::{Deserialize, Serialize};

/// A recommendation as Dockward knows it: the number and facts of the benchmark, the title in our
/// own words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Recommendation {
    /// The number, or the section, in the benchmark.
    pub number: &'static str,
    /// What is asked for, in Dockward's words.
    pub title: &'static str,
    /// The level (CIS: 1 or 2); absent where the benchmark has none.
    pub level: Option<u8>,
    /// Whether the benchmark leaves the decision to a person; absent where it doesn't say.
    pub manual: Option<bool>,
}

/// How a recommendation is answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Answer {
    /// At least one subject fails, and nobody accepted that.
    Fail,
    /// At least one subject could not be judged, and none fails.
    Unknown,
    /// A person has to decide; what they need is in the findings.
    Review,
    /// All that fails is waived.
    Waived,
    /// All that there is passes.
    Pass,
    /// The question doesn't arise here.
    NotApplicable,
    /// Its rules were left out of this run.
    NotJudged,
}

impl Answer {
    /// Every answer, worst first.
    pub const WORST_FIRST: [Self; 7] = [
        Self::Fail,
        Self::Unknown,
        Self::Review,
        Self::Waived,
        Self::Pass,
        Self::NotApplicable,
        Self::NotJudged,
    ];

    /// The name in lower case, as people read it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Fail => "fail",
            Self::Unknown => "unknown",
            Self::Review => "review",
            Self::Waived => "waived",
            Self::Pass => "pass",
            Self::NotApplicable => "not applicable",
            Self::NotJudged => "not judged",
        }
    }
}

/// A recommendation's row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// What is recommended.
    pub recommendation: Recommendation,
    /// How this run answers it.
    pub answer: Answer,
    /// The rules that answer it, by id.
    pub rules: Vec<&'static str>,
    /// How many subjects fail (not waived), could not be judged, need a look, are waived, pass.
    pub counts: RowCounts,
}

/// How many subjects a recommendation met.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct RowCounts {
    /// Failures that nobody waived.
    pub fail: usize,
    /// Not judged.
    pub unknown: usize,
    /// For a person to decide.
    pub review: usize,
    /// Waived, of whatever kind.
    pub waived: usize,
    /// Passes.
    pub pass: usize,
    /// Questions that don't arise.
    pub not_applicable: usize,
}

/// A profile of a benchmark, answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Table {
    /// The profile's name on the command line, such as `cis-1.8-l1`.
    pub profile: String,
    /// The benchmark's name, such as `CIS Docker Benchmark 1.8`.
    pub benchmark: &'static str,
    /// Where the map was taken from, as a sentence that every report repeats.
    pub source: &'static str,
    /// The rows, in the benchmark's order.
    pub rows: Vec<Row>,
}

impl Table {
    /// How many rows have this answer.
    #[must_use]
    pub fn count(&self, answer: Answer) -> usize {
        self.rows.iter().filter(|row| row.answer == answer).count()
    }
}

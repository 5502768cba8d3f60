//! A run's result: what every renderer is given.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Area, AttackPath, Finding, Meta, News, Severity, Table};
use crate::facts::{Sight, Unseen};

/// A run's result. Renderers show it and decide nothing.
#[derive(Debug, Clone)]
pub struct Report {
    /// Dockward's own version.
    pub version: String,
    /// The time as of which was judged.
    pub now: Timestamp,
    /// The host.
    pub host: HostSummary,
    /// The engines.
    pub engines: Vec<EngineSummary>,
    /// How long collecting and judging took, in milliseconds; absent for a recorded host, so that
    /// its report is the same each time.
    pub took_ms: Option<u64>,
    /// Attack paths, worst first.
    pub paths: Vec<AttackPath>,
    /// Findings, worst first; waived ones among them.
    pub findings: Vec<Finding>,
    /// How many verdicts of each kind, by area.
    pub tally: BTreeMap<Area, Tally>,
    /// How often each rule passed or did not apply, by its id.
    pub counts: BTreeMap<&'static str, Count>,
    /// From which severity on a failure ends the run with 1; absent: none does.
    pub fails_from: Option<Severity>,
    /// What could not be looked at.
    pub unseen: Vec<Unseen>,
    /// What there is to say of waivers: expired, unused, soon to expire.
    pub waivers: Vec<WaiverNote>,
    /// The rules that were judged, by id.
    pub rules: Vec<Meta>,
    /// The benchmark's table, where a profile was asked for.
    pub benchmark: Option<Table>,
    /// The table of CIS 1.6, where a report in docker-bench-security's shape was asked for.
    pub docker_bench: Option<Table>,
    /// What is different from an earlier run, where one was named.
    pub news: Option<News>,
    /// Whether all was judged that this run was asked for.
    pub complete: bool,
    /// Set where it is not this host: every screen then says that it is an example.
    pub example: bool,
}

impl Report {
    /// Whether this finding makes the run end with 1.
    #[must_use]
    pub fn fails(&self, finding: &Finding) -> bool {
        finding.counts() && self.fails_from.is_some_and(|least| finding.severity >= least)
    }

    /// Whether nothing at all was seen: an engine elsewhere was named and could not be asked.
    #[must_use]
    pub fn saw_nothing(&self) -> bool {
        self.engines.is_empty() && self.host.sight == Sight::Engine
    }
}

/// The host in a line.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct HostSummary {
    /// Its name.
    pub name: String,
    /// Its operating system, such as `Debian GNU/Linux 12 (bookworm)`.
    pub os: String,
    /// Its kernel release.
    pub kernel: String,
    /// What of it was looked at.
    pub sight: Sight,
}

/// An engine in a line.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct EngineSummary {
    /// Where it was reached.
    pub endpoint: String,
    /// Who made it, such as `Docker`; empty where that is not known.
    pub flavour: String,
    /// Its version.
    pub version: String,
    /// Whether it has no more rights than an ordinary user.
    pub rootless: bool,
    /// How many containers it has, running or not.
    pub containers: usize,
    /// How many of them run.
    pub running: usize,
    /// How many images it has; absent where they could not be listed.
    pub images: Option<usize>,
}

/// How many verdicts of each kind.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tally {
    /// Failures that nobody waived, by severity.
    pub fail: BTreeMap<Severity, usize>,
    /// Passes.
    pub pass: usize,
    /// For a person to decide.
    pub review: usize,
    /// Not judged.
    pub unknown: usize,
    /// Failures that are waived.
    pub waived: usize,
    /// Questions that don't arise here.
    pub not_applicable: usize,
}

/// Passes and questions that don't arise, of one rule: what findings don't show.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Count {
    /// Passes.
    pub pass: usize,
    /// Questions that don't arise here.
    pub not_applicable: usize,
}

/// Something to say of a waiver.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum WaiverNote {
    /// It has expired, so its findings count again.
    Expired {
        /// The waiver's line, such as `dockward.toml:12`.
        at: String,
        /// The rule that it is for.
        rule: String,
        /// The last day on which it held.
        until: String,
    },
    /// It matched nothing.
    Unused {
        /// The waiver's line.
        at: String,
        /// The rule that it is for.
        rule: String,
    },
    /// It ends within 14 days.
    EndsSoon {
        /// The waiver's line.
        at: String,
        /// The rule that it is for.
        rule: String,
        /// The last day on which it holds.
        until: String,
    },
}

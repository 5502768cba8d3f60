//! Attack paths: findings joined into chains that end on the host.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::{Evidence, Severity, Subject};
use crate::RuleId;

/// A way from an attacker to the host.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AttackPath {
    /// How bad: what is gained, and how little it takes.
    pub severity: Severity,
    /// Its stations in a few words each: `anyone on the network`, `shop-web`, `root on web-07`.
    pub stations: Vec<String>,
    /// What leads from each station to the next, in order.
    pub steps: Vec<Step>,
    /// The one change that cuts it, chosen so that it cuts the most paths.
    pub cut: Cut,
    /// Other rules that lead out at the same end: what stays open after the cut, unless it mends
    /// them too.
    pub also: Vec<RuleId>,
    /// The names of other containers from which the very same way leads.
    pub alike: Vec<String>,
}

/// A step of a path.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    /// What makes the step possible, in one line.
    pub text: String,
    /// The rule that found it, if it is a finding.
    pub rule: Option<RuleId>,
    /// Where it was seen.
    pub evidence: Option<Evidence>,
    /// In what.
    pub subject: Option<Arc<Subject>>,
}

/// A change that cuts paths.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cut {
    /// The change, as an instruction.
    pub text: String,
    /// The rule that would then pass.
    pub rule: RuleId,
    /// Where.
    pub subject: Arc<Subject>,
    /// How many of all paths it cuts.
    pub cuts: usize,
}

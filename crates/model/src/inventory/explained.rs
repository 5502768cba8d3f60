//! What is known of one weakness, and what it means for an inventory: each row, with why it counts.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::{AdvisoryFacts, Compared, Exploited, FixState, HeldAgainst, Likelihood, Unmatched};

/// All that a database says of one weakness, beside what is installed.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Explanation {
    /// The weakness that was asked for, as it was asked: a CVE number, an advisory's id.
    pub asked: String,
    /// Every advisory that names it, of any source, ordered by source and id.
    pub advisories: Vec<Arc<AdvisoryFacts>>,
    /// That it is exploited, by CISA's catalogue (KEV).
    pub exploited: Option<Exploited>,
    /// How likely it is to be exploited within 30 days (EPSS of FIRST).
    pub likelihood: Option<Likelihood>,
    /// Each row that names the weakness and a package of the inventory.
    pub rows: Vec<ExplainedRow>,
    /// What could not be compared: with any of these, having no rows is not being safe.
    pub unmatched: Vec<Unmatched>,
}

/// A row of an advisory that names a package that is there, and what it makes of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ExplainedRow {
    /// The package: the position in [`super::Contents::packages`].
    pub package: usize,
    /// The advisory.
    pub advisory: Arc<AdvisoryFacts>,
    /// What was compared with what.
    pub compared: Compared,
    /// What this row alone makes of the package; absent where it does not speak of it (another
    /// architecture, another module stream).
    pub state: Option<FixState>,
    /// The versions that mend it, lowest first.
    pub fixes: Vec<String>,
    /// Why, in a sentence.
    pub why: String,
    /// What speaks against it, beside the advisories.
    pub against: Vec<HeldAgainst>,
    /// Why another scanner might say otherwise, a sentence each; only what these very versions and
    /// names give cause for.
    pub elsewhere: Vec<String>,
}

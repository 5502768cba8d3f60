//! What was found inside of an image or a host, and what of it advisories name.

use serde::{Deserialize, Serialize};

use super::{Distribution, Field};
use crate::inventory::{Exposure, Match, Package, Problem, TargetKind, Unmatched};
use crate::verdict::{AdvisorySource, Subject};

/// What was found inside, as far as advisories name it: an [`crate::inventory::Inventory`] is much
/// larger, and is kept elsewhere.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Inspection {
    /// The distribution inside.
    pub distribution: Field<Distribution>,
    /// How many packages there are.
    pub packages: usize,
    /// The packages that advisories name as affected, or as not decided yet, the most urgent first.
    pub weak: Vec<WeakPackage>,
    /// Why packages could not be compared with advisories.
    pub unmatched: Vec<Unmatched>,
    /// What could not be read.
    pub problems: Vec<Problem>,
    /// The sources of advisories that it was compared with.
    pub sources: Vec<AdvisorySource>,
}

/// A package, and the advisories that name it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct WeakPackage {
    /// The package.
    pub package: Package,
    /// What advisories say of it, the most urgent first; never empty.
    pub matches: Vec<Match>,
    /// What of it is in use at this moment, and who gets there.
    #[serde(default)]
    pub exposure: Exposure,
}

impl WeakPackage {
    /// What a waiver of one of its matches has to select.
    #[must_use]
    pub fn subject(&self, matched: &Match, within: &str, kind: TargetKind) -> Subject {
        Subject::of_package(&self.package, matched, within, kind)
    }
}

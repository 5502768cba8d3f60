//! A scan's result: what is inside of images, containers and roots, and what of it is known to be
//! weak.

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::{Severity, Subject, Waived, WaiverNote};
use crate::inventory::TargetKind;
use crate::inventory::{Exposure, FixState, Inventory, Match, Package, Unmatched};

/// A scan's result: what every renderer of scans is given. Renderers show it and decide nothing.
#[derive(Debug, Clone)]
pub struct Scan {
    /// Dockward's own version.
    pub version: String,
    /// The time as of which was judged.
    pub now: Timestamp,
    /// How long it took, in milliseconds; absent where the report has to be the same each time.
    pub took_ms: Option<u64>,
    /// What was looked into, in the order that it was asked for.
    pub scanned: Vec<Scanned>,
    /// What was asked for and could not be looked into at all.
    pub failed: Vec<FailedTarget>,
    /// The sources of advisories that were matched with.
    pub sources: Vec<AdvisorySource>,
    /// What ends the run with 1, as it is written after `--fail-on`.
    pub gate: String,
    /// What there is to say of waivers and of other tools' ignore files.
    pub waivers: Vec<WaiverNote>,
    /// Whether all was judged that this run was asked for.
    pub complete: bool,
}

/// One thing that was looked into.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Scanned {
    /// What is inside.
    pub inventory: Inventory,
    /// Until when its distribution gets fixes; absent where that is not known.
    pub support: Option<SupportEnd>,
    /// What is known to be weak, worst first; waived ones among them.
    pub vulnerabilities: Vec<Vulnerability>,
    /// What to update, the most urgent first: what counts of the above, by source.
    pub updates: Vec<Update>,
    /// Why packages could not be compared with advisories; each makes the run incomplete.
    pub unmatched: Vec<Unmatched>,
}

/// A source whose packages have known weaknesses, and the version that mends most of them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Update {
    /// The source's name.
    pub source: String,
    /// The version of it that is there.
    pub from: String,
    /// The lowest version that mends all that can be mended; absent where nothing can be yet.
    pub to: Option<String>,
    /// Its packages: positions in [`crate::inventory::Contents::packages`].
    pub packages: Vec<usize>,
    /// What the update mends: positions in [`Scanned::vulnerabilities`], the most urgent first, one
    /// for each weakness.
    pub mends: Vec<usize>,
    /// What stays all the same, in the same form.
    pub leaves: Vec<usize>,
}

/// Until when a distribution gets fixes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct SupportEnd {
    /// The last day.
    pub until: Date,
    /// Whether that day is over.
    pub ended: bool,
}

/// Something that was asked for and could not be looked into.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FailedTarget {
    /// As it was asked for.
    pub name: String,
    /// Why not, in a person's words.
    pub why: String,
    /// What to do about it; may be empty.
    pub hint: String,
}

/// A source of advisories, and how old it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AdvisorySource {
    /// Its name, such as `Debian`, `KEV`, `EPSS`.
    pub name: String,
    /// How many records it has.
    pub records: u64,
    /// When its newest record was changed; absent where it has none.
    pub newest: Option<Timestamp>,
    /// When it was brought up to date.
    pub fetched: Option<Timestamp>,
    /// Whether it is older than the settings allow.
    pub stale: bool,
}

/// A match, and what it means here.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Vulnerability {
    /// The match.
    pub matched: Match,
    /// How bad it is; where nobody rated it, what the settings count that as.
    pub severity: Severity,
    /// What of the package is in use at this moment, and who gets there.
    #[serde(default)]
    pub exposure: Exposure,
    /// The waiver that covers it, if any.
    pub waived: Option<Waived>,
    /// Whether it ends the run with 1.
    pub fails: bool,
}

impl Scanned {
    /// The package of a match. Absent only where the match is of another inventory.
    #[must_use]
    pub fn package(&self, vulnerability: &Vulnerability) -> Option<&Package> {
        self.inventory.contents.packages.get(vulnerability.matched.package)
    }

    /// What a waiver of `vulnerability` has to select.
    #[must_use]
    pub fn subject(&self, vulnerability: &Vulnerability) -> Option<Subject> {
        let (package, target) = (self.package(vulnerability)?, &self.inventory.target);
        Some(Subject::of_package(package, &vulnerability.matched, &target.name, target.kind))
    }
}

impl Vulnerability {
    /// Whether it counts: the package is affected, or its vendor has not decided, and nobody
    /// waived it.
    #[must_use]
    pub const fn counts(&self) -> bool {
        self.waived.is_none()
            && (self.matched.state.is_affected() || matches!(self.matched.state, FixState::Unknown))
    }
}

impl TargetKind {
    /// What it is, in a word.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Image => "image",
            Self::Container => "container",
            Self::Root => "root",
            Self::Host => "host",
            Self::Sbom => "sbom",
        }
    }
}

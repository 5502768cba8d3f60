//! An advisory that names a package that is there.

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::facts::Origin;
use crate::verdict::Severity;

/// An advisory and a package that it names, with what was compared.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Match {
    /// The package: the position in [`super::Contents::packages`].
    pub package: usize,
    /// The advisory.
    pub advisory: AdvisoryFacts,
    /// What the advisory makes of the package.
    pub state: FixState,
    /// What was compared with what.
    pub compared: Compared,
    /// The versions that mend it, lowest first; several where branches are mended apart.
    pub fixes: Vec<String>,
    /// That it is exploited, by CISA's catalogue (KEV).
    pub exploited: Option<Exploited>,
    /// How likely it is to be exploited within 30 days (EPSS of FIRST).
    pub likelihood: Option<Likelihood>,
    /// Whether the package holds only headers, of a source that is weak elsewhere (`linux-libc-dev`).
    pub headers_only: bool,
    /// What speaks against it: a changelog that names the weakness as mended.
    pub against: Vec<HeldAgainst>,
}

impl Match {
    /// The name that people know it by: its first CVE, else the advisory's own id.
    #[must_use]
    pub fn name(&self) -> &str {
        self.advisory.name()
    }
}

/// What an advisory says of itself.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct AdvisoryFacts {
    /// Its id in its own source, such as `DSA-5417-1`.
    pub id: String,
    /// The CVE numbers that it is about (`upstream`, `aliases`, `related` of OSV), in order.
    pub cves: Vec<String>,
    /// Other names.
    pub aliases: Vec<String>,
    /// One line; may be empty.
    pub summary: String,
    /// How bad it is, and who says so.
    pub rating: Rating,
    /// When it was published.
    pub published: Option<Timestamp>,
    /// When it was last changed.
    pub modified: Option<Timestamp>,
    /// Where to read it.
    pub url: String,
    /// The source that it came from, as the database names it, such as `Debian`.
    pub source: String,
}

impl AdvisoryFacts {
    /// The name that people know it by: its first CVE, else its own id.
    #[must_use]
    pub fn name(&self) -> &str {
        self.cves.first().unwrap_or(&self.id)
    }
}

/// How bad a weakness is.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Rating {
    /// How bad; absent where nobody says so, which is not "low".
    pub severity: Option<Severity>,
    /// Who says so.
    pub by: RatedBy,
    /// What they wrote: a CVSS vector, a vendor's word.
    pub written: String,
}

/// Who rated a weakness.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RatedBy {
    /// Nobody.
    #[default]
    Nobody,
    /// The distribution, in its own words: it knows how its package is built.
    Vendor,
    /// A CVSS score.
    Cvss,
}

/// What an advisory makes of a package.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FixState {
    /// Affected, and a newer version mends it.
    FixAvailable,
    /// Affected, and nothing mends it yet.
    Affected,
    /// Affected, and mending it was put off.
    Deferred,
    /// Affected, and its vendor will not mend it (end of life, ignored, minor).
    WillNotFix,
    /// The vendor has not decided whether it is affected.
    Unknown,
    /// The vendor says that it is not affected.
    NotAffected,
    /// Mended in the version that is there.
    Fixed,
}

impl FixState {
    /// Whether the package that is there has the weakness, as far as its vendor says.
    #[must_use]
    pub const fn is_affected(self) -> bool {
        matches!(self, Self::FixAvailable | Self::Affected | Self::Deferred | Self::WillNotFix)
    }

    /// The state in lower case, as reports and ignore files write it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::FixAvailable => "fix available",
            Self::Affected => "affected",
            Self::Deferred => "deferred",
            Self::WillNotFix => "will not fix",
            Self::Unknown => "unknown",
            Self::NotAffected => "not affected",
            Self::Fixed => "fixed",
        }
    }
}

/// Which of a package's names an advisory was found by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum MatchedName {
    /// The source's (Debian, Ubuntu, Alpine, SUSE by source).
    Source,
    /// The package's own (Red Hat and its kin).
    Binary,
}

/// What was compared with what: why a match is one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Compared {
    /// The ecosystem of the advisory's row, such as `Debian:11`.
    pub ecosystem: String,
    /// The name that it was found by.
    pub name: String,
    /// Which of the package's names that is.
    pub by: MatchedName,
    /// The version that was compared: the source's or the package's.
    pub version: String,
    /// The range that it lies in, such as `>= 0, < 1.18.0-6.1+deb11u3`, or `= 1.2.3` where the
    /// advisory lists versions.
    pub range: String,
}

/// That a weakness is exploited: CISA's catalogue of known exploited vulnerabilities.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Exploited {
    /// The day on which it was added.
    pub added: Date,
    /// The day by which US agencies have to mend it.
    pub due: Option<Date>,
    /// Whether ransomware is known to use it.
    pub ransomware: bool,
}

/// How likely a weakness is to be exploited: EPSS of FIRST.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Likelihood {
    /// The probability within 30 days, 0 to 1.
    pub probability: f32,
    /// The share of all weaknesses that are less likely, 0 to 1.
    pub percentile: f32,
    /// The day of the score.
    pub day: Option<Date>,
}

/// Something that speaks against a match.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HeldAgainst {
    /// What it says, in one line.
    pub says: String,
    /// Where it was read.
    pub origin: Origin,
}

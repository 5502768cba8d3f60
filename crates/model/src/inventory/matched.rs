//! An advisory that names a package that is there.

use std::fmt;
use std::sync::Arc;

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::PackageKind;
use crate::facts::Origin;
use crate::verdict::Severity;

/// A weakness and a package that has it, as advisories say, with what was compared. There is one for
/// each weakness of each package: an advisory about three CVEs makes three, and two advisories about
/// one CVE make one.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Match {
    /// The package: the position in [`super::Contents::packages`].
    pub package: usize,
    /// The weakness: a CVE number, or the advisory's own id where it names none.
    pub id: String,
    /// The advisory that decides; shared between the matches that it makes.
    pub advisory: Arc<AdvisoryFacts>,
    /// Ids of other advisories about the same weakness of this package, in order.
    pub also: Vec<String>,
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
    /// Whether what is weak is elsewhere: the package holds headers, documentation, build scripts or
    /// programs of a kernel's source, and no kernel (`linux-libc-dev`, `linux-tools-common`).
    pub headers_only: bool,
    /// What the source says of this package in its own words, such as where a fix can be bought; may
    /// be empty.
    pub note: String,
    /// What speaks against it: a changelog that names the weakness as mended.
    pub against: Vec<HeldAgainst>,
}

impl Match {
    /// The name that people know it by: [`Self::id`].
    #[must_use]
    pub fn name(&self) -> &str {
        &self.id
    }
}

/// What a database says of an inventory.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Matches {
    /// The matches, by package and then by weakness.
    pub matches: Vec<Match>,
    /// What could not be compared, or only with advisories that are old. Where this is not empty,
    /// "nothing was found" is not "there is nothing".
    pub unmatched: Vec<Unmatched>,
}

/// Packages that could not be compared with advisories, or not with recent ones.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unmatched {
    /// How many packages of the inventory it concerns.
    pub packages: usize,
    /// Why.
    pub why: UnmatchedWhy,
}

/// Why packages could not be compared with advisories.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum UnmatchedWhy {
    /// The root says nothing of its distribution, or what it says could not be read.
    NoDistribution(String),
    /// It is none that advisories are known for: what it is, and why not.
    UnknownDistribution(String),
    /// The packages of this kind are not those of the distribution (an rpm on Debian).
    OtherKind(PackageKind),
    /// The database has no advisories of this ecosystem, such as `Debian:12`.
    NoSource(String),
    /// The newest advisory of this source is older than the settings allow.
    Stale {
        /// The source's name.
        source: String,
        /// When its newest record was changed.
        newest: Option<Timestamp>,
    },
    /// A part of the database could not be read: what and where.
    Damaged(String),
}

impl fmt::Display for Unmatched {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let packages = match self.packages {
            1 => "1 package".to_owned(),
            count => format!("{count} packages"),
        };
        match &self.why {
            UnmatchedWhy::NoDistribution(why) => {
                write!(f, "{packages} of a distribution that is not known: {why}")
            }
            UnmatchedWhy::UnknownDistribution(what) => {
                write!(f, "{packages} that no advisories are known for: {what}")
            }
            UnmatchedWhy::OtherKind(kind) => {
                write!(f, "{packages} of {}, which is not this distribution's", kind.purl_type())
            }
            UnmatchedWhy::NoSource(ecosystem) => {
                write!(f, "{packages}: the database has no advisories of {ecosystem}")
            }
            UnmatchedWhy::Stale { source, newest: Some(newest) } => {
                write!(f, "{packages}: the newest advisory of {source} is of {newest}")
            }
            UnmatchedWhy::Stale { source, newest: None } => {
                write!(f, "{packages}: the age of {source} is not known")
            }
            UnmatchedWhy::Damaged(what) => {
                write!(f, "{packages}: a part of the database cannot be read: {what}")
            }
        }
    }
}

/// What an advisory says of itself.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct AdvisoryFacts {
    /// Its id in its own source, such as `DSA-5417-1`.
    pub id: String,
    /// The CVE numbers that it is about (`upstream` and `aliases` of OSV; `related` where those name
    /// none), in order.
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
    /// The record of another source that it was taken from, since those that decide do not rate the
    /// weakness.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub borrowed: Option<String>,
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
    /// The source's (Debian, Ubuntu, Alpine, SUSE).
    Source,
    /// The package's own (Red Hat, Alma).
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

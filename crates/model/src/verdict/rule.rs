//! What is said of a rule or check beside its code.

use serde::{Deserialize, Serialize};

use super::Severity;

/// What a rule is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Area {
    /// The host: kernel, users, files.
    Host,
    /// The engine's daemon and its settings.
    Daemon,
    /// Containers.
    Containers,
    /// Images.
    Images,
    /// Networks, volumes and plugins.
    Resources,
    /// Swarm mode.
    Swarm,
}

impl Area {
    /// The name in lower case.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Host => "host",
            Self::Daemon => "daemon",
            Self::Containers => "containers",
            Self::Images => "images",
            Self::Resources => "resources",
            Self::Swarm => "swarm",
        }
    }
}

/// A benchmark that rules are mapped to. The maps were made from secondary sources.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Framework {
    /// CIS Docker Benchmark 1.6 and 1.7, which number alike.
    #[serde(rename = "cis-1.6")]
    Cis16,
    /// CIS Docker Benchmark 1.8.
    #[serde(rename = "cis-1.8")]
    Cis18,
}

impl Framework {
    /// The name as written in reports, such as `CIS 1.8`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Cis16 => "CIS 1.6",
            Self::Cis18 => "CIS 1.8",
        }
    }
}

/// A recommendation that a rule covers. A map, never a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Map {
    /// The benchmark.
    pub framework: Framework,
    /// The number in it.
    pub number: &'static str,
}

/// What is said of a rule or check beside its code: the one source of `explain`, of the reports'
/// rule tables and of the web page.
#[derive(Debug, Clone, Copy)]
pub struct Meta {
    /// The stable id.
    pub id: &'static str,
    /// What holds when it passes, as a short clause.
    pub title: &'static str,
    /// How bad a failure is, unless the failure says otherwise.
    pub severity: Severity,
    /// What it is about.
    pub area: Area,
    /// The user's page, in Markdown: why, fix, references.
    pub doc: &'static str,
    /// The recommendations that it covers.
    pub maps: &'static [Map],
}

/// Makes a [`Meta`] out of a doc comment and a few fields, for the macros of `rules` and `audit`.
///
/// `cis16` and `cis18` are the numbers in CIS 1.6/1.7 and in 1.8.
#[macro_export]
macro_rules! meta {
    ($(#[doc = $doc:literal])* id: $id:literal, title: $title:literal, severity: $severity:ident,
     area: $area:ident, cis16: [$($old:literal),*], cis18: [$($new:literal),*]) => {
        $crate::verdict::Meta {
            id: $id,
            title: $title,
            severity: $crate::verdict::Severity::$severity,
            area: $crate::verdict::Area::$area,
            doc: concat!($($doc, "\n"),*),
            maps: &[
                $($crate::verdict::Map { framework: $crate::verdict::Framework::Cis16, number: $old },)*
                $($crate::verdict::Map { framework: $crate::verdict::Framework::Cis18, number: $new },)*
            ],
        }
    };
}

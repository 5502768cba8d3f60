//! The schema's fields that are used, each as lenient as exports are: null is as if it were absent.

use dockward_advisory::database::write::NewRow;
use serde::{Deserialize, Deserializer};
use serde_json::Value;

/// A record.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Record {
    pub(crate) id: String,
    pub(crate) modified: String,
    pub(crate) published: Option<String>,
    pub(crate) withdrawn: Option<String>,
    #[serde(deserialize_with = "or_default")]
    pub(crate) summary: String,
    #[serde(deserialize_with = "or_default")]
    pub(crate) details: String,
    #[serde(deserialize_with = "or_default")]
    pub(crate) aliases: Vec<String>,
    #[serde(deserialize_with = "or_default")]
    pub(crate) upstream: Vec<String>,
    #[serde(deserialize_with = "or_default")]
    pub(crate) related: Vec<String>,
    #[serde(deserialize_with = "or_default")]
    pub(crate) severity: Vec<Score>,
    #[serde(deserialize_with = "or_default")]
    pub(crate) affected: Vec<Affected>,
    #[serde(deserialize_with = "or_default")]
    pub(crate) references: Vec<Reference>,
    #[serde(deserialize_with = "or_default")]
    pub(crate) database_specific: RecordWords,
}

/// `severity[]`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Score {
    #[serde(rename = "type")]
    pub(crate) kind: String,
    pub(crate) score: String,
}

/// `references[]`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Reference {
    #[serde(rename = "type")]
    pub(crate) kind: String,
    pub(crate) url: String,
}

/// `affected[]`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Affected {
    #[serde(deserialize_with = "or_default")]
    pub(crate) package: Package,
    #[serde(deserialize_with = "or_default")]
    pub(crate) severity: Vec<Score>,
    #[serde(deserialize_with = "or_default")]
    pub(crate) ranges: Vec<Range>,
    #[serde(deserialize_with = "or_default")]
    pub(crate) versions: Vec<String>,
    #[serde(deserialize_with = "or_default")]
    pub(crate) database_specific: PackageWords,
    #[serde(deserialize_with = "or_default")]
    pub(crate) ecosystem_specific: PackageWords,
}

/// `affected[].package`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Package {
    pub(crate) ecosystem: String,
    pub(crate) name: String,
    #[serde(deserialize_with = "or_default")]
    pub(crate) purl: String,
}

/// `affected[].ranges[]`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Range {
    #[serde(rename = "type")]
    pub(crate) kind: String,
    #[serde(deserialize_with = "or_default")]
    pub(crate) events: Vec<Event>,
}

/// `affected[].ranges[].events[]`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Event {
    pub(crate) introduced: Option<String>,
    pub(crate) fixed: Option<String>,
    pub(crate) last_affected: Option<String>,
    pub(crate) limit: Option<String>,
}

/// What exports say of a record beside the schema.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct RecordWords {
    pub(crate) severity: Value,
    /// `[{"ecosystem", "name"}]`.
    pub(crate) not_affected: Value,
    /// `["Ubuntu:16.04:LTS/dcraw"]`.
    pub(crate) untriaged: Value,
}

/// What exports say of a package beside the schema: a word, or something else that is not read.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct PackageWords {
    pub(crate) debian_status: Value,
    pub(crate) ubuntu_status: Value,
    pub(crate) advisory_status: Value,
    pub(crate) status: Value,
    pub(crate) note: Value,
    /// Debian's tracker: how bad for Debian, or `end-of-life`.
    pub(crate) urgency: Value,
    pub(crate) ubuntu_priority: Value,
    pub(crate) severity: Value,
}

fn or_default<'de, D: Deserializer<'de>, T: Default + Deserialize<'de>>(
    from: D,
) -> Result<T, D::Error> {
    Ok(Option::deserialize(from)?.unwrap_or_default())
}

impl Record {
    /// The ecosystem without its release of the first package that it names.
    pub(crate) fn source(&self, rows: &[NewRow]) -> Option<String> {
        let named = self.affected.iter().map(|affected| affected.package.ecosystem.as_str());
        let mut all = named.chain(rows.iter().map(|row| row.ecosystem.as_str()));
        let whole = all.find(|ecosystem| !ecosystem.is_empty())?;
        whole.split(':').next().map(super::line)
    }
}

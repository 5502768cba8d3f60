//! Statements that a package is not affected by a weakness, and why: what VEX says, in the shape of
//! Wolfi's own advisories.

use std::io;

use dockward_advisory::database::write::NewRow;
use dockward_advisory::database::{Status, cve_number};
use dockward_model::inventory::AdvisoryFacts;
use serde::Deserialize;

use crate::collector::Collector;
use crate::osv::{Understood, line};

/// A statement.
#[derive(Debug, Deserialize)]
pub(crate) struct Statement {
    package: String,
    id: String,
    #[serde(default)]
    aliases: Vec<String>,
    timestamp: String,
    #[serde(rename = "type")]
    reason: String,
    #[serde(default)]
    note: Option<String>,
    /// Whether no later event overrides it.
    #[serde(default = "yes")]
    latest: bool,
}

const fn yes() -> bool {
    true
}

impl Statement {
    /// One of Chainguard's (`CGA-…`); none where it is something else.
    pub(crate) fn read(json: &str) -> Option<Self> {
        let statement: Self = serde_json::from_str(json).ok()?;
        statement.id.starts_with("CGA-").then_some(statement)
    }

    pub(crate) fn take(self, place: &str, into: &mut Collector) -> io::Result<()> {
        if !self.latest {
            return Ok(());
        }
        let Ok(modified) = self.timestamp.parse() else {
            into.refuse(place, "`timestamp` is no time");
            return Ok(());
        };
        let (cves, aliases) = self.aliases.into_iter().partition(|name| cve_number(name).is_some());
        let note = match self.note {
            Some(note) if !note.is_empty() => format!("{}: {note}", self.reason),
            _ => self.reason,
        };
        let row = NewRow {
            ecosystem: "Wolfi".to_owned(),
            name: line(&self.package),
            status: Status::NotAffected,
            note: line(&note),
            ..NewRow::default()
        };
        let advisory = AdvisoryFacts {
            id: line(&self.id),
            cves,
            aliases,
            modified: Some(modified),
            source: "Wolfi".to_owned(),
            ..AdvisoryFacts::default()
        };
        let understood = Understood { advisory, rows: vec![row], unusable: 0, withdrawn: false };
        into.understood(place, &understood)
    }
}

//! Severities and waivers, set on what was found.

use std::collections::BTreeMap;

use dockward_model::RuleId;
use dockward_model::verdict::{Finding, WaiverNote};
use jiff::ToSpan as _;
use jiff::civil::Date;

use crate::config::Config;
use crate::selection::Selection;
use crate::waiver::Waiver;

/// How many days before its end a waiver is spoken of.
const SOON: i32 = 14;

/// What was found, with what the operator accepts marked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Applied {
    /// The findings, in the order that they came in.
    pub findings: Vec<Finding>,
    /// What there is to say of the waivers, as they stand in the file.
    pub notes: Vec<WaiverNote>,
}

impl Applied {
    /// How many waivers have expired; one is enough for [`crate::exit`] to fail the run.
    #[must_use]
    pub fn expired(&self) -> usize {
        self.notes.iter().filter(|note| matches!(note, WaiverNote::Expired { .. })).count()
    }
}

/// Sets the file's severities and waivers on the findings, of whatever status they are. Where
/// several waivers cover a finding, the first in the file is marked on it.
///
/// Findings are joined into attack paths after this: a step that is waived is then not taken.
///
/// An expired waiver covers nothing, so its findings count again, and [`crate::exit`] fails the
/// run for it. Nothing is said of a waiver whose rules `selection` leaves out: this run can't know
/// whether it is still needed.
#[must_use]
pub fn apply(
    mut findings: Vec<Finding>,
    config: &Config,
    selection: &Selection,
    today: Date,
) -> Applied {
    let mut used = vec![false; config.waivers.len()];
    let mut of_rule: BTreeMap<RuleId, Vec<usize>> = BTreeMap::new();
    for finding in &mut findings {
        if let Some(severity) = config.severity.get(finding.rule.as_str()) {
            finding.severity = *severity;
        }
        let candidates = of_rule
            .entry(finding.rule.clone())
            .or_insert_with(|| holding(&config.waivers, &finding.rule, today));
        for &n in candidates.iter() {
            if config.waivers[n].selects(&finding.subject) {
                used[n] = true;
                finding.waived.get_or_insert_with(|| config.waivers[n].mark());
            }
        }
    }
    let spoken_of = config.waivers.iter().zip(used).filter(|(w, _)| selection.touches(&w.rule));
    let notes = spoken_of.filter_map(|(waiver, used)| note(waiver, used, today)).collect();
    Applied { findings, notes }
}

/// The waivers for a rule that hold today, by their place in the file.
fn holding(waivers: &[Waiver], rule: &RuleId, today: Date) -> Vec<usize> {
    let holds = |waiver: &Waiver| !waiver.expired(today) && waiver.rule.matches(rule.as_str());
    waivers.iter().enumerate().filter(|(_, waiver)| holds(waiver)).map(|(n, _)| n).collect()
}

pub(crate) fn note(waiver: &Waiver, used: bool, today: Date) -> Option<WaiverNote> {
    let (at, rule) = (waiver.origin.to_string(), waiver.rule.to_string());
    let soon = today.saturating_add(SOON.days());
    match waiver.until {
        Some(day) if waiver.expired(today) => {
            Some(WaiverNote::Expired { at, rule, until: day.to_string() })
        }
        _ if !used => Some(WaiverNote::Unused { at, rule }),
        Some(day) if day <= soon => Some(WaiverNote::EndsSoon { at, rule, until: day.to_string() }),
        _ => None,
    }
}

#[cfg(test)]
mod tests;

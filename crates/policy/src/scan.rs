//! What `[scan]` of `dockward.toml` says.

use std::str::FromStr;

use dockward_model::verdict::Severity;

use crate::config::bad_severity;
use crate::gate::{Gate, days};
use crate::problems::{Found, Kind};
use crate::raw::{RawScan, Slot};

/// What decides over known weaknesses of packages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScanSettings {
    /// What ends a scan with 1; absent where it is what fails every other run.
    pub gate: Option<Gate>,
    /// What a weakness counts as that nobody rated. High, unless told: unknown is never a pass.
    pub unrated: Severity,
    /// After how many days without news a source of advisories is too old to be relied on.
    pub stale_after_days: u16,
}

impl Default for ScanSettings {
    fn default() -> Self {
        Self { gate: None, unrated: Severity::High, stale_after_days: 7 }
    }
}

pub(crate) fn scan(raw: &RawScan<'_>, found: &mut Found<'_>) -> ScanSettings {
    let usual = ScanSettings::default();
    ScanSettings {
        gate: read(&raw.fail_on, found),
        unrated: unrated(&raw.unrated, found).unwrap_or(usual.unrated),
        stale_after_days: stale_after(&raw.stale_after, found).unwrap_or(usual.stale_after_days),
    }
}

fn read(slot: &Slot<&str>, found: &mut Found<'_>) -> Option<Gate> {
    let word = slot.there()?;
    Gate::from_str(word.get_ref())
        .map_err(|error| found.add(Kind::BadSeverity, word.span(), error, || None))
        .ok()
}

fn unrated(slot: &Slot<&str>, found: &mut Found<'_>) -> Option<Severity> {
    let word = slot.there()?;
    let severity = Severity::from_str(word.get_ref()).ok();
    if severity.is_none() {
        bad_severity(word, &Severity::WORST_FIRST.map(Severity::name), found);
    }
    severity
}

fn stale_after(slot: &Slot<&str>, found: &mut Found<'_>) -> Option<u16> {
    let word = slot.there()?;
    days(word.get_ref()).map_err(|error| found.add(Kind::BadDate, word.span(), error, || None)).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample::{config, told};

    #[test]
    fn a_file_says_what_ends_a_scan_and_how_old_sources_may_be() {
        let read = config(
            "[scan]\nfail-on = \"exploited,high+fixable\"\nunrated = \"medium\"\nstale-after = \"30d\"",
        );
        assert_eq!(read.scan.gate, "exploited,high+fixable".parse().ok());
        assert_eq!((read.scan.unrated, read.scan.stale_after_days), (Severity::Medium, 30));
        assert_eq!(config("").scan, ScanSettings::default());
    }

    #[test]
    fn every_mistake_is_told() {
        for (line, says) in [
            ("fail-on = \"hihg\"", "`hihg` is none of"),
            ("unrated = \"none\"", "`none` is no severity"),
            ("stale-after = \"a week\"", "`a week` is no number of days"),
            ("stale-aftr = \"7d\"", "`stale-aftr` is no setting of `[scan]`"),
        ] {
            let told = told(&format!("[scan]\n{line}"));
            assert!(told.contains(says), "{told}");
        }
    }
}

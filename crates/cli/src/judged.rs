//! Inventories beside advisories and settings: what counts, and what to do about it.

use std::collections::BTreeMap;

use anyhow::Result;
use dockward_advisory::{Distribution, Nearness, Settings};
use dockward_model::inventory::{Exposure, Inventory, Match, Unmatched};
use dockward_model::verdict::{Scanned, SupportEnd, Vulnerability};
use dockward_policy::{Config, Gate, ScanPolicy};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use crate::advisories::Advisories;
use crate::near::{self, Look, Runs};
use crate::settings::Ignored;

/// What decides over known weaknesses.
pub(crate) fn policy<'a>(
    config: &'a Config,
    ignored: &'a Ignored,
    gate: &'a Gate,
    now: Timestamp,
) -> ScanPolicy<'a> {
    ScanPolicy {
        waivers: config.waivers.iter().chain(&ignored.waivers).collect(),
        gate,
        unrated: config.scan.unrated,
        now,
        today: now.to_zoned(TimeZone::UTC).date(),
    }
}

/// How inventories are compared with advisories.
pub(crate) fn matching(config: &Config, now: Timestamp) -> Settings {
    let days = SignedDuration::from_hours(i64::from(config.scan.stale_after_days) * 24);
    Settings { stale_after: Some(days), ..Settings::new(now) }
}

/// Compares inventories with advisories, and looks for what of the packages that they name runs at
/// this moment. Without any, all of their packages are unmatched.
pub(crate) fn scanned<'a>(
    looks: impl IntoIterator<Item = impl Into<Look<'a>>>,
    advisories: &Advisories,
    settings: &Settings,
) -> Result<Vec<Scanned>> {
    let database = advisories.database()?;
    let one = |look: Look<'_>| {
        let Look { inventory, runs } = look;
        let found = match &database {
            Some(database) => dockward_advisory::matches(&inventory, database, settings),
            None => Default::default(),
        };
        let mut matches = found.matches;
        let near = near(&inventory, &matches, &runs);
        let of = |found: &Match| near.get(&found.package).cloned().unwrap_or_default();
        dockward_advisory::rank(&mut matches, |found| {
            near.get(&found.package).map(Nearness::from).unwrap_or_default()
        });
        let unmatched = if database.is_some() { found.unmatched } else { nothing(&inventory) };
        Scanned {
            support: support(&inventory, settings.now),
            vulnerabilities: matches.into_iter().map(|m| vulnerability(of(&m), m)).collect(),
            updates: Vec::new(),
            unmatched,
            inventory,
        }
    };
    Ok(looks.into_iter().map(|look| one(look.into())).collect())
}

/// How near those packages are that advisories name, by their position.
fn near(inventory: &Inventory, matches: &[Match], runs: &Runs<'_>) -> BTreeMap<usize, Exposure> {
    let mut named: Vec<usize> = matches.iter().map(|found| found.package).collect();
    named.sort_unstable();
    named.dedup();
    named.retain(|at| inventory.contents.packages.get(*at).is_some());
    let packages: Vec<_> =
        named.iter().filter_map(|at| inventory.contents.packages.get(*at)).collect();
    let exposures = near::exposures(runs, &packages);
    named.into_iter().zip(exposures).collect()
}

fn nothing(inventory: &Inventory) -> Vec<Unmatched> {
    let packages = inventory.contents.packages.len();
    let distribution = inventory.contents.distribution.get();
    let name = distribution.map_or("this distribution", |distribution| &distribution.name);
    let why = dockward_model::inventory::UnmatchedWhy::NoSource(name.to_owned());
    if packages > 0 { vec![Unmatched { packages, why }] } else { Vec::new() }
}

fn vulnerability(exposure: Exposure, matched: Match) -> Vulnerability {
    Vulnerability {
        severity: matched
            .advisory
            .rating
            .severity
            .unwrap_or(dockward_model::verdict::Severity::High),
        matched,
        exposure,
        waived: None,
        fails: false,
    }
}

fn support(inventory: &Inventory, now: Timestamp) -> Option<SupportEnd> {
    let found = inventory.contents.distribution.get()?;
    let named = Distribution { id: &found.id, version: &found.version };
    let until = dockward_advisory::distribution(named)?.until;
    Some(SupportEnd { until, ended: now.to_zoned(TimeZone::UTC).date() > until })
}

/// What to update, once it is known what counts.
pub(crate) fn finish(scanned: &mut [Scanned]) {
    for one in scanned {
        one.updates = dockward_advisory::updates(&one.inventory, &one.vulnerabilities);
    }
}

/// Whether all of it was read and compared.
pub(crate) fn whole(one: &Scanned) -> bool {
    one.unmatched.is_empty() && one.inventory.contents.problems.is_empty()
}

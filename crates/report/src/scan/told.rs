//! What is said of a scan in the same words in every form.

use dockward_model::facts::Fact;
use dockward_model::inventory::{Exposure, LoadedBy, Match, Package};
use dockward_model::verdict::{AdvisorySource, Scan, Scanned, Update, Vulnerability};

pub(super) use crate::text::notes::sentence as note;

/// What was looked into and how large it is: `Debian GNU/Linux 11 (bullseye), 142 packages in 3
/// layers`.
pub(super) fn contents(one: &Scanned) -> String {
    let inventory = &one.inventory;
    let distribution = &inventory.contents.distribution;
    let system = match (distribution.get(), distribution.fact.unknown()) {
        (Some(distribution), _) => distribution.name.clone(),
        (None, Some(why)) => format!("unknown distribution ({why})"),
        (None, None) => "no distribution".to_owned(),
    };
    let packages = counted(inventory.contents.packages.len(), "package", "packages");
    match inventory.layers.len() {
        0 => format!("{system}, {packages}"),
        n => format!("{system}, {packages} in {}", counted(n, "layer", "layers")),
    }
}

/// `1 package`, `2 packages`.
pub(super) fn counted(n: usize, one: &str, many: &str) -> String {
    if n == 1 { format!("1 {one}") } else { format!("{n} {many}") }
}

/// That a distribution gets no fixes any more, or will soon: what nothing else in a scan tells.
pub(super) fn support(one: &Scanned) -> Option<String> {
    let end = one.support.filter(|end| end.ended)?;
    Some(format!(
        "this distribution has had no fixes since {}: what is weak in it stays so",
        end.until
    ))
}

/// A source of advisories and its age: `Debian of 2023-04-01`.
pub(super) fn source(source: &AdvisorySource) -> String {
    let day =
        source.newest.map_or("an unknown day".to_owned(), |at| at.strftime("%Y-%m-%d").to_string());
    let old = if source.stale { ", too old" } else { "" };
    format!("{} of {day}{old}", source.name)
}

/// What an update changes: `openssl 1.1.1n-0+deb11u3 → 1.1.1n-0+deb11u4`.
pub(super) fn change(update: &Update) -> String {
    match &update.to {
        Some(to) => format!("{} {} → {to}", update.source, update.from),
        None => format!("{} {}: no update mends it yet", update.source, update.from),
    }
}

/// What makes a weakness urgent or less so, in a few words; empty where nothing is known of that.
pub(super) fn urgent(vulnerability: &Vulnerability) -> Vec<String> {
    let matched = &vulnerability.matched;
    let mut words = Vec::new();
    if let Some(exploited) = &matched.exploited {
        let by = if exploited.ransomware { " (ransomware)" } else { "" };
        words.push(format!("exploited, known since {}{by}", exploited.added));
    }
    let Exposure { loaded, reachable } = &vulnerability.exposure;
    if let Some(reached) = reachable.known() {
        words.push(format!("reachable: {}", few(reached.iter().map(ToString::to_string))));
    }
    match loaded {
        Fact::Known(by) => words.push(format!("loaded by {}", few(by.iter().map(LoadedBy::who)))),
        Fact::Absent => words.push("not loaded now".to_owned()),
        Fact::Unknown(_) => {}
    }
    if let Some(likelihood) = matched.likelihood {
        words.push(format!("EPSS {:.1} %", likelihood.probability * 100.0));
    }
    if matched.headers_only {
        words.push("headers only: nothing of it runs".to_owned());
    }
    words
}

/// The same at a glance: `exploited, reachable, loaded`.
pub(super) fn glance(vulnerability: &Vulnerability) -> String {
    let exposure = &vulnerability.exposure;
    let words = [
        (vulnerability.matched.exploited.is_some(), "exploited"),
        (exposure.reachable.known().is_some(), "reachable"),
        (exposure.loaded.known().is_some(), "loaded"),
    ];
    words.iter().filter(|(is, _)| *is).map(|(_, word)| *word).collect::<Vec<_>>().join(", ")
}

/// The first of some words, and how many more there are.
fn few(all: impl Iterator<Item = String>) -> String {
    const NAMED: usize = 2;
    let mut all: Vec<_> = all.collect();
    all.sort();
    all.dedup();
    let more = all.len().saturating_sub(NAMED);
    all.truncate(NAMED);
    let named = all.join(", ");
    if more > 0 { format!("{named} and {more} more") } else { named }
}

/// Which process has which file of the package: one line each, not all of many.
pub(super) fn loaded(vulnerability: &Vulnerability) -> Vec<String> {
    const NAMED: usize = 4;
    let by = vulnerability.exposure.loaded.known().into_iter().flatten();
    by.take(NAMED).map(|by| format!("loaded by {by}")).collect()
}

/// How bad it is and who says so: `high (CVSS:3.1/…)`, `high (nobody rated it)`.
pub(super) fn rated(vulnerability: &Vulnerability) -> String {
    let rating = &vulnerability.matched.advisory.rating;
    match (rating.severity, rating.written.as_str()) {
        (None, _) => format!("{}, since nobody rated it", vulnerability.severity),
        (Some(_), "") => vulnerability.severity.to_string(),
        (Some(_), written) => {
            let of = rating.borrowed.as_ref().map_or(String::new(), |id| format!(" of {id}"));
            format!("{} ({written}{of})", vulnerability.severity)
        }
    }
}

/// The same without what they wrote: a vector says nothing at a glance.
pub(super) fn word(vulnerability: &Vulnerability) -> String {
    match vulnerability.matched.advisory.rating.severity {
        None => rated(vulnerability),
        Some(_) => vulnerability.severity.to_string(),
    }
}

/// What was compared: `Debian:11 openssl 1.1.1n-0+deb11u3 in >= 0, < 1.1.1n-0+deb11u4`.
pub(super) fn compared(matched: &Match) -> String {
    let compared = &matched.compared;
    format!("{} {} {} in {}", compared.ecosystem, compared.name, compared.version, compared.range)
}

/// The layer that brought a package, by number and instruction; absent where there are no layers.
pub(super) fn layer(one: &Scanned, package: &Package) -> Option<String> {
    let number = package.layer?;
    let layer = one.inventory.layers.get(number)?;
    let by = layer.created_by.trim();
    Some(if by.is_empty() {
        format!("layer {}", number + 1)
    } else {
        format!("layer {}: {by}", number + 1)
    })
}

/// What is missing from this scan: what could not be looked into, read or compared.
pub(super) fn missing(scan: &Scan) -> Vec<String> {
    let failed = scan.failed.iter().map(|failed| match failed.hint.as_str() {
        "" => format!("{}: {}", failed.name, failed.why),
        hint => format!("{}: {}: {hint}", failed.name, failed.why),
    });
    let each = scan.scanned.iter().flat_map(|one| {
        let name = &one.inventory.target.name;
        let problems = one.inventory.contents.problems.iter().map(move |problem| {
            let at = problem.offset.map_or(String::new(), |at| format!(" at byte {at}"));
            format!("{name}: {}{at}: {}", problem.place, problem.why)
        });
        problems.chain(one.unmatched.iter().map(move |unmatched| format!("{name}: {unmatched}")))
    });
    failed.chain(each).collect()
}

//! What new advisories hit, for people.

use std::io::{self, Write};

use dockward_model::inventory::TargetKind;
use dockward_model::verdict::{AdvisoryNews, Hit, WeaknessNews};

use super::told;
use crate::Style;
use crate::text::ink::{self, BOLD, DIM, Ink, PLAIN};

/// How many weaknesses are shown of each thing that is hit.
const SHOWN: usize = 5;

/// Where nothing is hit, one line says so.
pub(super) fn write(news: &AdvisoryNews, style: Style, out: &mut dyn Write) -> io::Result<()> {
    let mut ink = Ink::new(style, out);
    if !news.hits.is_empty() {
        ink.blank()?;
        ink.line(&[(BOLD, &head(news))])?;
    }
    for hit in &news.hits {
        shown(hit, &mut ink)?;
    }
    if news.hits.is_empty() {
        ink.line(&[(PLAIN, &quiet(news.containers))])?;
    }
    for failed in &news.failed {
        ink.wrapped("", PLAIN, &format!("{} was not compared: {}", failed.name, failed.why))?;
    }
    Ok(())
}

fn quiet(containers: usize) -> String {
    match containers {
        0 => "Nothing new hits this host.".to_owned(),
        n => {
            let count = told::counted(n, "running container", "running containers");
            format!("Nothing new hits what runs here ({count}, and this host).")
        }
    }
}

fn head(news: &AdvisoryNews) -> String {
    let hit = news.hits.iter().filter(|hit| kind(hit) == TargetKind::Container).count();
    let what = if news.since.is_some() { "NEW ADVISORIES HIT" } else { "THE FIRST ADVISORIES HIT" };
    match (hit, hit < news.hits.len()) {
        (0, _) => format!("{what} THIS HOST"),
        (_, host) => {
            let host = if host { " AND THIS HOST" } else { "" };
            let all = told::counted(news.containers, "RUNNING CONTAINER", "RUNNING CONTAINERS");
            format!("{what} {hit} OF {all}{host}")
        }
    }
}

fn kind(hit: &Hit) -> TargetKind {
    hit.scanned.inventory.target.kind
}

fn shown(hit: &Hit, ink: &mut Ink<'_>) -> io::Result<()> {
    let name = &hit.scanned.inventory.target.name;
    let image = hit.image.as_ref().map_or(String::new(), |image| format!(" ({image})"));
    let host = if kind(hit) == TargetKind::Host { "this host, " } else { "" };
    ink.blank()?;
    ink.line(&[(BOLD, &format!(" {host}{name}{image}"))])?;
    let all = once_each(hit);
    for (position, what) in all.iter().take(SHOWN) {
        weakness(hit, *position, *what, ink)?;
    }
    let more = all.len().saturating_sub(SHOWN);
    if more > 0 {
        let target = match kind(hit) {
            TargetKind::Host => "host:".to_owned(),
            _ => format!("container:{name}"),
        };
        ink.wrapped("           ", DIM, &format!("{more} more: `dockward scan {target} --list`"))?;
    }
    Ok(())
}

/// Each weakness of a source once: it is in several of the source's packages at the same time.
fn once_each(hit: &Hit) -> Vec<(usize, WeaknessNews)> {
    let mut seen = std::collections::BTreeSet::new();
    let mut all = hit.news.clone();
    all.retain(|(position, _)| {
        let Some(found) = hit.scanned.vulnerabilities.get(*position) else { return false };
        let source = hit.scanned.package(found).map(|package| package.source_name());
        seen.insert((found.matched.id.as_str(), source))
    });
    all
}

fn weakness(hit: &Hit, at: usize, what: WeaknessNews, ink: &mut Ink<'_>) -> io::Result<()> {
    let Some(found) = hit.scanned.vulnerabilities.get(at) else { return Ok(()) };
    let Some(package) = hit.scanned.package(found) else { return Ok(()) };
    let (source, from) = (package.source_name(), package.source_version());
    let to = match found.matched.fixes.first() {
        Some(fix) => format!("{from} → {fix}"),
        None => format!("{from}: no update mends it yet"),
    };
    let mut words = vec![format!("{} {source} {to}", found.matched.id), what.name().to_owned()];
    words.extend(told::urgent(found));
    let label = format!(" {:<9} ", found.severity);
    ink.labelled((ink::severity(found.severity), &label), &words.join(" · "))
}

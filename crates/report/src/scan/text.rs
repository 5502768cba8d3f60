//! The report for people: what to update first, numbers next, every match on request.

use std::io::{self, Write};

use dockward_model::verdict::{Scan, Scanned, Severity, Update, Vulnerability};

use super::told;
use crate::Style;
use crate::text::ink::{self, BOLD, DIM, Ink, PLAIN};

/// How many updates are shown of each target unless all are asked for.
const SHOWN: usize = 6;
/// How many weaknesses are named of each update.
const NAMED: usize = 3;
/// The columns before what is wrapped.
const INDENT: &str = "           ";

pub(super) fn write(scan: &Scan, style: Style, out: &mut dyn Write) -> io::Result<()> {
    let mut ink = Ink::new(style, out);
    for one in &scan.scanned {
        target(one, style.all, &mut ink)?;
    }
    if !scan.scanned.is_empty() {
        numbers(scan, &mut ink)?;
    }
    notes(scan, style.all, &mut ink)
}

fn target(one: &Scanned, all: bool, ink: &mut Ink<'_>) -> io::Result<()> {
    let name = &one.inventory.target.name;
    ink.wrapped("", BOLD, &format!("{name} · {}", told::contents(one)))?;
    if let Some(ended) = told::support(one) {
        ink.labelled((ink::severity(Severity::High), " no fixes  "), &ended)?;
    }
    ink.blank()?;
    if all {
        return every(one, ink);
    }
    if one.updates.is_empty() {
        let words = if one.unmatched.is_empty() && one.inventory.contents.problems.is_empty() {
            " No known weakness counts."
        } else {
            " Nothing was found in what could be compared: see below for what could not."
        };
        ink.line(&[(PLAIN, words)])?;
        return ink.blank();
    }
    let (mended, left): (Vec<_>, Vec<_>) = one.updates.iter().partition(|u| u.to.is_some());
    if !mended.is_empty() {
        ink.line(&[(BOLD, " WHAT TO UPDATE FIRST")])?;
        for update in mended.iter().take(SHOWN) {
            shown(one, update, ink)?;
        }
        rest(mended.len().saturating_sub(SHOWN), "more update", "more updates", ink)?;
        ink.blank()?;
    }
    if !left.is_empty() {
        let head = told::counted(left.len(), "package has", "packages have");
        ink.line(&[(BOLD, &format!(" {head} weaknesses that no update mends yet"))])?;
        for update in left.iter().take(NAMED) {
            shown(one, update, ink)?;
        }
        rest(left.len().saturating_sub(NAMED), "more", "more", ink)?;
        ink.blank()?;
    }
    Ok(())
}

fn rest(n: usize, one: &str, many: &str, ink: &mut Ink<'_>) -> io::Result<()> {
    if n == 0 {
        return Ok(());
    }
    ink.line(&[(DIM, &format!("{INDENT}{}: --list shows all", told::counted(n, one, many)))])
}

fn shown(one: &Scanned, update: &Update, ink: &mut Ink<'_>) -> io::Result<()> {
    let of = |list: &[usize]| -> Vec<&Vulnerability> {
        list.iter().filter_map(|n| one.vulnerabilities.get(*n)).collect()
    };
    let (mends, leaves) = (of(&update.mends), of(&update.leaves));
    let all = || mends.iter().chain(&leaves);
    let worst = all().map(|v| weight(v)).max().unwrap_or(Severity::Info);
    let count = match (mends.len(), leaves.len()) {
        (0, n) => told::counted(n, "weakness", "weaknesses"),
        (n, 0) => format!("mends {n}"),
        (n, left) => format!("mends {n}, leaves {left}"),
    };
    let (change, label) = (told::change(update), format!(" {worst:<9} "));
    ink.labelled((ink::severity(worst), &label), &format!("{change} · {count}"))?;
    for vulnerability in all().take(NAMED) {
        let mut words = vec![format!("{} {}", vulnerability.matched.id, told::word(vulnerability))];
        words.extend(told::urgent(vulnerability));
        ink.wrapped(INDENT, PLAIN, &words.join(" · "))?;
    }
    let packages = update.packages.iter().filter_map(|n| one.inventory.contents.packages.get(*n));
    let mut named: Vec<_> = packages.clone().map(|package| package.name.as_str()).collect();
    named.dedup();
    let layer = packages.filter_map(|package| told::layer(one, package)).next();
    let layer = layer.map_or(String::new(), |layer| format!(" · {layer}"));
    let few = named.iter().take(6).copied().collect::<Vec<_>>().join(", ");
    let more = named.len().saturating_sub(6);
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    ink.wrapped(INDENT, DIM, &format!("{few}{more}{layer}"))
}

/// How bad a weakness is for what is here: headers alone hold nothing that could be attacked.
fn weight(vulnerability: &Vulnerability) -> Severity {
    if vulnerability.matched.headers_only { Severity::Info } else { vulnerability.severity }
}

/// Every match with what was compared.
fn every(one: &Scanned, ink: &mut Ink<'_>) -> io::Result<()> {
    for vulnerability in &one.vulnerabilities {
        let Some(package) = one.package(vulnerability) else { continue };
        let severity = vulnerability.severity;
        let label = format!(" {severity:<9} ");
        let head = format!("{} {} {}", vulnerability.matched.id, package.name, package.version);
        ink.labelled((ink::severity(severity), &label), &head)?;
        let matched = &vulnerability.matched;
        if !matched.advisory.summary.is_empty() {
            ink.wrapped(INDENT, PLAIN, &matched.advisory.summary)?;
        }
        let mut words = vec![matched.state.name().to_owned()];
        words.extend(matched.fixes.first().map(|fix| format!("mended in {fix}")));
        words.push(told::rated(vulnerability));
        words.extend(told::urgent(vulnerability));
        ink.wrapped(INDENT, PLAIN, &words.join(" · "))?;
        let place = ink::place(&package.origin);
        let compared = format!("{}: {}; {place}", matched.advisory.id, told::compared(matched));
        ink.wrapped(INDENT, DIM, &compared)?;
        if let Some(layer) = told::layer(one, package) {
            ink.wrapped(INDENT, DIM, &layer)?;
        }
        for loaded in told::loaded(vulnerability) {
            ink.wrapped(INDENT, DIM, &loaded)?;
        }
        for against in &matched.against {
            let line = format!("against it: {} ({})", against.says, against.origin);
            ink.wrapped(INDENT, PLAIN, &line)?;
        }
        if let Some(waived) = &vulnerability.waived {
            let until =
                waived.until.as_deref().map_or(String::new(), |day| format!(" until {day}"));
            let text =
                format!("waived{until} by {}: {} ({})", waived.owner, waived.reason, waived.origin);
            ink.wrapped(INDENT, DIM, &text)?;
        }
        ink.blank()?;
    }
    Ok(())
}

const COLUMNS: [(Severity, &str); 5] = [
    (Severity::Critical, "critical"),
    (Severity::High, "high"),
    (Severity::Medium, "medium"),
    (Severity::Low, "low"),
    (Severity::Info, "info"),
];

fn numbers(scan: &Scan, ink: &mut Ink<'_>) -> io::Result<()> {
    let widths = [9, 6, 8, 6, 6];
    let heads: String =
        COLUMNS.iter().zip(widths).map(|((_, word), width)| format!("{word:>width$}")).collect();
    let head =
        format!(" {:<15}{heads} │{:>10}{:>8}{:>7}", "TARGET", "exploited", "fixable", "waived");
    ink.line(&[(BOLD, &head)])?;
    for one in &scan.scanned {
        let mut counted: Vec<_> = one.vulnerabilities.iter().filter(|v| v.counts()).collect();
        counted.sort_by_key(|v| &v.matched.id);
        counted.dedup_by_key(|v| &v.matched.id);
        let name = ink::cut(&crate::plain(&one.inventory.target.name), 14);
        let mut cells = vec![(PLAIN, format!(" {name:<15}"))];
        for ((severity, _), width) in COLUMNS.iter().zip(widths) {
            let n = counted.iter().filter(|v| v.severity == *severity).count();
            let style = if n > 0 { ink::severity(*severity) } else { PLAIN };
            cells.push((style, format!("{n:>width$}")));
        }
        let exploited = counted.iter().filter(|v| v.matched.exploited.is_some()).count();
        let fixable = counted.iter().filter(|v| !v.matched.fixes.is_empty()).count();
        let waived = one.vulnerabilities.iter().filter(|v| v.waived.is_some()).count();
        cells.push((PLAIN, format!(" │{exploited:>10}{fixable:>8}{waived:>7}")));
        let cells: Vec<_> = cells.iter().map(|(style, text)| (*style, text.as_str())).collect();
        ink.line(&cells)?;
    }
    ink.blank()
}

fn notes(scan: &Scan, all: bool, ink: &mut Ink<'_>) -> io::Result<()> {
    let sources: Vec<_> = scan.sources.iter().map(told::source).collect();
    if !sources.is_empty() {
        ink.wrapped(" ", PLAIN, &format!("Advisories: {}", sources.join(", ")))?;
    }
    for note in &scan.waivers {
        ink.wrapped(" ", PLAIN, &told::note(note))?;
    }
    let missing = told::missing(scan);
    if !missing.is_empty() {
        ink.line(&[(BOLD, " Not all could be looked into or compared")])?;
        for line in missing {
            ink.wrapped(" - ", PLAIN, &line)?;
        }
    }
    let failing = scan.scanned.iter().flat_map(|one| &one.vulnerabilities).filter(|v| v.fails);
    let failing = failing.count();
    let gate = match failing {
        0 => format!("Nothing meets --fail-on {}", scan.gate),
        n => format!("{} --fail-on {}", told::counted(n, "match meets", "matches meet"), scan.gate),
    };
    let took = scan
        .took_ms
        .map_or(String::new(), |ms| format!(" · {}.{:02} s", ms / 1000, ms % 1000 / 10));
    ink.wrapped(" ", PLAIN, &format!("{gate}{took}"))?;
    let first = scan.scanned.iter().find_map(|one| Some((one, one.vulnerabilities.first()?)));
    if let Some((one, vulnerability)) = first.filter(|_| !all) {
        let (id, name) = (&vulnerability.matched.id, &one.inventory.target.name);
        let text = format!("All matches: --list · why one of them: dockward explain {id} {name}");
        ink.wrapped(" ", DIM, &text)?;
    }
    Ok(())
}

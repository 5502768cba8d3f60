//! One HTML file: what to update first, and every match with what was compared. It loads nothing and
//! runs nothing.

use std::io::{self, Write};

use dockward_model::verdict::{Scan, Scanned, Update, Vulnerability};
use maud::{Markup, html};

use super::told;
use crate::html::{safe, whole};

pub(super) fn write(scan: &Scan, out: &mut dyn Write) -> io::Result<()> {
    out.write_all(page(scan).into_string().as_bytes())?;
    writeln!(out)
}

fn page(scan: &Scan) -> Markup {
    let missing = told::missing(scan);
    let names: Vec<_> = scan.scanned.iter().map(|one| one.inventory.target.name.as_str()).collect();
    let body = html! {
        header {
            h1 { "Known weaknesses" }
            @if !scan.complete { p .warn { "Not all could be looked into or compared: see the end of this page." } }
            p { "Advisories: " (safe(&scan.sources.iter().map(told::source).collect::<Vec<_>>().join(", "))) }
        }
        main {
            @for one in &scan.scanned { (target(one)) }
            @if !missing.is_empty() {
                section {
                    h2 { "Not looked into or compared" }
                    ul { @for line in &missing { li { (safe(line)) } } }
                }
            }
            @if !scan.waivers.is_empty() {
                section {
                    h2 { "Waivers" }
                    ul { @for note in &scan.waivers { li { (safe(&told::note(note))) } } }
                }
            }
        }
        footer { "dockward " (scan.version) ", as of " (scan.now) ", fails on " (safe(&scan.gate)) }
    };
    whole(&names.join(", "), &body)
}

fn target(one: &Scanned) -> Markup {
    html! {
        section {
            h2 { (safe(&one.inventory.target.name)) }
            p { (safe(&told::contents(one))) }
            @if let Some(ended) = told::support(one) { p .warn { (safe(&ended)) } }
            @if one.updates.is_empty() { p { "No known weakness counts." } }
            @else {
                h3 { "What to update first" }
                ol { @for update in &one.updates { (updated(one, update)) } }
            }
            @for found in &one.vulnerabilities { (vulnerability(one, found)) }
        }
    }
}

fn updated(one: &Scanned, update: &Update) -> Markup {
    let ids = |list: &[usize]| -> String {
        let found = list.iter().filter_map(|n| one.vulnerabilities.get(*n));
        found.map(|found| found.matched.id.as_str()).collect::<Vec<_>>().join(", ")
    };
    html! {
        li {
            strong { (safe(&told::change(update))) }
            @if !update.mends.is_empty() { " mends " (safe(&ids(&update.mends))) }
            @if !update.leaves.is_empty() { "; leaves " (safe(&ids(&update.leaves))) }
        }
    }
}

fn vulnerability(one: &Scanned, found: &Vulnerability) -> Markup {
    let matched = &found.matched;
    let Some(package) = one.package(found) else { return html! {} };
    let fix = matched.fixes.first().map(|fix| format!(", mended in {fix}")).unwrap_or_default();
    html! {
        details {
            summary {
                span class=(found.severity.name()) { (found.severity.name()) } " "
                (safe(&matched.id)) " in " (safe(&package.name)) " " (safe(&package.version))
                @if found.waived.is_some() { " (waived)" }
            }
            @if !matched.advisory.summary.is_empty() { p { (safe(&matched.advisory.summary)) } }
            p { (safe(&told::rated(found))) ", " (matched.state.name()) (safe(&fix)) }
            @for word in told::urgent(found) { p { (safe(&word)) } }
            p { code { (safe(&matched.advisory.id)) ": " (safe(&told::compared(matched))) } }
            p { code { (safe(&package.origin.to_string())) } }
            @if let Some(layer) = told::layer(one, package) { p { code { (safe(&layer)) } } }
            @if let Some(waived) = &found.waived {
                p { "Waived by " (safe(&waived.owner)) ": " (safe(&waived.reason)) }
            }
        }
    }
}

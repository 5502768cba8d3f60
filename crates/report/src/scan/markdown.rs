//! Markdown, short enough for a comment on a merge request: what to update first. Whatever others
//! wrote stands in code spans.

use std::io::{self, Write};

use dockward_model::verdict::{Scan, Scanned, Vulnerability};

use super::told;
use crate::markdown::{MOST, code, rest};

pub(super) fn write(scan: &Scan, out: &mut dyn Write) -> io::Result<()> {
    for one in &scan.scanned {
        target(one, out)?;
    }
    let missing = told::missing(scan);
    if !missing.is_empty() {
        writeln!(out, "Not all could be looked into or compared:\n")?;
        for line in missing.iter().take(MOST) {
            writeln!(out, "- {}", code(line))?;
        }
        rest(missing.len(), out)?;
    }
    let sources: Vec<_> = scan.sources.iter().map(|source| code(&told::source(source))).collect();
    writeln!(out, "\nAdvisories: {}. Fails on {}.", sources.join(", "), code(&scan.gate))
}

/// A weakness, and what makes it urgent.
fn named(found: &Vulnerability) -> String {
    match (code(&found.matched.id), told::glance(found)) {
        (id, words) if words.is_empty() => id,
        (id, words) => format!("{id} ({words})"),
    }
}

fn target(one: &Scanned, out: &mut dyn Write) -> io::Result<()> {
    let (name, contents) = (code(&one.inventory.target.name), code(&told::contents(one)));
    writeln!(out, "### Dockward: {name}\n\n{contents}\n")?;
    if let Some(ended) = told::support(one) {
        writeln!(out, "**{ended}**\n")?;
    }
    if one.updates.is_empty() {
        return writeln!(out, "No known weakness counts.\n");
    }
    writeln!(out, "| | update | to | mends | leaves |\n|-|-|-|-|-|")?;
    for update in one.updates.iter().take(MOST) {
        let of = |list: &[usize]| -> Vec<_> {
            list.iter().filter_map(|n| one.vulnerabilities.get(*n)).collect()
        };
        let (mends, leaves) = (of(&update.mends), of(&update.leaves));
        let worst = mends.iter().chain(&leaves).map(|found| found.severity).max();
        let worst = worst.map_or("", dockward_model::verdict::Severity::name);
        let ids = |list: &[&Vulnerability]| match list {
            [] => String::new(),
            [first] => named(first),
            [first, more @ ..] => format!("{} and {} more", named(first), more.len()),
        };
        let to = update.to.as_deref().map_or_else(|| "none yet".to_owned(), code);
        let from = code(&format!("{} {}", update.source, update.from));
        writeln!(out, "| {worst} | {from} | {to} | {} | {} |", ids(&mends), ids(&leaves))?;
    }
    writeln!(out)?;
    rest(one.updates.len(), out)
}

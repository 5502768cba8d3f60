//! Why a weakness is found in something, or is not: what was compared with what.

use std::io::{self, Write};

use dockward_model::inventory::{ExplainedRow, Explanation, FixState, Inventory};
use dockward_model::verdict::Severity;

use crate::Style;
use crate::text::ink::{self, BOLD, DIM, Ink, PLAIN};

const INDENT: &str = "   ";

/// Writes all that is known of one weakness beside an inventory.
///
/// # Errors
/// When `out` can't be written to.
pub fn explain_weakness(
    inventory: &Inventory,
    found: &Explanation,
    style: Style,
    out: &mut dyn Write,
) -> io::Result<()> {
    let mut ink = Ink::new(style, out);
    ink.wrapped("", BOLD, &format!("{} in {}", found.asked, inventory.target.name))?;
    ink.blank()?;
    known(found, &mut ink)?;
    for row in &found.rows {
        one(inventory, row, &mut ink)?;
    }
    if found.rows.is_empty() {
        let verdict = match (found.advisories.is_empty(), found.unmatched.is_empty()) {
            (true, _) => "The database has no advisory of this name.",
            (false, true) => "No advisory of it names a package that is there.",
            (false, false) => {
                "No advisory of it names a package that could be compared. Not all could:"
            }
        };
        ink.wrapped("", PLAIN, verdict)?;
    }
    for unmatched in &found.unmatched {
        ink.wrapped(" - ", PLAIN, &unmatched.to_string())?;
    }
    ink.blank()
}

/// What is said of it everywhere.
fn known(found: &Explanation, ink: &mut Ink<'_>) -> io::Result<()> {
    for advisory in &found.advisories {
        let rated = advisory.rating.severity.map_or("unrated", Severity::name);
        let head = format!("{} ({}), {rated}", advisory.id, advisory.source);
        let summary = advisory.summary.trim();
        let text = if summary.is_empty() { head } else { format!("{head}: {summary}") };
        ink.wrapped(" - ", PLAIN, &text)?;
        if !advisory.url.is_empty() {
            ink.wrapped(INDENT, DIM, &advisory.url)?;
        }
    }
    if let Some(exploited) = &found.exploited {
        let text = format!("It is exploited: CISA's catalogue has it since {}", exploited.added);
        ink.wrapped("", PLAIN, &text)?;
    }
    if let Some(likelihood) = found.likelihood {
        let (probability, percentile) =
            (likelihood.probability * 100.0, likelihood.percentile * 100.0);
        let text = format!(
            "EPSS: {probability:.1} % within 30 days, more than {percentile:.0} % of all others"
        );
        ink.wrapped("", PLAIN, &text)?;
    }
    ink.blank()
}

fn one(inventory: &Inventory, row: &ExplainedRow, ink: &mut Ink<'_>) -> io::Result<()> {
    let Some(package) = inventory.contents.packages.get(row.package) else { return Ok(()) };
    let state = row.state.map_or("says nothing of it", FixState::name);
    let style = match row.state {
        Some(state) if state.is_affected() => ink::severity(Severity::High),
        _ => PLAIN,
    };
    let head = format!("{} {}: {state}", package.name, package.version);
    ink.labelled((style, ""), &head)?;
    let compared = &row.compared;
    let text = format!(
        "{} of {}: {} {} in {}",
        row.advisory.id, compared.ecosystem, compared.name, compared.version, compared.range
    );
    ink.wrapped(INDENT, PLAIN, &text)?;
    if !row.why.is_empty() {
        ink.wrapped(INDENT, PLAIN, &row.why)?;
    }
    if !row.fixes.is_empty() {
        ink.wrapped(INDENT, PLAIN, &format!("mended in {}", row.fixes.join(", ")))?;
    }
    for against in &row.against {
        let text = format!("Against it: {} ({})", against.says, against.origin);
        ink.wrapped(INDENT, PLAIN, &text)?;
    }
    ink.wrapped(INDENT, DIM, &ink::place(&package.origin))?;
    for elsewhere in &row.elsewhere {
        ink.wrapped(INDENT, DIM, &format!("Elsewhere: {elsewhere}"))?;
    }
    ink.blank()
}

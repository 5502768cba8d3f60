//! How many verdicts of each kind, by area.

use std::io;

use dockward_model::verdict::{Report, Severity, Tally};

use super::ink::{self, BOLD, Ink, PLAIN};

/// `1 image`, `2 images`; upper-case words get an upper-case S.
pub(super) fn counted(n: usize, word: &str) -> String {
    let plural = if word.chars().all(|c| !c.is_lowercase()) { "S" } else { "s" };
    if n == 1 { format!("{n} {word}") } else { format!("{n} {word}{plural}") }
}

/// The first `most` names, and how many more there are.
pub(super) fn named<'n>(names: impl ExactSizeIterator<Item = &'n str>, most: usize) -> String {
    let rest = names.len().saturating_sub(most);
    let shown: Vec<_> = names.take(most).collect();
    let more = if rest > 0 { format!(" and {rest} more") } else { String::new() };
    format!("{}{more}", shown.join(", "))
}

const SEVERITIES: [Severity; 4] =
    [Severity::Critical, Severity::High, Severity::Medium, Severity::Low];

pub(super) fn write(report: &Report, ink: &mut Ink<'_>) -> io::Result<()> {
    if report.saw_nothing() {
        return Ok(());
    }
    let head = format!(
        " {:<11}{:>9}{:>6}{:>8}{:>6} │{:>6}{:>8}{:>9}",
        "AREA", "critical", "high", "medium", "low", "pass", "review", "unknown"
    );
    ink.line(&[(BOLD, &head)])?;
    for (area, tally) in report.tally.iter().filter(|(_, tally)| !is_empty(tally)) {
        row(area.name(), tally, ink)?;
    }
    ink.blank()
}

/// Whether there was nothing to judge.
fn is_empty(tally: &Tally) -> bool {
    let failed: usize = tally.fail.values().sum();
    failed + tally.pass + tally.review + tally.unknown + tally.waived == 0
}

fn row(name: &str, tally: &Tally, ink: &mut Ink<'_>) -> io::Result<()> {
    let label = format!(" {name:<11}");
    let widths = [9, 6, 8, 6];
    let mut cells = vec![(PLAIN, label)];
    for (severity, width) in SEVERITIES.into_iter().zip(widths) {
        let n = tally.fail.get(&severity).copied().unwrap_or(0);
        let style = if n > 0 { ink::severity(severity) } else { PLAIN };
        cells.push((style, format!("{n:>width$}")));
    }
    let rest = format!(" │{:>6}{:>8}{:>9}", tally.pass, tally.review, tally.unknown);
    cells.push((PLAIN, rest));
    let cells: Vec<_> = cells.iter().map(|(style, text)| (*style, text.as_str())).collect();
    ink.line(&cells)
}

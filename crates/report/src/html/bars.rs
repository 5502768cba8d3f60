//! Bars: how many verdicts of each kind, by area.

use std::collections::BTreeMap;

use dockward_model::verdict::{Area, Severity, Tally};
use maud::{Markup, html};

/// The room for the areas' names, for the bars and for a bar's height, in the picture's units.
const NAMES: usize = 90;
const BAR: usize = 560;
const ROW: usize = 26;

/// The bars, with a table of the same numbers.
pub(super) fn section(tally: &BTreeMap<Area, Tally>) -> Markup {
    let rows: Vec<_> = tally.iter().map(|(area, tally)| (area.name(), parts(tally))).collect();
    let rows: Vec<_> = rows.into_iter().filter(|(_, parts)| sum(parts) > 0).collect();
    if rows.is_empty() {
        return html! {};
    }
    html! {
        h2 { "By area" }
        (picture(&rows))
        div .scroll { table {
            tr { th { "area" } @for (kind, _) in &rows[0].1 { th class=(kind) { (kind) } } }
            @for (name, parts) in &rows {
                tr { td { (name) } @for (_, n) in parts { td .n { (n) } } }
            }
        } }
    }
}

type Parts = Vec<(&'static str, usize)>;

fn parts(tally: &Tally) -> Parts {
    let failed = |severity: &Severity| tally.fail.get(severity).copied().unwrap_or(0);
    let mut parts: Parts =
        Severity::WORST_FIRST.iter().map(|severity| (severity.name(), failed(severity))).collect();
    parts.extend([
        ("review", tally.review),
        ("unknown", tally.unknown),
        ("waived", tally.waived),
        ("pass", tally.pass),
    ]);
    parts
}

fn sum(parts: &Parts) -> usize {
    parts.iter().map(|(_, n)| n).sum()
}

fn picture(rows: &[(&str, Parts)]) -> Markup {
    let height = rows.len() * ROW;
    let view = format!("0 0 {} {height}", NAMES + BAR);
    html! {
        svg role="img" viewBox=(view) width=(NAMES + BAR) height=(height) {
            title { "Verdicts by area: the share of each kind" }
            @for (at, (name, parts)) in rows.iter().enumerate() { (bar(name, parts, at * ROW)) }
        }
    }
}

/// Each bar is whole: its parts are shares of the area's verdicts, not of all.
fn bar(name: &str, parts: &Parts, y: usize) -> Markup {
    let all = sum(parts);
    let mut before = 0;
    let pieces: Vec<_> = parts
        .iter()
        .filter(|(_, n)| *n > 0)
        .map(|(kind, n)| {
            let x = NAMES + before * BAR / all;
            before += n;
            (kind, n, x, NAMES + before * BAR / all - x)
        })
        .collect();
    html! {
        text x="0" y=(y + 17) { (name) }
        @for (kind, n, x, width) in pieces {
            rect class={ "f-" (kind) } x=(x) y=(y + 4) width=(width.max(1)) height=(ROW - 8) {
                title { (n) " " (kind) }
            }
        }
    }
}

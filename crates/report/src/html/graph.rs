//! The ways to the host as one picture: stations in columns, what leads on between them.

use std::collections::BTreeMap;

use dockward_model::verdict::{AttackPath, Severity};
use maud::{Markup, html};

use super::safe;

/// How many ways are drawn; the list below has them all.
const MOST: usize = 24;

/// A station's box and the room around it, in the picture's units.
const WIDTH: usize = 210;
const HEIGHT: usize = 30;
const COLUMN: usize = 290;
const ROW: usize = 46;

/// How much of a station's name fits its box, in characters.
const FITS: usize = 30;

/// A station's place: its column and its row.
type Place = (usize, usize);

/// Stations by name with their places, and the steps between them with the worst of their ways.
struct Graph<'a> {
    stations: BTreeMap<&'a str, Place>,
    steps: BTreeMap<(&'a str, &'a str), Severity>,
    columns: usize,
    rows: usize,
}

/// The picture; nothing where there is no way.
pub(super) fn picture(paths: &[AttackPath]) -> Markup {
    let graph = Graph::of(paths.iter().take(MOST));
    if graph.stations.is_empty() {
        return html! {};
    }
    let width = (graph.columns - 1) * COLUMN + WIDTH + 4;
    let height = graph.rows * ROW;
    html! {
        div .scroll {
            svg role="img" viewBox=(format!("0 0 {width} {height}")) width=(width) height=(height) {
                title { "Ways to the host: from where, through what, to what" }
                @for ((from, to), severity) in &graph.steps { (graph.edge(from, to, *severity)) }
                @for (name, place) in &graph.stations { (graph.node(name, *place)) }
            }
        }
    }
}

impl<'a> Graph<'a> {
    /// Ways end in the last column, whatever their length.
    fn of(paths: impl Iterator<Item = &'a AttackPath> + Clone) -> Self {
        let columns = paths.clone().map(|path| path.stations.len()).max().unwrap_or(0);
        let mut used = vec![0; columns];
        let mut graph =
            Self { stations: BTreeMap::new(), steps: BTreeMap::new(), columns, rows: 0 };
        for path in paths {
            let first = columns - path.stations.len();
            for (column, name) in (first..).zip(&path.stations) {
                graph.stations.entry(name).or_insert_with(|| {
                    used[column] += 1;
                    (column, used[column] - 1)
                });
            }
            for pair in path.stations.windows(2) {
                let worst = graph.steps.entry((&pair[0], &pair[1])).or_insert(path.severity);
                *worst = path.severity.max(*worst);
            }
        }
        graph.rows = used.into_iter().max().unwrap_or(0);
        graph
    }

    fn corner((column, row): Place) -> (usize, usize) {
        (column * COLUMN + 2, row * ROW + 8)
    }

    fn node(&self, name: &str, place: Place) -> Markup {
        let (x, y) = Self::corner(place);
        let end = place.0 + 1 == self.columns;
        let whole = safe(name);
        let mut shown: String = whole.chars().take(FITS).collect();
        if whole.chars().count() > FITS {
            shown.push('…');
        }
        html! {
            rect .node .end[end] x=(x) y=(y) width=(WIDTH) height=(HEIGHT) rx="6" {
                title { (whole) }
            }
            text x=(x + 10) y=(y + 20) { (shown) }
        }
    }

    fn edge(&self, from: &str, to: &str, severity: Severity) -> Markup {
        let place = |name| self.stations.get(name).copied().unwrap_or_default();
        let ((x1, y1), (x2, y2)) = (Self::corner(place(from)), Self::corner(place(to)));
        let (x1, y1, y2) = (x1 + WIDTH, y1 + HEIGHT / 2, y2 + HEIGHT / 2);
        let bend = (x1 + x2) / 2;
        let line = format!("M{x1} {y1} C{bend} {y1} {bend} {y2} {x2} {y2}");
        html! { path class={ "edge s-" (severity.name()) } d=(line) {} }
    }
}

//! One HTML file: the ways to the host as a graph, bars an area, every finding with its evidence.
//! It loads nothing and runs nothing: no script, no network, styles and pictures are in it, and its
//! own policy (CSP) forbids the rest. All text is escaped by the template.

mod bars;
mod graph;
mod sections;

use std::io::{self, Write};

use dockward_model::verdict::Report;
use maud::{DOCTYPE, Markup, PreEscaped, html};

use crate::plain;

const STYLE: &str = include_str!("html/style.css");

/// Writes a report.
pub(crate) fn write(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    out.write_all(page(report).into_string().as_bytes())?;
    writeln!(out)
}

fn page(report: &Report) -> Markup {
    let body = html! {
        header { (head(report)) }
        main {
            @if let Some(news) = &report.news { (sections::news(news)) }
            @if let Some(table) = &report.benchmark { (sections::benchmark(table)) }
            (sections::ways(report))
            (bars::section(&report.tally))
            (sections::findings(report))
            (sections::rest(report))
        }
        footer { "dockward " (report.version) ", as of " (report.now) }
    };
    whole(&report.host.name, &body)
}

/// A page that loads nothing and runs nothing, by its own policy.
pub(crate) fn whole(about: &str, body: &Markup) -> Markup {
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="referrer" content="no-referrer";
                title { "Dockward: " (safe(about)) }
                style { (PreEscaped(STYLE)) }
            }
            body { (body) }
        }
    }
}

fn head(report: &Report) -> Markup {
    let host = &report.host;
    html! {
        h1 { (safe(&host.name)) }
        @if report.example { p .warn { "EXAMPLE: a recorded host, not this one" } }
        @if !report.complete { p .warn { "Not everything could be looked at: see the end of this page." } }
        @if !report.saw_nothing() { p { (safe(&host.os)) ", kernel " (safe(&host.kernel)) } }
        @for engine in &report.engines {
            p {
                "engine " (safe(&engine.version)) " at " code { (safe(&engine.endpoint)) } ": "
                (engine.containers) " containers (" (engine.running) " running)"
                @if let Some(images) = engine.images { ", " (images) " images" }
            }
        }
    }
}

/// Text that others wrote, with its control characters and direction marks made visible.
pub(crate) fn safe(text: &str) -> String {
    plain(text).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample;

    fn html(report: &Report) -> String {
        let mut out = Vec::new();
        write(report, &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn the_sample_reads_so() {
        let with_table = Report { benchmark: sample::audited().benchmark, ..sample::with_news() };
        // The style is no text that a report decides on.
        insta::assert_snapshot!(html(&with_table).replace(STYLE, "").replace("><", ">\n<"));
    }

    #[test]
    fn nothing_hostile_becomes_markup() {
        let text = html(&sample::hostile());
        assert!(!text.contains("<script") && !text.contains('\u{202e}'), "{text}");
        assert!(!text.chars().any(|c| c.is_control() && c != '\n'));
        assert!(text.contains("&lt;script&gt;"), "it is shown, not hidden");
    }

    #[test]
    fn it_loads_nothing_and_runs_nothing() {
        let text = html(&sample::with_news());
        for loading in ["src=", "href=", "url(", "@import", "<script", "onclick", "onload"] {
            assert!(!text.contains(loading), "{loading}");
        }
        assert!(text.contains("default-src 'none'"));
    }

    #[test]
    fn a_sound_host_has_a_page_too() {
        let text = html(&sample::nothing_found());
        assert!(text.contains("No way to root"), "{text}");
    }

    #[test]
    fn where_nothing_was_seen_nothing_is_said_to_be_sound() {
        let text = html(&sample::nothing_seen());
        assert!(text.contains("Nothing was judged") && !text.contains("No way to root"), "{text}");
    }
}

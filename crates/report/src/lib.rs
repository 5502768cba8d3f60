//! A run's result: text, Markdown and HTML for people, JSON, SARIF, JUnit and more for machines.
//!
//! Invariant: a renderer shows a [`Report`] and never decides. Machine formats have versioned
//! structs of their own, so that a change in `model` can't change them unseen.
//!
//! Names, labels, paths and messages can be hostile: whoever starts a container chooses them. All
//! text passes through [`plain`] on its way to a terminal.

mod docker_bench;
mod html;
mod json_v1;
mod junit;
mod markdown;
mod plain;
mod prometheus;
mod sarif;
mod scan;
mod text;

use std::io::{self, Write};

use dockward_model::verdict::Report;

pub use plain::plain;
pub use scan::{ScanFormat, advisory_news, explain_weakness, write_advisory_news, write_scan};
pub use text::explain;

/// A form of output.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// For people.
    Text,
    /// `schemas/report-v1.schema.json`.
    Json,
    /// SARIF 2.1.0 (OASIS).
    Sarif,
    /// JUnit XML.
    Junit,
    /// Markdown, for a merge request.
    Markdown,
    /// One HTML file, with pictures.
    Html,
    /// docker-bench-security's JSON.
    DockerBench,
    /// Prometheus text exposition, for node-exporter.
    Prometheus,
}

/// How text is laid out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Style {
    /// Whether colours may be used.
    pub color: bool,
    /// How many columns there are.
    pub width: usize,
    /// Whether every finding is shown, not only what matters most.
    pub all: bool,
    /// Whether only what is new is shown, where there is an earlier run to compare with.
    pub only_news: bool,
}

impl Default for Style {
    fn default() -> Self {
        Self { color: false, width: 80, all: false, only_news: false }
    }
}

/// Writes a report.
///
/// # Errors
/// When `out` can't be written to.
pub fn write(report: &Report, format: Format, style: Style, out: &mut dyn Write) -> io::Result<()> {
    match format {
        Format::Text => text::write(report, style, out),
        Format::Json => json_v1::write(report, out),
        Format::Sarif => sarif::write(report, out),
        Format::Junit => junit::write(report, out),
        Format::Markdown => markdown::write(report, out),
        Format::Html => html::write(report, out),
        Format::DockerBench => docker_bench::write(report, out),
        Format::Prometheus => prometheus::write(report, out),
    }
}

/// Writes what is new, as JSON for a webhook (`schemas/news-v1.schema.json`).
///
/// # Errors
/// When `out` can't be written to.
pub fn write_news(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    json_v1::write_news(report, out)
}

#[cfg(test)]
mod sample;

//! A scan's result: a table for people, JSON, SARIF, JUnit, Markdown and HTML.

mod explained;
mod html;
mod json_v1;
mod junit;
mod markdown;
mod news;
mod news_v1;
mod sarif;
mod text;
mod told;

use std::io::{self, Write};

use dockward_model::verdict::{AdvisoryNews, Scan};

use crate::Style;
pub use explained::explain_weakness;

/// A form of a scan's output. Bills of materials are written elsewhere: they show what is inside,
/// not what was judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ScanFormat {
    /// For people.
    Text,
    /// `schemas/scan-v1.schema.json`.
    Json,
    /// SARIF 2.1.0 (OASIS).
    Sarif,
    /// JUnit XML.
    Junit,
    /// Markdown, for a merge request.
    Markdown,
    /// One HTML file.
    Html,
}

/// Writes a scan's result.
///
/// # Errors
/// When `out` can't be written to.
pub fn write_scan(
    scan: &Scan,
    format: ScanFormat,
    style: Style,
    out: &mut dyn Write,
) -> io::Result<()> {
    match format {
        ScanFormat::Text => text::write(scan, style, out),
        ScanFormat::Json => json_v1::write(scan, out),
        ScanFormat::Sarif => sarif::write(scan, out),
        ScanFormat::Junit => junit::write(scan, out),
        ScanFormat::Markdown => markdown::write(scan, out),
        ScanFormat::Html => html::write(scan, out),
    }
}

/// Writes what new advisories hit, for people.
///
/// # Errors
/// When `out` can't be written to.
pub fn advisory_news(news: &AdvisoryNews, style: Style, out: &mut dyn Write) -> io::Result<()> {
    news::write(news, style, out)
}

/// Writes the same as one line of JSON: what a webhook is sent
/// (`schemas/advisory-news-v1.schema.json`).
///
/// # Errors
/// When `out` can't be written to.
pub fn write_advisory_news(news: &AdvisoryNews, out: &mut dyn Write) -> io::Result<()> {
    news_v1::write(news, out)
}

#[cfg(test)]
mod sample;
#[cfg(test)]
mod tests;

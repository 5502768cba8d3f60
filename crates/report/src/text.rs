//! The report for people: what an attacker could do first, numbers next, the rest on request.

mod areas;
mod benchmark;
mod findings;
mod header;
pub(crate) mod ink;
mod news;
pub(crate) mod notes;
mod page;
mod paths;

use std::io::{self, Write};

use dockward_model::verdict::{Meta, Report};

use crate::Style;
use ink::Ink;

/// Writes the report.
pub(crate) fn write(report: &Report, style: Style, out: &mut dyn Write) -> io::Result<()> {
    let mut ink = Ink::new(style, out);
    header::write(report, &mut ink)?;
    if let Some(news) = &report.news {
        news::write(news, style.all, &mut ink)?;
        if style.only_news {
            return notes::write(report, style.all, &mut ink);
        }
    }
    if let Some(table) = &report.benchmark {
        benchmark::write(table, &mut ink)?;
        if style.all {
            findings::write(report, style.all, &mut ink)?;
        }
        return notes::write(report, style.all, &mut ink);
    }
    paths::write(report, style.all, &mut ink)?;
    findings::write(report, style.all, &mut ink)?;
    areas::write(report, &mut ink)?;
    notes::write(report, style.all, &mut ink)
}

/// Writes the page of a rule, from its own doc comment.
///
/// # Errors
/// When `out` can't be written to.
pub fn explain(meta: &Meta, style: Style, out: &mut dyn Write) -> io::Result<()> {
    page::write(meta, &mut Ink::new(style, out))
}

#[cfg(test)]
mod tests;

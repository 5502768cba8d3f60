//! Where the reports of a scan go.

use std::path::PathBuf;

use anyhow::Result;
use dockward_model::verdict::Scan as Report;
use dockward_report::{ScanFormat, Style};
use dockward_sbom::{Document, Judged, Scanned};

use crate::args::{Scan, ScanForm};
use crate::output::{style, to_file, to_stdout};

/// Where the reports of a run go.
pub(crate) struct Outputs<'a> {
    form: ScanForm,
    style: Style,
    files: &'a [(ScanForm, PathBuf)],
}

impl<'a> Outputs<'a> {
    /// What the command line asks for.
    pub(crate) fn new(args: &'a Scan) -> Self {
        Self { form: args.format, style: style(args.color, args.list), files: &args.output }
    }

    /// Writes a report everywhere.
    pub(crate) fn write(&self, report: &Report) -> Result<()> {
        for (form, path) in self.files {
            let style = Style { color: false, ..self.style };
            to_file(&rendered(report, *form, style)?, false, path)?;
        }
        to_stdout(&rendered(report, self.form, self.style)?)
    }
}

fn rendered(report: &Report, form: ScanForm, style: Style) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let format = match form {
        ScanForm::Text => ScanFormat::Text,
        ScanForm::Json => ScanFormat::Json,
        ScanForm::Sarif => ScanFormat::Sarif,
        ScanForm::Junit => ScanFormat::Junit,
        ScanForm::Markdown => ScanFormat::Markdown,
        ScanForm::Html => ScanFormat::Html,
        ScanForm::Cyclonedx => {
            dockward_sbom::cyclonedx::write(&document(report), &mut bytes)?;
            return Ok(bytes);
        }
        ScanForm::Spdx => {
            dockward_sbom::spdx::write(&document(report), &mut bytes)?;
            return Ok(bytes);
        }
    };
    dockward_report::write_scan(report, format, style, &mut bytes)?;
    Ok(bytes)
}

fn document(report: &Report) -> Document<'_> {
    let scanned = report.scanned.iter().map(|one| Scanned {
        inventory: &one.inventory,
        matches: one
            .vulnerabilities
            .iter()
            .map(|found| Judged { matched: &found.matched, waived: found.waived.as_ref() })
            .collect(),
        unmatched: &one.unmatched,
    });
    Document { scanned: scanned.collect(), now: report.now, version: &report.version }
}

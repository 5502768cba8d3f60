//! Where reports go: standard output, and any number of files.

use std::io::{self, IsTerminal as _, Write as _};
use std::path::{Path, PathBuf};

use anstream::ColorChoice;
use anyhow::{Context as _, Result};
use dockward_model::verdict::Report;
use dockward_report::{Format, Style};

use crate::args::{Check, When};

/// Where the reports of a run go.
pub(crate) struct Outputs {
    format: Format,
    style: Style,
    files: Vec<(Format, PathBuf)>,
    silent: bool,
}

impl Outputs {
    /// What the command line asks for.
    pub(crate) fn new(args: &Check) -> Self {
        let files = args.output.iter().map(|(form, file)| ((*form).into(), file.clone())).collect();
        let style = style(args.color, args.all);
        Self { format: args.format.into(), style, files, silent: false }
    }

    /// Whether any of the reports has this form.
    pub(crate) fn want(&self, format: Format) -> bool {
        self.format == format || self.files.iter().any(|(of, _)| *of == format)
    }

    /// The same for an example: shown to people, and in no report that a machine reads.
    pub(crate) fn for_example(&self) -> Self {
        let silent = self.format != Format::Text;
        Self { format: self.format, style: self.style, files: Vec::new(), silent }
    }

    /// Writes a report everywhere.
    pub(crate) fn write(&self, report: &Report) -> Result<()> {
        for (format, path) in &self.files {
            let style = Style { color: false, ..self.style };
            to_file(&rendered(report, *format, style)?, path)?;
        }
        if self.silent {
            return Ok(());
        }
        to_stdout(&rendered(report, self.format, self.style)?)
    }
}

fn rendered(report: &Report, format: Format, style: Style) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    dockward_report::write(report, format, style, &mut bytes)?;
    Ok(bytes)
}

/// How text is laid out on this terminal, or where there is none.
pub(crate) fn style(color: When, all: bool) -> Style {
    let stdout = io::stdout();
    let color = match color {
        When::Always => true,
        When::Never => false,
        When::Auto => anstream::AutoStream::choice(&stdout) != ColorChoice::Never,
    };
    let wide = || terminal_size::terminal_size().map(|(width, _)| usize::from(width.0));
    let width = if stdout.is_terminal() { wide() } else { None };
    Style { color, width: width.unwrap_or(80), all }
}

/// Writes to standard output. A reader who has seen enough (`| head`) is no failure.
pub(crate) fn to_stdout(bytes: &[u8]) -> Result<()> {
    let mut out = io::stdout().lock();
    match out.write_all(bytes).and_then(|()| out.flush()) {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        other => other.context("cannot write to standard output"),
    }
}

fn to_file(bytes: &[u8], path: &Path) -> Result<()> {
    std::fs::write(path, bytes).with_context(|| format!("cannot write {}", path.display()))
}

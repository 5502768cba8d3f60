//! Where reports go: standard output, and any number of files.

use std::io::{self, IsTerminal as _, Write as _};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use anstream::ColorChoice;
use anyhow::{Context as _, Result};
use dockward_model::verdict::{News, Report};
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
        let style = Style { only_news: args.quiet, ..style(args.color, args.all) };
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
            to_file(&rendered(report, *format, style)?, *format == Format::Prometheus, path)?;
        }
        let nothing_new = report.news.as_ref().is_none_or(News::is_empty);
        if self.silent || (self.style.only_news && nothing_new) {
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
    Style { color, width: width.unwrap_or(80), all, only_news: false }
}

/// Writes to standard output. A reader who has seen enough (`| head`) is no failure.
pub(crate) fn to_stdout(bytes: &[u8]) -> Result<()> {
    let mut out = io::stdout().lock();
    match out.write_all(bytes).and_then(|()| out.flush()) {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        other => other.context("cannot write to standard output"),
    }
}

/// Writes a file at once or not at all, so that nobody reads half of it. What is no regular file,
/// such as `/dev/stderr`, is written to. Metrics are `for_all`: they hold no names, and node-exporter,
/// which is another user, has to read them.
pub(crate) fn to_file(bytes: &[u8], for_all: bool, path: &Path) -> Result<()> {
    let failed = || format!("cannot write {}", path.display());
    match std::fs::metadata(path) {
        Ok(found) if !found.is_file() => std::fs::write(path, bytes).with_context(failed),
        _ => replace(bytes, for_all, path).with_context(failed),
    }
}

/// A name that is no link is renamed over; a link's own file is what is written.
fn replace(bytes: &[u8], for_all: bool, path: &Path) -> io::Result<()> {
    let path = path.canonicalize().unwrap_or_else(|_| path.to_owned());
    let mut name = std::ffi::OsString::from(".");
    name.push(path.file_name().unwrap_or_default());
    name.push(format!(".{}", std::process::id()));
    let temporary = path.with_file_name(name);
    let written = create(&temporary, for_all)
        .and_then(|mut file| file.write_all(bytes))
        .and_then(|()| std::fs::rename(&temporary, &path));
    if written.is_err() {
        // It may not even have been made.
        let _ = std::fs::remove_file(&temporary);
    }
    written
}

fn create(path: &Path, for_all: bool) -> io::Result<std::fs::File> {
    let file = std::fs::File::create_new(path)?;
    if for_all {
        file.set_permissions(std::fs::Permissions::from_mode(0o644))?;
    }
    Ok(file)
}

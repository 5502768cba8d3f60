//! Which host this is, what runs on it, how long it took.

use std::io;

use dockward_model::verdict::{EngineSummary, Report};

use super::ink::{BOLD, Ink, PLAIN};

/// What stands on every screen that shows a host that is not this one.
pub(super) const EXAMPLE: &str = "EXAMPLE: a recorded host, not this one";

pub(super) fn write(report: &Report, ink: &mut Ink<'_>) -> io::Result<()> {
    if report.example {
        ink.line(&[(BOLD, EXAMPLE)])?;
    }
    let mut parts = vec![host(report)];
    parts.extend(report.engines.iter().map(engine));
    if report.engines.is_empty() {
        parts.push("no engine was asked".into());
    }
    if let Some(ms) = report.took_ms {
        let (secs, ms) = (ms / 1000, ms % 1000);
        parts.push(format!("{secs}.{:02} s", ms / 10));
    }
    ink.wrapped("", PLAIN, &parts.join(" · "))?;
    ink.blank()
}

fn host(report: &Report) -> String {
    let unnamed = |text: &str, what: &str| {
        if text.is_empty() { what.to_owned() } else { text.to_owned() }
    };
    let host = &report.host;
    format!(
        "{} · {}, kernel {}",
        unnamed(&host.name, "this host"),
        unnamed(&host.os, "unknown system"),
        unnamed(&host.kernel, "unknown")
    )
}

fn engine(engine: &EngineSummary) -> String {
    let images = engine
        .images
        .map_or_else(|| "images unknown".to_owned(), |n| super::areas::counted(n, "image"));
    format!(
        "engine {} · {} ({} running), {images}",
        engine.version,
        super::areas::counted(engine.containers, "container"),
        engine.running
    )
}

//! Which host this is, what runs on it, how long it took.

use std::io;

use dockward_model::facts::Sight;
use dockward_model::verdict::{EngineSummary, Report};

use super::ink::{BOLD, Ink, PLAIN};

/// What stands on every screen that shows a host that is not this one.
pub(super) const EXAMPLE: &str = "EXAMPLE: a recorded host, not this one";

pub(super) fn write(report: &Report, ink: &mut Ink<'_>) -> io::Result<()> {
    if report.example {
        ink.line(&[(BOLD, EXAMPLE)])?;
    }
    let took = report.took_ms.map(|ms| format!("{}.{:02} s", ms / 1000, ms % 1000 / 10));
    let mut parts = vec![host(report)];
    match report.engines.as_slice() {
        [] if report.saw_nothing() => parts.push("its engine could not be asked".into()),
        [] => parts.push("no engine was asked".into()),
        [only] => parts.push(engine(only)),
        several => parts.push(super::areas::counted(several.len(), "engine")),
    }
    parts.extend(took);
    ink.wrapped("", PLAIN, &parts.join(" · "))?;
    if report.engines.len() > 1 {
        for one in &report.engines {
            ink.wrapped("  ", PLAIN, &engine(one))?;
        }
    }
    ink.blank()
}

fn host(report: &Report) -> String {
    let unnamed = |text: &str, what: &str| {
        if text.is_empty() { what.to_owned() } else { text.to_owned() }
    };
    let host = &report.host;
    if report.saw_nothing() {
        return "a host elsewhere".to_owned();
    }
    let name = unnamed(&host.name, "this host");
    let os = unnamed(&host.os, "unknown system");
    match host.sight {
        Sight::Whole => format!("{name} · {os}, kernel {}", unnamed(&host.kernel, "unknown")),
        Sight::Files => format!("{name} · {os}, its files only"),
        Sight::Engine => {
            let kernel = unnamed(&host.kernel, "unknown");
            format!("{name} · {os}, kernel {kernel}, seen through its engine only")
        }
    }
}

fn engine(engine: &EngineSummary) -> String {
    let images = engine
        .images
        .map_or_else(|| "images unknown".to_owned(), |n| super::areas::counted(n, "image"));
    let name = if engine.flavour.is_empty() { "engine" } else { &engine.flavour };
    let place = engine.endpoint.strip_prefix("unix://").unwrap_or(&engine.endpoint);
    let rootless = if engine.rootless { ", rootless" } else { "" };
    format!(
        "{name} {} at {place}{rootless} · {} ({} running), {images}",
        engine.version,
        super::areas::counted(engine.containers, "container"),
        engine.running
    )
}

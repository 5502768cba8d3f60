//! `dockward check`: collect, judge, render, exit.

use std::io::Write as _;
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::Result;
use dockward_collect::{EngineState, Options};
use dockward_engine::Named;
use dockward_model::facts::Snapshot;
use dockward_policy::Exit;

use crate::args::{Check, Look};
use crate::output::Outputs;
use crate::progress::Progress;
use crate::settings::Settings;
use crate::summary;

/// Checks this host, or a recorded one.
pub(crate) fn run(args: &Check) -> Result<Exit> {
    let settings = Settings::read(args)?;
    let outputs = Outputs::new(args);
    if let Some(file) = &args.snapshot {
        let snapshot = recorded(file)?;
        return judge(&snapshot, &settings, &outputs, &Shown::default());
    }
    let started = Instant::now();
    let collected = collect(&args.look)?;
    tell(&collected.engine)?;
    let shown = Shown { started: Some(started), example: false };
    let exit = judge(&collected.snapshot, &settings, &outputs, &shown)?;
    match &args.example {
        Some(file) if collected.engine.is_absent() => {
            example(file, &settings, &outputs)?;
            Ok(exit)
        }
        _ => Ok(exit),
    }
}

/// What was seen of this host, and whether that is all there is to see.
pub(crate) fn look(look: &Look) -> Result<(Snapshot, bool)> {
    let collected = collect(look)?;
    tell(&collected.engine)?;
    let whole = collected.snapshot.unseen.is_empty();
    Ok((collected.snapshot, whole))
}

/// How a report is marked.
#[derive(Debug, Default, Clone, Copy)]
pub(crate) struct Shown {
    /// When looking began; absent for what was recorded.
    pub(crate) started: Option<Instant>,
    /// Whether it is an example.
    pub(crate) example: bool,
}

fn collect(look: &Look) -> Result<dockward_collect::Collected> {
    let endpoints = Named::from_env(look.host.clone())
        .endpoints()
        .map_err(|error| hinted(error.hint(), error))?;
    let mut options = Options::new(endpoints);
    let overall = Duration::from_secs(look.timeout);
    let deadlines = &mut options.limits.deadlines;
    deadlines.overall = overall;
    deadlines.answer = deadlines.answer.min(overall);
    deadlines.connect = deadlines.connect.min(overall);
    let mut progress = Progress::new();
    let collected = dockward_collect::collect(&options, &mut |step| progress.show(step));
    progress.clear();
    Ok(collected)
}

fn recorded(file: &Path) -> Result<Snapshot> {
    dockward_collect::record::read(file).map_err(|error| hinted(error.hint(), error))
}

/// An error, with what to do about it on a line of its own.
fn hinted(
    hint: Option<&'static str>,
    error: impl std::error::Error + Send + Sync + 'static,
) -> anyhow::Error {
    match hint {
        Some(hint) => anyhow::anyhow!("{error}\n  {hint}"),
        None => anyhow::Error::new(error),
    }
}

/// Says why no engine was asked, and what to do about it where something is wrong. That there is
/// none is no mistake: one line.
fn tell(engine: &EngineState) -> Result<()> {
    let Some((what, hint)) = engine.explain() else { return Ok(()) };
    let mut err = std::io::stderr().lock();
    if engine.is_absent() {
        writeln!(err, "dockward: {}: only the host is judged", dockward_report::plain(&what))?;
        return Ok(());
    }
    writeln!(err, "dockward: {}: the rest is judged", dockward_report::plain(&what))?;
    if !hint.is_empty() {
        writeln!(err, "  {}", dockward_report::plain(&hint))?;
    }
    Ok(())
}

fn judge(
    snapshot: &Snapshot,
    settings: &Settings,
    outputs: &Outputs,
    shown: &Shown,
) -> Result<Exit> {
    let audit = dockward_audit::evaluate(snapshot, &|id| settings.selection.selects(id));
    let (report, exit) = summary::conclude(snapshot, audit, settings, shown);
    outputs.write(&report)?;
    Ok(exit)
}

/// A recorded host, shown so that a first look has something to see. It decides nothing, and only
/// people are shown it.
fn example(file: &Path, settings: &Settings, outputs: &Outputs) -> Result<()> {
    let snapshot = recorded(file)?;
    let shown = Shown { started: None, example: true };
    judge(&snapshot, settings, &outputs.for_example(), &shown)?;
    Ok(())
}

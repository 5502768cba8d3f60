//! `dockward check`: collect, judge, render, exit.

use std::io::Write as _;
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::Result;
use dockward_collect::{Collected, EngineState, Options};
use dockward_engine::Named;
use dockward_model::facts::Snapshot;
use dockward_policy::{Exit, went_blind};
use dockward_report::Format;
use jiff::Timestamp;

use crate::args::{Check, EngineName, Look};
use crate::earlier::Since;
use crate::inspect;
use crate::output::Outputs;
use crate::progress::{self, Line};
use crate::settings::Settings;
use crate::summary;
use crate::webhook::Post;

/// Checks this host, or a recorded one.
pub(crate) fn run(args: &Check) -> Result<Exit> {
    let settings = Settings::read(args)?;
    let outputs = Outputs::new(args);
    let post = args.notify.then(|| Post::new(settings.config.webhook.as_ref())).transpose()?;
    let earlier = args.since.as_ref().map(Since::read).transpose()?.flatten();
    let docker_bench = outputs.want(Format::DockerBench);
    let post = post.as_ref();
    let shown = Shown { earlier: earlier.as_ref(), docker_bench, post, ..Shown::default() };
    if let Some(file) = &args.snapshot {
        let mut snapshot = recorded(file)?;
        if args.now {
            snapshot.now = Timestamp::now();
        }
        compared(&snapshot, earlier.as_ref(), args.since.as_ref())?;
        return judge(&snapshot, &settings, &outputs, &shown);
    }
    let started = Instant::now();
    let mut collected = collect(&args.look)?;
    inspect::fill(&mut collected.snapshot, args.look.db.as_deref(), args.config.as_deref())?;
    tell(&collected, &args.look, "judged")?;
    compared(&collected.snapshot, earlier.as_ref(), args.since.as_ref())?;
    let shown = Shown { started: Some(started), ..shown };
    let exit = judge(&collected.snapshot, &settings, &outputs, &shown)?;
    let blind = earlier.is_some_and(|then| went_blind(&then, &collected.snapshot));
    if let Some(since) = args.since.as_ref().filter(|_| !blind) {
        since.keep(&collected.snapshot)?;
    }
    match &args.example {
        Some(file) if collected.has_no_engine() => {
            example(file, &settings, &outputs)?;
            Ok(exit)
        }
        _ => Ok(exit),
    }
}

/// Says what a comparison is worth: nothing kept to compare with, or a recording of another host.
fn compared(now: &Snapshot, earlier: Option<&Snapshot>, since: Option<&Since>) -> Result<()> {
    let mut err = std::io::stderr().lock();
    match (since, earlier) {
        (Some(_), None) => {
            writeln!(err, "dockward: no earlier look is kept: the next run tells what is new")?;
        }
        (_, Some(earlier)) if earlier.host.hostname.get() != now.host.hostname.get() => {
            let name = earlier.host.hostname.get().map_or("a host without a name", String::as_str);
            let name = dockward_report::plain(name);
            writeln!(err, "dockward: the earlier look is one at {name}: another host")?;
        }
        _ => {}
    }
    Ok(())
}

/// What was seen of this host, to be recorded; none where nothing was.
pub(crate) fn look(look: &Look) -> Result<Option<Snapshot>> {
    let mut collected = collect(look)?;
    inspect::fill(&mut collected.snapshot, look.db.as_deref(), None)?;
    tell(&collected, look, "recorded")?;
    Ok(if collected.saw_nothing() { None } else { Some(collected.snapshot) })
}

/// How a report is marked.
#[derive(Default, Clone, Copy)]
pub(crate) struct Shown<'a> {
    /// When looking began; absent for what was recorded.
    pub(crate) started: Option<Instant>,
    /// Whether it is an example.
    pub(crate) example: bool,
    /// Whether docker-bench-security's table is wanted.
    pub(crate) docker_bench: bool,
    /// Where what is new is sent.
    pub(crate) post: Option<&'a Post>,
    /// What it is compared with.
    pub(crate) earlier: Option<&'a Snapshot>,
}

fn collect(look: &Look) -> Result<Collected> {
    if let Some(root) = look.root.as_deref().filter(|root| !root.is_dir()) {
        anyhow::bail!("there is no folder `{}` to look below", root.display());
    }
    let mut options = wanted(&look.engine).map_err(|error| hinted(error.hint(), error))?;
    options.root.clone_from(&look.root);
    options.deep = look.deep;
    Ok(asked(options, Duration::from_secs(look.timeout)))
}

/// Which engines the options and the environment name.
pub(crate) fn wanted(engine: &EngineName) -> Result<Options, dockward_engine::Error> {
    let host = Named::from_env(engine.host.clone());
    let named = Named { context: engine.context.clone(), ..host };
    Options::wanted(named)
}

/// Looks at host and engines, and shows how far it is. `overall` is how long an engine may take.
pub(crate) fn asked(mut options: Options, overall: Duration) -> Collected {
    let deadlines = &mut options.limits.deadlines;
    deadlines.overall = overall;
    deadlines.answer = deadlines.answer.min(overall);
    deadlines.connect = deadlines.connect.min(overall);
    let mut line = Line::new();
    let collected =
        dockward_collect::collect(&options, &mut |step| line.show(&progress::words(step)));
    line.clear();
    collected
}

fn recorded(file: &Path) -> Result<Snapshot> {
    dockward_collect::record::read(file).map_err(|error| hinted(error.hint(), error))
}

/// An error, with what to do about it on a line of its own.
pub(crate) fn hinted(
    hint: Option<&'static str>,
    error: impl std::error::Error + Send + Sync + 'static,
) -> anyhow::Error {
    match hint {
        Some(hint) => anyhow::anyhow!("{error}\n  {hint}"),
        None => anyhow::Error::new(error),
    }
}

/// Says why an engine was not asked, what is `done` (judged, recorded) without it, and what to do
/// about it where something is wrong. That there is none is no mistake: one line.
fn tell(collected: &Collected, look: &Look, done: &str) -> Result<()> {
    let mut err = std::io::stderr().lock();
    for engine in &collected.engines {
        let Some((what, hint)) = engine.explain() else { continue };
        let (what, rest) = (dockward_report::plain(&what), rest(collected, engine, look));
        write!(err, "dockward: {what}: {rest} is {done}")?;
        let far = ": its host is out of sight, and this one was not asked for";
        writeln!(err, "{}", if collected.saw_nothing() { far } else { "" })?;
        if !hint.is_empty() && !engine.is_absent() {
            writeln!(err, "  {}", dockward_report::plain(&hint))?;
        }
    }
    Ok(())
}

/// What there is to see without an engine.
fn rest(collected: &Collected, engine: &EngineState, look: &Look) -> &'static str {
    // Behind a port of ours may be a tunnel to the host that was meant.
    let port = matches!(engine, EngineState::Failed { endpoint, .. } if !endpoint.is_unix());
    if collected.saw_nothing() {
        "nothing"
    } else if engine.is_absent() {
        "only the host"
    } else if port && look.root.is_none() {
        "only this host"
    } else {
        "the rest"
    }
}

fn judge(
    snapshot: &Snapshot,
    settings: &Settings,
    outputs: &Outputs,
    shown: &Shown<'_>,
) -> Result<Exit> {
    let audit = settings.evaluate(snapshot);
    let (report, exit) = summary::conclude(snapshot, audit, settings, shown);
    outputs.write(&report)?;
    if let Some(post) = shown.post {
        post.send(&report)?;
    }
    Ok(exit)
}

/// A recorded host, shown so that a first look has something to see. It decides nothing, and only
/// people are shown it.
fn example(file: &Path, settings: &Settings, outputs: &Outputs) -> Result<()> {
    let snapshot = recorded(file)?;
    let shown = Shown { example: true, ..Shown::default() };
    judge(&snapshot, settings, &outputs.for_example(), &shown)?;
    Ok(())
}

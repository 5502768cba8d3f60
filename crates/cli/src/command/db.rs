//! `dockward db`: the database of advisories.

mod here;
mod signing;
mod update;

use std::fmt::Write as _;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::Path;

use anyhow::{Context as _, Result};
use dockward_feed::{Options, Summary};
use dockward_model::verdict::AdvisorySource;
use dockward_policy::Exit;
use jiff::Timestamp;

use crate::advisories::{Advisories, usual};
use crate::args::{Db, DbBuild, DbCommand, DbStatus};
use crate::command::hinted;
use crate::{judged, output, settings};

/// Makes the database or looks at it.
pub(crate) fn run(args: &Db) -> Result<Exit> {
    match &args.command {
        DbCommand::Update(args) => update::update(args),
        DbCommand::Build(args) => build(args),
        DbCommand::Install(args) => update::install(args),
        DbCommand::Key(args) => signing::key(args),
        DbCommand::Sign(args) => signing::sign(args),
        DbCommand::Status(args) => status(args),
    }
}

fn build(args: &DbBuild) -> Result<Exit> {
    let target = args.output.clone().unwrap_or_else(usual);
    if args.output.is_none() {
        folder_of(&target)?;
    }
    let options = Options { allow_older: args.allow_older, ..Options::new(Timestamp::now()) };
    let summary = dockward_feed::build(&args.feeds, &target, options)
        .map_err(|error| hinted(error.hint(), error))?;
    output::to_stdout(built(&summary, &target).as_bytes())?;
    let refused = summary.problems.count > 0;
    Ok(if refused { Exit::Incomplete } else { Exit::Clean })
}

/// The usual database's folder is made where it is missing; one that was named is not.
fn folder_of(target: &Path) -> Result<()> {
    let Some(folder) = target.parent() else { return Ok(()) };
    std::fs::DirBuilder::new()
        .recursive(true)
        .mode(0o755)
        .create(folder)
        .with_context(|| format!("cannot make the folder {}", folder.display()))
}

fn built(summary: &Summary, target: &Path) -> String {
    let mut text = String::new();
    // Writing to a String can't fail.
    let _ = writeln!(
        text,
        "{}: {} advisories, {} rows for {} packages, {} MB",
        target.display(),
        summary.advisories,
        summary.rows,
        summary.packages,
        summary.length.div_ceil(1_000_000)
    );
    for source in &summary.built.sources {
        let day = source.newest.map_or("an unknown day".to_owned(), day);
        let left = match (source.withdrawn, source.refused) {
            (0, 0) => String::new(),
            (withdrawn, refused) => format!(", {withdrawn} withdrawn, {refused} not understood"),
        };
        let name = dockward_report::plain(&source.name);
        let _ = writeln!(text, "  {name:<20} {:>8} records, newest of {day}{left}", source.records);
    }
    for refused in &summary.problems.first {
        let line = format!("{}: {}", refused.place, refused.why);
        let _ = writeln!(text, "  not understood: {}", dockward_report::plain(&line));
    }
    text
}

fn day(at: Timestamp) -> String {
    at.strftime("%Y-%m-%d").to_string()
}

fn status(args: &DbStatus) -> Result<Exit> {
    let now = Timestamp::now();
    let config = settings::config(args.config.as_deref())?;
    let advisories = Advisories::open(args.db.as_deref())?;
    if let Some(why) = advisories.missing() {
        output::to_stdout(format!("{}\n", dockward_report::plain(why)).as_bytes())?;
        return Ok(Exit::Incomplete);
    }
    let sources = advisories.sources(&judged::matching(&config, now))?;
    let mut text = String::new();
    for source in &sources {
        let _ = writeln!(text, "{}", line(source, now));
    }
    output::to_stdout(text.as_bytes())?;
    let stale = sources.iter().any(|source| source.stale);
    Ok(if stale { Exit::Incomplete } else { Exit::Clean })
}

fn line(source: &AdvisorySource, now: Timestamp) -> String {
    let age = source.newest.map(|newest| now.duration_since(newest).as_hours() / 24);
    let age = age.map_or("of unknown age".to_owned(), |days| match days {
        1 => "1 day old".to_owned(),
        days => format!("{days} days old"),
    });
    let newest = source.newest.map_or(String::new(), |at| format!(", newest of {}", day(at)));
    let old = if source.stale { "  TOO OLD" } else { "" };
    let name = dockward_report::plain(&source.name);
    format!("{name:<20} {:>8} records{newest}, {age}{old}", source.records)
}

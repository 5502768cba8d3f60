//! `dockward db update` and `dockward db install`: advisories from where they are published.

use std::fmt::Write as _;
use std::io::Read as _;
use std::path::Path;

use anyhow::{Context as _, Result, anyhow};
use dockward_feed::{Change, Install, Origin, Outcome, Place, Plan, Progress, PublicKey};
use dockward_policy::Exit;
use dockward_web::{Client, Limits};
use jiff::Timestamp;

use super::here::{self, Here};
use super::{built, folder_of};
use crate::advisories::{Advisories, usual};
use crate::args::{DbInstall, DbUpdate};
use crate::command::hinted;
use crate::output;
use crate::progress::Line;

/// The longest token of a registry, in bytes.
const LONGEST_TOKEN: u64 = 64 << 10;

/// Brings every source up to date; one that fails leaves the others.
pub(super) fn update(args: &DbUpdate) -> Result<Exit> {
    let database = args.db.clone().unwrap_or_else(usual);
    folder_of(&database)?;
    let engines = here::engines(&args.running);
    let here = Here::look(&args.running, &engines)?;
    let mut ecosystems = here.ecosystems();
    ecosystems.extend(args.ecosystem.iter().cloned());
    let mut plan = Plan::published(ecosystems, database, Timestamp::now());
    plan.allow_older = args.allow_older;
    if let Some(osv) = &args.osv {
        plan.osv = Place::of(osv);
    }
    for (word, place) in [(&args.kev, &mut plan.kev), (&args.epss, &mut plan.epss)] {
        match word.as_deref() {
            None => {}
            Some("none") => *place = None,
            Some(other) => *place = Some(Place::of(other)),
        }
    }
    let before = Advisories::before(&plan.database);
    let mut line = Line::new();
    let updated = dockward_feed::update(&plan, &client()?, &mut |step| line.show(&words(step)));
    line.clear();
    let updated = updated.map_err(|error| hinted(error.hint(), error))?;
    let mut text = String::new();
    for outcome in &updated.outcomes {
        // Writing to a String can't fail.
        let _ = writeln!(text, "{}", told(outcome));
    }
    if let Some(summary) = &updated.built {
        text.push_str(&built(summary, &plan.database));
    }
    output::to_stdout(text.as_bytes())?;
    if updated.built.is_some() {
        here.tell(&before, &plan.database)?;
    }
    Ok(if updated.complete() { Exit::Clean } else { Exit::Incomplete })
}

fn client() -> Result<Client> {
    let client = Client::new(env!("CARGO_PKG_VERSION"), Limits::default());
    client.map_err(|error| hinted(error.hint(), error))
}

fn words(step: Progress<'_>) -> String {
    match step {
        Progress::Source(name) => format!("asking for {name}"),
        Progress::Step(_) => "fetching".to_owned(),
        Progress::Building => "building the database".to_owned(),
    }
}

fn told(outcome: &Outcome) -> String {
    let name = dockward_report::plain(&outcome.source);
    let change = match &outcome.change {
        Ok(Change::Same) => "as before".to_owned(),
        Ok(Change::Records { changed, gone }) => format!("{changed} records changed, {gone} gone"),
        Ok(Change::Whole) => "fetched whole".to_owned(),
        Err(error) => {
            let hint = error.hint().map_or(String::new(), |hint| format!(": {hint}"));
            format!("FAILED, what was here before is kept: {error}{hint}")
        }
    };
    format!("{name:<20} {}", dockward_report::plain(&change))
}

/// Takes one published file in the database's place.
pub(super) fn install(args: &DbInstall) -> Result<Exit> {
    let database = args.db.clone().unwrap_or_else(usual);
    folder_of(&database)?;
    let token = args.token_file.as_deref().map(token).transpose()?;
    let origin = Origin::of(&args.from, token).ok_or_else(|| {
        anyhow!("`{}` is no name of an artifact", dockward_report::plain(&args.from))
    })?;
    let keys = args.key.iter().map(|key| PublicKey::parse(key));
    let trusted = keys.collect::<Result<_, _>>().map_err(|error| hinted(error.hint(), error))?;
    let plan =
        Install { origin, database, trusted, allow_older: args.allow_older, now: Timestamp::now() };
    let engines = here::engines(&args.running);
    let here = Here::look(&args.running, &engines)?;
    let before = Advisories::before(&plan.database);
    let mut line = Line::new();
    let installed = dockward_feed::install(&plan, &client()?, &mut |step| line.show(&words(step)));
    line.clear();
    let installed = installed.map_err(|error| hinted(error.hint(), error))?;
    let by =
        installed.version.map_or("by its digests".to_owned(), |v| format!("signed, version {v}"));
    let mut text = format!("{}: installed, {by}\n", plan.database.display());
    if let Some(summary) = &installed.built {
        text.push_str(&built(summary, &plan.database));
    }
    output::to_stdout(text.as_bytes())?;
    here.tell(&before, &plan.database)?;
    Ok(Exit::Clean)
}

fn token(path: &Path) -> Result<String> {
    let shown = path.display();
    let file = std::fs::File::open(path).with_context(|| format!("cannot open {shown}"))?;
    let mut text = String::new();
    let read = file.take(LONGEST_TOKEN).read_to_string(&mut text);
    read.with_context(|| format!("cannot read {shown}"))?;
    Ok(text.trim().to_owned())
}

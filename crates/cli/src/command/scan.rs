//! `dockward scan`: look inside, match, judge, render, exit.

use std::collections::BTreeSet;
use std::io::Write as _;
use std::time::{Duration, Instant};

use anyhow::Result;
use dockward_image::Options;
use dockward_model::inventory::PackageKind;
use dockward_model::verdict::Scan as Report;
use dockward_policy::Exit;
use jiff::Timestamp;

use crate::advisories::Advisories;
use crate::args::Scan;
use crate::command::children;
use crate::engines::Engines;
use crate::evidence;
use crate::judged;
use crate::scan_output::Outputs;
use crate::settings::{self, Ignored};
use crate::target::{self, Looked};

/// Looks into what was asked for, and says what of it is known to be weak.
pub(crate) fn run(args: &Scan) -> Result<Exit> {
    let started = Instant::now();
    let now = Timestamp::now();
    let config = settings::config(args.config.as_deref())?;
    let ignored = Ignored::read(&args.ignore_file)?;
    let gate = args.fail_on.clone().or_else(|| config.scan.gate.clone());
    let gate = gate.unwrap_or_else(|| config.fail_on.into());
    let policy = judged::policy(&config, &ignored, &gate, now);
    let advisories = Advisories::open(args.db.as_deref())?;
    let deadline = started.checked_add(Duration::from_secs(args.timeout));
    let options = options(args, deadline)?;
    let engines = Engines::new(&args.engine, Some(Duration::from_secs(args.timeout)));
    let Looked { inventories, failed } = look(args, &engines, &options)?;
    let settings = judged::matching(&config, now);
    let mut scanned = judged::scanned(inventories, &advisories, &settings)?;
    evidence::weigh(&mut scanned, &engines, &options);
    let mut waivers = policy.judge(&mut scanned);
    judged::finish(&mut scanned);
    waivers.sort_by_key(|note| format!("{note:?}"));
    let sources = advisories.about(&scanned, &settings)?;
    let complete = failed.is_empty()
        && advisories.is_there()
        && scanned.iter().all(judged::whole)
        && !sources.iter().any(|source| source.stale);
    let report = Report {
        version: env!("CARGO_PKG_VERSION").into(),
        now,
        took_ms: u64::try_from(started.elapsed().as_millis()).ok(),
        scanned,
        failed,
        sources,
        gate: gate.to_string(),
        waivers,
        complete,
    };
    tell(&advisories, &ignored)?;
    Outputs::new(args).write(&report)?;
    Ok(dockward_policy::scan_exit(&report, &gate))
}

/// Looks into the targets; a second time where licences are asked for, since it is known only then
/// which packages there are.
fn look<'e>(args: &Scan, engines: &'e Engines<'_>, options: &Options) -> Result<Looked<'e>> {
    let all = |options: &Options| match args.all {
        true => engines.all(options),
        false => target::look(&args.targets, engines, options),
    };
    if !args.licences {
        return Ok(all(options));
    }
    if args.targets.iter().any(|target| target == "-") {
        anyhow::bail!(
            "--licences: what goes past on standard input can't be read twice\n  write it to a file"
        );
    }
    let first = all(options).inventories;
    let packages = first.iter().flat_map(|look| &look.inventory.contents.packages);
    let of_dpkg = packages.filter(|package| package.kind == PackageKind::Deb);
    let names: BTreeSet<String> = of_dpkg.map(|package| package.name.clone()).collect();
    let again = self::options(args, options.deadline)?;
    Ok(all(&Options { copyrights: names.into_iter().collect(), ..again }))
}

fn options(args: &Scan, deadline: Option<Instant>) -> Result<Options> {
    let platform = args.platform.as_deref().map(str::parse).transpose();
    let platform = platform.map_err(|error| anyhow::anyhow!("--platform: {error}"))?;
    let store = if args.no_store { None } else { dockward_image::Store::of_user() };
    let verify_all = args.verify;
    Ok(Options {
        platform,
        deadline,
        store,
        verify_all,
        children: children(),
        ..Options::default()
    })
}

/// Says what was not there or not understood, and what to do about it.
fn tell(advisories: &Advisories, ignored: &Ignored) -> Result<()> {
    let mut err = std::io::stderr().lock();
    if let Some(why) = advisories.missing() {
        writeln!(err, "dockward: {}", dockward_report::plain(why))?;
    }
    for problem in &ignored.problems {
        writeln!(err, "dockward: {}", dockward_report::plain(problem))?;
    }
    Ok(())
}

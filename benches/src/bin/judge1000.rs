//! A thousand synthetic containers, from the engine's answers to findings and attack paths, and whether four times as
//! many take four times as long.
//!
//! Times are those that this process has on a CPU, all its threads together: it only computes, and what else runs on
//! the machine is not to count. Where there are several CPUs, it takes less time by the clock. Neighbours still slow a
//! CPU down, which only ever adds, so that a time is that of the least disturbed round; ratios are medians over rounds.

use std::io::Write as _;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use dockward_benches::{Figure, inspects, median};
use dockward_collect::{from_answers, record};
use dockward_model::facts::{Container, Fact, KernelView, Snapshot};
use nix::time::{ClockId, clock_gettime};

/// The host that they are on, and what its kernel says of containers.
const HOST: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../examples/web-07.json");
const COUNTS: [usize; 4] = [500, 1000, 2000, 4000];
const ROUNDS: usize = 9;
/// For a thousand, in milliseconds.
const WHOLE_MS: f64 = 150.0;
/// For a thousand, in milliseconds.
const JUDGING_MS: f64 = 50.0;
/// What one of 4,000 may cost more than one of 1,000. Where the cost grows with the count it is 1, or a little more
/// for memory that no cache holds; where it grows with the count's square it is 4.
const LINEAR: f64 = 1.5;

fn main() -> Result<()> {
    let host = Host::read()?;
    let texts = inspects(COUNTS.into_iter().max().unwrap_or_default())?;
    let mut rounds = Vec::new();
    for _ in 0..ROUNDS {
        let [a, b, c, d] = COUNTS.map(|count| took(texts.get(..count).unwrap_or_default(), &host));
        rounds.push([a?, b?, c?, d?]);
    }
    let mut out = std::io::stdout().lock();
    let mut err = std::io::stderr().lock();
    for (i, count) in COUNTS.iter().enumerate() {
        let (whole, judging) =
            (middle(&rounds, |r| r[i].whole_ms()), middle(&rounds, |r| r[i].judging_ms));
        writeln!(err, "{count} containers, median: {whole:.1} ms, {judging:.1} of them judging")?;
    }
    let mut say =
        |name, measured, limit, unit| writeln!(out, "{}", Figure { name, measured, limit, unit });
    let whole = least(&rounds, |r| r[1].whole_ms());
    say("1,000 containers, parsing and judging", whole, WHOLE_MS, "ms")?;
    let judging = least(&rounds, |r| r[1].judging_ms);
    say("1,000 containers, judging alone", judging, JUDGING_MS, "ms")?;
    let whole = middle(&rounds, |r| r[3].whole_ms() / r[1].whole_ms() / 4.0);
    say("one of 4,000 containers, times one of 1,000: parsing and judging", whole, LINEAR, "x")?;
    let judging = middle(&rounds, |r| r[3].judging_ms / r[1].judging_ms / 4.0);
    say("one of 4,000 containers, times one of 1,000: judging alone", judging, LINEAR, "x")?;
    Ok(())
}

fn middle(rounds: &[[Took; 4]], value: impl Fn(&[Took; 4]) -> f64) -> f64 {
    median(&rounds.iter().map(value).collect::<Vec<_>>())
}

fn least(rounds: &[[Took; 4]], value: impl Fn(&[Took; 4]) -> f64) -> f64 {
    rounds.iter().map(value).fold(f64::INFINITY, f64::min)
}

/// Times in milliseconds.
struct Took {
    parsing_ms: f64,
    judging_ms: f64,
}

impl Took {
    fn whole_ms(&self) -> f64 {
        self.parsing_ms + self.judging_ms
    }
}

/// One look at as many containers as there are texts.
fn took(texts: &[String], host: &Host) -> Result<Took> {
    let started = on_cpu()?;
    let containers = from_answers(texts);
    let parsing_ms = (on_cpu()? - started).as_secs_f64() * 1000.0;
    let snapshot = host.with(containers);
    let started = on_cpu()?;
    let audit =
        dockward_audit::evaluate(&snapshot, &dockward_audit::Expectations::default(), &|_| true);
    let paths = dockward_audit::paths::find(
        &snapshot,
        &audit.findings,
        &dockward_audit::Expectations::default(),
    );
    let judging_ms = (on_cpu()? - started).as_secs_f64() * 1000.0;
    ensure!(audit.findings.len() > texts.len() && !paths.is_empty(), "too little was found");
    Ok(Took { parsing_ms, judging_ms })
}

fn on_cpu() -> Result<Duration> {
    Ok(clock_gettime(ClockId::CLOCK_PROCESS_CPUTIME_ID)?.into())
}

/// A recorded host, to put containers on.
struct Host {
    snapshot: Snapshot,
    kernels: Vec<KernelView>,
}

impl Host {
    fn read() -> Result<Self> {
        let mut snapshot = record::read(Path::new(HOST))?;
        let engine = snapshot.engines.first_mut().context("the recorded host has no engine")?;
        let containers = std::mem::take(&mut engine.containers);
        let kernels: Vec<KernelView> =
            containers.iter().filter_map(|one| one.kernel.known().cloned()).collect();
        ensure!(!kernels.is_empty(), "no container of the recorded host runs");
        Ok(Self { snapshot, kernels })
    }

    /// The host with other containers, its kernel saying of them in turn what it said of its own, their mounts leading
    /// where they say.
    fn with(&self, mut containers: Vec<Container>) -> Snapshot {
        for (container, kernel) in containers.iter_mut().zip(self.kernels.iter().cycle()) {
            container.kernel = Fact::Known(kernel.clone());
            if let Fact::Known(mounts) = &mut container.mounts.fact {
                for mount in mounts {
                    mount.host_path = Fact::Known(mount.source.clone());
                    mount.node = Fact::Known("dir".to_owned());
                }
            }
        }
        let mut snapshot = self.snapshot.clone();
        if let Some(engine) = snapshot.engines.first_mut() {
            engine.containers = containers;
        }
        snapshot
    }
}

//! Sixty running containers on a real engine: `dockward check` as a whole process against the same questions by a
//! bare client, its memory, and docker-bench-security beside it where it is given.
//!
//! Everything runs in the engine's own namespaces, as it would on the engine's host: only there are the containers'
//! processes to be seen, and reading them is a part of the work. The bare client reads none.
//!
//! `host60 [--suite bookworm|trixie|sid] [--rounds N] PROGRAMS`; PROGRAMS is the folder that holds `dockward`,
//! `stopwatch` and `examples/bare_gets`. `DOCKER_BENCH=DIR` names a checkout of docker-bench-security.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, anyhow, bail, ensure};
use dockward_benches::{Figure, Took, median, race_inside, run_sixty, success};
use dockward_testbed::{DaemonConfig, Engine, Suite};

/// Times the bare client's time.
const BARE: f64 = 2.0;
/// The part of docker-bench-security's time.
const BENCH: f64 = 200.0;
/// MB, 10^6 bytes.
const MEMORY_MB: f64 = 40.0;
/// What is measured. Where its output goes is thrown away.
const CHECK: &[&str] = &["dockward", "check", "-H", "unix:///run/docker.sock", "--format", "json"];

fn main() -> Result<()> {
    let given = Given::read(std::env::args().skip(1))?;
    let engine = Engine::start(given.suite, &DaemonConfig::default())
        .map_err(|skip| anyhow!("no engine here: {skip}"))?;
    for program in ["dockward", "stopwatch", "examples/bare_gets"] {
        engine.install(&given.programs.join(program)).with_context(|| program.to_owned())?;
    }
    run_sixty(&engine)?;
    let mut out = std::io::stdout().lock();
    let name = "60 containers, whole process; limit: 2 x the same GETs by a bare client";
    let [mut dockward_ms, bare_ms] = race(&engine, given.rounds)?;
    let limit = BARE * median(&bare_ms);
    writeln!(out, "{}", Figure { name, measured: median(&dockward_ms), limit, unit: "ms" })?;
    let name = "60 containers, whole process; limit: docker-bench-security / 200";
    if let Some(folder) = std::env::var_os("DOCKER_BENCH") {
        let limit = docker_bench(&engine, Path::new(&folder))? / BENCH;
        // Before and after, since the machine may not be the same for so long.
        let [after, _] = race(&engine, given.rounds)?;
        dockward_ms.extend(after);
        writeln!(out, "{}", Figure { name, measured: median(&dockward_ms), limit, unit: "ms" })?;
    } else {
        writeln!(std::io::stderr(), "docker-bench-security: not given (DOCKER_BENCH=DIR)")?;
    }
    let (_, measured) = race_inside(&engine, 3, &[CHECK])?;
    let name = "60 containers, peak memory";
    writeln!(out, "{}", Figure { name, measured, limit: MEMORY_MB, unit: "MB" })?;
    Ok(())
}

/// The command line.
struct Given {
    suite: Suite,
    rounds: usize,
    programs: PathBuf,
}

impl Given {
    fn read(mut words: impl Iterator<Item = String>) -> Result<Self> {
        let mut given = Self { suite: Suite::Bookworm, rounds: 9, programs: PathBuf::new() };
        while let Some(word) = words.next() {
            match word.as_str() {
                "--suite" => {
                    let name = words.next().unwrap_or_default();
                    let suite = Suite::ALL.into_iter().find(|suite| suite.name() == name);
                    given.suite = suite.with_context(|| format!("no such suite: {name:?}"))?;
                }
                "--rounds" => given.rounds = words.next().unwrap_or_default().parse()?,
                _ => given.programs = word.into(),
            }
        }
        ensure!(given.rounds > 0 && given.programs.is_dir(), "host60 [--rounds N] PROGRAMS");
        Ok(given)
    }
}

/// Dockward and the bare client in turn: the milliseconds of each. The first round warms up and is not counted.
fn race(engine: &Engine, rounds: usize) -> Result<[Vec<f64>; 2]> {
    let (times, _) = race_inside(engine, rounds + 1, &[CHECK, &["bare_gets", "/run/docker.sock"]])?;
    let counted = |times: &Vec<Took>| times.iter().skip(1).map(|took| took.wall).collect();
    let [dockward_ms, bare_ms] = times.as_slice() else { bail!("not two commands: {times:?}") };
    Ok([counted(dockward_ms), counted(bare_ms)])
}

/// One run of docker-bench-security in the engine's namespaces, in milliseconds. What it needs and the root lacks,
/// `pgrep`, is busybox's.
fn docker_bench(engine: &Engine, folder: &Path) -> Result<f64> {
    let inside = engine.root().join("root/docker-bench");
    let copy = std::process::Command::new("cp").arg("-R").args([folder, &inside]).output()?;
    success(copy, &["cp", "-R"])?;
    let pgrep = "command -v pgrep || ln -s /bin/busybox /usr/local/bin/pgrep";
    success(engine.exec_in_root(&["sh", "-c", pgrep]), &[pgrep])?;
    let run = "cd /root/docker-bench && bash docker-bench-security.sh -b";
    let before = last_pid(engine)?;
    let (times, _) = race_inside(engine, 1, &[&["sh", "-c", run]])?;
    let tasks = last_pid(engine)? - before;
    let took = times.first().and_then(|times| times.first()).context("no time")?.wall;
    let mut err = std::io::stderr();
    writeln!(err, "docker-bench-security: {:.1} s, {tasks} processes and threads", took / 1000.0)?;
    Ok(took)
}

/// The newest process id in the engine's namespace: each process and each thread in there takes one.
fn last_pid(engine: &Engine) -> Result<i64> {
    let words = ["sh", "-c", "echo $$"];
    Ok(success(engine.exec_in_root(&words), &words)?.trim().parse()?)
}

//! `dockward guard try`: what would be denied, and the smallest change that passes.

use std::io::Write as _;
use std::os::fd::AsFd as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;

use anyhow::{Context as _, Result, bail};
use dockward_admission::{Live, Rehearsal, Rehearsed};
use dockward_engine::Endpoint;
use dockward_guard::{Caller, Guard, Limits, Listener, Process, Within};
use dockward_policy::Exit;
use dockward_report::plain;

use crate::args::GuardTry;
use crate::settings;

pub(super) fn run(args: &GuardTry) -> Result<Exit> {
    let engine = engine(args.engine.as_deref())?;
    let config = settings::guarded(args.config.as_deref())?.config;
    let endpoint = Endpoint::parse(&format!("unix://{}", engine.display()), None)?;
    let rehearsal = Rehearsal::new(Arc::new(Live::new(endpoint)), config);
    match &args.container {
        Some(name) => told(&[rehearsal.container(&ourselves(), name)]),
        None => command(rehearsal, &engine, &args.words),
    }
}

/// The engine's socket: as named, or as the docker command's, or the usual one.
fn engine(named: Option<&Path>) -> Result<PathBuf> {
    if let Some(path) = named {
        return Ok(path.to_owned());
    }
    match std::env::var("DOCKER_HOST") {
        Ok(host) => match host.strip_prefix("unix://") {
            Some(path) => Ok(path.into()),
            None => bail!(
                "DOCKER_HOST is {}, and only an engine of this host can be rehearsed with: name its socket with --engine",
                plain(&host)
            ),
        },
        Err(_) => Ok("/var/run/docker.sock".into()),
    }
}

/// Whoever runs this.
fn ourselves() -> Caller {
    let groups = rustix::process::getgroups().unwrap_or_default();
    Caller::Process(Process {
        uid: rustix::process::geteuid().as_raw(),
        gid: rustix::process::getegid().as_raw(),
        groups: groups.into_iter().map(rustix::process::Gid::as_raw).collect(),
        pid: std::process::id(),
        within: Within::Host,
    })
}

/// Runs the command against a socket of our own, behind which questions are answered by the engine
/// and nothing is changed.
fn command(rehearsal: Rehearsal, engine: &Path, words: &[String]) -> Result<Exit> {
    let [program, arguments @ ..] = words else { bail!("name a command after `--`") };
    let folder = tempfile::tempdir()?;
    let socket = folder.path().join("docker.sock");
    let listener = Listener::bind(&socket, None)?;
    let (stop, ender) = std::io::pipe()?;
    let seen = rehearsal.seen();
    let guard = Guard::new(Arc::new(rehearsal), engine, Limits::default());
    let serving = std::thread::spawn(move || guard.serve(&[listener], stop.as_fd()));
    let ran = Command::new(program)
        .args(arguments)
        .env("DOCKER_HOST", format!("unix://{}", socket.display()))
        .env_remove("DOCKER_CONTEXT")
        .env_remove("DOCKER_TLS_VERIFY")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .output();
    drop(ender);
    let _ = serving.join();
    let output = ran.with_context(|| format!("cannot run {}", plain(program)))?;
    let seen = seen.lock().map(|seen| seen.clone()).unwrap_or_default();
    if seen.is_empty() {
        let said = String::from_utf8_lossy(&output.stderr);
        let first = said.lines().find(|line| !line.trim().is_empty()).unwrap_or("nothing");
        bail!("it asked the engine to change nothing, and said: {}", plain(first.trim()));
    }
    told(&seen)
}

fn told(all: &[Rehearsed]) -> Result<Exit> {
    let mut out = std::io::stdout().lock();
    let mut exit = Exit::Clean;
    for one in all {
        match (&one.unsaid, one.violations.as_slice()) {
            (Some(why), _) => {
                writeln!(out, "{}: can't be said: {}", one.operation, plain(why))?;
                exit = Exit::Incomplete;
            }
            (None, []) => writeln!(out, "{}: passes", one.operation)?,
            (None, broken) => {
                writeln!(out, "{}: would be denied", one.operation)?;
                for violation in broken {
                    writeln!(out, "  {}  {}", violation.rule, plain(&violation.message))?;
                }
                smallest(&mut out, one)?;
                if exit == Exit::Clean {
                    exit = Exit::Findings;
                }
            }
        }
    }
    Ok(exit)
}

fn smallest(out: &mut dyn std::io::Write, one: &Rehearsed) -> Result<()> {
    match one.smallest.as_deref() {
        Some(changes) if !changes.is_empty() => {
            writeln!(out, "  It passes with this:")?;
            for change in changes {
                writeln!(out, "    {}", plain(change))?;
            }
        }
        _ => {
            for violation in one.violations.iter().filter(|violation| !violation.fix.is_empty()) {
                writeln!(out, "  {}: {}", violation.rule, plain(&violation.fix))?;
            }
        }
    }
    Ok(())
}

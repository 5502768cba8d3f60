//! `dockward guard try`: what would be denied, and the smallest change that passes.

use std::io::{Read as _, Seek as _, Write as _};
use std::os::fd::AsFd as _;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

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

/// How much of what a command says is read, in bytes.
const MOST_SAID: u64 = 64 << 10;
/// How long a command may go without asking for a change before it is taken to wait for something
/// that never comes: what was made up does nothing.
const QUIET: Duration = Duration::from_secs(10);
/// How long a command may take in all.
const LONGEST: Duration = Duration::from_secs(300);

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
    let mut said = tempfile::tempfile()?;
    let ran = Command::new(program)
        .args(arguments)
        .env("DOCKER_HOST", format!("unix://{}", socket.display()))
        .env_remove("DOCKER_CONTEXT")
        .env_remove("DOCKER_TLS_VERIFY")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(said.try_clone()?)
        .process_group(0)
        .spawn();
    let ran =
        ran.and_then(|child| until_its_end(child, &|| seen.lock().map_or(0, |seen| seen.len())));
    drop(ender);
    let _ = serving.join();
    let failed = ran.with_context(|| format!("cannot run {}", plain(program)))?;
    let seen = seen.lock().map(|seen| seen.clone()).unwrap_or_default();
    said.rewind()?;
    let mut text = Vec::new();
    said.take(MOST_SAID).read_to_end(&mut text)?;
    let text = String::from_utf8_lossy(&text);
    let mut lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    if seen.is_empty() {
        let first = lines.next().unwrap_or("nothing");
        bail!("it asked the engine to change nothing, and said: {}", plain(first));
    }
    let exit = told(&seen)?;
    if !failed {
        return Ok(exit);
    }
    let last = plain(lines.next_back().unwrap_or("nothing"));
    let mut out = std::io::stdout();
    writeln!(out, "It failed there, and what it asks for after that can't be said: {last}")?;
    Ok(if exit == Exit::Clean { Exit::Incomplete } else { exit })
}

/// Waits for the command, and ends it, with what it started, where it waits for nothing. `asked`
/// counts what it asked for. Whether it failed.
fn until_its_end(mut child: Child, asked: &dyn Fn() -> usize) -> std::io::Result<bool> {
    let started = Instant::now();
    let (mut last, mut since) = (0, started);
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(!status.success());
        }
        let now = asked();
        if now != last {
            (last, since) = (now, Instant::now());
        }
        let quiet = last > 0 && since.elapsed() > QUIET;
        if quiet || started.elapsed() > LONGEST {
            let group = rustix::process::Pid::from_child(&child);
            rustix::process::kill_process_group(group, rustix::process::Signal::KILL)?;
            child.wait()?;
            return Ok(false);
        }
        std::thread::sleep(Duration::from_millis(20));
    }
}

fn told(all: &[Rehearsed]) -> Result<Exit> {
    let mut out = std::io::stdout().lock();
    let mut exit = Exit::Clean;
    for one in all {
        let what = what(one);
        match (&one.unsaid, one.violations.as_slice()) {
            (Some(why), _) => {
                writeln!(out, "{what}: can't be said: {}", plain(why))?;
                exit = Exit::Incomplete;
            }
            (None, []) => writeln!(out, "{what}: passes")?,
            (None, broken) => {
                writeln!(out, "{what}: would be denied")?;
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

/// The operation, and what it is about.
fn what(one: &Rehearsed) -> String {
    let mut what = one.operation.to_owned();
    if !one.subject.is_empty() {
        what = format!("{what} {}", plain(&one.subject));
    }
    if let Some(service) = &one.service {
        what = format!("{what} (service {})", plain(service));
    }
    what
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

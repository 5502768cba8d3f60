//! What `dockward guard` costs: the guard with its rules and its ledger, under the baseline, between callers and an
//! engine that does nothing but answer, each of the three in a process of its own. Calls go directly and through the
//! guard in turn.
//!
//! `guard FOLDER`, the folder of the build. `guard engine SOCKET` is the engine.

use std::io::{self, BufRead as _, BufReader, Read as _, Write as _};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Barrier};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use dockward_benches::answering::{LENGTH, MISSING, PIECE, engine};
use dockward_benches::{Figure, median};
use nix::sys::resource::{Resource, getrlimit, setrlimit};

/// What a call through the guard may take longer, in microseconds.
const ADDED_US: f64 = 60.0;
/// What a `create` through the guard may take longer, in microseconds; the image is not asked for.
const CREATE_ADDED_US: f64 = 200.0;
/// CPU seconds of the guard for each GB (10^9 bytes) that goes through it.
const CPU_S_PER_GB: f64 = 1.0;
/// Resident memory with all streams idle, in MB (10^6 bytes).
const IDLE_MB: f64 = 30.0;
/// How much longer the slowest of many callers may take than the middle one.
const SLOWEST: f64 = 3.0;

const CALLS: usize = 4000;
const STREAMS: usize = 1000;
const CALLERS: usize = 200;
const CALLS_OF_EACH: usize = 50;

fn main() -> Result<()> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let (_, hard) = getrlimit(Resource::RLIMIT_NOFILE)?;
    setrlimit(Resource::RLIMIT_NOFILE, hard, hard)?;
    match words.as_slice() {
        [word, socket] if word == "engine" => Ok(engine(Path::new(socket))?),
        [build] => measure(Path::new(build)),
        _ => anyhow::bail!("guard FOLDER"),
    }
}

/// The engine and the guard before it.
struct Stage {
    folder: tempfile::TempDir,
    engine: Child,
    guard: Child,
}

impl Stage {
    fn new(build: &Path) -> Result<Self> {
        let folder = tempfile::tempdir()?;
        let socket = folder.path().join("engine.sock");
        let own = std::env::current_exe()?;
        let engine = Command::new(own).arg("engine").arg(&socket).spawn()?;
        let program = build.join("dockward");
        let settings = folder.path().join("dockward.toml");
        std::fs::write(&settings, "[guard]\nprofile = \"baseline\"\n")?;
        let mut command = Command::new(&program);
        command.args(["guard", "run", "--engine"]).arg(&socket);
        command.arg("--listen").arg(folder.path().join("guard.sock"));
        command.arg("--ledger").arg(folder.path().join("ledger")).arg("--config").arg(&settings);
        command.stdin(Stdio::null()).stderr(Stdio::null());
        let guard = command.spawn().with_context(|| format!("cannot run {}", program.display()))?;
        let stage = Self { folder, engine, guard };
        let deadline = Instant::now() + Duration::from_secs(10);
        while UnixStream::connect(stage.direct()).is_err()
            || UnixStream::connect(stage.guarded()).is_err()
        {
            ensure!(Instant::now() < deadline, "the engine or the guard does not come up");
            std::thread::sleep(Duration::from_millis(10));
        }
        Ok(stage)
    }

    fn direct(&self) -> PathBuf {
        self.folder.path().join("engine.sock")
    }

    fn guarded(&self) -> PathBuf {
        self.folder.path().join("guard.sock")
    }

    /// Seconds that the guard was on CPUs, in user and system mode (proc_pid_stat(5)).
    fn guard_cpu(&self) -> Result<f64> {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.guard.id()))?;
        let (_, fields) = stat.rsplit_once(')').context("odd stat")?;
        let ticks: f64 =
            fields.split_whitespace().skip(11).take(2).filter_map(|n| n.parse::<f64>().ok()).sum();
        Ok(ticks / 100.0)
    }

    fn guard_resident_mb(&self) -> Result<f64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.guard.id()))?;
        let line =
            status.lines().find_map(|line| line.strip_prefix("VmRSS:")?.trim().strip_suffix(" kB"));
        Ok(line.context("no VmRSS")?.trim().parse::<f64>()? * 1024.0 / 1e6)
    }
}

impl Drop for Stage {
    fn drop(&mut self) {
        for child in [&mut self.guard, &mut self.engine] {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

fn measure(build: &Path) -> Result<()> {
    let stage = Stage::new(build)?;
    let mut out = std::io::stdout().lock();
    let mut say =
        |name, measured, limit, unit| writeln!(out, "{}", Figure { name, measured, limit, unit });
    say("guard: `_ping`, added to the median", pings(&stage)?, ADDED_US, "us")?;
    say("guard: `create`, added to the median", creates(&stage)?, CREATE_ADDED_US, "us")?;
    let (down, up) = (streamed(&stage, Way::Down)?, streamed(&stage, Way::Up)?);
    say("guard: CPU for each GB of an answer", down, CPU_S_PER_GB, "s")?;
    say("guard: CPU for each GB of a request", up, CPU_S_PER_GB, "s")?;
    say(
        "guard: slowest of 200 callers at once, times the middle one",
        crowd(&stage)?,
        SLOWEST,
        "x",
    )?;
    drop(stage);
    // Anew, so that nothing of the above is in its memory.
    say("guard: resident with 1,000 idle `events`", idle(&Stage::new(build)?)?, IDLE_MB, "MB")?;
    Ok(())
}

/// A connection that calls are made on.
struct Caller(BufReader<UnixStream>);

impl Caller {
    fn new(path: &Path) -> Result<Self> {
        let stream = UnixStream::connect(path)?;
        stream.set_read_timeout(Some(Duration::from_secs(60)))?;
        Ok(Self(BufReader::with_capacity(256 * 1024, stream)))
    }

    fn send(&mut self, line: &str, more: &str) -> Result<()> {
        let head = format!(
            "{line} HTTP/1.1\r\nHost: api.moby.localhost\r\nUser-Agent: bench\r\n{more}\r\n"
        );
        Ok(self.0.get_mut().write_all(head.as_bytes())?)
    }

    fn head(&mut self) -> Result<()> {
        self.head_of("200")
    }

    fn head_of(&mut self, status: &str) -> Result<()> {
        let mut line = String::new();
        self.0.read_line(&mut line)?;
        ensure!(line.starts_with(&format!("HTTP/1.1 {status} ")), "{line:?}");
        while line != "\r\n" {
            line.clear();
            ensure!(self.0.read_line(&mut line)? > 0, "the head does not end");
        }
        Ok(())
    }

    /// Microseconds of one `_ping`.
    fn ping(&mut self) -> Result<f64> {
        let started = Instant::now();
        self.send("GET /_ping", "")?;
        self.head()?;
        let mut body = [0; 2];
        self.0.read_exact(&mut body)?;
        Ok(started.elapsed().as_secs_f64() * 1e6)
    }
}

fn pings(stage: &Stage) -> Result<f64> {
    let (mut direct, mut guarded) = (Caller::new(&stage.direct())?, Caller::new(&stage.guarded())?);
    let mut times: [Vec<f64>; 4] = Default::default();
    for round in 0..CALLS {
        let [a, b, c, d] = &mut times;
        a.push(direct.ping()?);
        b.push(guarded.ping()?);
        if round % 10 == 0 {
            let started = Instant::now();
            Caller::new(&stage.direct())?.ping()?;
            c.push(started.elapsed().as_secs_f64() * 1e6);
            let started = Instant::now();
            Caller::new(&stage.guarded())?.ping()?;
            d.push(started.elapsed().as_secs_f64() * 1e6);
        }
    }
    let [direct, guarded, new_direct, new_guarded] = times.map(|times| median(&times));
    writeln!(
        io::stderr(),
        "_ping: {direct:.1} us direct, {guarded:.1} guarded; on connections of their own {new_direct:.1}, {new_guarded:.1}"
    )?;
    Ok(guarded - direct)
}

/// A `create` as the docker command sends it for `docker run --memory 64m -p 8080:80 web`.
const CREATE: &str = include_str!("create.json");

fn creates(stage: &Stage) -> Result<f64> {
    let mut callers = [Caller::new(&stage.direct())?, Caller::new(&stage.guarded())?];
    let mut times = [Vec::new(), Vec::new()];
    let more = format!("Content-Type: application/json\r\nContent-Length: {}\r\n", CREATE.len());
    for _ in 0..CALLS {
        for (caller, times) in callers.iter_mut().zip(&mut times) {
            let started = Instant::now();
            caller.send("POST /v1.45/containers/create", &more)?;
            caller.0.get_mut().write_all(CREATE.as_bytes())?;
            caller.head_of("404")?;
            let mut body = [0; MISSING.len()];
            caller.0.read_exact(&mut body)?;
            times.push(started.elapsed().as_secs_f64() * 1e6);
        }
    }
    let [direct, guarded] = times.map(|times| median(&times));
    writeln!(io::stderr(), "create: {direct:.1} us direct, {guarded:.1} guarded")?;
    Ok(guarded - direct)
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Way {
    Down,
    Up,
}

/// CPU seconds of the guard for each GB.
fn streamed(stage: &Stage, way: Way) -> Result<f64> {
    let (mut rates, mut costs) = ([Vec::new(), Vec::new()], Vec::new());
    for _ in 0..3 {
        for (rates, path) in rates.iter_mut().zip([stage.direct(), stage.guarded()]) {
            let (started, before) = (Instant::now(), stage.guard_cpu()?);
            stream(&mut Caller::new(&path)?, way)?;
            rates.push(LENGTH as f64 / 1e6 / started.elapsed().as_secs_f64());
            if path == stage.guarded() {
                costs.push((stage.guard_cpu()? - before) / (LENGTH as f64 / 1e9));
            }
        }
    }
    let [direct, guarded] = rates.map(|rates| median(&rates));
    writeln!(io::stderr(), "{way:?}: {direct:.0} MB/s direct, {guarded:.0} guarded")?;
    Ok(median(&costs))
}

fn stream(caller: &mut Caller, way: Way) -> Result<()> {
    match way {
        Way::Down => {
            caller.send("GET /images/get", "")?;
            caller.head()?;
            // The connection closes behind it: chunks are of another size through the guard.
            drain(caller)
        }
        Way::Up => {
            caller.send("POST /images/load", &format!("Content-Length: {LENGTH}\r\n"))?;
            let piece = [b'x'; PIECE];
            let mut left = LENGTH;
            while left > 0 {
                let count = left.min(PIECE);
                caller.0.get_mut().write_all(piece.get(..count).unwrap_or_default())?;
                left -= count;
            }
            caller.head()
        }
    }
}

fn drain(caller: &mut Caller) -> Result<()> {
    while !caller.0.fill_buf()?.is_empty() {
        let count = caller.0.buffer().len();
        caller.0.consume(count);
    }
    Ok(())
}

/// The slowest of many callers, times the middle one.
fn crowd(stage: &Stage) -> Result<f64> {
    let barrier = Arc::new(Barrier::new(CALLERS));
    let callers: Vec<_> = (0..CALLERS)
        .map(|_| {
            let (barrier, path) = (Arc::clone(&barrier), stage.guarded());
            std::thread::spawn(move || -> Result<f64> {
                let mut caller = Caller::new(&path)?;
                barrier.wait();
                let started = Instant::now();
                for _ in 0..CALLS_OF_EACH {
                    caller.ping()?;
                }
                Ok(started.elapsed().as_secs_f64() * 1e3)
            })
        })
        .collect();
    let mut times = Vec::new();
    for caller in callers {
        times.push(caller.join().map_err(|_| anyhow::anyhow!("a caller panicked"))??);
    }
    let (middle, slowest) = (median(&times), times.iter().copied().fold(0.0, f64::max));
    writeln!(
        io::stderr(),
        "{CALLERS} callers, {CALLS_OF_EACH} calls each: {middle:.0} ms, slowest {slowest:.0} ms"
    )?;
    Ok(slowest / middle)
}

fn idle(stage: &Stage) -> Result<f64> {
    let empty = stage.guard_resident_mb()?;
    let mut callers = Vec::new();
    for _ in 0..STREAMS {
        let mut caller = Caller::new(&stage.guarded())?;
        caller.send("GET /events", "")?;
        caller.head()?;
        callers.push(caller);
    }
    // One event each, so that it is the memory after work, not before.
    for caller in &mut callers {
        let mut line = String::new();
        while !line.contains("start") {
            line.clear();
            ensure!(caller.0.read_line(&mut line)? > 0, "no event");
        }
    }
    // Silent streams give their threads back after a second.
    std::thread::sleep(Duration::from_secs(3));
    let full = stage.guard_resident_mb()?;
    writeln!(io::stderr(), "{STREAMS} idle streams: {full:.1} MB, {empty:.1} MB without")?;
    Ok(full)
}

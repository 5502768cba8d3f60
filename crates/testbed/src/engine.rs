//! One live engine, from its start to its end.

use std::ffi::OsString;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use crate::{DaemonConfig, Skip, Suite, cgroup, leftovers, ping};

const START_SCRIPT: &str = include_str!("start-engine.sh");
pub(crate) const PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
const START_DEADLINE: Duration = Duration::from_secs(60);
const END_DEADLINE: Duration = Duration::from_secs(10);
const POLL: Duration = Duration::from_millis(20);

static RUNS: AtomicU32 = AtomicU32::new(0);

/// A running engine. Dropping it kills all its processes and removes all that it made.
#[derive(Debug)]
pub struct Engine {
    suite: Suite,
    run: String,
    folder: tempfile::TempDir,
    child: Child,
    api_version: String,
    pid: u32,
    root: PathBuf,
    socket: PathBuf,
}

impl Engine {
    /// Starts the suite's engine and waits, at most 60 s, until it answers on its socket.
    ///
    /// # Errors
    /// A [`Skip`] with the reason: not root, no prepared root, namespaces refused, or a daemon that did not come up
    /// (with the end of its log).
    pub fn start(suite: Suite, config: &DaemonConfig) -> Result<Self, Skip> {
        if !rustix::process::geteuid().is_root() {
            return Err(Skip::because("not root"));
        }
        if config.containerd_store && suite == Suite::Bookworm {
            return Err(Skip::because("engine 20.10 has no containerd image store"));
        }
        let lower = suite.prepared_root()?;
        leftovers::sweep();
        let run = format!("{}-{}", std::process::id(), RUNS.fetch_add(1, Ordering::Relaxed));
        let folder = prepare_folder(&run, config)
            .map_err(|why| Skip::because(format!("no folder for {suite}: {why}")))?;
        let child = spawn(&lower, folder.path(), &run, config).map_err(|why| {
            Skip::because(format!("cannot run the start script of {suite}: {why}"))
        })?;
        let socket = folder.path().join("run/docker.sock");
        let mut engine = Self {
            suite,
            run,
            folder,
            child,
            api_version: String::new(),
            pid: 0,
            root: PathBuf::new(),
            socket,
        };
        engine.wait_until_up()?;
        Ok(engine)
    }

    /// [`Engine::start`] for a test: announces a skip and gives `None`, except in CI on a machine that can run
    /// engines (root on Debian, `CI` set), where it panics with the reason.
    pub fn start_or_skip(test_name: &str, suite: Suite, config: &DaemonConfig) -> Option<Self> {
        Self::start(suite, config).map_err(|skip| skip.announce_or_panic(test_name)).ok()
    }

    /// The suite that the engine comes from.
    pub fn suite(&self) -> Suite {
        self.suite
    }

    /// The API version that the engine named in answer to `/_ping`.
    pub fn api_version(&self) -> &str {
        &self.api_version
    }

    /// The engine's socket, which a client in the host's namespaces can connect to; stable for the engine's life.
    pub fn socket(&self) -> &Path {
        &self.socket
    }

    /// The engine's root folder as the host sees it (`/proc/PID/root`), with its mounts, its `/proc` and `/etc`.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// The process id of `dockerd`, as the host sees it.
    pub fn pid(&self) -> u32 {
        self.pid
    }

    /// The process id of `dockerd` in the engine's own PID namespace, as its `/proc` counts.
    ///
    /// # Panics
    /// When `/proc/PID/status` cannot be read: the daemon is gone.
    pub fn pid_inside(&self) -> u32 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.pid)).unwrap_or_default();
        let pids = status.lines().find_map(|line| line.strip_prefix("NSpid:"));
        let inside = pids.and_then(|pids| pids.split_whitespace().last()?.parse().ok());
        inside.unwrap_or_else(|| panic!("the {} engine is gone:\n{}", self.suite, self.log()))
    }

    /// Ends the daemon as its service manager would, with `SIGTERM`; containers end with it, unless it
    /// leaves them running (`live-restore`). What is written to its root before that is there when
    /// it runs again.
    ///
    /// # Panics
    /// When it does not end within 60 s.
    pub fn stop(&self) {
        fs::write(self.stopped(), "").unwrap_or_else(|why| panic!("{}: {why}", self.run));
        let pid = i32::try_from(self.pid).ok().and_then(rustix::process::Pid::from_raw);
        let told = pid.map(|pid| rustix::process::kill_process(pid, rustix::process::Signal::TERM));
        assert_eq!(told, Some(Ok(())), "the {} engine is gone:\n{}", self.suite, self.log());
        let deadline = Instant::now() + START_DEADLINE;
        while !self.folder.path().join("run/ended").exists() {
            assert!(Instant::now() < deadline, "the {} engine does not end", self.suite);
            std::thread::sleep(POLL);
        }
    }

    /// Starts a stopped daemon again, and waits until it answers.
    ///
    /// # Errors
    /// As [`Engine::start`].
    pub fn start_again(&mut self) -> Result<(), Skip> {
        fs::remove_file(self.stopped())
            .map_err(|why| Skip::because(format!("it was not stopped: {why}")))?;
        self.wait_until_up()
    }

    /// The file that tells the start script that the daemon's end is wanted.
    fn stopped(&self) -> PathBuf {
        self.folder.path().join("run/stopped")
    }

    /// What the daemon has logged so far.
    pub fn log(&self) -> String {
        let bytes = fs::read(self.folder.path().join("log")).unwrap_or_default();
        String::from_utf8_lossy(&bytes).into_owned()
    }

    fn wait_until_up(&mut self) -> Result<(), Skip> {
        let deadline = Instant::now() + START_DEADLINE;
        loop {
            if let Ok(pong) = ping::ping(&self.socket) {
                (self.api_version, self.pid) = (pong.api_version, pong.pid);
                self.root = PathBuf::from(format!("/proc/{}/root", pong.pid));
                return Ok(());
            }
            let ended = self.child.try_wait().ok().flatten();
            if ended.is_some() || Instant::now() > deadline {
                return Err(self.did_not_come_up(ended.is_some()));
            }
            std::thread::sleep(POLL);
        }
    }

    fn did_not_come_up(&self, ended: bool) -> Skip {
        let log = self.log();
        let lines: Vec<&str> = log.lines().collect();
        let tail = lines.get(lines.len().saturating_sub(4)..).unwrap_or_default().join(" | ");
        let how = if ended { "ended" } else { "did not answer within 60 s" };
        Skip::because(format!("the {} engine {how}: {tail}", self.suite))
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        // The start script, PID 1 in there, ends when its input closes; with it ends the PID namespace.
        drop(self.child.stdin.take());
        let deadline = Instant::now() + END_DEADLINE;
        while matches!(self.child.try_wait(), Ok(None)) && Instant::now() < deadline {
            std::thread::sleep(POLL);
        }
        // Already gone, unless the script hangs; `unshare --kill-child` then takes the rest with it.
        let _ = self.child.kill();
        let _ = self.child.wait();
        cgroup::remove(&self.run);
    }
}

/// The run's folder: `root` to mount on, `run` for the sockets, `state` for what is written, the script and its log.
fn prepare_folder(run: &str, config: &DaemonConfig) -> io::Result<tempfile::TempDir> {
    let folder =
        tempfile::Builder::new().prefix(&format!("{}{run}-", leftovers::PREFIX)).tempdir()?;
    for name in ["root", "run", "state"] {
        fs::create_dir(folder.path().join(name))?;
    }
    fs::write(folder.path().join("daemon.json"), config.daemon_json())?;
    fs::write(folder.path().join("start-engine.sh"), START_SCRIPT)?;
    Ok(folder)
}

fn spawn(lower: &Path, folder: &Path, run: &str, config: &DaemonConfig) -> io::Result<Child> {
    let log = File::create(folder.join("log"))?;
    let mut words: Vec<OsString> = vec![folder.join("start-engine.sh").into(), "enter".into()];
    words.extend([lower.into(), folder.into(), cgroup::name(run).into()]);
    words.extend(config.env.iter().map(|(name, value)| format!("{name}={value}").into()));
    words.push("dockerd".into());
    words.extend(config.args.iter().map(OsString::from));
    Command::new("/bin/sh")
        .args(words)
        .env_clear()
        .envs([("PATH", PATH), ("HOME", "/root")])
        .stdin(Stdio::piped())
        .stdout(log.try_clone()?)
        .stderr(log)
        .spawn()
}

//! The guard as its unit runs it: behind a socket that somebody else holds, as a user of its own,
//! before a real engine, killed again and again.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{Read as _, Write as _};
use std::os::fd::OwnedFd;
use std::os::unix::fs::{PermissionsExt as _, chown};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use dockward_testbed::{DaemonConfig, Engine, Suite};

use crate::run::dockward;

const USER: u32 = 65_534;
/// The group that alone reaches the engine's socket.
const GROUP: u32 = 64_007;
const KILLS: usize = 10;
const CALLERS: usize = 4;

/// What the guard has on the machine: the socket, held here as systemd holds it, and its folder.
struct Place {
    folder: tempfile::TempDir,
    socket: UnixListener,
}

impl Place {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        std::fs::set_permissions(folder.path(), std::fs::Permissions::from_mode(0o755)).unwrap();
        let state = folder.path().join("state");
        std::fs::create_dir(&state).unwrap();
        chown(&state, Some(USER), Some(GROUP)).unwrap();
        std::fs::write(folder.path().join("dockward.toml"), "[guard]\nprofile = \"baseline\"\n")
            .unwrap();
        std::fs::copy(env!("CARGO_BIN_EXE_dockward"), folder.path().join("dockward")).unwrap();
        let socket = UnixListener::bind(folder.path().join("docker.sock")).unwrap();
        Self { folder, socket }
    }

    fn path(&self, name: &str) -> String {
        self.folder.path().join(name).to_str().unwrap().to_owned()
    }

    /// Starts the guard as systemd does by our unit: its user, its group, its one capability.
    fn start(&self, engine: &Path) -> Running {
        let script = "exec 3<&0 </dev/null; LISTEN_PID=$$; export LISTEN_PID; exec \"$@\"";
        let socket: OwnedFd = self.socket.try_clone().unwrap().into();
        let one = "-all,+dac_read_search";
        let mut command = Command::new("/bin/sh");
        command.args(["-c", script, "sh", "setpriv", "--clear-groups", "--no-new-privs"]);
        command.args([format!("--reuid={USER}"), format!("--regid={GROUP}")]);
        command
            .args(["inh-caps", "ambient-caps", "bounding-set"].map(|set| format!("--{set}={one}")));
        command.args([&self.path("dockward"), "guard", "run", "--engine"]).arg(engine);
        command.args([
            "--ledger",
            &self.path("state/ledger"),
            "--config",
            &self.path("dockward.toml"),
        ]);
        command.env("LISTEN_FDS", "1").env("LISTEN_FDNAMES", "docker.sock");
        command.stdin(Stdio::from(socket)).stdout(Stdio::null()).stderr(Stdio::null());
        Running(command.spawn().unwrap())
    }
}

/// A guard that ends with the test, however that ends.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A call, and when it was made.
struct Call {
    began: Instant,
    ended: Instant,
    made: bool,
    error: Option<String>,
}

/// One call on a connection of its own, as a docker command makes it; nothing is tried twice.
fn call(socket: &str, request: &str) -> Result<u16, String> {
    let told = |error: std::io::Error| error.to_string();
    let mut stream = UnixStream::connect(socket).map_err(told)?;
    stream.set_read_timeout(Some(Duration::from_secs(60))).map_err(told)?;
    stream.write_all(request.as_bytes()).map_err(told)?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).map_err(told)?;
    let status = answer.strip_prefix("HTTP/1.1 ").and_then(|rest| rest.get(..3)?.parse().ok());
    status.ok_or_else(|| format!("no answer: {answer:?}"))
}

/// What callers do in turn: look, list, make a container.
fn request(turn: usize, name: &str) -> (String, bool) {
    let end = "Host: docker\r\nConnection: close\r\n";
    match turn % 3 {
        0 => (format!("GET /_ping HTTP/1.1\r\n{end}\r\n"), false),
        1 => (format!("GET /v1.40/containers/json HTTP/1.1\r\n{end}\r\n"), false),
        _ => {
            let body = r#"{"Image":"busybox","Cmd":["true"],"HostConfig":{"NetworkMode":"none"}}"#;
            let head = format!(
                "POST /v1.40/containers/create?name={name} HTTP/1.1\r\n{end}Content-Type: \
                 application/json\r\nContent-Length: {}\r\n\r\n",
                body.len()
            );
            (head + body, true)
        }
    }
}

fn calls(socket: &str, caller: usize, ended: &AtomicBool, made: &AtomicUsize) -> Vec<Call> {
    let mut calls = Vec::new();
    for turn in 0.. {
        if ended.load(Ordering::Relaxed) {
            break;
        }
        let (request, makes) = request(turn, &format!("made-{caller}-{turn}"));
        let began = Instant::now();
        let error = match call(socket, &request) {
            Ok(200 | 201) => None,
            Ok(other) => Some(format!("{other}")),
            Err(why) => Some(why),
        };
        made.fetch_add(1, Ordering::Relaxed);
        let made = makes && error.is_none();
        calls.push(Call { began, ended: Instant::now(), made, error });
    }
    calls
}

#[test]
fn a_guard_that_is_killed_before_a_real_engine_costs_the_calls_in_flight_alone() {
    let test = "a_guard_that_is_killed_before_a_real_engine_costs_the_calls_in_flight_alone";
    let config = DaemonConfig::default();
    let Some(engine) = Engine::start_or_skip(test, Suite::Bookworm, &config) else { return };
    engine.import_busybox("busybox");
    chown(engine.socket(), Some(0), Some(GROUP)).unwrap();
    let place = Place::new();
    let mut guard = place.start(engine.socket());
    assert_eq!(call(&place.path("docker.sock"), &request(0, "").0), Ok(200));
    is_as_the_unit_says(guard.0.id());

    let (ended, made) = (AtomicBool::new(false), AtomicUsize::new(0));
    let socket = place.path("docker.sock");
    let (calls, kills) = std::thread::scope(|scope| {
        let (socket, ended, made) = (&socket, &ended, &made);
        let callers: Vec<_> = (0..CALLERS)
            .map(|caller| scope.spawn(move || calls(socket, caller, ended, made)))
            .collect();
        let mut kills = Vec::new();
        for _ in 0..KILLS {
            let some = made.load(Ordering::Relaxed) + 5 * CALLERS;
            while made.load(Ordering::Relaxed) < some
                && callers.iter().all(|one| !one.is_finished())
            {
                std::thread::sleep(Duration::from_millis(1));
            }
            let killed = Instant::now();
            guard.0.kill().unwrap();
            guard.0.wait().unwrap();
            let dead = Instant::now();
            // Nobody serves for a while: who calls now waits in the socket's queue.
            std::thread::sleep(Duration::from_millis(100));
            kills.push((killed, dead, Instant::now()));
            guard = place.start(engine.socket());
        }
        std::thread::sleep(Duration::from_millis(500));
        ended.store(true, Ordering::Relaxed);
        let calls: Vec<_> = callers.into_iter().flat_map(|one| one.join().unwrap()).collect();
        (calls, kills)
    });
    judge(&calls, &kills);
    let pid = rustix::process::Pid::from_child(&guard.0);
    rustix::process::kill_process(pid, rustix::process::Signal::TERM).unwrap();
    assert!(guard.0.wait().unwrap().success());
    every_answer_is_on_record(&place, &engine, calls.iter().filter(|call| call.made).count());
}

fn is_as_the_unit_says(pid: u32) {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
    let line = |name: &str| {
        let line = status.lines().find_map(|line| line.strip_prefix(name)).unwrap();
        line.split_whitespace().collect::<Vec<_>>().join(" ")
    };
    assert_eq!(line("Uid:"), [USER.to_string().as_str(); 4].join(" "));
    assert_eq!(line("Gid:"), [GROUP.to_string().as_str(); 4].join(" "));
    assert_eq!((line("Groups:").as_str(), line("CapEff:").as_str()), ("", "0000000000000004"));
}

/// A call fails only where the guard had it in hand when it was killed: it began before the guard was
/// gone, and was not answered by then. Who calls while nobody serves waits, and is served.
fn judge(calls: &[Call], kills: &[(Instant, Instant, Instant)]) {
    let failed: Vec<_> = calls.iter().filter(|call| call.error.is_some()).collect();
    for call in &failed {
        let in_hand = |(killed, dead, _): &(Instant, Instant, Instant)| {
            call.began < *dead && call.ended > *killed
        };
        assert!(kills.iter().any(in_hand), "{:?}", call.error);
    }
    let waited = |call: &&Call| {
        let within = |(killed, _, again): &(Instant, Instant, Instant)| {
            call.began > *killed && call.began < *again && call.ended > *again
        };
        call.error.is_none() && kills.iter().any(within)
    };
    let waited = calls.iter().filter(waited).count();
    let _ = writeln!(
        std::io::stderr(),
        "{} calls, {} kills, {} failed in flight, {waited} waited while nobody served",
        calls.len(),
        kills.len(),
        failed.len(),
    );
    assert!(failed.len() <= kills.len() * CALLERS);
    assert!(waited >= kills.len(), "{waited}");
    assert!(calls.len() > kills.len() * CALLERS);
}

/// No decision whose answer a caller has is lost by a kill, each that went on has one outcome, and the
/// engine holds nothing that none was made of.
fn every_answer_is_on_record(place: &Place, engine: &Engine, made: usize) {
    let run = dockward(&["ledger", "verify", &place.path("state/ledger")]);
    assert!(matches!(run.code, 0 | 3), "{}{}", run.out, run.err);
    let run = dockward(&["ledger", "show", &place.path("state/ledger"), "--format", "json"]);
    assert_eq!(run.code, 0, "{}", run.err);
    let entries = run.json()["entries"].as_array().unwrap().clone();
    let of = |kind: &str| entries.iter().filter(move |one| one["kind"] == kind).collect::<Vec<_>>();
    let decided: BTreeMap<_, _> = of("decision")
        .into_iter()
        .filter(|one| one["verdict"] == "allow")
        .filter_map(|one| Some((one["seq"].as_u64()?, one["resources"][0].as_str()?)))
        .collect();
    assert!(made > KILLS && decided.len() >= made, "{} of {made}", decided.len());
    let outcomes = of("outcome").into_iter().filter_map(|one| one["decision"].as_u64());
    let mut outcomes: Vec<_> = outcomes.collect();
    outcomes.sort_unstable();
    assert_eq!(outcomes, decided.keys().copied().collect::<Vec<_>>());
    let names: BTreeSet<_> = decided.values().copied().collect();
    let held = engine.docker_ok(&["ps", "-a", "--format", "{{.Names}}"]);
    let undecided: Vec<_> = held.lines().filter(|name| !names.contains(name)).collect();
    assert!(undecided.is_empty() && held.lines().count() >= made, "{undecided:?}");
}

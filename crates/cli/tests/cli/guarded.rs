//! `dockward guard run` before real engines, asked by the conformance suite.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use dockward_conformance::{Address, Level, Options, Seen, run};
use dockward_testbed::{DaemonConfig, Engine, Suite};

/// Faults that are known and not mended: each goes from here when it is.
const OPEN: &[(&str, &str)] = &[
    // Of containers that are older than the guard only the start is judged again.
    ("container-exec-older", "an exec is not judged by the container that it is in"),
    ("container-archive-get", "an archive is not judged by the container that it is of"),
    ("container-archive-get-escaped", "the same"),
    ("container-archive-head", "the same"),
    ("container-archive-put", "the same"),
    // `docker build` is BuildKit, and `baseline` lets everybody build.
    ("build-session", "nobody sees into the stream, which may ask for the host's network"),
    ("build-grpc", "the same"),
    ("build-grpc-no-version", "the same"),
    // What Pod Security Standards deny under `baseline`, and the rules do not.
    ("host-config-cap-bpf", "a capability beyond those that every container has"),
    ("host-config-cap-net-admin", "the same"),
    ("host-config-cap-sys-boot", "the same"),
    ("host-config-cap-sys-ptrace", "the same"),
    ("host-config-cap-sys-time", "the same"),
    ("host-config-security-opt-label-type", "an SELinux type of its own choice"),
    ("host-config-sysctls-core-pattern", "a kernel setting that is not the container's own"),
    ("host-config-sysctls-shm", "a kernel setting that is not on the safe list"),
    ("swarm-service-sysctls", "the same in a service"),
    ("host-config-runtime", "a runtime by the name of its shim"),
    ("object-image-import-url", "the daemon asks any address, in its own network"),
    ("object-volume-nfs", "a volume that the kernel gets from any host"),
    ("swarm-tokens", "GET /swarm tells the tokens by which any host becomes a manager"),
    // Where the engine's default is the host's control groups (cgroup v1, or a version before 1.41), what was
    // created is refused at its start.
    ("allowed-create-1-24", "the default control groups of old versions"),
    ("allowed-create-1-30", "the same"),
    ("allowed-create-1-40", "the same"),
    ("allowed-start", "the same, under cgroup v1"),
    ("allowed-start-cli-20-10", "the same, under cgroup v1"),
    ("allowed-restart", "the same, under cgroup v1"),
];

#[test]
fn nothing_new_gets_past_the_guard_of_20_10() {
    nothing_new_gets_past("guard_20_10", Suite::Bookworm, Level::Baseline);
}

#[test]
fn nothing_new_gets_past_the_guard_of_26_1() {
    nothing_new_gets_past("guard_26_1", Suite::Trixie, Level::Restricted);
}

#[test]
fn nothing_new_gets_past_the_guard_of_28_5() {
    nothing_new_gets_past("guard_28_5", Suite::Sid, Level::Baseline);
}

fn nothing_new_gets_past(test: &str, suite: Suite, level: Level) {
    let Some(engine) = Engine::start_or_skip(test, suite, &DaemonConfig::default()) else { return };
    let folder = tempfile::tempdir().unwrap();
    let guard = Guard::start(folder.path(), engine.socket(), level);
    let options = Options {
        engine: Address::Unix(engine.socket().to_owned()),
        under_test: Address::Unix(guard.socket.clone()),
        level,
        only: Vec::new(),
        image: None,
        for_tests: false,
    };
    let run = run(&options, |_| {}).unwrap();
    let faults = run.verdicts.iter().filter(|one| one.seen.is_fault() || one.hung);
    let new: Vec<_> = faults.filter(|one| OPEN.iter().all(|(id, _)| *id != one.case)).collect();
    assert!(new.is_empty(), "{new:#?}");
    assert!(run.count(Seen::Blocked) > 150 && run.count(Seen::Passed) > 30, "{}", run.summary());
}

/// The program under test, which ends with the test.
struct Guard {
    child: Child,
    socket: PathBuf,
}

impl Guard {
    fn start(folder: &Path, engine: &Path, level: Level) -> Self {
        let profile = if level == Level::Baseline { "baseline" } else { "restricted" };
        let settings = folder.join("dockward.toml");
        std::fs::write(&settings, format!("[guard]\nprofile = \"{profile}\"\n")).unwrap();
        let socket = folder.join("guard.sock");
        let child = Command::new(env!("CARGO_BIN_EXE_dockward"))
            .args(["guard", "run", "--engine"])
            .arg(engine)
            .arg("--listen")
            .arg(&socket)
            .arg("--config")
            .arg(&settings)
            .arg("--ledger")
            .arg(folder.join("ledger"))
            .arg("--glass")
            .arg(folder.join("glass"))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let guard = Self { child, socket };
        let deadline = Instant::now() + Duration::from_secs(20);
        while std::os::unix::net::UnixStream::connect(&guard.socket).is_err() {
            assert!(Instant::now() < deadline, "the guard does not listen");
            std::thread::sleep(Duration::from_millis(20));
        }
        guard
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

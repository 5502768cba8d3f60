//! `dockward guard run` before real engines, asked by the conformance suite.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use dockward_conformance::{Address, Level, Options, Seen, run};
use dockward_testbed::{DaemonConfig, Engine, Suite};

#[test]
fn nothing_gets_past_the_guard_of_20_10() {
    nothing_gets_past("guard_20_10", Suite::Bookworm, Level::Baseline);
}

#[test]
fn nothing_gets_past_the_guard_of_26_1() {
    nothing_gets_past("guard_26_1", Suite::Trixie, Level::Restricted);
}

#[test]
fn nothing_gets_past_the_guard_of_28_5() {
    nothing_gets_past("guard_28_5", Suite::Sid, Level::Baseline);
}

fn nothing_gets_past(test: &str, suite: Suite, level: Level) {
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
    let faults: Vec<_> = faults.collect();
    assert!(faults.is_empty(), "{faults:#?}");
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

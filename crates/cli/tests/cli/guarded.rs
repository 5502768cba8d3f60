//! `dockward guard run` before real engines, asked by the conformance suite.

use dockward_conformance::{Address, Level, Options, Seen, run};
use dockward_testbed::{DaemonConfig, Engine, Suite};

use crate::guarding::Guard;

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
    let profile = if level == Level::Baseline { "baseline" } else { "restricted" };
    let settings = format!("[guard]\nprofile = \"{profile}\"\n");
    let socket = folder.path().join("guard.sock");
    let guard = Guard::start(engine.socket(), socket, folder.path(), &settings);
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

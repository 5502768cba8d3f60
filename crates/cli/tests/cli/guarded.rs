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

#[test]
fn nothing_of_others_gets_past_the_guard_of_20_10() {
    nothing_gets_past("guard_20_10_isolated", Suite::Bookworm, Level::Isolated);
}

#[test]
fn nothing_of_others_gets_past_the_guard_of_26_1() {
    nothing_gets_past("guard_26_1_isolated", Suite::Trixie, Level::Isolated);
}

#[test]
fn nothing_of_others_gets_past_the_guard_of_28_5() {
    nothing_gets_past("guard_28_5_isolated", Suite::Sid, Level::Isolated);
}

/// For `isolated`: who deploys containers, and touches neither images nor what is others'.
const ALLOWED: &str = r#"
[[guard.caller]]
anyone = true
allow = [
    "container-list", "container-create", "container-inspect", "container-top", "container-logs", "container-changes",
    "container-stats", "container-start", "container-stop", "container-restart", "container-kill", "container-pause",
    "container-unpause", "container-rename", "container-remove", "container-attach", "container-wait",
    "container-exec", "exec-start", "exec-inspect", "exec-resize", "image-list", "image-inspect", "image-history",
    "network-list", "network-inspect", "network-create", "network-remove", "volume-list", "volume-inspect",
    "volume-create", "volume-remove", "system-*",
]
"#;

fn nothing_gets_past(test: &str, suite: Suite, level: Level) {
    let Some(engine) = Engine::start_or_skip(test, suite, &DaemonConfig::default()) else { return };
    let folder = tempfile::tempdir().unwrap();
    let profile = if level == Level::Baseline { "baseline" } else { "restricted" };
    let allowed = if level == Level::Isolated { ALLOWED } else { "" };
    let settings = format!("[guard]\nprofile = \"{profile}\"\n{allowed}");
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

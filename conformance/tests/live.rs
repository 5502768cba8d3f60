//! The suite itself, on real engines: every case is real, and tells a proxy that is fooled from one that is not.
#![allow(
    clippy::unwrap_used,
    reason = "the lint's leave for tests does not reach the functions that tests call"
)]

mod naive;

use std::collections::BTreeMap;
use std::path::Path;

use dockward_conformance::{Address, Level, Options, Run, Seen, run, themes};
use dockward_testbed::{DaemonConfig, Engine, Suite};

fn options(engine: &Path, under_test: &Path, level: Level) -> Options {
    Options {
        engine: Address::Unix(engine.to_owned()),
        under_test: Address::Unix(under_test.to_owned()),
        level,
        only: Vec::new(),
        image: None,
        for_tests: false,
    }
}

fn by_case(run: &Run) -> BTreeMap<&str, Seen> {
    run.verdicts.iter().map(|one| (&*one.case, one.seen)).collect()
}

#[test]
fn every_case_is_real_on_20_10_or_says_that_it_is_not() {
    every_case_is_real("cases_20_10", Suite::Bookworm);
}

#[test]
fn every_case_is_real_on_26_1_or_says_that_it_is_not() {
    every_case_is_real("cases_26_1", Suite::Trixie);
}

#[test]
fn every_case_is_real_on_28_5_or_says_that_it_is_not() {
    every_case_is_real("cases_28_5", Suite::Sid);
}

/// With nothing before the engine, each case to block that the engine understands must count as a bypass.
fn every_case_is_real(test: &str, suite: Suite) {
    let Some(engine) = Engine::start_or_skip(test, suite, &DaemonConfig::default()) else { return };
    let images = || engine.docker_ok(&["images", "--all", "--quiet"]);
    let before = images();
    let themes = themes().unwrap();
    let cases: Vec<_> = themes.iter().flat_map(|theme| &theme.case).collect();
    let only = cases.iter().map(|case| case.id.clone()).collect();
    let options = Options { only, ..options(engine.socket(), engine.socket(), Level::Baseline) };
    let run = run(&options, |_| {}).unwrap();
    assert_eq!(run.count(Seen::Blocked) + run.count(Seen::WronglyRefused), 0);
    assert!(!run.is_clean());
    let mut wrong = Vec::new();
    for (case, verdict) in cases.iter().zip(&run.verdicts) {
        assert_eq!(case.id, verdict.case);
        let understood = verdict.seen != Seen::NotUnderstood;
        let listed = case.engines.iter().any(|version| version == suite.engine_version());
        if understood != listed && !case.depends_on_host {
            wrong.push(format!("{} {}: {}", case.id, verdict.seen.words(), verdict.answer));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert_eq!(images(), before);
    let left = ["ps --all", "volume ls", "plugin ls"]
        .map(|words| engine.docker_ok(&words.split(' ').chain(["--quiet"]).collect::<Vec<_>>()));
    assert_eq!(left, ["", "", ""]);
    assert_eq!(engine.docker_ok(&["info", "--format", "{{.Swarm.LocalNodeState}}"]), "inactive");
}

#[test]
fn a_naive_proxy_is_fooled_by_shapes_and_blocks_the_plain_one_on_20_10() {
    a_naive_proxy_is_fooled("naive_20_10", Suite::Bookworm);
}

#[test]
fn a_naive_proxy_is_fooled_by_shapes_and_blocks_the_plain_one_on_28_5() {
    a_naive_proxy_is_fooled("naive_28_5", Suite::Sid);
}

fn a_naive_proxy_is_fooled(test: &str, suite: Suite) {
    let Some(engine) = Engine::start_or_skip(test, suite, &DaemonConfig::default()) else { return };
    let folder = tempfile::tempdir().unwrap();
    let proxy = naive::serve(engine.socket(), folder.path());
    let blocked = [
        "body-plain",
        "body-white-space",
        "body-key-escaped",
        "body-duplicate-last-wins",
        "target-no-version",
        "target-version-1-24",
        "host-config-privileged",
    ];
    let mut bypassed = vec![
        "body-1-mib-before",
        "body-4-mib-unknown",
        "body-key-lower-case",
        "body-key-long-s",
        "body-duplicate-merged",
        "body-duplicate-case",
        "body-true-then-null",
        "body-invalid-utf-8-value",
        "target-escaped-letter",
        "framing-chunked",
        "framing-pipelined",
        "host-config-pid-host",
        "build-session",
    ];
    // Newer engines refuse what stands after the document.
    bypassed.extend((suite == Suite::Bookworm).then_some("body-trailing-document"));
    let allowed = ["allowed-create"];
    let only = blocked.iter().chain(&bypassed).chain(&allowed).map(|id| (*id).to_owned());
    let options =
        Options { only: only.collect(), ..options(engine.socket(), &proxy, Level::Restricted) };
    let run = run(&options, |_| {}).unwrap();
    let seen = by_case(&run);
    for (ids, want) in
        [(&blocked[..], Seen::Blocked), (&bypassed, Seen::Bypass), (&allowed, Seen::Passed)]
    {
        let other: Vec<_> = ids.iter().filter(|id| seen[*id] != want).collect();
        assert!(other.is_empty(), "not {want:?}: {other:?}\n{:#?}", run.verdicts);
    }
}

#[test]
fn a_proxy_that_denies_everything_does_not_win() {
    let Some(engine) = Engine::start_or_skip("denies_all", Suite::Sid, &DaemonConfig::default())
    else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let socket = folder.path().join("deaf.sock");
    let listener = std::os::unix::net::UnixListener::bind(&socket).unwrap();
    // It hangs up on everybody.
    std::thread::spawn(move || listener.incoming().flatten().for_each(drop));
    let only = vec!["allowed-create".to_owned(), "body-plain".to_owned()];
    let options = Options { only, ..options(engine.socket(), &socket, Level::Baseline) };
    let run = run(&options, |_| {}).unwrap();
    let seen = by_case(&run);
    assert_eq!(seen["body-plain"], Seen::Blocked);
    assert_eq!(seen["allowed-create"], Seen::WronglyRefused);
    assert!(!run.is_clean());
}

#[test]
fn a_socket_where_nobody_listens_is_no_verdict() {
    let Some(engine) = Engine::start_or_skip("nobody", Suite::Sid, &DaemonConfig::default()) else {
        return;
    };
    let nobody = Path::new("/nonexistent/socket");
    let why = run(&options(engine.socket(), nobody, Level::Baseline), |_| {}).unwrap_err();
    assert!(why.to_string().starts_with("cannot connect to unix:///nonexistent/socket"), "{why}");
    // And what was made for it is gone.
    assert_eq!(engine.docker_ok(&["images", "--quiet"]), "");
}

#[test]
fn an_engine_that_is_in_use_is_left_alone() {
    let Some(engine) = Engine::start_or_skip("in_use", Suite::Sid, &DaemonConfig::default()) else {
        return;
    };
    engine.import_busybox("theirs");
    engine.docker_ok(&["create", "--name", "their-container", "theirs"]);
    let mut options = options(engine.socket(), engine.socket(), Level::Baseline);
    options.only = vec!["body-plain".to_owned()];
    let why = run(&options, |_| {}).unwrap_err();
    assert!(why.to_string().contains("--yes-this-engine-is-for-tests"), "{why}");
    options.for_tests = true;
    assert_eq!(run(&options, |_| {}).unwrap().count(Seen::Bypass), 1);
    assert_eq!(engine.docker_ok(&["ps", "--all", "--format", "{{.Names}}"]), "their-container");
}

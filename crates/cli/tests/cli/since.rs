//! News: what is different from a recording, and from the last run; benchmarks' tables.

use std::path::{Path, PathBuf};

use dockward_testbed::{Behaviour, FakeEngine};
use serde_json::{Value, json};

use crate::run::{Run, command, dockward};

fn example() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/web-07.json")
}

/// The example host as it was before.
fn before(folder: &Path, change: impl FnOnce(&mut Value)) -> String {
    let text = std::fs::read_to_string(example()).unwrap();
    let mut host: Value = serde_json::from_str(&text).unwrap();
    change(&mut host);
    let path = folder.join("before.json");
    std::fs::write(&path, host.to_string()).unwrap();
    path.to_string_lossy().into_owned()
}

fn news(file: &str) -> Value {
    let snapshot = example().to_string_lossy().into_owned();
    let run = dockward(&["check", "--format", "json", "--snapshot", &snapshot, "--since", file]);
    run.json()["news"].take()
}

#[test]
fn a_container_that_was_not_there_is_news_with_its_findings() {
    let folder = tempfile::tempdir().unwrap();
    let file = before(folder.path(), |host| {
        let containers = host["engines"][0]["containers"].as_array_mut().unwrap();
        containers.retain(|c| c["name"] != "traefik");
    });
    let news = news(&file);
    assert!(news["since"].is_string());
    assert_eq!(news["resources"][0]["name"], "traefik");
    let appeared = news["appeared"].as_array().unwrap();
    assert!(appeared.iter().any(|f| f["rule"] == "container-engine-socket"), "{news}");
    assert!(appeared.iter().all(|f| f["subject"]["name"] == "traefik"), "{news}");
    assert_eq!(news["gone"], json!([]));
}

#[test]
fn a_host_is_no_news_to_itself() {
    let folder = tempfile::tempdir().unwrap();
    let news = news(&before(folder.path(), |_| ()));
    for kind in ["appeared", "gone", "changed", "resources"] {
        assert_eq!(news[kind], json!([]), "{kind}");
    }
}

#[test]
fn a_recording_of_another_host_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let file = before(folder.path(), |host| {
        host["host"]["hostname"]["fact"] = json!({ "known": "db-01" });
    });
    let snapshot = example().to_string_lossy().into_owned();
    let run = dockward(&["check", "--snapshot", &snapshot, "--since", &file]);
    assert!(run.err.contains("db-01: another host"), "{}", run.err);
}

#[test]
fn a_recording_is_judged_as_of_today_where_that_is_asked_for() {
    let snapshot = example().to_string_lossy().into_owned();
    let now = |more: &[&str]| {
        let words = [&["check", "--format", "json", "--snapshot", &snapshot], more].concat();
        dockward(&words).json()["now"].as_str().unwrap().to_owned()
    };
    assert!(now(&["--now"]) > now(&[]));
    assert_eq!(dockward(&["check", "--now"]).code, 2);
}

#[test]
fn the_last_run_is_kept_for_the_next_and_readable_by_its_owner_only() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = tempfile::tempdir().unwrap();
    let state = folder.path().join("state");
    let fake = FakeEngine::serve(Behaviour::default()).unwrap();
    let host = format!("unix://{}", fake.socket().display());
    let check = || {
        let words = ["check", "--format", "json", "--since", "last", "-H", &host];
        let mut command = command(folder.path());
        Run::new(&command.args(words).env("STATE_DIRECTORY", &state).output().unwrap())
    };
    let first = check();
    assert_eq!(first.json()["news"], Value::Null);
    assert!(first.err.contains("no earlier look is kept"), "{}", first.err);
    let mode = std::fs::metadata(state.join("last.json")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    assert_eq!(check().json()["news"]["appeared"], json!([]));
}

#[test]
fn a_benchmark_is_answered_row_by_row() {
    let snapshot = example().to_string_lossy().into_owned();
    let words = ["check", "--format", "json", "--snapshot", &snapshot, "--profile", "cis-1.8-l2"];
    let run = dockward(&words);
    let table = &run.json()["benchmark"];
    assert_eq!(table["rows"].as_array().map(Vec::len), Some(118));
    let answer = |number: &str| {
        let rows = table["rows"].as_array().unwrap();
        rows.iter().find(|row| row["number"] == number).unwrap()["answer"].clone()
    };
    assert_eq!((answer("5.5"), answer("5.32")), (json!("fail"), json!("fail")));
    assert!(table["source"].as_str().unwrap().contains("secondary sources"));
}

#[test]
fn a_profile_that_nobody_knows_is_answered_with_those_that_were_meant() {
    let run = dockward(&["check", "--profile", "cis-1.8"]);
    assert_eq!(run.code, 2);
    assert!(run.err.contains("cis-1.8-l1"), "{}", run.err);
}

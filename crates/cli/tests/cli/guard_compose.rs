//! Through the guard with its rules, Compose and Docker's library for Python do what they do directly:
//! the same output, the same exit codes, and the engine then holds the same.

use std::path::Path;
use std::process::Command;

use dockward_testbed::{DaemonConfig, Engine, Suite};
use serde_json::Value;

use crate::guarding::Guard;

/// What people do with Compose 2, and with Compose 1.
const SCRIPT: &str = include_str!("guard_compose.sh");
const SCRIPT_OF_1: &str = include_str!("guard_compose_1.sh");
/// What programs do by the library that Compose 1 brings along.
const LIBRARY: &str = include_str!("guard_library.py");
/// Where the project lies in the engine's root.
const PROJECT: &str = "/srv/shop";
/// The baseline, with the files that the project brings into containers, and BuildKit's stream.
const SETTINGS: &str = "[guard]\nbind-roots = [\"/srv/shop\"]\n\n\
                        [[guard.caller]]\nanyone = true\nallow = [\"*\"]\n";

#[test]
fn compose_1_does_the_same_through_the_guard_on_20_10() {
    let test = "compose_1_does_the_same_through_the_guard_on_20_10";
    let Some((direct, mut guarded)) = both(test, Suite::Bookworm, &["sh", "-c", SCRIPT_OF_1])
    else {
        return;
    };
    let too_old = guarded.iter_mut().find(|one| one.starts_with("too-old")).unwrap();
    assert!(
        too_old.contains("docker-compose 1.x needs") && too_old.ends_with("exit code 1\n"),
        "{too_old}"
    );
    too_old.clone_from(direct.iter().find(|one| one.starts_with("too-old")).unwrap());
    are_the_same(&direct, &guarded, 45, 5);
}

#[test]
fn a_program_by_dockers_library_does_the_same_through_the_guard() {
    let test = "a_program_by_dockers_library_does_the_same_through_the_guard";
    let words = ["python3", "-c", LIBRARY];
    let Some((direct, guarded)) = both(test, Suite::Bookworm, &words) else { return };
    are_the_same(&direct, &guarded, 45, 2);
}

#[test]
fn compose_does_the_same_through_the_guard_on_26_1() {
    let test = "compose_does_the_same_through_the_guard_on_26_1";
    let Some((direct, guarded)) = both(test, Suite::Trixie, &["sh", "-c", SCRIPT]) else { return };
    are_the_same(&direct, &guarded, 65, 14);
}

#[test]
fn compose_does_the_same_through_the_guard_on_28_5() {
    let test = "compose_does_the_same_through_the_guard_on_28_5";
    let Some((direct, guarded)) = both(test, Suite::Sid, &["sh", "-c", SCRIPT]) else { return };
    are_the_same(&direct, &guarded, 65, 14);
}

/// What the command tells directly, and through the guard; none where it can't be run here.
fn both(test: &str, suite: Suite, words: &[&str]) -> Option<(Vec<String>, Vec<String>)> {
    let engine = Engine::start_or_skip(test, suite, &DaemonConfig::default())?;
    if !engine.add_compose_or_skip(test) {
        return None;
    }
    engine.import_busybox("busybox");
    lay_out(&engine);
    let folder = tempfile::tempdir().unwrap();
    let socket = engine.socket().with_file_name("guard.sock");
    let _guard = Guard::start(engine.socket(), socket, folder.path(), SETTINGS);
    Some((told(&engine, "docker.sock", words), told(&engine, "guard.sock", words)))
}

/// At least so many sections, of which no more fail than are meant to: they are not the same because
/// nothing works.
fn are_the_same(direct: &[String], guarded: &[String], sections: usize, failing: usize) {
    assert!(direct.len() >= sections, "{}", direct.len());
    for (direct, guarded) in direct.iter().zip(guarded) {
        let title = direct.lines().next();
        let lines = |text: &str| text.lines().map(str::to_owned).collect::<Vec<_>>();
        let (direct, guarded) = (lines(direct), lines(guarded));
        let other: Vec<_> = direct.iter().zip(&guarded).filter(|(a, b)| a != b).collect();
        assert!(other.is_empty() && direct.len() == guarded.len(), "{title:?}: {other:#?}");
    }
    assert_eq!(direct.len(), guarded.len());
    let failed: Vec<_> =
        direct.iter().filter(|one| !one.contains("## exit code 0") && !is_record(one)).collect();
    assert!(failed.len() <= failing, "{} failed: {failed:#?}", failed.len());
}

/// The project's files, and the `ps` that the engine runs for `top`.
fn lay_out(engine: &Engine) {
    let from = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cli/shop");
    let to = engine.root().join(PROJECT.trim_start_matches('/'));
    let copied = Command::new("cp").arg("-r").args([&from, &to]).status().unwrap();
    assert!(copied.success());
    // Only root may have been able to write what is mounted.
    let words = ["chown", "-R", "0:0", PROJECT];
    assert!(engine.exec_in_root(&words).status.success());
    let words = ["ln", "-s", "/bin/busybox", "/usr/local/bin/ps"];
    assert!(engine.exec_in_root(&words).status.success());
}

fn is_record(section: &str) -> bool {
    section.starts_with("inspect ")
}

/// What the command tells, section by section, without what changes from run to run.
fn told(engine: &Engine, socket: &str, words: &[&str]) -> Vec<String> {
    let host = format!("DOCKER_HOST=unix:///run/{socket}");
    let before = ["timeout", "400", "env", "-C", PROJECT, &host];
    let output = engine.command(&[&before, words].concat()).output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    let complaint = String::from_utf8_lossy(&output.stderr);
    assert!(text.contains("## left"), "{socket}: {}\n{text}{complaint}", output.status);
    let sections = text.split("\n## ").filter(|section| !section.trim().is_empty());
    // An exit code belongs to what it ended.
    let mut told: Vec<String> = Vec::new();
    for section in sections {
        match (section.strip_prefix("exit code"), told.last_mut()) {
            (Some(code), Some(last)) => last.push_str(&format!("## exit code{code}")),
            _ => told.push(settled(section)),
        }
    }
    told
}

fn settled(section: &str) -> String {
    match section.split_once('\n') {
        Some((title, json)) if is_record(section) => {
            let mut record: Value =
                serde_json::from_str(json).unwrap_or_else(|why| panic!("{title}: {why}: {json}"));
            settle(&mut record);
            format!("{title}\n{record:#}")
        }
        // Sorted by the script, but by ids too.
        _ => {
            let mut lines = section.lines().map(|line| without_ids(line) + "\n");
            let title = lines.next().unwrap_or_default();
            let mut lines: Vec<String> = lines.collect();
            lines.sort();
            title + &lines.concat()
        }
    }
}

/// A record without times, numbers that are given out, and the order of what has none.
fn settle(value: &mut Value) {
    const GIVEN_OUT: &[&str] = &[
        "Created",
        "CreatedAt",
        "End",
        "EndpointID",
        "ExecIDs",
        "FinishedAt",
        "GraphDriver",
        "HostPort",
        "IPAddress",
        "IPv4Address",
        "Log",
        "MacAddress",
        "Pid",
        "SandboxID",
        "SandboxKey",
        "StartedAt",
        "Storage",
    ];
    const UNORDERED: &[&str] = &["Env", "Mounts", "Binds", "Aliases", "DNSNames"];
    match value {
        Value::Object(fields) => {
            fields.retain(|name, _| !GIVEN_OUT.contains(&name.as_str()));
            for (name, value) in fields.iter_mut() {
                settle(value);
                match value {
                    // By id, which is no name.
                    Value::Object(all) if name == "Containers" => {
                        let all = std::mem::take(all).into_iter().map(|(_, one)| one);
                        let mut all: Vec<Value> = all.collect();
                        all.sort_by_key(Value::to_string);
                        *value = Value::Array(all);
                    }
                    Value::Array(list) if UNORDERED.contains(&name.as_str()) => {
                        list.sort_by_key(Value::to_string);
                    }
                    // Compose writes a map, in no order.
                    Value::String(text) if name == "com.docker.compose.depends_on" => {
                        let mut parts: Vec<&str> = text.split(',').collect();
                        parts.sort_unstable();
                        *text = parts.join(",");
                    }
                    _ => {}
                }
            }
        }
        Value::Array(list) => list.iter_mut().for_each(settle),
        Value::String(text) => *text = without_ids(text),
        _ => {}
    }
}

/// Every id as `ID`, ports that the engine chose as `PORT`, blanks as one.
fn without_ids(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(start) = rest.find(|c: char| c.is_ascii_alphanumeric()) {
        let (before, from) = rest.split_at(start);
        let end = from.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(from.len());
        let (word, after) = from.split_at(end);
        let hex = word.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
        let id = hex && matches!(word.len(), 12 | 64);
        let port = before.ends_with(':') && word.len() == 5 && word.starts_with("180");
        out.push_str(before);
        out.push_str(if id {
            "ID"
        } else if port {
            "PORT"
        } else {
            word
        });
        rest = after;
    }
    out.push_str(rest);
    out.split_ascii_whitespace().collect::<Vec<_>>().join(" ")
}

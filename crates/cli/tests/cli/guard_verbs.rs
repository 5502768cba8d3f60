//! Through the guard with its rules, the docker command does what it does directly: the same output,
//! the same exit codes, and the engine then holds the same.

use dockward_testbed::{DaemonConfig, Engine, Suite};
use serde_json::Value;

use crate::guarding::Guard;

/// What people do with a docker command.
const SCRIPT: &str = include_str!("guard_verbs.sh");

/// Everything by name, so that BuildKit's stream is open too; the baseline holds all the same.
const SETTINGS: &str = "[[guard.caller]]\nanyone = true\nallow = [\"*\"]\n";

/// Containers with all that the baseline lets pass: each option of `create` that reaches the engine.
const CREATED: &[&[&str]] = &[
    &[
        "--hostname",
        "h",
        "--domainname",
        "d",
        "--user",
        "1000:1000",
        "--workdir",
        "/w",
        "--tty",
        "--interactive",
    ],
    &[
        "--env",
        "A=b",
        "--env",
        "EMPTY=",
        "--label",
        "l=1",
        "--entrypoint",
        "/bin/sh",
        "--expose",
        "81/tcp",
    ],
    &[
        "--memory",
        "64m",
        "--memory-swap",
        "128m",
        "--memory-reservation",
        "32m",
        "--cpus",
        "0.5",
        "--cpu-shares",
        "10",
    ],
    &[
        "--pids-limit",
        "20",
        "--ulimit",
        "nofile=100:200",
        "--shm-size",
        "8m",
        "--oom-score-adj",
        "100",
        "--cpuset-cpus",
        "0",
    ],
    &[
        "--cap-drop",
        "ALL",
        "--cap-add",
        "CHOWN",
        "--security-opt",
        "no-new-privileges",
        "--read-only",
        "--init",
    ],
    &[
        "--volume",
        "named:/named:ro",
        "--mount",
        "type=volume,dst=/anon",
        "--tmpfs",
        "/t:size=1m",
        "--volume",
        "/v",
    ],
    &[
        "--publish",
        "127.0.0.1:18081:80",
        "--publish-all",
        "--dns",
        "192.0.2.1",
        "--dns-option",
        "ndots:1",
        "--add-host",
        "a:192.0.2.2",
    ],
    &[
        "--restart",
        "on-failure:3",
        "--stop-signal",
        "INT",
        "--stop-timeout",
        "3",
        "--log-opt",
        "max-size=1m",
        "--log-driver",
        "json-file",
    ],
    &[
        "--health-cmd",
        "true",
        "--health-interval",
        "5s",
        "--health-retries",
        "2",
        "--sysctl",
        "net.ipv4.tcp_syncookies=1",
    ],
    &[
        "--network",
        "none",
        "--ipc",
        "private",
        "--cgroupns",
        "private",
        "--group-add",
        "5",
        "--device-read-bps",
        "/dev/null:1mb",
    ],
];

#[test]
fn every_verb_is_the_same_under_the_baseline_on_20_10() {
    the_same("every_verb_is_the_same_under_the_baseline_on_20_10", Suite::Bookworm);
}

#[test]
fn every_verb_is_the_same_under_the_baseline_on_26_1() {
    the_same("every_verb_is_the_same_under_the_baseline_on_26_1", Suite::Trixie);
}

#[test]
fn every_verb_is_the_same_under_the_baseline_on_28_5() {
    the_same("every_verb_is_the_same_under_the_baseline_on_28_5", Suite::Sid);
}

fn the_same(test: &str, suite: Suite) {
    let Some(engine) = Engine::start_or_skip(test, suite, &DaemonConfig::default()) else { return };
    engine.import_busybox("busybox");
    let folder = tempfile::tempdir().unwrap();
    let socket = engine.socket().with_file_name("guard.sock");
    let _guard = Guard::start(engine.socket(), socket, folder.path(), SETTINGS);
    let (direct, guarded) = (told(&engine, "docker.sock"), told(&engine, "guard.sock"));
    let sections =
        |text: &str| -> Vec<String> { text.split("\n\n## ").map(str::to_owned).collect() };
    let (direct, guarded) = (sections(&direct), sections(&guarded));
    assert!(
        direct.len() > 55 && direct.len() == guarded.len(),
        "{} {}",
        direct.len(),
        guarded.len()
    );
    for (direct, guarded) in direct.iter().zip(&guarded) {
        assert_eq!(direct, guarded, "{suite}");
    }
    // They are not the same because nothing works.
    let failed = direct.iter().filter(|section| !section.contains("## exit code 0")).count();
    assert!(failed <= 16, "{failed} failed: {direct:#?}");
    for options in CREATED {
        let [direct, guarded] =
            ["docker.sock", "guard.sock"].map(|socket| held(&engine, socket, options));
        assert_eq!(direct, guarded, "{suite}: {options:?}");
        assert_eq!(direct["Name"], "/held");
    }
}

/// What the script prints, without ids and what changes from run to run.
fn told(engine: &Engine, socket: &str) -> String {
    let host = format!("DOCKER_HOST=unix:///run/{socket}");
    let mut command = engine.command(&["timeout", "300", "env", &host, "sh", "-c", SCRIPT]);
    let output = command.output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(text.contains("## unknown"), "{socket}: {}\n{text}", output.status);
    // The command of 20.10 says this or not, as two of its own threads race.
    let racing = |line: &&str| !line.contains("error waiting for container: context canceled");
    text.lines().filter(racing).map(without_ids).collect()
}

fn without_ids(line: &str) -> String {
    let word = |word: &str| {
        let hex = word.bytes().all(|b| b.is_ascii_hexdigit());
        // Names go on as ids, and so `cp` of nothing names the container by its id. Sums are compared.
        let named = word == "box" && line.contains("in container");
        let id = hex && (word.len() == 12 || (word.len() == 64 && !line.ends_with(" -")));
        if id || named { "ID".to_owned() } else { word.to_owned() }
    };
    let words: Vec<String> = line.split(' ').map(word).collect();
    words.join(" ") + "\n"
}

/// What the engine holds of a container that was created with these options by that way.
fn held(engine: &Engine, socket: &str, options: &[&str]) -> Value {
    let host = format!("unix:///run/{socket}");
    let create =
        [&["-H", host.as_str(), "create", "--name", "held"], options, &["busybox", "-c", "true"]];
    let id = engine.docker_ok(&create.concat());
    let text = engine.docker_ok(&["inspect", "held"]);
    engine.docker_ok(&["rm", "-v", "held"]);
    let mut record = serde_json::from_str::<Value>(&text).unwrap()[0].take();
    for changing in ["Id", "Created", "GraphDriver", "Storage"] {
        record.as_object_mut().unwrap().remove(changing);
    }
    for mount in record["Mounts"].as_array_mut().into_iter().flatten() {
        if mount["Name"] != "named" {
            (mount["Name"], mount["Source"]) = (Value::Null, Value::Null);
        }
    }
    // The engine merges the image's environment by way of a map, in no order.
    let variables = record["Config"]["Env"].as_array_mut().unwrap();
    variables.sort_by_key(|variable| variable.as_str().map(str::to_owned));
    let mounts = record["Mounts"].as_array_mut().unwrap();
    mounts.sort_by_key(|mount| mount["Destination"].as_str().map(str::to_owned));
    let text = record.to_string().replace(&id, "ID").replace(id.get(..12).unwrap(), "ID");
    serde_json::from_str(&text).unwrap()
}

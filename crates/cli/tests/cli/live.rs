//! Real engines: what was built badly on purpose is found, what was built well is left alone.

use std::os::fd::OwnedFd;
use std::os::unix::net::UnixListener;
use std::path::Path;
use std::process::Stdio;

use dockward_testbed::{BadlyBuilt, DaemonConfig, Engine, Suite, badly_built};
use serde_json::Value;

use crate::run::{Run, check_json, findings};

#[test]
fn every_badly_built_container_is_found_on_20_10() {
    acceptance("every_badly_built_container_is_found_on_20_10", Suite::Bookworm);
}

#[test]
fn every_badly_built_container_is_found_on_26_1() {
    acceptance("every_badly_built_container_is_found_on_26_1", Suite::Trixie);
}

#[test]
fn every_badly_built_container_is_found_on_28_5() {
    acceptance("every_badly_built_container_is_found_on_28_5", Suite::Sid);
}

fn acceptance(test: &str, suite: Suite) {
    let file = badly_built();
    let containerd_store = suite == Suite::Sid;
    let config = DaemonConfig { containerd_store, ..DaemonConfig::json(&*file.daemon) };
    let Some(engine) = Engine::start_or_skip(test, suite, &config) else { return };
    let built = file.build(&engine);
    for run in [check_json(engine.socket(), &[]), beside_the_engine(&engine)] {
        assert_eq!(run.code, 1, "{}", run.err);
        let report = run.json();
        let mut missed = Vec::new();
        for container in &built {
            let found = rules(&report, &container.name);
            let lacks = container.expect.iter().filter(|rule| !found.contains(rule));
            missed.extend(lacks.map(|rule| format!("{}: {rule}", container.name)));
        }
        assert!(missed.is_empty(), "not found: {missed:#?}");
        assert_hardened(&report);
        assert_paths(&report, &file);
        assert_versions(&report, suite);
    }
    assert_eq!(beside_the_engine(&engine).json()["complete"], true, "root on the host sees all");
}

/// Debian's packages, whose files are in the engine's root and not in ours: judged by their
/// changelogs, so never failed, and what these don't name is left to a person.
fn assert_versions(report: &Value, suite: Suite) {
    let found = report["findings"].as_array().unwrap();
    let of = |rule: &str| found.iter().find(|finding| finding["rule"] == rule);
    for (rule, package) in [
        ("host-engine-version", "docker.io "),
        ("host-containerd-version", "containerd "),
        ("host-runc-version", "runc "),
    ] {
        let Some(finding) = of(rule) else { continue };
        assert_eq!(finding["status"], "review", "{finding:#}");
        assert!(finding["message"].as_str().unwrap().starts_with(package), "{finding:#}");
    }
    if suite == Suite::Bookworm {
        // The usual script passes this one. Its package mends CVE-2024-41110, and not all others.
        let engine = of("host-engine-version").expect("20.10.24 does not pass");
        let message = engine["message"].as_str().unwrap();
        assert!(message.contains("20.10.24+dfsg1"), "{message}");
        assert!(!message.contains("CVE-2024-41110"), "{message}");
        let evidence = engine["evidence"].to_string();
        assert!(evidence.contains("/usr/share/doc/docker.io/changelog.Debian.gz"), "{evidence}");
    }
}

/// The program as root on the engine's own host, where it usually runs.
fn beside_the_engine(engine: &Engine) -> Run {
    let program = engine.install(Path::new(env!("CARGO_BIN_EXE_dockward"))).unwrap();
    let program = program.to_string_lossy();
    Run::new(&engine.exec_in_root(&[&program, "check", "--format", "json"]))
}

/// Under systemd the socket's listener is process 1, which hands it over. The test takes that part:
/// the daemon is the one that holds the socket, and its own arguments are what is judged.
#[test]
fn a_daemon_behind_an_activated_socket_is_found() {
    let test = "a_daemon_behind_an_activated_socket_is_found";
    let Some(engine) = Engine::start_or_skip(test, Suite::Bookworm, &DaemonConfig::default())
    else {
        return;
    };
    let path = engine.socket().with_file_name("activated.sock");
    let listener = UnixListener::bind(&path).unwrap();
    let daemon = "exec 3<&0 </dev/null; export LISTEN_PID=$$ LISTEN_FDS=1; exec dockerd -H fd:// \
                  --data-root /var/lib/second --exec-root /run/second --pidfile /run/second.pid \
                  --bridge=none --iptables=false --log-level=debug >/dev/null 2>&1";
    let socket = Stdio::from(OwnedFd::from(listener.try_clone().unwrap()));
    let mut second = engine.command(&["sh", "-c", daemon]).stdin(socket).spawn().unwrap();
    let run = check_json(&path, &["--only", "daemon-log-level,daemon-process-identity"]);
    second.kill().unwrap();
    second.wait().unwrap();
    let report = run.json();
    let found = report["findings"].as_array().unwrap();
    assert_eq!(found.len(), 1, "{found:#?}");
    assert_eq!(found[0]["rule"], "daemon-log-level");
    assert_eq!(found[0]["evidence"][0]["field"], "--log-level", "{:#}", found[0]);
}

/// The ids of what fails or is for a person to decide.
fn rules(report: &Value, container: &str) -> Vec<String> {
    let found = findings(report, container).into_iter().filter(|f| f["status"] != "unknown");
    found.map(|f| f["rule"].as_str().unwrap().to_owned()).collect()
}

/// Nothing above low, and nothing that could not be judged.
fn assert_hardened(report: &Value) {
    for finding in findings(report, "hardened") {
        assert_ne!(finding["status"], "unknown", "{finding:#}");
        let severity = finding["severity"].as_str().unwrap();
        assert!(["low", "info"].contains(&severity), "{finding:#}");
    }
}

/// The report opens with ways to root, and the hardened container is on none.
fn assert_paths(report: &Value, file: &BadlyBuilt) {
    assert!(file.container.len() > 30, "at least 30 were built badly");
    let paths = report["paths"].as_array().unwrap();
    assert!(!paths.is_empty());
    for path in paths {
        assert!(!path["cut"]["text"].as_str().unwrap().is_empty(), "{path:#}");
        let stations = path["stations"].to_string() + &path["alike"].to_string();
        assert!(!stations.contains("hardened"), "{path:#}");
    }
}

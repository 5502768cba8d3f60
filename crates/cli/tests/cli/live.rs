//! Real engines: what was built badly on purpose is found, what was built well is left alone.

use std::path::Path;

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
    }
    assert_eq!(beside_the_engine(&engine).json()["complete"], true, "root on the host sees all");
}

/// The program as root on the engine's own host, where it usually runs.
fn beside_the_engine(engine: &Engine) -> Run {
    let program = engine.install(Path::new(env!("CARGO_BIN_EXE_dockward"))).unwrap();
    let program = program.to_string_lossy();
    Run::new(&engine.exec_in_root(&[&program, "check", "--format", "json"]))
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

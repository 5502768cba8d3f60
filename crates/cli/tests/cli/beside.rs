//! docker-bench-security beside us, on one host at one time: every difference is explained, and every explanation has
//! its difference.
//!
//! The recordings below `tests/data/beside` are of the containers of `containers.toml` on engine 20.10. With a checkout
//! of the script (`DOCKER_BENCH=DIR`) both are run anew; `UPDATE_BESIDE=1` records that.

mod alone;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;

use dockward_testbed::{BadlyBuilt, DaemonConfig, Engine, Skip, Suite};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::run::dockward;

/// What each number was answered with: `PASS`, `WARN`, `NOTE`, `INFO`.
type Answers = BTreeMap<String, String>;

#[derive(Deserialize)]
struct Explained {
    difference: Vec<Difference>,
}

/// A row of `explained.toml`; why is for the page.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
struct Difference {
    number: String,
    script: String,
    dockward: String,
}

fn data(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/beside").join(name)
}

fn read(name: &str) -> String {
    std::fs::read_to_string(data(name)).unwrap()
}

/// Our answers in the script's words, from a recording.
fn ours(snapshot: &Path) -> Answers {
    let snapshot = snapshot.to_string_lossy();
    let run = dockward(&["check", "--snapshot", &snapshot, "--format", "docker-bench"]);
    let log = run.json();
    let sections = log["tests"].as_array().unwrap();
    answers(sections.iter().flat_map(|section| section["results"].as_array().unwrap()))
}

fn answers<'a>(results: impl Iterator<Item = &'a Value>) -> Answers {
    let text = |one: &Value, key: &str| one[key].as_str().unwrap().to_owned();
    results.map(|one| (text(one, "id"), text(one, "result"))).collect()
}

fn assert_explained(script: &Answers, ours: &Answers) {
    let differs = |(number, script): (&String, &String)| {
        let ours = ours.get(number).map_or("nothing", String::as_str);
        let difference = || Difference {
            number: number.clone(),
            script: script.clone(),
            dockward: ours.to_owned(),
        };
        (script != ours).then(difference)
    };
    let found: BTreeSet<_> = script.iter().filter_map(differs).collect();
    let told: Explained = toml::from_str(&read("explained.toml")).unwrap();
    let told: BTreeSet<_> = told.difference.into_iter().collect();
    let unexplained: Vec<_> = found.difference(&told).collect();
    let gone: Vec<_> = told.difference(&found).collect();
    assert!(unexplained.is_empty() && gone.is_empty(), "new: {unexplained:#?}\ngone: {gone:#?}");
}

#[test]
fn every_difference_from_docker_bench_is_explained() {
    let script: Vec<Value> = serde_json::from_str(&read("docker-bench.json")).unwrap();
    assert!(script.len() > 100, "it answers more than a hundred numbers");
    assert_explained(&answers(script.iter()), &ours(&data("host.json")));
}

#[test]
fn every_difference_from_docker_bench_run_anew_is_explained() {
    let test = "every_difference_from_docker_bench_run_anew_is_explained";
    let Some(folder) = std::env::var_os("DOCKER_BENCH") else {
        Skip::because("no checkout of docker-bench-security is named (DOCKER_BENCH=DIR)")
            .announce(test);
        return;
    };
    let file: BadlyBuilt = toml::from_str(&read("containers.toml")).unwrap();
    let config = DaemonConfig::json(&*file.daemon);
    let Some(engine) = Engine::start_or_skip(test, Suite::Bookworm, &config) else { return };
    file.build(&engine);
    // Ours first: the script leaves commands behind that it ran in containers.
    let host = recorded(&engine);
    let script = docker_bench(&engine, Path::new(&folder));
    let folder = tempfile::tempdir().unwrap();
    let folder = if std::env::var_os("UPDATE_BESIDE").is_some() {
        data("")
    } else {
        folder.path().to_owned()
    };
    std::fs::write(folder.join("docker-bench.json"), format!("{:#}\n", json!(script))).unwrap();
    std::fs::write(folder.join("host.json"), format!("{host}\n")).unwrap();
    assert_explained(&answers(script.iter()), &ours(&folder.join("host.json")));
}

/// What `dockward record` sees beside the engine, without the name of the machine that this runs on and of whoever built
/// its kernel.
fn recorded(engine: &Engine) -> Value {
    let program = engine.install(Path::new(env!("CARGO_BIN_EXE_dockward"))).unwrap();
    let program = program.to_string_lossy();
    let output = engine.exec_in_root(&[&program, "record", "--output", "/root/host.json"]);
    let text = std::fs::read_to_string(engine.root().join("root/host.json"));
    let text = text.unwrap_or_else(|why| panic!("{why}: {output:?}"));
    let mut host: Value = serde_json::from_str(&text).unwrap();
    host["host"]["hostname"]["fact"]["known"] = "beside".into();
    let kernel = &mut host["host"]["kernel"]["fact"]["known"];
    let release = kernel.as_str().unwrap_or_default();
    *kernel = release.split('-').next().unwrap_or_default().into();
    host
}

/// Puts the script into the engine's root, and what it needs and the root lacks: `pgrep`, which is beside the
/// recordings.
fn install(engine: &Engine, folder: &Path) {
    let inside = engine.root().join("root/docker-bench");
    let copied = Command::new("cp").arg("-R").args([folder, &inside]).status().unwrap();
    assert!(copied.success(), "{}", folder.display());
    engine.install(&data("pgrep")).unwrap();
}

/// The script's results, without its words for them.
fn docker_bench(engine: &Engine, folder: &Path) -> Vec<Value> {
    install(engine, folder);
    let run = "cd /root/docker-bench && bash docker-bench-security.sh -b -l /root/bench.log";
    let output = engine.command(&["timeout", "1200", "sh", "-c", run]).output().unwrap();
    let log = std::fs::read_to_string(engine.root().join("root/bench.log.json"));
    let log = log.unwrap_or_else(|why| panic!("{why}: {output:?}"));
    let log: Value = serde_json::from_str(&log).unwrap_or_else(|why| panic!("{why}: {log}"));
    let sections = log["tests"].as_array().unwrap();
    let results = sections.iter().flat_map(|section| section["results"].as_array().unwrap());
    let bare =
        |one: &Value| json!({ "id": one["id"], "result": one["result"], "items": one["items"] });
    results.map(bare).collect()
}

//! The script's errors that the whole run beside us does not show, each in a run of its check alone.

use std::collections::BTreeSet;
use std::path::Path;

use dockward_testbed::{BadlyBuilt, DaemonConfig, Engine, Skip, Suite};
use serde::Deserialize;

use super::{Explained, install, read};

/// `alone.toml`.
#[derive(Deserialize)]
struct Alone {
    engine: Vec<OnEngine>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct OnEngine {
    suite: Suite,
    #[serde(default)]
    json: String,
    #[serde(default)]
    args: Vec<String>,
    error: Vec<Shown>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Shown {
    number: String,
    #[serde(default)]
    before: String,
    #[serde(default)]
    options: String,
    says: String,
}

/// The rows of `docs/docker-bench-cases.toml`, as far as they matter here.
#[derive(Deserialize)]
struct Cases {
    case: Vec<Case>,
}

#[derive(Deserialize)]
struct Case {
    number: String,
    found: String,
}

fn alone() -> Vec<OnEngine> {
    toml::from_str::<Alone>(&read("alone.toml")).unwrap().engine
}

#[test]
fn every_error_that_is_marked_as_seen_in_a_run_has_its_run() {
    let text = include_str!("../../../../../docs/docker-bench-cases.toml");
    let cases: Cases = toml::from_str(text).unwrap();
    let marked: BTreeSet<_> =
        cases.case.into_iter().filter(|case| case.found == "run").map(|case| case.number).collect();
    let alone: BTreeSet<_> =
        alone().into_iter().flat_map(|on| on.error).map(|shown| shown.number).collect();
    let unmarked: Vec<_> = alone.difference(&marked).collect();
    assert!(unmarked.is_empty(), "{unmarked:?}");
    let explained: Explained = toml::from_str(&read("explained.toml")).unwrap();
    let beside: BTreeSet<_> = explained.difference.into_iter().map(|one| one.number).collect();
    let seen: BTreeSet<_> = alone.union(&beside).cloned().collect();
    let unseen: Vec<_> = marked.difference(&seen).collect();
    assert!(unseen.is_empty(), "{unseen:?}");
}

#[test]
fn docker_bench_errs_where_each_check_is_run_alone() {
    let test = "docker_bench_errs_where_each_check_is_run_alone";
    let Some(folder) = std::env::var_os("DOCKER_BENCH") else {
        Skip::because("no checkout of docker-bench-security is named (DOCKER_BENCH=DIR)")
            .announce(test);
        return;
    };
    for on in alone() {
        let config = DaemonConfig { args: on.args, ..DaemonConfig::json(on.json) };
        let Some(engine) = Engine::start_or_skip(test, on.suite, &config) else { return };
        BadlyBuilt::make_images(&engine);
        install(&engine, Path::new(&folder));
        for shown in &on.error {
            let said = said(&engine, shown);
            assert_eq!(said.as_deref(), Ok(&*shown.says), "{}", shown.number);
        }
    }
}

/// The word before the number, or all that was printed instead.
fn said(engine: &Engine, shown: &Shown) -> Result<String, String> {
    let Shown { number, before, options, .. } = shown;
    let check = number.replace('.', "_");
    let run = format!(
        "{before}\ncd /root/docker-bench && bash docker-bench-security.sh -b -c check_{check} {options}"
    );
    let output = engine.exec_in_root(&["sh", "-c", &run]);
    let printed = String::from_utf8_lossy(&output.stdout);
    let word = printed.lines().find_map(|line| {
        let (word, rest) = line.strip_prefix('[')?.split_once("] ")?;
        rest.starts_with(&format!("{number} - ")).then(|| word.to_owned())
    });
    word.ok_or_else(|| format!("{output:?}"))
}

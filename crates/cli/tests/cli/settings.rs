//! `dockward.toml` as a person meets it.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use crate::run::{Run, command};
use dockward_testbed::{Behaviour, FakeEngine};

fn check_in(folder: &Path) -> Run {
    let engine = FakeEngine::serve(Behaviour::empty_engine("1.41")).unwrap();
    let host = format!("unix://{}", engine.socket().display());
    Run::new(&command(folder).args(["check", "-H", &host]).output().unwrap())
}

#[test]
fn every_mistake_is_told_with_its_line() {
    let folder = tempfile::tempdir().unwrap();
    let text =
        "fail-onn = \"high\"\n\n[[waiver]]\nrule = \"container-privilegd\"\ncontainer = \"x\"\n";
    fs::write(folder.path().join("dockward.toml"), text).unwrap();
    let run = check_in(folder.path());
    assert_eq!(run.code, 2, "{}", run.err);
    for told in
        ["dockward.toml:1", "fail-on", "dockward.toml:4", "container-privileged", "owner", "reason"]
    {
        assert!(run.err.contains(told), "{told} is not in {}", run.err);
    }
    assert!(run.out.is_empty(), "nothing is judged by half a file");
}

#[test]
fn settings_that_anyone_may_write_are_not_read() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("dockward.toml");
    fs::write(&path, "fail-on = \"never\"\n").unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o666)).unwrap();
    let run = check_in(folder.path());
    assert_eq!(run.code, 2);
    assert!(run.err.contains("everyone may write to it"), "{}", run.err);
}

#[test]
fn an_expired_waiver_fails_the_run_and_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let text = "[[waiver]]\nrule = \"container-privileged\"\ncontainer = \"x\"\nowner = \"a\"\n\
                reason = \"b\"\nuntil = 2020-01-01\n";
    fs::write(folder.path().join("dockward.toml"), text).unwrap();
    let run = check_in(folder.path());
    assert_eq!(run.code, 1, "{}{}", run.out, run.err);
    assert!(run.out.contains("2020-01-01"), "{}", run.out);
}

#[test]
fn the_example_of_all_settings_is_understood_with_the_real_rules() {
    let folder = tempfile::tempdir().unwrap();
    let text = include_str!("../../../policy/src/example.toml");
    fs::write(folder.path().join("dockward.toml"), text).unwrap();
    let run = check_in(folder.path());
    assert_ne!(run.code, 2, "{}", run.err);
    assert!(run.out.contains("covers nothing"), "its waivers match nothing here: {}", run.out);
}

/// The recorded example host, checked from this folder.
fn check_example(folder: &Path, content_trust: &str) -> Run {
    let example = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/web-07.json");
    let mut command = command(folder);
    command.args(["check", "--only", "image-*", "--format", "json", "--snapshot"]).arg(example);
    Run::new(&command.env("DOCKER_CONTENT_TRUST", content_trust).output().unwrap())
}

#[test]
fn the_callers_own_docker_content_trust_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let [on, off] = ["1", "0"].map(|trust| check_example(folder.path(), trust));
    assert_eq!(on.out, off.out);
    assert!(on.out.contains("image-digest-pinned"), "{}", on.out);
}

#[test]
fn images_from_elsewhere_than_is_trusted_fail() {
    let folder = tempfile::tempdir().unwrap();
    let status = |trusted: &str| {
        let text = format!("[images]\ntrusted = [\"{trusted}\"]\n");
        fs::write(folder.path().join("dockward.toml"), text).unwrap();
        let report = check_example(folder.path(), "").json();
        let found = report["findings"].as_array().unwrap();
        let mut found = found.iter().filter(|f| f["rule"] == "image-trusted-source");
        found.next().map(|f| f["status"].as_str().unwrap().to_owned())
    };
    assert_eq!(status("registry.example.com/none/*").as_deref(), Some("fail"));
    assert_eq!(status("*/*"), None);
}

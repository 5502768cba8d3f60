//! The recorded example host: what a first look shows, and what the README says it shows.

use std::path::{Path, PathBuf};

use crate::run::{command, dockward};

fn checkout() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn example() -> String {
    checkout().join("examples/web-07.json").to_string_lossy().into_owned()
}

#[test]
fn the_readme_shows_what_is_printed() {
    let run = dockward(&["check", "--snapshot", &example()]);
    assert_eq!(run.code, 1, "{}", run.err);
    let readme = std::fs::read_to_string(checkout().join("README.md")).unwrap();
    assert!(readme.contains(run.out.trim_end()), "put this into README.md:\n{}", run.out);
}

#[test]
fn a_recorded_host_is_judged_the_same_each_time() {
    for format in ["text", "json", "sarif"] {
        let words = ["check", "--all", "--format", format, "--snapshot", &example()];
        assert_eq!(dockward(&words).out, dockward(&words).out, "{format}");
    }
}

#[test]
fn without_an_engine_the_example_is_shown_and_labelled_and_decides_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let nowhere = format!("unix://{}/docker.sock", folder.path().display());
    let host = ["check", "-H", &nowhere, "--fail-on", "never"];
    let alone = dockward(&host);
    let with_example = dockward(&[&host[..], &["--example", &example()]].concat());
    assert_eq!(with_example.code, alone.code);
    let labels = with_example.out.matches("EXAMPLE: a recorded host, not this one").count();
    assert_eq!(labels, 2, "first and last on its screen");
    assert_eq!(alone.out.matches("EXAMPLE").count(), 0);
}

#[test]
fn a_machine_never_reads_the_example() {
    let folder = tempfile::tempdir().unwrap();
    let nowhere = format!("unix://{}/docker.sock", folder.path().display());
    let words = ["check", "-H", &nowhere, "--format", "json", "--example", &example()];
    assert_eq!(dockward(&words).json()["example"], false);
}

#[test]
fn outputs_in_several_forms_come_from_one_run() {
    let folder = tempfile::tempdir().unwrap();
    let output = command(folder.path())
        .args(["check", "--snapshot", &example(), "-o", "json=a.json", "-o", "sarif=b.sarif"])
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(1));
    for (file, says) in [("a.json", "dockward.report/1"), ("b.sarif", "2.1.0")] {
        let text = std::fs::read_to_string(folder.path().join(file)).unwrap();
        assert!(text.contains(says), "{file}");
    }
}

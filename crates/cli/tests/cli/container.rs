//! Dockward as a container, run on real engines by the very command of the book's page.
//!
//! `scripts/image` packs the program that was built for the tests, with the libraries that it is
//! linked with: a static one would be a second build of everything. What is different from the image
//! that people build is the linking alone, and `scripts/image` refuses what is not static there.
//! `DOCKWARD_IMAGE=FILE.tar` (an absolute path) runs the same tests on what `scripts/image` built.

use std::path::Path;
use std::process::Command;

use dockward_testbed::{DaemonConfig, Engine, Suite};
use serde_json::Value;

use crate::run::{Run, findings};

const REPOSITORY: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");
const IMAGE: &str = concat!("dockward:", env!("CARGO_PKG_VERSION"));

/// Packs a program and gives the digest that is printed.
fn pack(program: &Path, tar: &Path) -> String {
    let script = Path::new(REPOSITORY).join("scripts/image");
    let output = Command::new(script).arg("--pack").args([program, tar]).output().unwrap();
    let run = Run::new(&output);
    assert_eq!(run.code, 0, "{}", run.err);
    run.out.trim().to_owned()
}

#[test]
fn the_same_binary_gives_the_same_image_wherever_it_lies() {
    let folder = tempfile::tempdir().unwrap();
    let tars = ["here", "elsewhere"].map(|name| {
        let program = folder.path().join(name);
        std::fs::write(&program, "the same bytes").unwrap();
        let tar = folder.path().join(format!("{name}.tar"));
        (pack(&program, &tar), std::fs::read(tar).unwrap())
    });
    assert!(tars[0].0.starts_with("sha256:"), "{}", tars[0].0);
    assert!(tars[0] == tars[1], "{} and {}", tars[0].0, tars[1].0);
}

#[test]
fn a_container_judges_its_host_and_waives_itself_on_20_10() {
    judged("a_container_judges_its_host_and_waives_itself_on_20_10", Suite::Bookworm);
}

#[test]
fn a_container_judges_its_host_and_waives_itself_on_28_5() {
    judged("a_container_judges_its_host_and_waives_itself_on_28_5", Suite::Sid);
}

/// 20.10 reads the form of `docker save`, 28.5 with containerd's store that of OCI.
fn judged(test: &str, suite: Suite) {
    let config = DaemonConfig { containerd_store: suite == Suite::Sid, ..DaemonConfig::default() };
    let Some(engine) = Engine::start_or_skip(test, suite, &config) else { return };
    let tar = engine.root().join("root/dockward.tar");
    match std::env::var_os("DOCKWARD_IMAGE") {
        Some(built) => drop(std::fs::copy(built, &tar).unwrap()),
        None => drop(pack(Path::new(env!("CARGO_BIN_EXE_dockward")), &tar)),
    }
    let said = engine.docker_ok(&["load", "-i", "/root/dockward.tar"]);
    assert_eq!(said, format!("Loaded image: {IMAGE}"));
    // Anyone can choose that name: it waives nothing.
    engine.import_busybox("dockward");
    let socket = "/var/run/docker.sock:/var/run/docker.sock";
    engine.docker_ok(&["run", "-d", "--name=web", "-p=8080:80", "-v", socket, "dockward"]);

    let json = look(&engine, &page(), "--format json");
    assert_eq!(json.code, 1, "{}{}", json.err, json.out);
    let report = json.json();
    assert_eq!(report["complete"], true, "{:#}", report["unseen"]);
    waives_itself_alone(&engine, &report);
    let screen = look(&engine, &page(), "");
    assert_eq!(screen.code, 1, "{}", screen.err);
    for words in ["1 WAY TO ROOT", "anyone on the network → web → root on", " waived\n"] {
        assert!(screen.out.contains(words), "{words}: {}", screen.out);
    }
    less_is_incomplete(&engine);
}

/// The command that the book's page shows.
fn page() -> String {
    let page = Path::new(REPOSITORY).join("docs/src/container.md");
    let text = std::fs::read_to_string(page).unwrap();
    let (_, from) = text.split_once("\ndocker run ").expect("the page shows how to run it");
    let (command, _) = from.split_once("\n```").unwrap();
    format!("docker run {}", command.replace("\\\n", " "))
}

/// That command, with more words at its end.
fn look(engine: &Engine, command: &str, more: &str) -> Run {
    Run::new(&engine.exec_in_root(&["sh", "-c", &format!("{command} {more}")]))
}

/// Its own findings are there, waived with the image's id; nothing else is, and no way leads
/// through it.
fn waives_itself_alone(engine: &Engine, report: &Value) {
    let id = engine.docker_ok(&["image", "inspect", "--format", "{{.Id}}", IMAGE]);
    let all = report["findings"].as_array().unwrap();
    let (own, others): (Vec<_>, Vec<_>) =
        all.iter().partition(|finding| finding["subject"]["image"] == IMAGE);
    assert!(own.iter().any(|finding| finding["rule"] == "container-engine-socket"), "{own:#?}");
    for finding in own {
        assert_eq!(finding["waived"]["owner"], "dockward", "{finding:#}");
        assert!(finding["waived"]["reason"].as_str().unwrap().contains(&id), "{finding:#}");
    }
    assert!(others.iter().all(|finding| finding["waived"].is_null()), "{others:#?}");
    let web = findings(report, "web");
    assert!(web.iter().any(|finding| finding["rule"] == "container-engine-socket"), "{web:#?}");
    assert_eq!(report["paths"].as_array().unwrap().len(), 1, "{:#}", report["paths"]);
}

/// Without the host's network the run says what it lacks, and that it is incomplete.
fn less_is_incomplete(engine: &Engine) {
    let without = page().replace("--network host", "--network none");
    assert_ne!(without, page());
    let run = look(engine, &without, "--format json --fail-on never");
    assert_eq!(run.code, 3, "{}{}", run.err, run.out);
    let report = run.json();
    let unseen = &report["unseen"][0];
    assert_eq!(unseen["what"], "the packet filter's rules", "{unseen:#}");
    assert!(unseen["hint"].as_str().unwrap().contains("its container with"), "{unseen:#}");
    let all = report["findings"].as_array().unwrap();
    let unknown = all.iter().find(|finding| finding["rule"] == "host-route-localnet").unwrap();
    assert_eq!(unknown["status"], "unknown");
    assert!(unknown["message"].as_str().unwrap().contains("--network host"), "{unknown:#}");
}

//! Images on real engines: how they were built, what is in them, and which nobody uses.

use std::path::Path;

use dockward_testbed::{DaemonConfig, Engine, Suite};
use serde_json::Value;

use crate::run::{Run, findings};

const DOCKERFILE: &str = "\
FROM plain
RUN cp /bin/busybox /bin/suid && chmod 4755 /bin/suid && cp /bin/suid /bin/gone && chmod 2755 /bin/gone
RUN rm /bin/gone
RUN cp /bin/busybox /bin/tamed && chmod 6755 /bin/tamed
RUN chmod 755 /bin/tamed
RUN apt-get update || true
RUN (curl -fsSL http://127.0.0.1:9/install | sh) || true
COPY app.conf /etc/copied.conf
ADD app.tar /opt/
ADD app.conf /etc/app.conf
USER 0:0
HEALTHCHECK CMD [\"/bin/true\"]
";

#[test]
fn images_are_judged_by_their_steps_and_files_on_20_10() {
    judged("images_are_judged_by_their_steps_and_files_on_20_10", Suite::Bookworm);
}

#[test]
fn images_are_judged_by_their_steps_and_files_on_28_5() {
    judged("images_are_judged_by_their_steps_and_files_on_28_5", Suite::Sid);
}

/// 20.10 has overlay2 and the classic builder, 28.5 containerd's store and BuildKit.
fn judged(test: &str, suite: Suite) {
    let config = DaemonConfig { containerd_store: suite == Suite::Sid, ..DaemonConfig::default() };
    let Some(engine) = Engine::start_or_skip(test, suite, &config) else { return };
    engine.import_busybox("plain");
    engine.build_image("built", DOCKERFILE);
    engine.load_busybox("old", "2024-01-02T03:04:05Z", r#"{"User":"1000","Cmd":["sleep","9"]}"#);
    engine.import_busybox_with("spare", &["LABEL a=b"]);
    for words in
        [["run", "-d", "--name=web", "built"], ["create", "--name=idle", "--init=false", "old"]]
    {
        docker(&engine, &words);
    }
    let report = check(&engine, &["--deep"]).json();
    steps_are_told(&report);
    setuid_files_are_found(&report);
    sources_are_told(&report);
    what_is_not_needed_goes_by_the_commands_that_are_shown(&engine, &report);
}

fn docker(engine: &Engine, words: &[&str]) {
    let output = engine.exec_in_root(&[&["docker"], words].concat());
    assert!(output.status.success(), "{words:?}: {}", String::from_utf8_lossy(&output.stderr));
}

/// The program as root on the engine's own host.
fn check(engine: &Engine, more: &[&str]) -> Run {
    let program = engine.install(Path::new(env!("CARGO_BIN_EXE_dockward"))).unwrap();
    let program = program.to_string_lossy();
    let words = [&*program, "check", "--format", "json"];
    Run::new(&engine.exec_in_root(&[&words, more].concat()))
}

fn finding<'j>(report: &'j Value, subject: &str, rule: &str) -> Option<&'j Value> {
    findings(report, subject).into_iter().find(|finding| finding["rule"] == rule)
}

fn of_engine<'j>(report: &'j Value, rule: &str) -> &'j Value {
    let all = report["findings"].as_array().unwrap();
    all.iter().find(|f| f["rule"] == rule).unwrap_or_else(|| panic!("no {rule}"))
}

fn seen(finding: &Value) -> Vec<&str> {
    finding["evidence"].as_array().unwrap().iter().map(|e| e["seen"].as_str().unwrap()).collect()
}

fn steps_are_told(report: &Value) {
    for (rule, wanted) in [
        ("image-update-alone", "apt-get update || true"),
        ("image-add-instruction", "ADD "),
        ("image-verified-packages", "curl -fsSL"),
    ] {
        let finding = finding(report, "built:latest", rule).unwrap_or_else(|| panic!("no {rule}"));
        assert!(seen(finding).iter().all(|seen| seen.contains(wanted)), "{finding:#}");
    }
    let user = finding(report, "built:latest", "image-root-user").expect("0:0 is root");
    assert_eq!(seen(user), ["0:0"]);
    for rule in ["image-root-user", "image-add-instruction", "image-update-alone"] {
        assert!(finding(report, "old:latest", rule).is_none(), "{rule}");
    }
    let age = finding(report, "old:latest", "image-age").expect("it is old");
    assert!(seen(age)[0].ends_with("built on 2024-01-02"), "{age:#}");
    assert!(finding(report, "built:latest", "image-age").is_none());
}

fn setuid_files_are_found(report: &Value) {
    let found = finding(report, "built:latest", "image-setuid-files").expect("/bin/suid");
    assert_eq!(found["status"], "fail", "{found:#}");
    assert_eq!(seen(found), ["/bin/suid, mode 4755, uid 0, gid 0"]);
}

fn sources_are_told(report: &Value) {
    let source = of_engine(report, "image-trusted-source");
    assert_eq!(source["status"], "review", "{source:#}");
    assert!(!seen(source).is_empty());
}

fn what_is_not_needed_goes_by_the_commands_that_are_shown(engine: &Engine, report: &Value) {
    let containers = of_engine(report, "container-sprawl");
    assert_eq!(containers["message"], "1 of 2 containers never ran", "{containers:#}");
    run_fix(engine, containers);
    let report = check(engine, &[]).json();
    let images = of_engine(&report, "image-sprawl");
    assert!(seen(images).iter().any(|seen| seen.starts_with("spare:latest ")), "{images:#}");
    assert!(seen(images).iter().any(|seen| seen.starts_with("old:latest ")), "{images:#}");
    run_fix(engine, images);
    let report = check(engine, &[]).json();
    let left = report["findings"].as_array().unwrap();
    let sprawl = |finding: &&Value| finding["rule"].as_str().unwrap().ends_with("-sprawl");
    assert_eq!(left.iter().filter(sprawl).collect::<Vec<_>>(), Vec::<&Value>::new());
    let unwalked = of_engine(&report, "image-setuid-files");
    assert_eq!((&unwalked["status"], &unwalked["severity"]), (&"review".into(), &"low".into()));
}

/// Runs the command that a finding shows, as a person would who copies it.
fn run_fix(engine: &Engine, finding: &Value) {
    let fix = finding["fix"].as_str().unwrap();
    let command = fix.split('`').nth(1).unwrap_or_else(|| panic!("no command: {finding:#}"));
    let output = engine.exec_in_root(&["sh", "-c", command]);
    assert!(output.status.success(), "{command}: {}", String::from_utf8_lossy(&output.stderr));
}

//! The docker command against real engines, directly and through a guard that lets everything through: the same output
//! and the same exit codes.

#![allow(clippy::unwrap_used, reason = "a test may panic, in its helping functions too")]

use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use dockward_testbed::{DaemonConfig, Engine, Suite};

const SCRIPT: &str = include_str!("live.sh");

/// A guard before an engine, until it is dropped.
struct Pass(Child);

impl Pass {
    fn before(engine: &Engine, name: &str, refused: &[&str]) -> Self {
        let own = std::env::current_exe().unwrap();
        let program = own.parent().unwrap().parent().unwrap().join("examples/pass");
        let socket = engine.socket().with_file_name(name);
        let mut command = Command::new(program);
        command.arg(engine.socket()).arg(&socket).args(refused).stdin(Stdio::null());
        let guard = Self(command.spawn().unwrap());
        wait_for(&socket);
        guard
    }
}

impl Drop for Pass {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn wait_for(socket: &PathBuf) {
    for _ in 0..500 {
        if std::os::unix::net::UnixStream::connect(socket).is_ok() {
            return;
        }
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
    panic!("nobody listens at {}", socket.display());
}

/// What the script prints, with each id as `ID`.
fn told(engine: &Engine, socket: &str) -> String {
    let host = format!("DOCKER_HOST=unix:///run/{socket}");
    let mut command = engine.command(&["timeout", "300", "env", &host, "sh", "-c", SCRIPT]);
    let output = command.output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(text.contains("## unknown"), "{socket}: {}\n{text}", output.status);
    // The command of 20.10 says this or not, as two of its own threads race.
    let racing = |line: &&str| !line.contains("error waiting for container: context canceled");
    without_ids(&text.lines().filter(racing).map(|line| format!("{line}\n")).collect::<String>())
}

fn without_ids(text: &str) -> String {
    let mut out = String::new();
    for word in text.split_inclusive(|c: char| !c.is_ascii_hexdigit()) {
        let digits = word.trim_end_matches(|c: char| !c.is_ascii_hexdigit());
        // Sums are compared: ids alone have 12 digits, or 64 on a line of their own.
        let id = digits.len() == 12 || (digits.len() == 64 && word.ends_with('\n'));
        let rest = word.strip_prefix(digits).unwrap_or_default();
        out.push_str(if id { "ID" } else { digits });
        out.push_str(rest);
    }
    out
}

fn the_same(test: &str, suite: Suite, config: &DaemonConfig) {
    let Some(engine) = Engine::start_or_skip(test, suite, config) else { return };
    engine.import_busybox("busybox");
    let _guard = Pass::before(&engine, "guard.sock", &[]);
    let direct = told(&engine, "docker.sock");
    let guarded = told(&engine, "guard.sock");
    let sections =
        |text: &str| -> Vec<String> { text.split("\n\n## ").map(str::to_owned).collect() };
    let (direct, guarded) = (sections(&direct), sections(&guarded));
    assert_eq!(direct.len(), guarded.len());
    assert!(direct.len() > 55, "{}", direct.len());
    for (direct, guarded) in direct.iter().zip(&guarded) {
        assert_eq!(direct, guarded, "{suite}");
    }
    refusals_are_read(&engine);
    // They are not the same because nothing works.
    let failed = direct.iter().filter(|section| !section.contains("## exit code 0")).count();
    assert!(failed <= 16, "{failed} failed: {direct:#?}");
}

/// What is refused in the middle of a long body must not look like a broken pipe.
fn refusals_are_read(engine: &Engine) {
    let refused =
        ["/images/load", "/build", "/images/create", "/containers/create", "/images/json"];
    let _guard = Pass::before(engine, "refusing.sock", &refused);
    for (words, path) in [
        ("head -c 60000000 /dev/zero | docker load", "/images/load"),
        ("head -c 60000000 /dev/zero | docker import - big", "/images/create"),
        (
            "cd $(mktemp -d); head -c 60000000 /dev/zero >big; printf 'FROM busybox' >Dockerfile; \
             DOCKER_BUILDKIT=0 docker build .",
            "/build",
        ),
        ("docker run busybox true", "/containers/create"),
        ("docker images", "/images/json"),
    ] {
        let host = "DOCKER_HOST=unix:///run/refusing.sock";
        let output = engine.exec_in_root(&["env", host, "sh", "-c", &format!("({words}) 2>&1")]);
        let told = String::from_utf8_lossy(&output.stdout);
        assert!(!output.status.success(), "{words}: {told}");
        assert!(told.contains(&format!("refused here: {path}")), "{words}: {told}");
    }
}

#[test]
fn every_verb_is_the_same_through_the_guard_on_20_10() {
    let test = "every_verb_is_the_same_through_the_guard_on_20_10";
    the_same(test, Suite::Bookworm, &DaemonConfig::default());
}

#[test]
fn every_verb_is_the_same_through_the_guard_on_28_5_with_buildkit() {
    let test = "every_verb_is_the_same_through_the_guard_on_28_5_with_buildkit";
    the_same(test, Suite::Sid, &DaemonConfig::default());
}

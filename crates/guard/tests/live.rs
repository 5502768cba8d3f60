//! The docker command against a guard that refuses: it must be told so, however long the body. That what is let through
//! is the same as directly is tested under the rules, in the program's own tests.

#![allow(clippy::unwrap_used, reason = "a test may panic, in its helping functions too")]

use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use dockward_testbed::{DaemonConfig, Engine, Suite};

/// A guard that refuses some paths, before an engine, until it is dropped.
struct Pass(Child);

impl Pass {
    fn before(engine: &Engine, refused: &[&str]) -> Self {
        let own = std::env::current_exe().unwrap();
        let program = own.parent().unwrap().parent().unwrap().join("examples/pass");
        let socket = engine.socket().with_file_name("refusing.sock");
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

/// What is refused in the middle of a long body must not look like a broken pipe.
fn refusals_are_read(test: &str, suite: Suite) {
    let config = DaemonConfig::default();
    let Some(engine) = Engine::start_or_skip(test, suite, &config) else { return };
    engine.import_busybox("busybox");
    let refused =
        ["/images/load", "/build", "/images/create", "/containers/create", "/images/json"];
    let _guard = Pass::before(&engine, &refused);
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
fn refusals_are_read_by_the_command_of_20_10() {
    refusals_are_read("refusals_are_read_by_the_command_of_20_10", Suite::Bookworm);
}

#[test]
fn refusals_are_read_by_the_command_of_28_5() {
    refusals_are_read("refusals_are_read_by_the_command_of_28_5", Suite::Sid);
}

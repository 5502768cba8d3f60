//! The file system of the ledger is full: one of its own, in a mount namespace that others have not.

use std::fs::File;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use dockward_testbed::{DaemonConfig, Engine, Skip, Suite};

use super::raw::{Raw, create, ping};
use super::until;
use crate::run::Run;

/// A process that has the file system, and the guard that records on it.
struct Small {
    folder: tempfile::TempDir,
    holder: Child,
    guard: Option<Child>,
    engine: PathBuf,
}

impl Small {
    /// A file system of that many megabytes; none where none can be mounted here.
    fn mounted(test: &str, engine: &Engine, megabytes: u32) -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        let script = format!(
            "mount -t tmpfs -o size={megabytes}m,mode=0755 ledger \"$0\" && echo there && exec sleep 600"
        );
        let mut holder = Command::new("unshare")
            .args(["--mount", "--propagation", "private", "sh", "-c", &script])
            .arg(folder.path())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut said = String::new();
        BufReader::new(holder.stdout.take().unwrap()).read_line(&mut said).unwrap();
        let engine = engine.socket().to_owned();
        let small = Self { folder, holder, guard: None, engine };
        if said.is_empty() {
            Skip::because("no file system can be mounted here").announce(test);
            return None;
        }
        Some(small)
    }

    /// A command that sees the file system.
    fn command(&self, program: &str) -> Command {
        let mut command = Command::new("nsenter");
        command.arg(format!("--mount=/proc/{}/ns/mnt", self.holder.id())).arg("--").arg(program);
        command.current_dir("/").env_clear().env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin");
        command
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Where it is seen from here.
    fn seen(&self, name: &str) -> PathBuf {
        let path = self.path(name);
        let path = path.strip_prefix("/").unwrap();
        Path::new(&format!("/proc/{}/root", self.holder.id())).join(path)
    }

    fn socket(&self) -> PathBuf {
        self.engine.with_file_name("guard.sock")
    }

    fn start(&mut self) {
        let mut command = self.command(env!("CARGO_BIN_EXE_dockward"));
        command.args(["guard", "run", "--engine"]).arg(&self.engine).arg("--listen");
        command.arg(self.socket()).arg("--ledger").arg(self.path("ledger"));
        command.args(["--reserve", "1", "--glass", "/nonexistent/bypass"]);
        self.guard = Some(command.stderr(Stdio::piped()).spawn().unwrap());
        let up = || std::os::unix::net::UnixStream::connect(self.socket()).is_ok();
        until("the guard does not come up", up);
        // It listens before its ledger is open, and serves after that.
        assert_eq!(self.ask(&ping()).0, 200);
    }

    /// Takes all the room that is left.
    fn fill(&self, name: &str) {
        let mut file = File::create(self.seen(name)).unwrap();
        for size in [1 << 16, 1] {
            while file.write_all(&vec![1; size]).is_ok() {}
        }
    }

    fn ask(&self, request: &str) -> (u16, String) {
        Raw::ask(&self.socket(), request)
    }

    fn dockward(&self, words: &[&str]) -> Run {
        let mut command = self.command(env!("CARGO_BIN_EXE_dockward"));
        let command = command.arg("ledger").args(words).arg(self.path("ledger"));
        Run::new(&command.output().unwrap())
    }

    fn end(&mut self) {
        let mut guard = self.guard.take().unwrap();
        let pid = rustix::process::Pid::from_child(&guard);
        rustix::process::kill_process(pid, rustix::process::Signal::TERM).unwrap();
        let mut said = String::new();
        guard.stderr.take().unwrap().read_to_string(&mut said).unwrap();
        assert!(guard.wait().unwrap().success(), "{said}");
    }
}

impl Drop for Small {
    fn drop(&mut self) {
        for child in self.guard.iter_mut().chain([&mut self.holder]) {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

fn remove(name: &str) -> String {
    let of = "HTTP/1.1\r\nHost: docker\r\nConnection: close\r\n\r\n";
    format!("DELETE /v1.41/containers/{name}?force=1 {of}")
}

/// Removes, stops and prunes pass in any case.
fn room_can_be_made(small: &Small) {
    let of = "HTTP/1.1\r\nHost: docker\r\nConnection: close\r\nContent-Length: 0\r\n\r\n";
    for (request, wanted) in [
        (remove("first"), 204),
        (format!("POST /v1.41/containers/second/stop {of}"), 304),
        (format!("POST /v1.41/containers/prune {of}"), 200),
        (ping(), 200),
    ] {
        let (status, told) = small.ask(&request);
        assert_eq!(status, wanted, "{request}{told}");
    }
}

#[test]
fn on_a_full_disk_the_reserve_records_and_what_makes_room_always_passes() {
    let test = "on_a_full_disk_the_reserve_records_and_what_makes_room_always_passes";
    let Some(engine) = Engine::start_or_skip(test, Suite::Sid, &DaemonConfig::default()) else {
        return;
    };
    engine.import_busybox(crate::guard::IMAGE);
    with_a_reserve(test, &engine);
    without(test, &engine);
}

/// All goes on and is on record, until half of it is used up. The rest is for what makes room.
fn with_a_reserve(test: &str, engine: &Engine) {
    let Some(mut small) = Small::mounted(test, engine, 4) else { return };
    small.start();
    small.fill("of somebody else");
    for name in ["first", "second", "third"] {
        let (status, told) = small.ask(&create(name, ""));
        assert_eq!(status, 201, "{told}");
    }
    // What filled the disk takes nothing of what was kept.
    small.fill("of somebody else, too");
    let denied = create("never", r#""Privileged":true"#);
    let full = (0..10_000).any(|n| {
        assert_eq!(small.ask(&denied).0, 403);
        n % 50 == 0 && small.ask(&create(&format!("more-{n}"), "")).0 == 503
    });
    assert!(full, "a reserve has an end");
    room_can_be_made(&small);
    is_refused_and_taken_again(&small, engine);
    small.end();
    let shown = small.dockward(&["show"]);
    for operation in ["container-create first", "container-remove first", "container-prune"] {
        let line = shown.out.lines().find(|line| line.contains(operation));
        assert!(line.is_some_and(|line| line.contains("allowed")), "{operation}: {line:?}");
    }
    let verified = small.dockward(&["verify"]);
    assert_eq!(verified.code, 3, "some were lost: {}{}", verified.out, verified.err);
}

/// Nothing is added that nobody would know of, until there is room again.
fn is_refused_and_taken_again(small: &Small, engine: &Engine) {
    let holds = engine.docker_ok(&["ps", "-aq"]);
    let (status, told) = small.ask(&create("last", ""));
    assert!(status == 503 && told.contains("the disk that holds the ledger is full"), "{told}");
    assert_eq!(engine.docker_ok(&["ps", "-aq"]), holds, "nothing goes on that is not recorded");
    std::fs::remove_file(small.seen("of somebody else")).unwrap();
    until("there is room again", || small.ask(&create("last", "")).0 == 201);
}

/// Nothing is added that nobody would know of.
fn without(test: &str, engine: &Engine) {
    let Some(mut small) = Small::mounted(test, engine, 1) else { return };
    small.start();
    for name in ["first", "second"] {
        assert_eq!(small.ask(&create(name, "")).0, 201);
    }
    small.fill("of somebody else");
    let mut left = (0..1_000).map(|n| small.ask(&create(&format!("more-{n}"), "")));
    assert!(left.any(|(status, _)| status == 503), "it is full");
    room_can_be_made(&small);
    is_refused_and_taken_again(&small, engine);
    small.end();
    let shown = small.dockward(&["show"]);
    assert!(
        shown.out.contains("entries could not be recorded: there was no room"),
        "{}",
        shown.out
    );
    let verified = small.dockward(&["verify"]);
    assert_eq!(verified.code, 3, "some were lost: {}{}", verified.out, verified.err);
}

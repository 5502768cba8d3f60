//! The guard before real engines, with the docker command as its caller. Everything runs within the
//! engine's own root and namespaces, where callers are of the host and containers are in cgroups of
//! their own.

use std::fs;
use std::io::Read as _;
use std::path::PathBuf;
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use dockward_testbed::{DaemonConfig, Engine, Suite};
use serde_json::Value;

use crate::run::Run;

const IMAGE: &str = "box:1";

/// An engine with the guard before it.
struct Guarded {
    engine: Engine,
    program: PathBuf,
    guard: Child,
}

impl Guarded {
    fn start(test: &str, suite: Suite, settings: &str, words: &[&str]) -> Option<Self> {
        let engine = Engine::start_or_skip(test, suite, &DaemonConfig::default())?;
        engine.import_busybox(IMAGE);
        let program = engine.install(env!("CARGO_BIN_EXE_dockward").as_ref()).unwrap();
        fs::create_dir_all(engine.root().join("etc/dockward")).unwrap();
        fs::write(engine.root().join("etc/dockward/dockward.toml"), settings).unwrap();
        let guard = spawn(&engine, &program, words);
        let guarded = Self { engine, program, guard };
        guarded.wait();
        Some(guarded)
    }

    fn wait(&self) {
        let deadline = Instant::now() + Duration::from_secs(30);
        while !self.docker(&["version"]).out.contains("Server") {
            assert!(Instant::now() < deadline, "the guard does not come up");
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// The docker command, through the guard.
    fn docker(&self, words: &[&str]) -> Run {
        let all: Vec<&str> =
            ["docker", "-H", "unix:///run/guard.sock"].iter().chain(words).copied().collect();
        Run::new(&self.engine.exec_in_root(&all))
    }

    fn passes(&self, words: &[&str]) -> String {
        let run = self.docker(words);
        assert_eq!(run.code, 0, "docker {words:?}: {}", run.err);
        run.out.trim().to_owned()
    }

    fn is_denied(&self, words: &[&str], rule: &str) {
        let run = self.docker(words);
        assert_ne!(run.code, 0, "docker {words:?}: {}", run.out);
        let line = run.err.lines().find(|line| line.contains("dockward:"));
        let line = line.unwrap_or_else(|| panic!("docker {words:?}: {}", run.err));
        assert!(line.contains(rule), "docker {words:?}: {line}");
    }

    fn dockward(&self, words: &[&str]) -> Run {
        let program = self.program.to_string_lossy().into_owned();
        let all: Vec<&str> = std::iter::once(&*program).chain(words.iter().copied()).collect();
        Run::new(&self.engine.exec_in_root(&all))
    }

    /// The guard's process, as we count: the one that `nsenter` became.
    fn signal(&self, signal: &str) {
        let inside = self.engine.exec_in_root(&["sh", "-c", &format!(
            "for p in /proc/[0-9]*; do case $(tr '\\0' ' ' <$p/cmdline 2>/dev/null) in *dockward\\ guard\\ run*) kill -{signal} ${{p#/proc/}};; esac; done"
        )]);
        assert!(inside.status.success());
    }

    fn end(mut self) -> (Engine, PathBuf) {
        self.signal("TERM");
        let mut said = String::new();
        self.guard.stderr.take().unwrap().read_to_string(&mut said).unwrap();
        assert!(self.guard.wait().unwrap().success(), "{said}");
        (self.engine, self.program)
    }
}

fn spawn(engine: &Engine, program: &std::path::Path, more: &[&str]) -> Child {
    let program = program.to_string_lossy().into_owned();
    let mut words = vec![&*program, "guard", "run", "--engine", "/run/docker.sock", "--listen"];
    words.extend(["/run/guard.sock", "--ledger", "/var/lib/ledger"]);
    words.extend(more);
    engine.command(&words).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap()
}

#[test]
fn nothing_unsafe_starts_on_20_10() {
    nothing_unsafe_starts("nothing_unsafe_starts_on_20_10", Suite::Bookworm);
}

#[test]
fn nothing_unsafe_starts_on_26_1() {
    nothing_unsafe_starts("nothing_unsafe_starts_on_26_1", Suite::Trixie);
}

#[test]
fn nothing_unsafe_starts_on_28_5() {
    nothing_unsafe_starts("nothing_unsafe_starts_on_28_5", Suite::Sid);
}

fn nothing_unsafe_starts(test: &str, suite: Suite) {
    let Some(guarded) = Guarded::start(test, suite, "[guard]\nbind-roots = [\"/srv/data\"]\n", &[])
    else {
        return;
    };
    fs::create_dir_all(guarded.engine.root().join("srv/data/a")).unwrap();
    assert_eq!(guarded.passes(&["run", "--rm", IMAGE, "echo", "hi"]), "hi");
    guarded.passes(&[
        "run", "-d", "--name", "web", "-v", "data:/d", "-p", "18080:80", IMAGE, "sleep", "600",
    ]);
    guarded.passes(&["run", "--rm", "-v", "/srv/data/a:/a", IMAGE, "touch", "/a/x"]);
    assert!(guarded.engine.root().join("srv/data/a/x").exists());
    assert_eq!(guarded.passes(&["exec", "web", "echo", "in"]), "in");
    for (words, rule) in [
        (&["run", "--privileged", IMAGE, "true"][..], "container-privileged"),
        (&["run", "--cap-add", "SYS_ADMIN", IMAGE, "true"], "container-capabilities"),
        (&["run", "-v", "/:/host", IMAGE, "true"], "container-engine-socket"),
        (&["run", "-v", "/srv:/s", IMAGE, "true"], "guard-bind-root"),
        (&["create", "--pid", "host", IMAGE], "container-host-pid"),
        (&["exec", "--privileged", "web", "id"], "container-exec-privileged"),
        (
            &["volume", "create", "-o", "type=none", "-o", "o=bind", "-o", "device=/etc", "v"],
            "container-host-root-mount",
        ),
        (&["plugin", "disable", "x"], "guard-plugin"),
        (&["swarm", "init"], "guard-swarm"),
        (&["network", "create", "-d", "macvlan", "n"], "guard-network-driver"),
    ] {
        guarded.is_denied(words, rule);
    }
    // Made before the guard, or around it.
    guarded.engine.docker_ok(&["create", "--name", "older", "--privileged", IMAGE, "true"]);
    guarded.is_denied(&["start", "older"], "container-privileged");
    let privileged = guarded.engine.docker_ok(&["ps", "-aq", "--filter", "name=older"]);
    let all = guarded.engine.docker_ok(&["ps", "-aq"]);
    assert_eq!(all.lines().count(), 2, "web and {privileged}: {all}");
    let (engine, program) = guarded.end();
    let program = program.to_string_lossy();
    let shown = Run::new(&engine.exec_in_root(&[
        &program,
        "ledger",
        "show",
        "/var/lib/ledger",
        "--denied",
        "--format",
        "json",
    ]));
    assert_eq!(shown.out.lines().count(), 11, "{}", shown.out);
    let verified =
        Run::new(&engine.exec_in_root(&[&program, "ledger", "verify", "/var/lib/ledger"]));
    assert_eq!(verified.code, 0, "{}{}", verified.out, verified.err);
}

#[test]
fn a_container_is_a_caller_by_its_name_and_never_root() {
    let settings = "[[guard.caller]]\ncontainer = \"agent\"\npreset = \"traefik\"\n";
    let test = "a_container_is_a_caller_by_its_name_and_never_root";
    let Some(guarded) = Guarded::start(test, Suite::Sid, settings, &[]) else { return };
    guarded.passes(&["run", "-d", "--name", "web", "-e", "TOKEN=hunter2", IMAGE, "sleep", "600"]);
    let engine = &guarded.engine;
    for name in ["agent", "other"] {
        engine.docker_ok(&["run", "-d", "--name", name, "-v", "/:/host", IMAGE, "sleep", "600"]);
    }
    let from = |container: &str, words: &[&str]| {
        let mut all =
            vec!["exec", container, "chroot", "/host", "docker", "-H", "unix:///run/guard.sock"];
        all.extend(words);
        Run::new(&engine.docker(&all))
    };
    let seen = from("agent", &["inspect", "web"]);
    assert_eq!(seen.code, 0, "{}", seen.err);
    let seen: Value = serde_json::from_str(&seen.out).unwrap();
    assert_eq!(seen[0]["Name"], "/web");
    assert!(!seen.to_string().contains("hunter2"), "{seen}");
    let denied = from("agent", &["run", IMAGE, "true"]);
    assert!(denied.err.contains("container:agent may not do `container-create`"), "{}", denied.err);
    // Nothing is said of this one: it may do what everybody may, and is not root for its uid 0.
    let other = from("other", &["inspect", "-f", "{{.Config.Env}}", "web"]);
    assert!(other.out.contains("hunter2"), "{}{}", other.out, other.err);
    guarded.is_denied(&["run", "--privileged", IMAGE, "true"], "container-privileged");
    let (engine, program) = guarded.end();
    let program = program.to_string_lossy();
    let shown = Run::new(&engine.exec_in_root(&[
        &program,
        "ledger",
        "show",
        "/var/lib/ledger",
        "--format",
        "json",
    ]));
    assert!(
        shown.out.contains("container:agent") && shown.out.contains("container:other"),
        "{}",
        shown.out
    );
    assert!(!shown.out.contains("hunter2"));
}

#[test]
fn settings_that_are_wrong_don_t_take_the_place_of_those_that_hold() {
    let test = "settings_that_are_wrong_don_t_take_the_place_of_those_that_hold";
    let Some(guarded) = Guarded::start(test, Suite::Sid, "", &[]) else { return };
    let privileged = ["run", "--rm", "--privileged", IMAGE, "true"];
    guarded.is_denied(&privileged, "container-privileged");
    let file = guarded.engine.root().join("etc/dockward/dockward.toml");
    fs::write(&file, "[guard]\nprofile = \"none\"\n").unwrap();
    guarded.signal("HUP");
    std::thread::sleep(Duration::from_millis(500));
    guarded.is_denied(&privileged, "container-privileged");
    fs::write(&file, "[guard]\nprofile = \"observe\"\n").unwrap();
    guarded.signal("HUP");
    let deadline = Instant::now() + Duration::from_secs(10);
    // The start itself may fail here, where nothing may be privileged.
    while guarded.docker(&privileged).err.contains("dockward:") {
        assert!(Instant::now() < deadline, "the new settings do not hold");
    }
    // What was seen becomes settings that are understood.
    let proposed = guarded.dockward(&["guard", "propose", "/var/lib/ledger"]);
    assert!(
        proposed.out.contains("# container-privileged = \"allow\""),
        "{}{}",
        proposed.out,
        proposed.err
    );
    assert!(proposed.out.contains("user = \"root\""), "{}", proposed.out);
}

#[test]
fn a_guard_that_was_killed_goes_on_where_it_was() {
    let test = "a_guard_that_was_killed_goes_on_where_it_was";
    let Some(mut guarded) = Guarded::start(test, Suite::Trixie, "", &[]) else { return };
    guarded.passes(&["run", "-d", "--name", "web", IMAGE, "sleep", "600"]);
    guarded.signal("KILL");
    guarded.guard.wait().unwrap();
    assert_ne!(guarded.docker(&["ps"]).code, 0, "nobody listens");
    guarded.guard = spawn(&guarded.engine, &guarded.program, &[]);
    guarded.wait();
    assert!(guarded.passes(&["ps"]).contains("web"));
    guarded.is_denied(&["run", "--privileged", IMAGE, "true"], "container-privileged");
    let (engine, program) = guarded.end();
    let verified = Run::new(&engine.exec_in_root(&[
        &program.to_string_lossy(),
        "ledger",
        "verify",
        "/var/lib/ledger",
    ]));
    assert!(matches!(verified.code, 0 | 3), "{}{}", verified.out, verified.err);
}

#[test]
fn a_command_is_rehearsed_and_nothing_is_changed() {
    let test = "a_command_is_rehearsed_and_nothing_is_changed";
    let Some(guarded) = Guarded::start(test, Suite::Sid, "", &[]) else { return };
    let tried = |words: &[&str]| {
        let mut all = vec!["guard", "try", "--engine", "/run/docker.sock", "--"];
        all.extend(words);
        guarded.dockward(&all)
    };
    let passing = tried(&["docker", "run", "--name", "web", IMAGE, "true"]);
    assert_eq!(
        (passing.code, passing.out.trim()),
        (0, "container-create: passes"),
        "{}",
        passing.err
    );
    let denied = tried(&["docker", "run", "--privileged", "-v", "/etc:/e", IMAGE, "true"]);
    assert_eq!(denied.code, 1, "{}{}", denied.out, denied.err);
    for line in
        ["leave out HostConfig.Privileged (`true`)", "leave out HostConfig.Binds (`/etc:/e`)"]
    {
        assert!(denied.out.contains(line), "{}", denied.out);
    }
    assert_eq!(guarded.engine.docker_ok(&["ps", "-aq"]), "");
    guarded.engine.docker_ok(&["create", "--name", "older", "--network", "host", IMAGE, "true"]);
    let older =
        guarded.dockward(&["guard", "try", "--engine", "/run/docker.sock", "--container", "older"]);
    assert!(
        older.code == 1 && older.out.contains("container-host-network"),
        "{}{}",
        older.out,
        older.err
    );
    let none =
        guarded.dockward(&["guard", "try", "--engine", "/run/docker.sock", "--", "docker", "ps"]);
    assert!(none.code == 2 && none.err.contains("change nothing"), "{}{}", none.out, none.err);
}

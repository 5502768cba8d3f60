//! The guard before real engines, with the docker command as its caller: of this host, or from within
//! a container. The command is that of the engine's own root, which is all that it sees.

use std::fs;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use dockward_testbed::{DaemonConfig, Engine, Suite};
use serde_json::Value;

use crate::run::Run;

pub(crate) const IMAGE: &str = "box:1";

/// An engine with the guard before it.
pub(crate) struct Guarded {
    pub(crate) engine: Engine,
    pub(crate) folder: tempfile::TempDir,
    pub(crate) guard: Child,
}

impl Guarded {
    fn start(test: &str, suite: Suite, settings: &str) -> Option<Self> {
        let engine = Engine::start_or_skip(test, suite, &DaemonConfig::default())?;
        Some(Self::before(engine, settings))
    }

    pub(crate) fn before(engine: Engine, settings: &str) -> Self {
        Self::before_with(engine, settings, |_| {})
    }

    /// The same, with more to its command.
    pub(crate) fn before_with(engine: Engine, settings: &str, more: impl Fn(&mut Command)) -> Self {
        engine.import_busybox(IMAGE);
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("dockward.toml"), settings).unwrap();
        let guard = spawn(&engine, folder.path(), more);
        let guarded = Self { engine, folder, guard };
        guarded.wait();
        guarded
    }

    pub(crate) fn wait(&self) {
        let deadline = Instant::now() + Duration::from_secs(30);
        while !self.docker(&["version"]).out.contains("Server") {
            assert!(Instant::now() < deadline, "the guard does not come up");
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// The docker command, through the guard, as a process of this host.
    pub(crate) fn command(&self, words: &[&str]) -> Command {
        let mut command = Command::new("timeout");
        command.arg("60").arg("chroot").arg(self.engine.root());
        command.args(["docker", "-H", "unix:///run/guard.sock"]).args(words);
        let path = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
        command.env_clear().env("PATH", path).env("HOME", "/root").stdin(Stdio::null());
        command
    }

    pub(crate) fn docker(&self, words: &[&str]) -> Run {
        Run::new(&self.command(words).output().unwrap())
    }

    /// Starts the guard again, after it ended.
    pub(crate) fn again(&mut self) {
        self.again_with(|_| {});
    }

    pub(crate) fn again_with(&mut self, more: impl Fn(&mut Command)) {
        self.guard = spawn(&self.engine, self.folder.path(), more);
        self.wait();
    }

    /// The socket that it listens on.
    pub(crate) fn socket(&self) -> PathBuf {
        self.engine.socket().with_file_name("guard.sock")
    }

    pub(crate) fn passes(&self, words: &[&str]) -> String {
        let run = self.docker(words);
        assert_eq!(run.code, 0, "docker {words:?}: {}", run.err);
        run.out.trim().to_owned()
    }

    pub(crate) fn is_denied(&self, words: &[&str], rule: &str) {
        let run = self.docker(words);
        assert_ne!(run.code, 0, "docker {words:?}: {}", run.out);
        let line = run.err.lines().find(|line| line.contains("dockward:"));
        let line = line.unwrap_or_else(|| panic!("docker {words:?}: {}", run.err));
        assert!(line.contains(rule), "docker {words:?}: {line}");
    }

    pub(crate) fn signal(&self, signal: rustix::process::Signal) {
        let pid = rustix::process::Pid::from_child(&self.guard);
        rustix::process::kill_process(pid, signal).unwrap();
    }

    pub(crate) fn dockward(&self, words: &[&str]) -> Run {
        let ledger = self.folder.path().join("ledger");
        let ledger = ledger.to_string_lossy();
        let words = words.iter().map(|word| if *word == "LEDGER" { &*ledger } else { word });
        Run::new(&crate::run::command(self.folder.path()).args(words).output().unwrap())
    }

    /// What of the ledger is of this kind.
    pub(crate) fn entries(&self, more: &[&str]) -> Vec<Value> {
        let words = [&["ledger", "show", "LEDGER", "--format", "json"], more].concat();
        let shown = self.dockward(&words);
        assert!(!shown.out.contains("hunter2"), "{}", shown.out);
        shown.json()["entries"].as_array().unwrap().clone()
    }

    /// Ends it, and gives what it said.
    pub(crate) fn end(&mut self) -> String {
        self.signal(rustix::process::Signal::TERM);
        let mut said = String::new();
        self.guard.stderr.take().unwrap().read_to_string(&mut said).unwrap();
        assert!(self.guard.wait().unwrap().success(), "{said}");
        said
    }
}

impl Drop for Guarded {
    fn drop(&mut self) {
        let _ = self.guard.kill();
        let _ = self.guard.wait();
    }
}

fn spawn(engine: &Engine, folder: &Path, more: impl Fn(&mut Command)) -> Child {
    let mut command = crate::run::command(folder);
    command.args(["guard", "run", "--engine"]).arg(engine.socket()).arg("--listen");
    command.arg(engine.socket().with_file_name("guard.sock"));
    command.arg("--ledger").arg(folder.join("ledger"));
    command.arg("--glass").arg(folder.join("bypass"));
    more(&mut command);
    command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap()
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
    let settings = "[guard]\nbind-roots = [\"/srv/data\"]\n";
    let Some(mut guarded) = Guarded::start(test, suite, settings) else { return };
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
    // What would fall away by itself if its start failed does so: `run --rm` waits for that.
    guarded.engine.docker_ok(&["create", "--name", "passing", "--rm", "--pid", "host", IMAGE]);
    guarded.is_denied(&["start", "passing"], "container-host-pid");
    let all = guarded.engine.docker_ok(&["ps", "-a", "--format", "{{.Names}}"]);
    let mut all: Vec<&str> = all.lines().collect();
    all.sort_unstable();
    assert_eq!(all, ["older", "web"]);
    guarded.end();
    let denied = guarded.entries(&["--denied"]);
    assert_eq!(denied.len(), 12, "{denied:#?}");
    assert!(denied.iter().all(|one| one["caller"]["name"] == "user:root"), "{denied:#?}");
    let verified = guarded.dockward(&["ledger", "verify", "LEDGER"]);
    assert_eq!(verified.code, 0, "{}{}", verified.out, verified.err);
}

#[test]
fn a_container_is_a_caller_by_its_name_and_never_root() {
    let settings = "[[guard.caller]]\ncontainer = \"agent\"\npreset = \"traefik\"\n";
    let test = "a_container_is_a_caller_by_its_name_and_never_root";
    let Some(guarded) = Guarded::start(test, Suite::Sid, settings) else { return };
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
    let callers: Vec<Value> =
        guarded.entries(&[]).iter().map(|one| one["caller"]["name"].clone()).collect();
    assert!(callers.contains(&"container:agent".into()), "{callers:?}");
}

#[test]
fn settings_that_are_wrong_don_t_take_the_place_of_those_that_hold() {
    let test = "settings_that_are_wrong_don_t_take_the_place_of_those_that_hold";
    let Some(mut guarded) = Guarded::start(test, Suite::Sid, "") else { return };
    let privileged = ["run", "--rm", "--privileged", IMAGE, "true"];
    guarded.is_denied(&privileged, "container-privileged");
    let file = guarded.folder.path().join("dockward.toml");
    fs::write(&file, "[guard]\nprofile = \"none\"\n").unwrap();
    guarded.signal(rustix::process::Signal::HUP);
    std::thread::sleep(Duration::from_millis(500));
    guarded.is_denied(&privileged, "container-privileged");
    fs::write(&file, "[guard]\nprofile = \"observe\"\n").unwrap();
    guarded.signal(rustix::process::Signal::HUP);
    let deadline = Instant::now() + Duration::from_secs(10);
    // The start itself may fail here, where nothing may be privileged.
    while guarded.docker(&privileged).err.contains("dockward:") {
        assert!(Instant::now() < deadline, "the new settings do not hold");
    }
    // What was seen becomes settings that are understood.
    let proposed = guarded.dockward(&["guard", "propose", "LEDGER"]);
    assert!(
        proposed.out.contains("# container-privileged = \"allow\""),
        "{}{}",
        proposed.out,
        proposed.err
    );
    assert!(proposed.out.contains("user = \"root\""), "{}", proposed.out);
    refused_loudly(&mut guarded);
}

/// Whoever reads the journal and whoever reads the ledger are told what was wrong.
fn refused_loudly(guarded: &mut Guarded) {
    let said = guarded.end();
    assert!(said.contains("the settings are wrong, and the old ones hold"), "{said}");
    assert!(said.contains("`none` is no profile"), "{said}");
    let all = guarded.entries(&[]);
    let reasons: Vec<&str> = all.iter().filter_map(|one| one["reason"].as_str()).collect();
    let refused = reasons.iter().find(|why| why.starts_with("refused, the old ones hold"));
    assert!(refused.is_some_and(|why| why.contains("`none` is no profile")), "{reasons:?}");
}

#[test]
fn a_guard_that_was_killed_goes_on_where_it_was() {
    let test = "a_guard_that_was_killed_goes_on_where_it_was";
    let Some(mut guarded) = Guarded::start(test, Suite::Trixie, "") else { return };
    guarded.passes(&["run", "-d", "--name", "web", IMAGE, "sleep", "600"]);
    guarded.signal(rustix::process::Signal::KILL);
    guarded.guard.wait().unwrap();
    assert_ne!(guarded.docker(&["ps"]).code, 0, "nobody listens");
    guarded.again();
    assert!(guarded.passes(&["ps"]).contains("web"));
    guarded.is_denied(&["run", "--privileged", IMAGE, "true"], "container-privileged");
    guarded.end();
    let verified = guarded.dockward(&["ledger", "verify", "LEDGER"]);
    assert!(matches!(verified.code, 0 | 3), "{}{}", verified.out, verified.err);
}

#[test]
fn a_command_is_rehearsed_and_nothing_is_changed() {
    let test = "a_command_is_rehearsed_and_nothing_is_changed";
    let Some(guarded) = Guarded::start(test, Suite::Sid, "") else { return };
    let program = guarded.engine.install(env!("CARGO_BIN_EXE_dockward").as_ref()).unwrap();
    let program: PathBuf = program;
    let within = |words: &[&str]| {
        let mut all =
            vec![program.to_str().unwrap(), "guard", "try", "--engine", "/run/docker.sock"];
        all.extend(words);
        Run::new(&guarded.engine.exec_in_root(&all))
    };
    let tried = |words: &[&str]| within(&[&["--"], words].concat());
    let passing = tried(&["docker", "run", "--name", "web", IMAGE, "true"]);
    assert_eq!(
        (passing.code, passing.out.trim()),
        (0, "container-create web: passes"),
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
    let older = within(&["--container", "older"]);
    assert!(
        older.code == 1 && older.out.contains("container-host-network"),
        "{}{}",
        older.out,
        older.err
    );
    let none = tried(&["docker", "ps"]);
    assert!(none.code == 2 && none.err.contains("change nothing"), "{}{}", none.out, none.err);
}

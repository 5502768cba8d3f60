//! The test bed itself, on real engines.
#![allow(
    clippy::unwrap_used,
    reason = "the lint's leave for tests does not reach the functions that tests call"
)]

use std::fs;
use std::path::{Path, PathBuf};

use dockward_testbed::{Container, DaemonConfig, Engine, Skip, Suite, badly_built};

#[test]
fn engine_20_10_starts_runs_a_container_and_leaves_nothing() {
    starts_runs_and_leaves_nothing("engine_20_10", Suite::Bookworm);
}

#[test]
fn engine_26_1_starts_runs_a_container_and_leaves_nothing() {
    starts_runs_and_leaves_nothing("engine_26_1", Suite::Trixie);
}

#[test]
fn engine_28_5_starts_runs_a_container_and_leaves_nothing() {
    starts_runs_and_leaves_nothing("engine_28_5", Suite::Sid);
}

fn starts_runs_and_leaves_nothing(test: &str, suite: Suite) {
    let Some(engine) = Engine::start_or_skip(test, suite, &DaemonConfig::default()) else { return };
    let version = engine.docker_ok(&["version", "--format", "{{.Server.Version}}"]);
    assert_version(suite, engine.api_version(), suite.api_version());
    assert_version(suite, &version, suite.engine_version());
    assert!(!engine.root().join("etc/docker/daemon.json").exists());

    engine.import_busybox("busybox");
    assert_eq!(engine.docker_ok(&["run", "--rm", "busybox", "id", "-u"]), "0");
    assert_eq!(engine.docker_ok(&["run", "--rm", "--user", "app", "busybox", "id", "-u"]), "1000");
    engine.docker_ok(&["run", "--detach", "--name", "left", "busybox"]);

    let traces = Traces::of(&engine);
    assert!(
        traces.processes().len() >= 3,
        "the daemon, its containerd and the container: {traces:?}"
    );
    assert!(!traces.cgroups().is_empty(), "{traces:?}");
    drop(engine);
    assert_eq!(traces.processes(), Vec::<String>::new());
    assert_eq!(traces.mounts(), Vec::<String>::new());
    assert_eq!(traces.cgroups(), Vec::<PathBuf>::new());
    assert!(!traces.folder.exists());
}

/// Stable suites keep their engine; the development suite may have moved on to a newer one.
fn assert_version(suite: Suite, seen: &str, expected: &str) {
    let number = |text: &str| -> Vec<u32> {
        text.split('.').map_while(|part| part.parse().ok()).take(2).collect()
    };
    let fits = if suite == Suite::Sid {
        number(seen) >= number(expected)
    } else {
        number(seen) == number(expected)
    };
    assert!(fits, "{suite}: {seen}, expected {expected}");
}

/// Where an engine can be seen on the host.
#[derive(Debug)]
struct Traces {
    folder: PathBuf,
    pid_namespace: PathBuf,
    cgroup: String,
}

impl Traces {
    fn of(engine: &Engine) -> Self {
        let group = fs::read_to_string(format!("/proc/{}/cgroup", engine.pid())).unwrap();
        let group = group
            .lines()
            .find_map(|line| line.split_once(":/dockward-testbed/"))
            .unwrap()
            .1
            .to_owned();
        Self {
            folder: engine.socket().parent().unwrap().parent().unwrap().to_owned(),
            pid_namespace: fs::read_link(format!("/proc/{}/ns/pid", engine.pid())).unwrap(),
            cgroup: group.split('/').next().unwrap().to_owned(),
        }
    }

    fn processes(&self) -> Vec<String> {
        let all = fs::read_dir("/proc").unwrap().flatten();
        all.filter(|one| {
            fs::read_link(one.path().join("ns/pid")).is_ok_and(|link| link == self.pid_namespace)
        })
        .map(|one| one.file_name().to_string_lossy().into_owned())
        .collect()
    }

    fn mounts(&self) -> Vec<String> {
        let mounts = fs::read_to_string("/proc/mounts").unwrap();
        mounts
            .lines()
            .filter(|line| line.contains(self.folder.to_str().unwrap()))
            .map(str::to_owned)
            .collect()
    }

    fn cgroups(&self) -> Vec<PathBuf> {
        let hierarchies =
            fs::read_dir("/sys/fs/cgroup").unwrap().flatten().map(|entry| entry.path());
        let everywhere = hierarchies.chain([PathBuf::from("/sys/fs/cgroup")]);
        everywhere
            .map(|path| path.join("dockward-testbed").join(&self.cgroup))
            .filter(|path| path.exists())
            .collect()
    }
}

#[test]
fn a_daemon_json_arguments_and_the_containerd_store_reach_the_daemon() {
    let config = DaemonConfig {
        args: vec!["--log-level=debug".into()],
        env: vec![("DOCKWARD_TEST".into(), "a b".into())],
        containerd_store: true,
        ..DaemonConfig::json(r#"{"icc":false,"labels":["from=file"]}"#)
    };
    let Some(engine) = Engine::start_or_skip("containerd_store", Suite::Sid, &config) else {
        return;
    };
    let info = engine.docker_ok(&["info", "--format", "{{.Driver}} {{.DriverStatus}} {{.Labels}}"]);
    assert!(info.starts_with("overlayfs") && info.contains("io.containerd.snapshotter"), "{info}");
    assert!(info.contains("from=file"), "{info}");
    let proc = Path::new("/proc").join(engine.pid().to_string());
    assert_eq!(fs::read(proc.join("cmdline")).unwrap(), b"dockerd\0--log-level=debug\0");
    let environment = fs::read(proc.join("environ")).unwrap();
    assert!(environment.split(|byte| *byte == 0).any(|one| one == b"DOCKWARD_TEST=a b"));
    engine.load_busybox("old", "2019-01-01T00:00:00Z", r#"{"Cmd":["true"]}"#);
    assert_eq!(engine.docker_ok(&["run", "--rm", "old", "echo", "runs"]), "runs");
    assert!(
        engine.docker_ok(&["inspect", "--format", "{{.Created}}", "old"]).starts_with("2019-01-01")
    );
}

#[test]
fn two_engines_of_one_suite_do_not_meet_and_programs_run_inside() {
    let start = || Engine::start_or_skip("two_engines", Suite::Trixie, &DaemonConfig::default());
    let Some(one) = start() else { return };
    let Some(other) = start() else { return };
    one.import_busybox("only-here");
    assert_eq!(one.docker_ok(&["images", "--quiet"]).lines().count(), 1);
    assert_eq!(other.docker_ok(&["images", "--quiet"]), "");

    let mut sleeper = one.spawn_in_root(&["busybox", "nc", "-l", "-p", "4711"]).unwrap();
    let listens = |engine: &Engine| {
        let sockets = engine.exec_in_root(&["busybox", "netstat", "-lnt"]).stdout;
        String::from_utf8(sockets).unwrap().contains(":4711")
    };
    let seen = (0..50).any(|_| {
        std::thread::sleep(std::time::Duration::from_millis(50));
        listens(&one)
    });
    assert!(seen && !listens(&other));
    let inside = one.root().join("proc").join(one.pid_inside().to_string()).join("comm");
    assert_eq!(fs::read_to_string(inside).unwrap(), "dockerd\n");

    let program = one.install(Path::new("/bin/true")).unwrap();
    assert!(one.exec_in_root(&[program.to_str().unwrap()]).status.success());
    drop(one);
    sleeper.wait().unwrap();
}

#[test]
fn a_stopped_engine_comes_back_with_other_settings_and_what_it_held() {
    let config = DaemonConfig::json(r#"{"labels":["which=first"]}"#);
    let test = "a_stopped_engine_comes_back";
    let Some(mut engine) = Engine::start_or_skip(test, Suite::Sid, &config) else { return };
    engine.import_busybox("kept");
    let pid = engine.pid();
    fs::write(engine.root().join("etc/docker/daemon.json"), r#"{"labels":["which=second"]}"#)
        .unwrap();
    engine.stop();
    assert!(!Path::new(&format!("/proc/{pid}")).exists());
    engine.start_again().unwrap();
    assert_ne!(engine.pid(), pid);
    assert_eq!(engine.docker_ok(&["info", "--format", "{{.Labels}}"]), "[which=second]");
    assert_eq!(engine.docker_ok(&["run", "--rm", "kept", "echo", "runs"]), "runs");
    let traces = Traces::of(&engine);
    drop(engine);
    assert_eq!(traces.processes(), Vec::<String>::new());
}

#[test]
fn a_daemon_that_does_not_come_up_is_a_reason_with_its_log() {
    let config = DaemonConfig::json("{oops");
    let skip = Engine::start(Suite::Sid, &config).unwrap_err();
    let can_run = Engine::start(Suite::Sid, &DaemonConfig::default());
    match can_run {
        Ok(_) => {
            assert!(skip.to_string().contains("unable to configure the Docker daemon"), "{skip}")
        }
        Err(here) => here.announce("a_daemon_that_does_not_come_up"),
    }
    let old = DaemonConfig { containerd_store: true, ..DaemonConfig::default() };
    let reason = Engine::start(Suite::Bookworm, &old).unwrap_err();
    assert!(
        [Skip::because("not root"), Skip::because("engine 20.10 has no containerd image store")]
            .contains(&reason)
    );
}

#[test]
fn engine_20_10_takes_every_badly_built_container() {
    builds_all_containers("badly_built_20_10", Suite::Bookworm);
}

#[test]
fn engine_26_1_takes_every_badly_built_container() {
    builds_all_containers("badly_built_26_1", Suite::Trixie);
}

#[test]
fn engine_28_5_takes_every_badly_built_container() {
    builds_all_containers("badly_built_28_5", Suite::Sid);
}

fn builds_all_containers(test: &str, suite: Suite) {
    let file = badly_built();
    let Some(engine) = Engine::start_or_skip(test, suite, &DaemonConfig::json(&*file.daemon))
    else {
        return;
    };
    let built = file.build(&engine);
    // A container whose command cannot run in there ends at once; this is time enough to be seen to.
    std::thread::sleep(std::time::Duration::from_secs(1));
    let mut words = vec!["inspect", "--format", "{{.Name}} {{.State.Status}}"];
    words.extend(built.iter().map(|one| one.name.as_str()));
    let states = engine.docker_ok(&words);
    let state = |one: &Container| if one.runs_on(suite) { "running" } else { "created" };
    let wanted: Vec<String> =
        built.iter().map(|one| format!("/{} {}", one.name, state(one))).collect();
    assert_eq!(states.lines().collect::<Vec<_>>(), wanted);
}

#[test]
fn the_badly_built_containers_are_enough_and_one_is_hardened() {
    let file = badly_built();
    let bad = file.container.iter().filter(|one| !one.expect.is_empty());
    assert!(bad.count() >= 36);
    let hardened: Vec<_> = file.container.iter().filter(|one| one.name == "hardened").collect();
    assert!(matches!(hardened[..], [one] if one.expect.is_empty() && one.runs_on(Suite::Bookworm)));
}

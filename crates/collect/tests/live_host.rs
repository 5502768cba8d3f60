//! The host's half of the facts, read of real engines and their containers.
#![allow(
    clippy::unwrap_used,
    reason = "the lint's leave for tests does not reach the functions that tests call"
)]

use dockward_collect::daemon_process::{self, DaemonConfig as Told};
use dockward_collect::kernel::{self, Reference};
use dockward_collect::resolve;
use dockward_collect::tree::{Live, Proc, Tree};
use dockward_model::facts::{
    CapSet, Capability, DaemonProcess, Fact, KernelView, ListenerAuth, Origin, Process,
};
use dockward_testbed::{DaemonConfig, Engine, Suite};

const DAEMON_JSON: &str = r#"{
  "icc": false,
  "hosts": [
    "unix:///var/run/docker.sock",
    "tcp://127.0.0.1:2375"
  ],
  "log-opts": {"max-size": "10m"}
}"#;

#[test]
fn engine_20_10_is_seen_from_outside_its_namespaces() {
    is_seen("engine_20_10_is_seen_from_outside_its_namespaces", Suite::Bookworm);
}

#[test]
fn engine_26_1_is_seen_from_outside_its_namespaces() {
    is_seen("engine_26_1_is_seen_from_outside_its_namespaces", Suite::Trixie);
}

#[test]
fn engine_28_5_is_seen_from_outside_its_namespaces() {
    is_seen("engine_28_5_is_seen_from_outside_its_namespaces", Suite::Sid);
}

fn is_seen(test: &str, suite: Suite) {
    let Some(found) = Found::start(test, suite) else { return };
    the_daemon_is_the_one_that_runs(&found);
    let told = daemon_process::config(&found.host, &found.files, &found.process);
    settings_have_their_origins(&found, &told);
    containers_are_told_apart(&found);
    a_stale_pid_gives_nothing(&found);
    users_are_looked_up(&found);
}

fn known<T>(fact: Fact<T>) -> T {
    match fact {
        Fact::Known(value) => value,
        Fact::Absent => panic!("absent"),
        Fact::Unknown(why) => panic!("unknown: {why}"),
    }
}

/// An engine, and what is found of its daemon from outside its namespaces.
struct Found {
    engine: Engine,
    files: Live,
    inside: Proc,
    host: Proc,
    process: DaemonProcess,
}

impl Found {
    fn start(test: &str, suite: Suite) -> Option<Self> {
        let mut config = DaemonConfig::json(DAEMON_JSON);
        config.args = vec!["--userland-proxy=false".into(), "-l".into(), "warn".into()];
        let engine = Engine::start_or_skip(test, suite, &config)?;
        engine.import_busybox("busybox");
        let (host, own) = (known(Proc::host()), known(Live::host()));
        let peer = (i32::try_from(engine.pid()).ok(), 0, 0);
        let socket = engine.socket().to_str().unwrap();
        let process = known(daemon_process::find(&host, &own, peer, socket).fact);
        let files = known(Live::of_process(&host, process.pid));
        let inside = known(host.of(process.pid));
        Some(Self { engine, files, inside, host, process })
    }

    fn run(&self, args: &[&str]) -> String {
        self.engine.docker_ok(&[&["run", "--detach"], args].concat())
    }

    fn pid(&self, id: &str) -> i32 {
        let words = ["inspect", "--format", "{{.State.Pid}}", id];
        self.engine.docker_ok(&words).parse().unwrap()
    }

    /// What the kernel says of a container.
    fn view(&self, id: &str) -> KernelView {
        let own = known(Live::host());
        let reference = Reference::new(&self.host, &own, &self.inside, Some(self.process.pid));
        known(kernel::view(&self.inside, self.pid(id), &reference, id))
    }
}

fn the_daemon_is_the_one_that_runs(found: &Found) {
    assert_eq!(u32::try_from(found.process.pid), Ok(found.engine.pid()));
    assert!(found.process.exe.ends_with("/dockerd"), "{:?}", found.process);
    assert_eq!(found.process.uid, 0);
    let (real, node) = resolve::path(&found.files, "/var/run/docker.sock");
    assert_eq!((known(real).as_str(), known(node).as_str()), ("/run/docker.sock", "socket"));
    assert!(found.inside.show("1").contains("/root/proc/"));
}

fn settings_have_their_origins(found: &Found, told: &Told) {
    let config = told.config.known().unwrap();
    let (path, pid) = ("/etc/docker/daemon.json", found.process.pid);
    assert_eq!(config["icc"].origin, Origin::file(path, Some(2)));
    assert_eq!(config["userland-proxy"].value, false);
    assert_eq!(config["log-level"].value, "warn");
    assert_eq!(config["log-level"].origin, Origin::Argv { pid, flag: "--log-level".into() });
    assert_eq!(told.file.get().map(|file| file.newer_than_process), Some(false));
    let tcp = &told.listeners.get().unwrap()[1];
    assert_eq!(tcp.address, "tcp://127.0.0.1:2375");
    assert_eq!(tcp.origin, Origin::file(path, Some(5)));
    assert_eq!(tcp.authentication, ListenerAuth::None);
}

fn containers_are_told_apart(found: &Found) {
    let plain = ["--memory", "64m", "--pids-limit", "50", "--cpus", "0.5", "busybox"];
    a_plain_container(&found.view(&found.run(&plain)));
    let mut shared = vec!["--pid", "host", "--network", "host", "--uts", "host"];
    shared.extend(["--cap-add", "SYS_ADMIN", "--security-opt", "seccomp=unconfined"]);
    shared.extend(["--user", "app", "busybox"]);
    a_container_in_the_hosts_namespaces(&found.view(&found.run(&shared)));
    let mut hardened = vec!["--cap-drop", "ALL", "--security-opt", "no-new-privileges"];
    hardened.extend(["busybox", "nc", "-l", "-p", "8080"]);
    let hardened = found.run(&hardened);
    let sshd = "exec -a busybox /usr/sbin/sshd sleep 3600";
    found.engine.docker_ok(&["exec", "--detach", &hardened, "sh", "-c", sshd]);
    a_container_that_listens(&once_it_listens(found, &hardened));
}

/// The view as soon as both of its programs are up, or after five seconds.
fn once_it_listens(found: &Found, id: &str) -> KernelView {
    let mut seen = found.view(id);
    for _ in 0..50 {
        let listens = seen.listening.get().is_some_and(|list| !list.is_empty());
        if listens && seen.processes.get().is_some_and(|list| list.iter().any(is_sshd)) {
            break;
        }
        std::thread::sleep(std::time::Duration::from_millis(100));
        seen = found.view(id);
    }
    seen
}

fn is_sshd(process: &Process) -> bool {
    process.exe.as_deref().is_some_and(|exe| exe.ends_with("/sshd"))
}

fn a_plain_container(view: &KernelView) {
    assert_eq!(view.cap_effective.get(), Some(&CapSet(0xa804_25fb)));
    assert_eq!(view.uid.get(), Some(&0));
    assert_eq!(view.seccomp.get(), Some(&2));
    assert_eq!(view.no_new_privs.get(), Some(&false));
    let is_host = &view.namespaces;
    assert_eq!(is_host.pid_is_host.get(), Some(&false));
    assert_eq!(is_host.net_is_host.get(), Some(&false));
    assert_eq!(is_host.uts_is_host.get(), Some(&false));
    assert_eq!(is_host.user_is_host.get(), Some(&true));
    let cgroup = &view.cgroup;
    assert_eq!(cgroup.memory.get(), Some(&(64 << 20)), "{cgroup:?}");
    assert_eq!(cgroup.pids.get(), Some(&50), "{cgroup:?}");
    assert_eq!(cgroup.cpu_millis.get(), Some(&500), "{cgroup:?}");
    assert_eq!(view.listening.get().map(Vec::len), Some(0));
    assert_eq!(view.processes.get().unwrap()[0].comm, "sleep");
    let mounts = view.mounts.get().unwrap();
    assert!(mounts.iter().any(|mount| mount.target == "/proc" && mount.fs_type == "proc"));
}

fn a_container_in_the_hosts_namespaces(view: &KernelView) {
    assert_eq!(view.uid.get(), Some(&1000));
    assert_eq!(view.cap_effective.get(), Some(&CapSet(0)));
    assert!(view.cap_bounding.get().unwrap().has(Capability::SysAdmin));
    assert_eq!(view.seccomp.get(), Some(&0));
    let is_host = &view.namespaces;
    assert_eq!(is_host.pid_is_host.get(), Some(&true));
    assert_eq!(is_host.net_is_host.get(), Some(&true));
    assert_eq!(is_host.uts_is_host.get(), Some(&true));
    assert_eq!(is_host.ipc_is_host.get(), Some(&false));
    assert!(view.cgroup.memory.fact.is_absent(), "{:?}", view.cgroup);
    let processes = view.processes.get().unwrap();
    assert_eq!(processes.len(), 1, "not the host's: {processes:?}");
    assert!(view.listening.get().unwrap().iter().any(|socket| socket.port == 2375));
}

fn a_container_that_listens(view: &KernelView) {
    assert_eq!(view.cap_bounding.get(), Some(&CapSet(0)));
    assert_eq!(view.no_new_privs.get(), Some(&true));
    let ports: Vec<_> = view.listening.get().unwrap().iter().map(|s| s.port).collect();
    assert_eq!(ports, [8080]);
    let processes = view.processes.get().unwrap();
    assert!(processes.iter().any(is_sshd), "{processes:?}");
}

fn a_stale_pid_gives_nothing(found: &Found) {
    let id = found.run(&["busybox"]);
    let pid = found.pid(&id);
    let own = known(Live::host());
    let reference = Reference::new(&found.host, &own, &found.inside, Some(found.process.pid));
    let view = |pid, id: &str| kernel::view(&found.inside, pid, &reference, id);
    assert!(view(pid, &id).known().is_some());
    assert!(view(pid, &"0".repeat(64)).unknown().is_some());
    assert!(view(1, &id).unknown().is_some());
    found.engine.docker_ok(&["kill", &id]);
    assert!(view(pid, &id).unknown().is_some());
}

fn users_are_looked_up(found: &Found) {
    let id = found.run(&["--user", "app", "busybox"]);
    let root = known(Live::of_container(&found.inside, found.pid(&id)));
    assert_eq!(resolve::uid_of(&root, "app").get(), Some(&1000));
    assert!(root.read("/proc/1/environ", 1 << 20).unknown().is_some());
    found.engine.docker_ok(&["kill", &id]);
    let folder = |name: &str| {
        let format = format!("{{{{.GraphDriver.Data.{name}}}}}");
        found.engine.docker_ok(&["inspect", "--format", &format, &id])
    };
    let (upper, lower) = (folder("UpperDir"), folder("LowerDir"));
    let layers = known(resolve::layers(&found.files, &upper, &lower));
    assert_eq!(resolve::uid_of(layers.as_ref(), "app").get(), Some(&1000), "{upper} {lower}");
}

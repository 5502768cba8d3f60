//! Several engines, engines of users, hosts below a folder, and engines elsewhere.
#![allow(
    clippy::unwrap_used,
    reason = "the lint's leave for tests does not reach the functions that tests call"
)]

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use dockward_collect::{Collected, EngineState, Options, collect};
use dockward_engine::{Endpoint, Named};
use dockward_model::facts::{Engine as Seen, Flavour, Sight};
use dockward_testbed::{Behaviour, DaemonConfig, Engine, FakeEngine, Reply, Suite};
use serde_json::json;

fn fake(behaviour: Behaviour) -> FakeEngine {
    FakeEngine::serve(behaviour).unwrap()
}

/// An engine with one container of this name.
fn with_container(name: &str) -> Behaviour {
    let id = format!("{name:0>64}");
    let list = json!([{"Id": id, "Names": [format!("/{name}")], "Image": "app"}]);
    let record = json!({
        "Id": id, "Name": format!("/{name}"), "State": {"Running": true, "Pid": 4711},
        "Config": {"Image": "app"}, "HostConfig": {"Privileged": true}, "NetworkSettings": {},
        "Mounts": [{"Type": "bind", "Source": "/srv", "Destination": "/srv", "RW": true}],
    });
    let info = json!({"Name": "fake", "Swarm": {"LocalNodeState": "inactive"}});
    Behaviour::empty_engine("1.51")
        .route("/info", Reply::json(200, info.to_string()))
        .route("/containers/json", Reply::json(200, list.to_string()))
        .route(&format!("/containers/{id}/json"), Reply::json(200, record.to_string()))
}

fn unix(fake: &FakeEngine) -> Endpoint {
    Endpoint::Unix(fake.socket().to_owned())
}

fn look(endpoints: Vec<Endpoint>) -> Collected {
    let mut options = Options::new(endpoints);
    options.limits.deadlines.answer = Duration::from_millis(500);
    collect(&options, &mut |_| {})
}

fn names(collected: &Collected) -> Vec<Vec<&str>> {
    let of = |engine| -> Vec<&str> { Seen::containers(engine) };
    collected.snapshot.engines.iter().map(of).collect()
}

trait Containers {
    fn containers(&self) -> Vec<&str>;
}

impl Containers for Seen {
    fn containers(&self) -> Vec<&str> {
        self.containers.iter().map(|c| c.name.as_str()).collect()
    }
}

#[test]
fn every_engine_is_asked_and_keeps_what_is_its_own() {
    let (first, second) = (fake(with_container("web")), fake(with_container("db")));
    let collected = look(vec![unix(&first), unix(&second)]);
    assert_eq!(names(&collected), [["web"], ["db"]]);
    let endpoints: Vec<_> =
        collected.snapshot.engines.iter().map(|e| e.daemon.endpoint.as_str()).collect();
    assert_eq!(endpoints, [unix(&first).to_string(), unix(&second).to_string()]);
    assert!(collected.engines.iter().all(|e| matches!(e, EngineState::Asked { .. })));
    let told = &collected.snapshot.unseen;
    let of_second = told.iter().filter(|one| one.what.ends_with(&format!("({})", unix(&second))));
    assert!(of_second.count() > 0, "{told:?}");
}

#[test]
fn one_socket_with_two_names_is_asked_once() {
    let only = fake(with_container("web"));
    let dir = tempfile::tempdir().unwrap();
    let (link, hard) = (dir.path().join("link.sock"), dir.path().join("hard.sock"));
    std::os::unix::fs::symlink(only.socket(), &link).unwrap();
    fs::hard_link(only.socket(), &hard).unwrap();
    let collected = look(vec![unix(&only), Endpoint::Unix(link), Endpoint::Unix(hard)]);
    assert_eq!(names(&collected), [["web"]]);
    let pings = only.requests().iter().filter(|request| request.contains("_ping")).count();
    assert_eq!(pings, 1);
}

#[test]
fn an_engine_that_hangs_keeps_no_other_waiting() {
    let (hangs, web) = (fake(Behaviour::hang_after_accept()), fake(with_container("web")));
    let started = Instant::now();
    let collected = look(vec![unix(&hangs), unix(&web)]);
    assert!(started.elapsed() < Duration::from_secs(10));
    assert_eq!(names(&collected), [["web"]]);
    let (why, _) = collected.engines[0].explain().unwrap();
    assert!(why.contains(&unix(&hangs).to_string()), "{why}");
    let unseen = &collected.snapshot.unseen;
    assert!(unseen.iter().any(|one| one.what == "an engine and its containers"), "{unseen:?}");
}

#[test]
fn a_second_engine_that_is_not_there_is_no_mistake() {
    let web = fake(Behaviour::empty_engine("1.51"));
    let dir = tempfile::tempdir().unwrap();
    let stale = dir.path().join("stale.sock");
    drop(std::os::unix::net::UnixListener::bind(&stale).unwrap());
    let collected =
        look(vec![unix(&web), Endpoint::Unix("/nowhere.sock".into()), Endpoint::Unix(stale)]);
    assert!(matches!(collected.engines.as_slice(), [EngineState::Asked { .. }]));
    assert!(!collected.has_no_engine());
    let unseen = &collected.snapshot.unseen;
    assert!(!unseen.iter().any(|one| one.what.contains("its containers")), "{unseen:?}");
}

#[test]
fn podman_is_known_by_its_own_word() {
    let components = json!({"Version": "5.4.2", "Components": [{"Name": "Podman Engine",
        "Version": "5.4.2"}]});
    let podman =
        Behaviour::empty_engine("1.41").route("/version", Reply::json(200, components.to_string()));
    let podman = fake(podman);
    let collected = look(vec![unix(&podman)]);
    let daemon = &collected.snapshot.engines[0].daemon;
    assert_eq!(daemon.flavour.get(), Some(&Flavour::Podman));
    assert!(daemon.config.is_absent() && daemon.config_file.fact.is_absent());
    let unseen = &collected.snapshot.unseen;
    assert!(!unseen.iter().any(|one| one.what.contains("told by flags")), "{unseen:?}");
}

/// A host's files below a folder, without a kernel.
fn image() -> tempfile::TempDir {
    let dir = tempfile::Builder::new().prefix("i").tempdir().unwrap();
    for (path, text) in [
        ("etc/hostname", "image-7\n"),
        ("etc/os-release", "PRETTY_NAME=\"Debian GNU/Linux 12 (bookworm)\"\n"),
        ("etc/passwd", "root:x:0:0::/root:/bin/sh\n"),
        ("etc/group", "root:x:0:\n"),
        ("etc/docker/daemon.json", "{}"),
    ] {
        let path = dir.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    dir
}

fn below(root: &Path) -> Collected {
    let mut options = Options::wanted(Named::default()).unwrap();
    options.root = Some(root.to_owned());
    collect(&options, &mut |_| {})
}

#[test]
fn a_disk_image_is_looked_at_whole_though_it_has_neither_kernel_nor_engine() {
    let dir = image();
    let collected = below(dir.path());
    assert!(collected.has_no_engine());
    let host = &collected.snapshot.host;
    assert_eq!(host.sight, Sight::Files);
    assert_eq!(host.hostname.get().map(String::as_str), Some("image-7"));
    assert_eq!(collected.snapshot.unseen, [], "nothing else was asked for");
}

#[test]
fn the_engine_below_a_root_is_asked_and_its_paths_are_that_hosts() {
    let (dir, web) = (image(), fake(with_container("web")));
    fs::create_dir_all(dir.path().join("run")).unwrap();
    fs::hard_link(web.socket(), dir.path().join("run/docker.sock")).unwrap();
    let collected = below(dir.path());
    assert_eq!(names(&collected), [["web"]]);
    let engine = &collected.snapshot.engines[0];
    assert_eq!(engine.daemon.socket.get().map(String::as_str), Some("/run/docker.sock"));
    assert!(collected.snapshot.host.files["/run/docker.sock"].get().is_some());
    let why = Sight::Files.beyond();
    assert_eq!(engine.daemon.process.fact.unknown(), why);
    assert_eq!(engine.containers[0].kernel.unknown(), why);
    assert_eq!(collected.snapshot.unseen, []);
}

#[test]
fn a_prepared_root_is_judged_by_its_files() {
    let root = match Suite::Bookworm.prepared_root() {
        Ok(root) => root,
        Err(skip) => return skip.announce("a_prepared_root_is_judged_by_its_files"),
    };
    let host = below(&root).snapshot.host;
    assert_eq!(host.sight, Sight::Files);
    assert!(host.os.get().is_some_and(|os| os.contains("bookworm")), "{:?}", host.os);
    assert!(host.files.values().filter(|file| file.get().is_some()).count() > 5);
}

#[test]
fn the_machine_below_its_own_procfs_is_seen_as_its_processes_see_it() {
    let collected = below(Path::new("/proc/self/root"));
    let host = &collected.snapshot.host;
    assert_eq!(host.sight, Sight::Whole);
    let kernel = fs::read_to_string("/proc/sys/kernel/osrelease").unwrap();
    assert_eq!(host.kernel.get().map(String::as_str), Some(kernel.trim()));
}

/// Connections to this port of ours lead to a socket, as a tunnel's do.
fn tunnel(to: PathBuf) -> u16 {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for here in listener.incoming().flatten() {
            let there = std::os::unix::net::UnixStream::connect(&to).unwrap();
            let mut ends = (here.try_clone().unwrap(), there.try_clone().unwrap());
            std::thread::spawn(move || std::io::copy(&mut ends.0, &mut ends.1));
            let (mut there, mut here) = (there, here);
            std::thread::spawn(move || std::io::copy(&mut there, &mut here));
        }
    });
    port
}

#[test]
fn behind_a_tunnel_the_host_is_the_engines() {
    let info = json!({"Name": "db-1", "OperatingSystem": "Debian GNU/Linux 13 (trixie)",
        "KernelVersion": "6.12.1", "MemTotal": 4096, "ServerVersion": "28.5.2",
        "Swarm": {"LocalNodeState": "inactive"}});
    let web = fake(with_container("web").route("/info", Reply::json(200, info.to_string())));
    let port = tunnel(web.socket().to_owned());
    let endpoint = Endpoint::parse(&format!("tcp://127.0.0.1:{port}"), None).unwrap();
    let collected = look(vec![endpoint]);
    let (host, engine) = (&collected.snapshot.host, &collected.snapshot.engines[0]);
    assert!(engine.daemon.elsewhere);
    assert_eq!(host.sight, Sight::Engine);
    assert_eq!(host.hostname.get().map(String::as_str), Some("db-1"));
    assert_eq!(host.kernel.get().map(String::as_str), Some("6.12.1"));
    assert_eq!(host.memory_bytes.get(), Some(&4096));
    assert!(host.files.is_empty(), "this host's files say nothing of that one");
    assert_eq!(engine.containers[0].kernel.unknown(), Sight::Engine.beyond());
    assert_eq!(collected.snapshot.unseen, []);
}

#[test]
fn two_live_engines_are_seen_whole_at_once() {
    const TEST: &str = "two_live_engines_are_seen_whole_at_once";
    let config = DaemonConfig::json("{}");
    let Some(old) = Engine::start_or_skip(TEST, Suite::Bookworm, &config) else { return };
    let Some(new) = Engine::start_or_skip(TEST, Suite::Trixie, &config) else { return };
    for engine in [&old, &new] {
        engine.import_busybox("busybox");
        engine.docker_ok(&["run", "--detach", "--name", "web", "busybox", "sleep", "600"]);
    }
    let sockets = [&old, &new].map(|engine| Endpoint::Unix(engine.socket().to_owned()));
    let collected = collect(&Options::new(sockets.to_vec()), &mut |_| {});
    assert_eq!(names(&collected), [["web"], ["web"]]);
    for (seen, live) in collected.snapshot.engines.iter().zip([&old, &new]) {
        let process = seen.daemon.process.get().unwrap();
        assert_eq!(u32::try_from(process.pid), Ok(live.pid()));
        assert!(seen.daemon.version.get().unwrap().starts_with(live.suite().engine_version()));
        assert_eq!(seen.daemon.flavour.get(), Some(&Flavour::Docker));
        assert!(seen.containers[0].kernel().is_some(), "{:?}", seen.containers[0].kernel);
        assert!(!seen.daemon.is_rootless() && !seen.daemon.elsewhere);
    }
}

#[test]
fn an_engine_and_its_host_are_seen_below_a_root() {
    const TEST: &str = "an_engine_and_its_host_are_seen_below_a_root";
    let config = DaemonConfig::json("{}");
    let Some(engine) = Engine::start_or_skip(TEST, Suite::Trixie, &config) else { return };
    engine.import_busybox("busybox");
    engine.docker_ok(&["run", "--detach", "--name", "web", "busybox", "sleep", "600"]);
    let collected = below(engine.root());
    let host = &collected.snapshot.host;
    assert_eq!(host.sight, Sight::Whole);
    assert!(host.os.get().is_some_and(|os| os.contains("trixie")), "{:?}", host.os);
    assert_eq!(names(&collected), [["web"]]);
    let seen = &collected.snapshot.engines[0];
    assert_eq!(seen.daemon.socket.get().map(String::as_str), Some("/run/docker.sock"));
    assert!(seen.containers[0].kernel().is_some(), "{:?}", seen.containers[0].kernel);
}

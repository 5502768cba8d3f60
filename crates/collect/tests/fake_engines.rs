//! Engines that hang, lie and forget: the rest is judged all the same, and what is missing is said.
#![allow(
    clippy::unwrap_used,
    reason = "the lint's leave for tests does not reach the functions that tests call"
)]

use std::path::Path;
use std::time::{Duration, Instant};

use dockward_collect::{Collected, EngineState, Options, Phase, collect};
use dockward_engine::{Endpoint, Error};
use dockward_model::facts::{Container, Engine, Unseen};
use dockward_testbed::{Behaviour, FakeEngine, Reply};
use serde_json::json;

fn options(socket: &Path) -> Options {
    let mut options = Options::new(vec![Endpoint::Unix(socket.to_owned())]);
    options.limits.deadlines.answer = Duration::from_millis(300);
    options.limits.deadlines.overall = Duration::from_secs(5);
    options
}

fn look(behaviour: Behaviour) -> Collected {
    let fake = FakeEngine::serve(behaviour).unwrap();
    collect(&options(fake.socket()), &mut |_| {})
}

/// An engine with these containers, each of which has a record.
fn with_containers(names: &[&str]) -> Behaviour {
    let summary =
        |name: &&str| json!({"Id": id(name), "Names": [format!("/{name}")], "Image": "app"});
    let list: Vec<_> = names.iter().map(summary).collect();
    let empty = Behaviour::empty_engine("1.51");
    let listed = empty.route("/containers/json", Reply::json(200, json!(list).to_string()));
    names.iter().fold(listed, |engine, name| {
        let record = json!({
            "Id": id(name), "Name": format!("/{name}"), "State": {"Running": false, "Pid": 0},
            "Config": {"Image": "app"}, "HostConfig": {"Privileged": true}, "NetworkSettings": {},
        });
        engine.route(&route(name), Reply::json(200, record.to_string()))
    })
}

fn id(name: &str) -> String {
    format!("{name:0>64}")
}

fn route(name: &str) -> String {
    format!("/containers/{}/json", id(name))
}

/// What came of the only place that was asked.
fn state(collected: &Collected) -> &EngineState {
    let [only] = collected.engines.as_slice() else { panic!("{:?}", collected.engines) };
    only
}

fn assert_failed_like(collected: &Collected, wanted: &Error) {
    let EngineState::Failed { error, .. } = state(collected) else { panic!("{collected:?}") };
    assert_eq!(std::mem::discriminant(error), std::mem::discriminant(wanted), "{error}");
}

fn engine(collected: &Collected) -> &Engine {
    assert!(matches!(state(collected), EngineState::Asked { .. }), "{:?}", state(collected));
    collected.snapshot.engines.first().unwrap()
}

fn container<'a>(collected: &'a Collected, name: &str) -> Option<&'a Container> {
    engine(collected).containers.iter().find(|c| c.name == name)
}

fn unseen<'a>(collected: &'a Collected, what: &str) -> &'a Unseen {
    let all = &collected.snapshot.unseen;
    all.iter().find(|one| one.what.contains(what)).unwrap_or_else(|| panic!("{what}: {all:?}"))
}

#[test]
fn an_engine_that_has_nothing_is_asked_and_the_host_is_seen() {
    let collected = look(Behaviour::empty_engine("1.51"));
    let engine = engine(&collected);
    assert_eq!(engine.containers_listed.get(), Some(&true));
    assert_eq!(engine.images.get().map(Vec::len), Some(0));
    assert_eq!(engine.volumes.get().map(Vec::len), Some(0));
    assert_eq!(engine.networks.get().map(Vec::len), Some(0));
    assert_eq!(engine.daemon.api_version.get().map(String::as_str), Some("1.51"));
    assert!(collected.snapshot.host.kernel.get().is_some());
    assert!(collected.timing.whole >= collected.timing.connect + collected.timing.lists);
}

#[test]
fn what_listens_without_being_a_docker_daemon_has_no_daemons_settings() {
    let collected = look(Behaviour::empty_engine("1.51"));
    assert!(engine(&collected).daemon.config.unknown().is_some());
    unseen(&collected, "what the engine was told");
}

#[test]
fn without_a_socket_there_is_no_engine_and_the_host_is_judged_alone() {
    let collected = collect(&options(Path::new("/nowhere/docker.sock")), &mut |_| {});
    let EngineState::NoEngine { tried } = state(&collected) else { panic!("{collected:?}") };
    assert_eq!(tried, &[Path::new("/nowhere/docker.sock")]);
    assert!(collected.has_no_engine());
    assert!(collected.snapshot.engines.is_empty());
    assert!(collected.snapshot.host.kernel.get().is_some());
    let unseen = unseen(&collected, "the engine and its containers");
    assert!(unseen.why.contains("/nowhere/docker.sock") && !unseen.hint.is_empty());
}

#[test]
fn a_socket_that_an_engine_left_behind_is_no_engine() {
    let fake = FakeEngine::serve(Behaviour::new()).unwrap();
    let dir = tempfile::tempdir().unwrap();
    let socket = dir.path().join("docker.sock");
    drop(std::os::unix::net::UnixListener::bind(&socket).unwrap());
    drop(fake);
    let collected = collect(&options(&socket), &mut |_| {});
    assert!(collected.has_no_engine(), "{:?}", collected.engines);
}

#[test]
fn an_engine_that_hangs_is_told_apart_from_none_and_does_not_hang_us() {
    let started = Instant::now();
    let collected = look(Behaviour::hang_after_accept());
    assert!(started.elapsed() < Duration::from_secs(5));
    let timed_out = Error::TimedOut { what: String::new(), after: Duration::ZERO };
    assert_failed_like(&collected, &timed_out);
    assert!(!collected.has_no_engine());
    let (why, hint) = state(&collected).explain().unwrap();
    assert!(why.contains("no whole answer within 300 ms") && !hint.is_empty(), "{why}");
    assert!(collected.snapshot.host.kernel.get().is_some());
}

#[test]
fn what_speaks_something_else_is_no_engine_that_can_be_asked() {
    for nonsense in [Reply::raw("SSH-2.0-OpenSSH\r\n"), Reply::raw(""), Reply::json(200, "{")] {
        let collected = look(Behaviour::new().otherwise(nonsense));
        assert!(matches!(state(&collected), EngineState::Failed { .. }), "{collected:?}");
        assert!(collected.snapshot.engines.is_empty());
    }
}

#[test]
fn an_engine_that_answers_to_a_ping_only_has_failed() {
    let collected = look(Behaviour::new().route("/_ping", Reply::ping("1.51")));
    let status = Error::Status { what: String::new(), status: 404, message: String::new() };
    assert_failed_like(&collected, &status);
}

#[test]
fn a_container_that_vanishes_meanwhile_is_simply_gone() {
    let engine = with_containers(&["web", "short"]);
    let collected = look(engine.route(&route("short"), Reply::error(404, "No such container")));
    assert!(container(&collected, "short").is_none());
    assert_eq!(container(&collected, "web").unwrap().privileged.get(), Some(&true));
    assert_eq!(collected.vanished, 1);
    let list = &collected.snapshot.unseen;
    assert!(!list.iter().any(|one| one.what.contains("containers")), "{list:?}");
}

#[test]
fn a_container_that_cannot_be_read_stays_with_all_unknown_and_is_said_once() {
    let broken = [Reply::never(), Reply::error(500, "locked"), Reply::json(200, "[{]")];
    let names = ["a", "b", "c", "web"];
    let engine = names
        .iter()
        .zip(broken)
        .fold(with_containers(&names), |engine, (name, reply)| engine.route(&route(name), reply));
    let collected = look(engine);
    for name in ["a", "b", "c"] {
        let c = container(&collected, name).unwrap();
        assert_eq!((c.id.0.clone(), c.image.as_str()), (id(name), "app"));
        assert!(c.privileged.fact.unknown().is_some() && c.kernel.unknown().is_some());
        assert!(c.may_run());
    }
    assert_eq!(container(&collected, "web").unwrap().privileged.get(), Some(&true));
    assert!(unseen(&collected, "3 containers").why.contains("/containers/"));
}

#[test]
fn a_list_that_does_not_come_leaves_its_part_unknown_and_the_rest_known() {
    let engine = with_containers(&["web"]).route("/images/json", Reply::error(500, "no space"));
    let engine = engine.route("/volumes", Reply::never()).route("/info", Reply::json(200, "7"));
    let collected = look(engine);
    let found = self::engine(&collected);
    assert!(found.images.fact.unknown().unwrap().contains("no space"));
    assert!(found.volumes.fact.unknown().is_some());
    assert!(found.daemon.live_restore.fact.unknown().is_some());
    assert!(found.swarm.state.fact.unknown().is_some());
    assert_eq!(found.networks.get().map(Vec::len), Some(0));
    assert!(container(&collected, "web").unwrap().image_now.fact.unknown().is_some());
    for what in ["images", "volumes", "the engine's settings"] {
        unseen(&collected, what);
    }
}

#[test]
fn without_a_list_of_containers_none_passes_for_all() {
    let engine = Behaviour::empty_engine("1.51");
    let collected = look(engine.route("/containers/json", Reply::stream(200 << 20)));
    let found = self::engine(&collected);
    assert!(found.containers.is_empty());
    assert!(found.containers_listed.fact.unknown().is_some());
    unseen(&collected, "containers");
}

#[test]
fn more_containers_than_the_cap_are_said_aloud() {
    let fake = FakeEngine::serve(with_containers(&["a", "b", "c"])).unwrap();
    let options = Options { most_containers: 2, ..options(fake.socket()) };
    let collected = collect(&options, &mut |_| {});
    let found = engine(&collected);
    assert_eq!(found.containers.len(), 2);
    let why = found.containers_listed.fact.unknown().unwrap();
    assert_eq!(why, "the engine has 3 containers, 2 are looked at");
    assert_eq!(unseen(&collected, "1 containers").why, why);
}

#[test]
fn progress_is_told_for_each_container() {
    let fake = FakeEngine::serve(with_containers(&["a", "b", "c"])).unwrap();
    let mut steps = Vec::new();
    collect(&options(fake.socket()), &mut |step| steps.push(step));
    let mut done: Vec<_> =
        steps.iter().filter(|s| s.phase == Phase::Containers).map(|s| (s.done, s.of)).collect();
    done.sort_unstable();
    assert_eq!(done, [(1, 3), (2, 3), (3, 3)]);
}

#[test]
fn only_questions_are_asked_and_nothing_costly() {
    let fake = FakeEngine::serve(with_containers(&["web"])).unwrap();
    collect(&options(fake.socket()), &mut |_| {});
    for request in fake.requests() {
        assert!(request.starts_with("GET "), "{request}");
        assert!(!request.contains("/system/df") && !request.contains("size=1"), "{request}");
    }
}

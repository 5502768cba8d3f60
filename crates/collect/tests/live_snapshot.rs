//! One snapshot of real engines with the badly built containers of the acceptance test.
#![allow(
    clippy::unwrap_used,
    reason = "the lint's leave for tests does not reach the functions that tests call"
)]

use dockward_collect::{Collected, EngineState, Options, collect, record};
use dockward_engine::Endpoint;
use dockward_model::facts::{Container, Engine as Seen, Fact, Mount};
use dockward_testbed::{BadlyBuilt, DaemonConfig, Engine, Suite, badly_built};
use serde_json::Value;

#[test]
fn engine_20_10_is_seen_whole() {
    is_seen_whole("engine_20_10_is_seen_whole", Suite::Bookworm, false);
}

#[test]
fn engine_26_1_is_seen_whole() {
    is_seen_whole("engine_26_1_is_seen_whole", Suite::Trixie, false);
}

#[test]
fn engine_28_5_with_containerds_store_is_seen_whole() {
    is_seen_whole("engine_28_5_with_containerds_store_is_seen_whole", Suite::Sid, true);
}

fn is_seen_whole(test: &str, suite: Suite, containerd_store: bool) {
    let set = badly_built();
    let config = DaemonConfig { containerd_store, ..DaemonConfig::json(set.daemon.clone()) };
    let Some(engine) = Engine::start_or_skip(test, suite, &config) else { return };
    let built = set.build(&engine);
    let options = Options::new(vec![Endpoint::Unix(engine.socket().to_owned())]);
    let collected = collect(&options, &mut |_| {});
    let seen = whole(&collected);
    assert_eq!(seen.containers.len(), built.len());
    nothing_is_unknown(&collected);
    mounts_lead_where_they_lead(seen);
    running_ones_are_seen_by_the_kernel(seen, &set, suite);
    users_are_looked_up_in_their_own_files(seen);
    a_recording_says_the_same(&collected);
}

fn whole(collected: &Collected) -> &Seen {
    let states = &collected.engines;
    assert!(matches!(states.as_slice(), [EngineState::Asked { .. }]), "{states:?}");
    assert_eq!(collected.vanished, 0);
    collected.snapshot.engines.first().unwrap()
}

fn of<'a>(seen: &'a Seen, name: &str) -> &'a Container {
    seen.containers.iter().find(|c| c.name == name).unwrap_or_else(|| panic!("no {name}"))
}

fn nothing_is_unknown(collected: &Collected) {
    let engines = serde_json::to_value(&collected.snapshot.engines).unwrap();
    let mut unknown = Vec::new();
    find_unknown("", &engines, &mut unknown);
    assert!(unknown.is_empty(), "{unknown:#?}");
    assert!(collected.snapshot.unseen.is_empty(), "{:?}", collected.snapshot.unseen);
}

fn find_unknown(place: &str, value: &Value, found: &mut Vec<String>) {
    match value {
        Value::Object(map) => {
            if let (1, Some(why)) = (map.len(), map.get("unknown")) {
                found.push(format!("{place}: {why}"));
            }
            for (name, value) in map {
                find_unknown(&format!("{place}.{name}"), value, found);
            }
        }
        Value::Array(list) => {
            for (at, value) in list.iter().enumerate() {
                find_unknown(&format!("{place}[{at}]"), value, found);
            }
        }
        _ => {}
    }
}

fn only_mount<'a>(seen: &'a Seen, name: &str) -> &'a Mount {
    let mounts = of(seen, name).mounts.get().unwrap();
    assert_eq!(mounts.len(), 1, "{mounts:?}");
    mounts.first().unwrap()
}

fn mounts_lead_where_they_lead(seen: &Seen) {
    for (name, path, node) in [
        ("host-etc-symlink", "/etc", "dir"),
        ("host-etc-dotted", "/etc", "dir"),
        ("host-root-volume", "/", "dir"),
        ("engine-socket", "/run/docker.sock", "socket"),
        ("host-shadow", "/etc/shadow", "file"),
    ] {
        let mount = only_mount(seen, name);
        assert_eq!(mount.host_path, Fact::Known(path.into()), "{name}");
        assert_eq!(mount.node, Fact::Known(node.into()), "{name}");
    }
    let hardened = only_mount(seen, "hardened");
    assert_eq!((&hardened.host_path, &hardened.node), (&Fact::Absent, &Fact::Absent));
}

fn running_ones_are_seen_by_the_kernel(seen: &Seen, set: &BadlyBuilt, suite: Suite) {
    for wanted in set.container.iter().filter(|c| c.only.contains(&suite)) {
        let c = of(seen, &wanted.name);
        let runs = c.running.get() == Some(&true);
        assert_eq!(c.kernel().is_some(), runs, "{}: {:?}", c.name, c.kernel.unknown());
        assert_eq!(c.pid.get().is_some(), runs, "{}", c.name);
    }
    let hardened = of(seen, "hardened").kernel().unwrap();
    assert_eq!(hardened.cap_bounding.get().map(|set| set.0), Some(0));
    assert_eq!(hardened.no_new_privs.get(), Some(&true));
    assert_eq!(hardened.seccomp.get(), Some(&2));
    let shared = of(seen, "host-pid").kernel().unwrap();
    assert_eq!(shared.namespaces.net_is_host.get(), Some(&false));
    assert_eq!(of(seen, "seccomp-unconfined").kernel().unwrap().seccomp.get(), Some(&0));
}

fn users_are_looked_up_in_their_own_files(seen: &Seen) {
    assert_eq!(of(seen, "hardened").user_uid.get(), Some(&1000));
    assert_eq!(of(seen, "stock").user_uid.get(), Some(&0));
    let named = seen.containers.iter().find(|c| c.user.get().is_some_and(|u| u == "app"));
    assert_eq!(named.and_then(|c| c.user_uid.get()), Some(&1000));
}

fn a_recording_says_the_same(collected: &Collected) {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("host.json");
    record::write(&collected.snapshot, &path).unwrap();
    let again = record::read(&path).unwrap();
    let text = |snapshot| serde_json::to_value(snapshot).unwrap();
    assert_eq!(text(&again), text(&collected.snapshot));
}

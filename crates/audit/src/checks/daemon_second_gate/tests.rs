use super::*;
use crate::judged::{
    assert_needs_a_look, assert_not_applicable, assert_passes, assert_unknown, engine_with,
    snapshot,
};
use dockward_model::facts::{Origin, Protocol, PublishedPort, sample};

fn published(address: &str) -> PublishedPort {
    PublishedPort {
        host_address: Some(address.parse().unwrap()),
        host_port: 8080,
        container_port: 80,
        protocol: Protocol::Tcp,
        origin: Origin::Nowhere,
    }
}

/// An engine with runc and a container that root runs, published at this address; changed.
fn judged(address: &str, change: impl FnOnce(&mut Engine)) -> Outcome {
    let mut container = sample::container();
    container.running = sample::known(true, "State.Running");
    container.ports = sample::known(vec![published(address)], "NetworkSettings.Ports");
    let engine = engine_with(|e| {
        e.daemon.runtimes = sample::known([("runc".into(), "runc".into())].into(), "Runtimes");
        e.containers = vec![container];
        change(e);
    });
    second_gate(&snapshot(), &engine)
}

#[test]
fn an_exposed_container_of_roots_under_runc_needs_a_decision() {
    let failure = assert_needs_a_look(judged("0.0.0.0", |_| {}));
    assert!(failure.message.ends_with(": web"), "{}", failure.message);
    assert_eq!(failure.evidence[0].seen, "runc");
    assert_eq!(failure.evidence[1].seen, "web: 0.0.0.0:8080->80/tcp");
}

#[test]
fn a_registered_sandbox_is_what_it_is_told_to_use() {
    let runtimes = [("runc".into(), "runc".into()), ("runsc".into(), "/usr/bin/runsc".into())];
    let failure = assert_needs_a_look(judged("0.0.0.0", |e| {
        e.daemon.runtimes = sample::known(runtimes.into(), "Runtimes");
    }));
    assert!(failure.fix.contains("--runtime runsc"), "{}", failure.fix);
}

#[test]
fn a_sandbox_of_its_own_another_user_or_another_namespace_passes() {
    assert_passes(judged("0.0.0.0", |e| {
        e.containers[0].runtime = sample::known("kata-qemu".into(), "Runtime");
    }));
    assert_passes(judged("0.0.0.0", |e| {
        e.containers[0].user = sample::known("101".into(), "User");
        e.containers[0].user_uid = sample::known(101, "User");
    }));
    assert_passes(judged("0.0.0.0", |e| {
        e.daemon.security_options = sample::known(vec!["name=userns".into()], "SecurityOptions");
    }));
}

#[test]
fn nothing_on_the_network_or_a_sandbox_by_default_is_nothing_to_decide() {
    assert_not_applicable(judged("127.0.0.1", |_| {}));
    assert_not_applicable(judged("0.0.0.0", |e| e.containers.clear()));
    assert_not_applicable(judged("0.0.0.0", |e| {
        e.containers[0].running = sample::known(false, "State.Running");
    }));
    assert_not_applicable(judged("0.0.0.0", |e| {
        e.daemon.default_runtime = sample::known("runsc".into(), "DefaultRuntime");
    }));
}

#[test]
fn unread_containers_ports_and_runtimes_are_unknown() {
    assert_unknown(judged("0.0.0.0", |e| e.containers_listed = sample::unknown("containers")));
    assert_unknown(judged("0.0.0.0", |e| e.containers[0].ports = sample::unknown("Ports")));
    assert_unknown(judged("0.0.0.0", |e| e.daemon.default_runtime = sample::unknown("Runtime")));
}

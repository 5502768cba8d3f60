use super::*;
use crate::judged::{
    assert_fails, assert_not_applicable, assert_passes, assert_unknown, configured, engine_with,
    file, host_with, snapshot, snapshot_with,
};
use dockward_model::facts::{Group, Host, Origin, sample};
use serde_json::json;

fn host(uid: u32, gid: u32) -> Host {
    let group = |name: &str, gid, line| Group { name: name.into(), gid, members: vec![], line };
    let groups = vec![group("docker", 998, 40), group("not-docker", 997, 41)];
    let groups = Field::known(groups, Origin::file("/etc/group", None));
    Host { groups, ..host_with("/run/docker.sock", file(0o660, uid, gid)) }
}

fn with(uid: u32, gid: u32) -> Outcome {
    socket_owner(&snapshot_with(|s| s.host = host(uid, gid)), &engine_with(|_| {}))
}

#[test]
fn root_and_its_own_group_pass() {
    assert_passes(with(0, 998));
    assert_passes(with(0, 0));
}

#[test]
fn another_owner_is_root_on_the_host() {
    let failure = assert_fails(with(1000, 998));
    assert_eq!(failure.severity, Some(Severity::High));
    assert_eq!(failure.openings[0].gain, Gain::HostRoot);
}

#[test]
fn another_group_fails_even_if_its_name_holds_the_word() {
    assert!(assert_fails(with(0, 997)).message.ends_with("group not-docker"));
    assert!(assert_fails(with(0, 4711)).message.ends_with("group 4711"));
}

#[test]
fn the_group_that_the_engine_was_told_passes() {
    let snapshot = snapshot_with(|s| s.host = host(0, 997));
    assert_passes(socket_owner(&snapshot, &configured(&json!({"group": "not-docker"}))));
}

#[test]
fn a_rootless_engines_own_user_passes() {
    let process = dockward_model::facts::DaemonProcess {
        pid: 812,
        uid: 1000,
        exe: "/usr/bin/dockerd".into(),
        started: None,
    };
    let engine = engine_with(|e| {
        let options = vec!["name=rootless".into()];
        e.daemon.security_options = sample::known(options, "SecurityOptions");
        e.daemon.process = sample::known(process, "");
    });
    let snapshot = snapshot_with(|s| s.host = host(1000, 1000));
    assert_passes(socket_owner(&snapshot, &engine));
}

#[test]
fn unread_groups_or_an_unseen_socket_are_unknown() {
    let unread = snapshot_with(|s| {
        s.host = host(0, 998);
        s.host.groups = Field::unknown("permission denied", Origin::file("/etc/group", None));
    });
    assert_unknown(socket_owner(&unread, &engine_with(|_| {})));
    assert_unknown(socket_owner(&snapshot(), &engine_with(|_| {})));
}

#[test]
fn an_engine_reached_otherwise_is_not_asked() {
    let engine = engine_with(|e| e.daemon.socket = sample::absent("socket"));
    assert_not_applicable(socket_owner(&snapshot(), &engine));
}

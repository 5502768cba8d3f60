use super::*;
use crate::judged::{
    assert_needs_a_look, assert_not_applicable, assert_passes, assert_unknown, engine_with, file,
    host_with, snapshot_with,
};
use dockward_model::facts::{Origin, sample};

fn group(name: &str, gid: u32, members: &[&str]) -> Group {
    let members = members.iter().map(ToString::to_string).collect();
    Group { name: name.into(), gid, members, line: gid }
}

fn user(name: &str, uid: u32, gid: u32) -> User {
    User { name: name.into(), uid, gid, shell: "/bin/bash".into() }
}

/// A host whose socket belongs to group 998, and an engine on it.
fn host(groups: Vec<Group>, users: Vec<User>) -> Snapshot {
    let mut host = host_with("/run/docker.sock", file(0o660, 0, 998));
    host.groups = Field::known(groups, Origin::file("/etc/group", None));
    host.users = Field::known(users, Origin::file("/etc/passwd", None));
    snapshot_with(|s| (s.host, s.engines) = (host, vec![engine_with(|_| {})]))
}

#[test]
fn a_member_is_root_by_another_name() {
    let groups = vec![group("docker", 998, &["eve"]), group("sudo", 27, &["ada"])];
    let failure = assert_needs_a_look(docker_group(&host(groups, vec![user("eve", 1001, 1001)])));
    assert_eq!(failure.severity, Some(Severity::High));
    assert_eq!(failure.openings[0].gain, Gain::HostRoot);
    assert_eq!(failure.evidence[0].origin.to_string(), "/etc/group:998");
    assert!(failure.message.ends_with(": eve"), "{}", failure.message);
}

#[test]
fn administrators_gain_less_by_it() {
    let groups = vec![group("docker", 998, &["ada"]), group("sudo", 27, &["ada"])];
    let failure = assert_needs_a_look(docker_group(&host(groups, Vec::new())));
    assert_eq!(failure.severity, Some(Severity::Medium));
}

#[test]
fn who_has_it_as_first_group_is_seen_although_no_line_lists_them() {
    let users = vec![user("root", 0, 0), user("build", 1002, 998)];
    let failure = assert_needs_a_look(docker_group(&host(vec![group("docker", 998, &[])], users)));
    assert!(failure.message.ends_with(": build"), "{}", failure.message);
}

#[test]
fn names_are_compared_whole() {
    let groups = vec![group("docker", 998, &[]), group("dockerroot", 997, &["eve"])];
    assert_passes(docker_group(&host(groups, vec![user("dock", 1001, 1001)])));
}

/// A search for parts of names takes ann for trusted, because joanna is.
#[test]
fn a_name_that_is_part_of_another_is_a_user_of_its_own() {
    let groups = vec![group("docker", 998, &["ann"]), group("sudo", 27, &["joanna"])];
    let users = vec![user("ann", 1001, 1001), user("joanna", 1002, 1002)];
    let failure = assert_needs_a_look(docker_group(&host(groups, users)));
    assert_eq!(failure.severity, Some(Severity::High), "ann is no administrator");
    assert!(failure.message.ends_with(": ann"), "{}", failure.message);
    let groups = vec![group("docker", 998, &["rooter"])];
    let failure = assert_needs_a_look(docker_group(&host(groups, vec![user("root", 0, 0)])));
    assert!(failure.message.ends_with(": rooter"), "{}", failure.message);
}

/// A variable that each turn of a loop overwrites keeps the last one alone.
#[test]
fn every_member_is_named_and_not_only_the_last() {
    let groups = vec![group("docker", 998, &["eve", "ann"]), group("build", 998, &["bob", "eve"])];
    let users = vec![user("carl", 1003, 998), user("dora", 1004, 998)];
    let failure = assert_needs_a_look(docker_group(&host(groups, users)));
    assert!(failure.message.ends_with(": ann, bob, carl, dora, eve"), "{}", failure.message);
    assert_eq!(failure.evidence.len(), 3, "two lines of groups, and who has it as first group");
}

#[test]
fn a_socket_that_its_group_may_not_write_to_has_no_members() {
    let mut snapshot = host(vec![group("docker", 998, &["eve"])], Vec::new());
    snapshot.host.files.insert("/run/docker.sock".into(), file(0o600, 0, 998));
    assert_not_applicable(docker_group(&snapshot));
}

#[test]
fn users_of_a_directory_service_are_not_passed_over() {
    let mut snapshot = host(vec![group("docker", 998, &[])], vec![user("root", 0, 0)]);
    assert_passes(docker_group(&snapshot));
    snapshot.host.directories = sample::known(vec!["sss".into()], "nsswitch.conf");
    assert_unknown(docker_group(&snapshot));
    snapshot.host.directories = sample::unknown("nsswitch.conf");
    assert_unknown(docker_group(&snapshot));
    snapshot = host(vec![group("docker", 998, &["eve"])], Vec::new());
    snapshot.host.directories = sample::known(vec!["sss".into()], "nsswitch.conf");
    let failure = assert_needs_a_look(docker_group(&snapshot));
    assert!(failure.message.ends_with(": eve, and whom sss may know of"), "{}", failure.message);
}

#[test]
fn the_group_is_the_sockets_own_and_not_the_one_of_that_name() {
    let groups = vec![group("docker", 120, &["eve"]), group("ops", 998, &["bob"])];
    let failure = assert_needs_a_look(docker_group(&host(groups, Vec::new())));
    assert!(failure.message.ends_with(": bob"), "{}", failure.message);
}

#[test]
fn root_alone_passes() {
    let groups = vec![group("docker", 998, &["root"])];
    assert_passes(docker_group(&host(groups, vec![user("root", 0, 998)])));
}

#[test]
fn without_an_engine_the_group_named_docker_counts() {
    let mut snapshot = host(vec![group("docker", 120, &["eve"])], Vec::new());
    snapshot.engines.clear();
    assert_needs_a_look(docker_group(&snapshot));
    snapshot.host.groups.fact = dockward_model::facts::Fact::Known(Vec::new());
    assert_not_applicable(docker_group(&snapshot));
}

#[test]
fn unread_groups_or_users_are_unknown() {
    let mut snapshot = host(vec![group("docker", 998, &[])], Vec::new());
    snapshot.host.users = sample::unknown("");
    assert_unknown(docker_group(&snapshot));
    snapshot.host.groups = sample::absent("");
    assert_unknown(docker_group(&snapshot));
}

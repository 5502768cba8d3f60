use super::*;
use crate::judged::{
    Facts, assert_fails, assert_not_applicable, assert_passes, assert_reviews, assert_unknown,
    case_with, running_with,
};
use dockward_model::facts::{ListeningSocket, sample};

fn process(comm: &str, exe: Option<&str>) -> impl FnOnce(&mut KernelView) {
    let process = Process { pid: 4711, comm: comm.into(), exe: exe.map(str::to_owned) };
    move |k| k.processes = sample::known(vec![process], "/proc")
}

fn running(change: impl FnOnce(&mut KernelView)) -> Facts {
    let mut facts = running_with(change);
    facts.container.running = sample::known(true, "State.Running");
    facts
}

fn listening(port: u16) -> impl FnOnce(&mut KernelView) {
    let address = "0.0.0.0".parse().unwrap();
    let socket = ListeningSocket { protocol: Protocol::Tcp, address, port, inode: 1 };
    move |k| k.listening = sample::known(vec![socket], "/proc/4711/net/tcp")
}

#[test]
fn a_server_is_known_by_its_file_whatever_it_calls_itself() {
    let failure = assert_fails(ssh_server, &running(process("busybox", Some("/usr/sbin/sshd"))));
    assert_eq!(failure.evidence[0].seen, "/usr/sbin/sshd, pid 4711");
    assert_fails(ssh_server, &running(process("x", Some("/usr/sbin/dropbear (deleted)"))));
}

#[test]
fn a_server_is_known_by_its_name_where_the_file_cannot_be_read() {
    assert_fails(ssh_server, &running(process("sshd", None)));
}

#[test]
fn whatever_listens_on_port_22_is_one() {
    assert_fails(ssh_server, &running(listening(22)));
    assert_passes(ssh_server, &running(listening(2200)));
}

#[test]
fn other_processes_and_none_pass() {
    assert_passes(ssh_server, &running(process("ssh-agent", Some("/usr/bin/ssh-agent"))));
    assert_passes(ssh_server, &running(|_| ()));
}

#[test]
fn a_server_in_a_shared_namespace_is_for_a_person_to_decide() {
    let mut facts = running(process("sshd", Some("/usr/sbin/sshd")));
    facts.container.pid_mode = sample::known("host".into(), "HostConfig.PidMode");
    assert_reviews(ssh_server, &facts);
    let mut facts = running(listening(22));
    facts.container.network_mode = sample::known("container:db".into(), "HostConfig.NetworkMode");
    assert_reviews(ssh_server, &facts);
}

#[test]
fn of_one_that_does_not_run_nothing_can_be_said() {
    assert_not_applicable(ssh_server, &case_with(|_| ()));
}

#[test]
fn what_the_kernel_would_not_tell_is_never_a_pass() {
    assert_unknown(ssh_server, &running(|k| k.processes = sample::unknown("/proc")));
    assert_unknown(ssh_server, &running(|k| k.listening = sample::unknown("net/tcp")));
    let facts = case_with(|c| {
        c.running = sample::known(true, "State.Running");
        c.kernel = Fact::Unknown("permission denied".into());
    });
    assert_unknown(ssh_server, &facts);
}

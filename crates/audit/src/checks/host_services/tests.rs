use super::*;
use crate::judged::{assert_fails, assert_passes, assert_unknown, engine_with, snapshot_with};
use dockward_model::facts::{Fact, ListeningSocket, Process, sample};

fn socket(protocol: Protocol, address: &str, port: u16) -> ListeningSocket {
    ListeningSocket { protocol, address: address.parse().unwrap(), port, inode: port.into() }
}

fn process(comm: &str, exe: &str) -> Process {
    Process { pid: 811, comm: comm.into(), exe: Some(exe.into()) }
}

/// A host with one socket, and the process behind it.
fn host(socket: ListeningSocket, process: Option<Process>) -> Snapshot {
    snapshot_with(|s| {
        let owners = process.map(|process| (socket.inode, process));
        s.host.listeners = sample::known(owners.into_iter().collect(), "fd");
        s.host.listening = sample::known(vec![socket], "net");
    })
}

fn tcp(address: &str, port: u16, comm: &str, exe: &str) -> Snapshot {
    host(socket(Protocol::Tcp, address, port), Some(process(comm, exe)))
}

#[test]
fn a_database_on_every_interface_is_told_with_process_and_port() {
    let failure = assert_fails(services(&tcp("0.0.0.0", 3307, "mariadbd", "/usr/sbin/mariadbd")));
    assert_eq!(failure.severity, Some(Severity::Medium));
    assert!(failure.message.ends_with("mariadbd (a database) on 3307"), "{}", failure.message);
    assert_eq!(failure.evidence[0].seen, "mariadbd (pid 811) at 0.0.0.0:3307/tcp");
}

#[test]
fn a_renamed_program_is_known_by_its_file_and_an_unseen_one_by_its_port() {
    assert_fails(services(&tcp("::", 7000, "own", "/usr/bin/redis-server (deleted)")));
    assert_fails(services(&host(socket(Protocol::Tcp, "::", 23), None)));
    assert_fails(services(&host(socket(Protocol::Udp, "10.0.0.7", 69), None)));
}

#[test]
fn a_web_server_is_low() {
    let failure = assert_fails(services(&tcp("10.0.0.7", 443, "nginx", "/usr/sbin/nginx")));
    assert_eq!(failure.severity, Some(Severity::Low));
}

#[test]
fn loopback_ssh_and_what_is_no_service_of_these_pass() {
    for address in ["127.0.0.1", "::1", "::ffff:127.0.0.1"] {
        assert_passes(services(&tcp(address, 5432, "postgres", "/usr/bin/postgres")));
    }
    assert_passes(services(&tcp("0.0.0.0", 443, "sshd", "/usr/sbin/sshd")));
    assert_passes(services(&tcp("0.0.0.0", 9100, "node_exporter", "/usr/bin/node_exporter")));
    assert_passes(services(&host(socket(Protocol::Udp, "0.0.0.0", 3306), None)));
}

#[test]
fn what_engines_and_containers_have_open_is_not_the_hosts() {
    assert_passes(services(&tcp("0.0.0.0", 80, "docker-proxy", "/usr/bin/docker-proxy")));
    let mut snapshot = tcp("0.0.0.0", 6379, "redis-server", "/usr/local/bin/redis-server");
    let mut container = sample::container();
    let mut kernel = sample::kernel();
    let inside = process("redis-server", "/usr/local/bin/redis-server");
    kernel.processes = sample::known(vec![inside], "processes");
    container.kernel = Fact::Known(kernel);
    snapshot.engines = vec![engine_with(|e| e.containers = vec![container])];
    assert_passes(services(&snapshot));
}

#[test]
fn unread_sockets_are_unknown_and_none_pass() {
    assert_unknown(services(&snapshot_with(|s| s.host.listening = sample::unknown("net"))));
    assert_unknown(services(&snapshot_with(|s| s.host.listening = sample::absent("net"))));
    assert_passes(services(&snapshot_with(|s| s.host.listening = sample::known(vec![], "net"))));
}

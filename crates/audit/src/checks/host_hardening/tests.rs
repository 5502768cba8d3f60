use super::*;
use crate::judged::{assert_needs_a_look, assert_unknown, snapshot, snapshot_with};
use dockward_model::facts::{Host, ListeningSocket, Origin, Process, Protocol, sample};

fn hardened(host: &mut Host) {
    let all = HARDENING.iter().chain(&FURTHER);
    let value = |good: &str| Field::known(good.to_owned(), Origin::kernel("/proc/sys", ""));
    host.sysctls = all.map(|switch| (switch.name.to_owned(), value(switch.good[0]))).collect();
    host.listening = sample::known(Vec::new(), "net");
    host.listeners = sample::known([].into(), "fd");
}

fn socket(address: &str, port: u16, inode: u64) -> ListeningSocket {
    ListeningSocket { protocol: Protocol::Tcp, address: address.parse().unwrap(), port, inode }
}

#[test]
fn even_a_hardened_host_is_for_a_person_to_confirm() {
    let failure = assert_needs_a_look(hardening(&snapshot_with(|s| hardened(&mut s.host))));
    assert_eq!(
        failure.message,
        "weaker than hardened guides want: none; nothing of the host listens on the network"
    );
    assert_eq!(failure.evidence.len(), 2, "lockdown and the security modules");
}

#[test]
fn each_weakness_is_named_with_what_was_seen() {
    let failure = assert_needs_a_look(hardening(&snapshot_with(|s| {
        hardened(&mut s.host);
        s.host.lockdown = sample::known("none".into(), "lockdown");
        s.host.lsms = sample::known(vec!["capability".into()], "lsm");
        let off = sample::known("0".into(), "kexec");
        s.host.sysctls.insert("kernel.kexec_load_disabled".into(), off);
    })));
    for name in ["lockdown, ", "security modules, ", "kernel.kexec_load_disabled;"] {
        assert!(failure.message.contains(name), "{name} in {}", failure.message);
    }
    assert_eq!(failure.evidence[2].seen, "kernel.kexec_load_disabled = 0");
}

#[test]
fn a_kernel_without_lockdown_is_weaker() {
    let host = |s: &mut Snapshot| s.host.lockdown = sample::absent("lockdown");
    let failure = assert_needs_a_look(hardening(&snapshot_with(host)));
    assert!(failure.message.starts_with("weaker than hardened guides want: lockdown;"));
}

#[test]
fn what_listens_on_the_network_is_told_with_its_process() {
    let process = Process { pid: 77, comm: "sshd".into(), exe: Some("/usr/sbin/sshd".into()) };
    let proxy =
        Process { pid: 78, comm: "docker-proxy".into(), exe: Some("/usr/bin/docker-proxy".into()) };
    let failure = assert_needs_a_look(hardening(&snapshot_with(|s| {
        hardened(&mut s.host);
        let sockets =
            vec![socket("::", 22, 5), socket("127.0.0.1", 631, 6), socket("0.0.0.0", 80, 7)];
        s.host.listening = sample::known(sockets, "net");
        s.host.listeners = sample::known([(5, process), (7, proxy)].into(), "fd");
    })));
    assert!(failure.message.ends_with("1 socket of the host on the network: sshd"));
    assert_eq!(failure.evidence[2].seen, "sshd (pid 77) at [::]:22/tcp");
}

#[test]
fn what_could_not_be_read_is_said_and_nothing_read_is_unknown() {
    let failure = assert_needs_a_look(hardening(&snapshot()));
    assert!(failure.message.contains("not read: kernel.kptr_restrict, "), "{}", failure.message);
    assert_unknown(hardening(&snapshot_with(|s| s.host = Host::default())));
}

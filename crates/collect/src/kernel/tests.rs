//! The whole view, of processes that this test starts and of a procfs made up.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use dockward_model::facts::Fact;

use super::{Reference, is_named_after, view};
use crate::tree::{Live, Proc, Recorded};

const ID: &str = "4f1c9d2e8b7a6f5e4d3c2b1a0f9e8d7c6b5a49382716051423324150617283f0";

/// A process with files of a container's, as the kernel would show them.
fn pretend(folder: &Path, pid: i32, start: u64, cgroup: &str) {
    let dir = folder.join(pid.to_string());
    fs::create_dir_all(dir.join("ns")).unwrap();
    fs::create_dir_all(dir.join("net")).unwrap();
    fs::create_dir_all(dir.join("attr")).unwrap();
    let files = [
        ("stat", format!("{pid} (sh) S{} {start} 0\n", " 0".repeat(18))),
        ("cgroup", format!("0::{cgroup}\n")),
        ("comm", "sh\n".into()),
        (
            "status",
            "Uid:\t0\t0\t0\t0\nCapEff:\t0\nCapBnd:\t0\nSeccomp:\t2\nNoNewPrivs:\t0\n".into(),
        ),
        ("uid_map", "0 0 4294967295\n".into()),
        ("mountinfo", "1 1 0:1 / / rw - overlay overlay rw\n".into()),
        ("attr/current", "docker-default (enforce)\n".into()),
        ("net/tcp", "head\n".into()),
        ("net/udp", "head\n".into()),
    ];
    for (name, text) in files {
        fs::write(dir.join(name), text).unwrap();
    }
    for (kind, inode) in [("pid", 70 + pid), ("net", 7), ("user", 1), ("uts", 1), ("ipc", 7)] {
        symlink(format!("{kind}:[{inode}]"), dir.join("ns").join(kind)).unwrap();
    }
    symlink("/usr/sbin/sshd", dir.join("exe")).unwrap();
}

fn world() -> (tempfile::TempDir, Proc) {
    let dir = tempfile::tempdir().unwrap();
    pretend(dir.path(), 1, 1, "/init.scope");
    pretend(dir.path(), 9, 900, &format!("/docker/{ID}"));
    let Fact::Known(proc) = Proc::pretended(dir.path()) else { panic!("no folder") };
    (dir, proc)
}

#[test]
fn a_containers_process_is_seen_whole() {
    let (_dir, proc) = world();
    let files = Recorded::new();
    let reference = Reference::new(&proc, &files, &proc, None);
    let Fact::Known(seen) = view(&proc, 9, &reference, ID) else { panic!("not seen") };
    assert_eq!(seen.uid.get(), Some(&0));
    assert_eq!(seen.seccomp.get(), Some(&2));
    assert_eq!(seen.lsm_label.get().map(String::as_str), Some("docker-default (enforce)"));
    assert_eq!(seen.namespaces.pid_is_host.get(), Some(&false));
    assert_eq!(seen.namespaces.uts_is_host.get(), Some(&true));
    assert_eq!(seen.mounts.get().map(Vec::len), Some(1));
    assert_eq!(seen.listening.get().map(Vec::len), Some(0));
    let processes = seen.processes.get().unwrap();
    assert_eq!((processes.len(), processes[0].pid, processes[0].comm.as_str()), (1, 9, "sh"));
    assert_eq!(processes[0].exe.as_deref(), Some("/usr/sbin/sshd"));
    assert!(seen.cgroup.memory.fact.unknown().is_some(), "no cgroup mount was told of");
}

#[test]
fn a_pid_that_now_means_another_process_gives_nothing() {
    let (dir, proc) = world();
    let files = Recorded::new();
    let reference = Reference::new(&proc, &files, &proc, None);
    let not_its = |pid, id: &str| view(&proc, pid, &reference, id).unknown().map(str::to_owned);
    assert_eq!(not_its(1, ID), Some("process 1 is not this container's any more".into()));
    assert!(not_its(9, &ID.replace('4', "5")).is_some());
    assert!(not_its(9, "").is_some(), "an empty id is in every path");
    assert!(not_its(77, ID).is_some_and(|why| why.contains("process 77")));
    assert!(not_its(0, ID).is_some() && not_its(-1, ID).is_some());
    fs::write(dir.path().join("9/stat"), "9 (sh) S").unwrap();
    assert!(not_its(9, ID).is_some());
}

#[test]
fn a_container_in_the_hosts_pid_namespace_has_only_its_own_processes() {
    let (dir, proc) = world();
    pretend(dir.path(), 5, 5, "/user.slice");
    for pid in ["5", "9"] {
        let link = dir.path().join(pid).join("ns/pid");
        fs::remove_file(&link).unwrap();
        symlink("pid:[71]", link).unwrap();
    }
    let files = Recorded::new();
    let reference = Reference::new(&proc, &files, &proc, None);
    let Fact::Known(seen) = view(&proc, 9, &reference, ID) else { panic!("not seen") };
    assert_eq!(seen.namespaces.pid_is_host.get(), Some(&true));
    let pids: Vec<_> = seen.processes.get().unwrap().iter().map(|p| p.pid).collect();
    assert_eq!(pids, [9]);
}

#[test]
fn the_engines_own_files_prove_a_container_that_left_its_cgroup() {
    let mounts = |id: &str| {
        let root = format!("/var/lib/docker/containers/{id}/hostname");
        Fact::Known(format!("1 1 254:0 {root} /etc/hostname rw - ext4 /dev/vda rw\n"))
    };
    let membership = Fact::Known("0::/elsewhere\n".to_owned());
    assert!(is_named_after(&membership, &mounts(ID), ID));
    assert!(!is_named_after(&membership, &mounts("other"), ID));
    assert!(is_named_after(&Fact::Known(format!("0::/docker/{ID}\n")), &Fact::Absent, ID));
}

/// A process in namespaces of its own, where this machine and user allow them.
fn unshared() -> Option<Child> {
    let mut command = Command::new("unshare");
    command.args(["--net", "--uts", "sleep", "60"]).stdin(Stdio::null());
    let child = command.stderr(Stdio::null()).spawn().ok()?;
    std::thread::sleep(std::time::Duration::from_millis(300));
    Some(child)
}

#[test]
fn the_kernels_own_files_are_read_of_a_live_process() {
    if !rustix::process::geteuid().is_root() {
        eprintln!("skipped: the_kernels_own_files_are_read_of_a_live_process: not root");
        return;
    }
    let Some(mut child) = unshared() else { return };
    let pid = i32::try_from(child.id()).unwrap();
    let (Fact::Known(proc), Fact::Known(files)) = (Proc::host(), Live::host()) else { panic!() };
    let reference = Reference::new(&proc, &files, &proc, None);
    let seen = super::read(&proc, pid, &reference, ID, &Fact::Absent, &Fact::Absent);
    child.kill().unwrap();
    child.wait().unwrap();
    assert_eq!(seen.uid.get(), Some(&0));
    assert_eq!(seen.namespaces.net_is_host.get(), Some(&false));
    assert_eq!(seen.namespaces.uts_is_host.get(), Some(&false));
    assert_eq!(seen.namespaces.ipc_is_host.get(), Some(&true));
    assert_eq!(seen.listening.get(), Some(&Vec::new()));
    assert!(seen.uid_map.get().is_some() && seen.no_new_privs.get().is_some());
    assert!(seen.lsm_label.fact.unknown().is_none(), "{:?}", seen.lsm_label);
}

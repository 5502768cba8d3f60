//! Finding the daemon in a procfs made up, and a listening process of this test's own.

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::symlink;
use std::os::unix::net::UnixListener;
use std::path::Path;

use dockward_model::facts::{Fact, Origin};

use super::{config, find, without_published};
use crate::tree::{Live, Proc, Recorded};

const SOCKET: u64 = 4242;

/// A world of processes, and one file that stands for the socket's.
struct World {
    proc_dir: tempfile::TempDir,
    root: tempfile::TempDir,
}

impl World {
    fn new() -> Self {
        let (proc_dir, root) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        fs::create_dir(root.path().join("run")).unwrap();
        fs::write(root.path().join("run/docker.sock"), "").unwrap();
        symlink("run", root.path().join("link")).unwrap();
        Self { proc_dir, root }
    }

    fn process(&self, pid: i32, uid: u32, exe: &str, argv: &str, sockets: &[u64]) {
        let dir = self.proc_dir.path().join(pid.to_string());
        fs::create_dir_all(dir.join("fd")).unwrap();
        fs::create_dir_all(dir.join("net")).unwrap();
        let start = format!("{pid} (x) S{} {} 0\n", " 0".repeat(18), pid * 100);
        let unix =
            format!("Num\n0: 00000002 00000000 00010000 0001 01 {SOCKET} /run/docker.sock\n");
        for (name, text) in [
            ("stat", start),
            ("status", format!("Uid:\t{uid}\t{uid}\t{uid}\t{uid}\n")),
            ("cmdline", argv.replace(' ', "\0")),
            ("comm", "dockerd\n".into()),
            ("environ", "PATH=/bin\0".into()),
            ("mountinfo", String::new()),
            ("net/unix", unix),
            ("net/tcp", "head\n".into()),
            ("net/udp", "head\n".into()),
        ] {
            fs::write(dir.join(name), text).unwrap();
        }
        symlink(exe, dir.join("exe")).unwrap();
        symlink(self.root.path(), dir.join("root")).unwrap();
        for (fd, inode) in sockets.iter().enumerate() {
            symlink(format!("socket:[{inode}]"), dir.join("fd").join(fd.to_string())).unwrap();
        }
    }

    fn find(&self, peer: Option<i32>) -> Result<(i32, u32, String), String> {
        let Fact::Known(proc) = Proc::pretended(self.proc_dir.path()) else { panic!("no folder") };
        let Fact::Known(tree) = Live::at(self.root.path().to_str().unwrap()) else { panic!() };
        match find(&proc, &tree, (peer, 0, 0), "/link/docker.sock").fact {
            Fact::Known(process) => Ok((process.pid, process.uid, process.exe)),
            Fact::Unknown(why) => Err(why),
            Fact::Absent => Err("absent".into()),
        }
    }
}

#[test]
fn the_process_that_listens_and_holds_the_socket_is_the_daemon() {
    let world = World::new();
    world.process(812, 0, "/usr/sbin/dockerd", "anything", &[7, SOCKET]);
    assert_eq!(world.find(Some(812)), Ok((812, 0, "/usr/sbin/dockerd".into())));
}

#[test]
fn under_socket_activation_it_is_who_holds_the_managers_socket() {
    let world = World::new();
    world.process(1, 0, "/usr/lib/systemd/systemd", "/sbin/init", &[SOCKET]);
    world.process(600, 1000, "/home/eve/dockerd", "/usr/bin/dockerd -H fd://", &[99]);
    world.process(812, 0, "/usr/bin/dockerd", "/usr/bin/dockerd -H fd://", &[SOCKET, 8]);
    assert_eq!(world.find(Some(1)), Ok((812, 0, "/usr/bin/dockerd".into())));
}

#[test]
fn a_process_that_only_calls_itself_dockerd_is_never_picked() {
    let world = World::new();
    world.process(1, 0, "/usr/lib/systemd/systemd", "/sbin/init", &[SOCKET]);
    world.process(600, 1000, "/tmp/dockerd", "/usr/bin/dockerd -H fd://", &[99]);
    let (pid, _, exe) = world.find(Some(1)).unwrap();
    assert_eq!((pid, exe.as_str()), (1, "/usr/lib/systemd/systemd"), "no engine started yet");
}

#[test]
fn a_line_smuggled_into_the_table_of_sockets_finds_no_one() {
    let world = World::new();
    world.process(1, 0, "/usr/lib/systemd/systemd", "/sbin/init", &[SOCKET]);
    world.process(600, 1000, "/tmp/dockerd", "dockerd", &[666]);
    world.process(812, 0, "/usr/bin/dockerd", "dockerd", &[SOCKET]);
    let table = world.proc_dir.path().join("1/net/unix");
    let text = fs::read_to_string(&table).unwrap()
        + "0: 00000002 00000000 00010000 0001 01 666 /run/docker.sock\n";
    fs::write(&table, text).unwrap();
    assert_eq!(world.find(Some(1)).map(|found| found.0), Ok(812));
}

#[test]
fn an_engine_that_a_supervisor_we_do_not_know_started_is_the_daemon() {
    let world = World::new();
    world.process(300, 0, "/opt/own/supervise", "supervise", &[SOCKET]);
    world.process(600, 0, "/usr/bin/curl", "dockerd", &[SOCKET]);
    assert_eq!(world.find(Some(300)).map(|found| found.0), Ok(300), "a proxy of its own kind");
    world.process(812, 0, "/usr/bin/dockerd", "dockerd", &[SOCKET]);
    assert_eq!(world.find(Some(300)).map(|found| found.0), Ok(812));
}

#[test]
fn where_the_listener_is_gone_only_its_own_user_can_have_taken_over() {
    let world = World::new();
    world.process(500, 0, "/usr/bin/sh", "sh", &[]);
    world.process(600, 1000, "/tmp/dockerd", "dockerd", &[SOCKET]);
    assert!(world.find(Some(500)).is_err());
    world.process(812, 0, "/usr/bin/dockerd", "dockerd", &[SOCKET]);
    assert_eq!(world.find(Some(500)).map(|found| found.0), Ok(812));
}

#[test]
fn an_engine_that_is_process_1_itself_is_the_daemon() {
    let world = World::new();
    world.process(1, 0, "/usr/local/bin/dockerd", "dockerd", &[SOCKET]);
    assert_eq!(world.find(Some(1)).map(|found| found.0), Ok(1));
}

#[test]
fn what_cannot_be_told_is_unknown_with_its_reason() {
    let world = World::new();
    assert!(world.find(None).unwrap_err().contains("outside our pid namespace"));
    assert!(world.find(Some(0)).unwrap_err().contains("outside our pid namespace"));
    assert!(world.find(Some(77)).unwrap_err().contains("process 77"));
    world.process(812, 0, "/usr/bin/dockerd", "dockerd", &[SOCKET]);
    fs::remove_file(world.root.path().join("run/docker.sock")).unwrap();
    assert!(world.find(Some(812)).unwrap_err().contains("no longer there"));
}

#[test]
fn a_live_listener_is_found_by_its_peer_credentials() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("s.sock");
    let _listener = UnixListener::bind(&path).unwrap();
    let (Fact::Known(proc), Fact::Known(tree)) = (Proc::host(), Live::host()) else { panic!() };
    let own = i32::try_from(std::process::id()).unwrap();
    let uid = rustix::process::geteuid().as_raw();
    let found = find(&proc, &tree, (Some(own), uid, 0), path.to_str().unwrap());
    let Some(process) = found.get() else { panic!("{found:?}") };
    assert_eq!((process.pid, process.uid), (own, uid));
    let age = jiff::Timestamp::now().duration_since(process.started.unwrap());
    assert!(age.as_secs() >= 0 && age.as_secs() < 600, "{age:?}");
    assert_eq!(found.origin.to_string(), format!("/proc/{own}/fd"));
}

fn told(argv: &str, exe: &str, files: &Recorded) -> super::DaemonConfig {
    let world = World::new();
    world.process(812, 0, exe, argv, &[SOCKET]);
    let Fact::Known(proc) = Proc::pretended(world.proc_dir.path()) else { panic!("no folder") };
    let process = super::DaemonProcess { pid: 812, uid: 0, exe: exe.into(), started: None };
    config(&proc, files, &process)
}

#[test]
fn flags_and_file_are_merged_with_their_origins() {
    let file = "{\n  \"icc\": false,\n  \"hosts\": [\n    \"tcp://0.0.0.0:2375\"\n  ]\n}\n";
    let files = Recorded::new().file("/etc/docker/daemon.json", file);
    let told = told("dockerd --userland-proxy=false -l warn", "/usr/bin/dockerd", &files);
    let config = told.config.known().unwrap();
    assert_eq!(config["icc"].value, false);
    assert_eq!(config["icc"].origin, Origin::file("/etc/docker/daemon.json", Some(2)));
    assert_eq!(config["userland-proxy"].value, false);
    assert_eq!(config["log-level"].value, "warn");
    assert_eq!(told.file.get().map(|file| file.newer_than_process), Some(false));
    let listeners = told.listeners.get().unwrap();
    assert_eq!(listeners[0].origin, Origin::file("/etc/docker/daemon.json", Some(4)));
}

#[test]
fn the_file_that_the_flag_names_is_the_one_that_is_read() {
    let files = Recorded::new()
        .file("/etc/docker/daemon.json", "{\"debug\": true}")
        .file("/srv/own.json", "{\"mtu\": 1400}");
    let told = told("dockerd --config-file=/srv/own.json", "/usr/bin/dockerd", &files);
    let config = told.config.known().unwrap();
    assert!(config.contains_key("mtu") && !config.contains_key("debug"));
    assert_eq!(told.file.origin.to_string(), "/srv/own.json");
}

#[test]
fn without_a_file_the_flags_alone_count_and_a_broken_one_is_unknown() {
    let none = told("dockerd --icc=false", "/usr/bin/dockerd", &Recorded::new());
    assert!(none.file.fact.is_absent());
    assert_eq!(none.config.known().map(|config| config.len()), Some(1));
    let broken = Recorded::new().file("/etc/docker/daemon.json", "{\n\"icc\": flase\n}");
    let broken = told("dockerd", "/usr/bin/dockerd", &broken);
    assert!(broken.config.unknown().is_some_and(|why| why.contains("daemon.json:2")));
    assert!(broken.file.get().is_some() && broken.listeners.fact.unknown().is_some());
    let refused = Recorded::new().refused("/etc/docker/daemon.json", "permission denied");
    assert!(told("dockerd", "/usr/bin/dockerd", &refused).config.unknown().is_some());
}

#[test]
fn what_is_no_dockerd_is_not_read_as_one() {
    for exe in ["/usr/bin/socat", "/usr/lib/systemd/systemd"] {
        let told = told("dockerd --icc=false", exe, &Recorded::new());
        assert!(told.config.unknown().is_some() && told.file.fact.unknown().is_some(), "{exe}");
    }
}

#[test]
fn podman_has_no_daemon_json_to_be_read() {
    let file = Recorded::new().file("/etc/docker/daemon.json", "{\"icc\": false}");
    let told = told("podman system service", "/usr/bin/podman", &file);
    assert!(told.config.is_absent() && told.file.fact.is_absent());
}

#[test]
fn ports_of_containers_are_taken_from_what_was_seen_but_not_from_what_was_configured() {
    let files = Recorded::new().file("/etc/docker/daemon.json", "{\"hosts\": [\"tcp://[::]:80\"]}");
    let mut listeners = told("dockerd", "/usr/bin/dockerd", &files).listeners;
    without_published(&mut listeners, &BTreeSet::from([80]));
    assert_eq!(listeners.get().map(Vec::len), Some(1));
    if let Fact::Known(list) = &mut listeners.fact {
        list[0].origin = Origin::kernel("/proc/812/net/tcp", "");
    }
    without_published(&mut listeners, &BTreeSet::from([80]));
    assert_eq!(listeners.get().map(Vec::len), Some(0));
}

#[test]
fn a_program_that_was_replaced_under_a_running_engine_is_still_known() {
    assert!(super::find::is_engine("/usr/bin/dockerd (deleted)"));
    assert_eq!(super::find::base_name(Path::new("/usr/bin/x").to_str().unwrap()), "x");
    assert!(!super::find::is_engine("/usr/bin/dockerd-proxy"));
}

#[test]
fn the_service_that_started_a_process_is_known_by_its_cgroup() {
    for (line, expected) in [
        ("0::/system.slice/docker.service", Some("docker.service")),
        ("1:name=systemd:/system.slice/docker.service/main", Some("docker.service")),
        ("0::/user.slice/user-0.slice/session-1.scope", None),
        ("0::/", None),
        ("", None),
    ] {
        assert_eq!(super::service_of(line).as_deref(), expected, "{line}");
    }
    let Fact::Known(proc) = Proc::host() else { panic!("no procfs") };
    let own = i32::try_from(std::process::id()).unwrap();
    assert!(super::service(&proc, own).fact.unknown().is_none());
    assert!(super::service(&proc, i32::MAX).fact.unknown().is_some());
}

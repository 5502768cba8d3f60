//! Hosts, engines and containers to start from: read from answers, files and processes wherever that is what the
//! script gets wrong.

use std::os::unix::fs::symlink;
use std::path::Path;

use dockward_collect::tree::{Live, Proc, Recorded};
use dockward_collect::{daemon_process, from_answers, host};
use dockward_model::facts::{
    Container, Daemon, Engine, Fact, Field, Host, KernelView, Mount, Origin, Snapshot, Viewer,
    sample,
};
use serde_json::Value;

/// Answers of a real engine, 28.5.
const ANSWERS: &str = include_str!("../../../../collect/fixtures/engine-28.5.json");
/// The socket of the pretended engine, by its inode.
const SOCKET: u64 = 4242;

/// A host that runs these containers, on an engine with stock settings.
pub(super) fn running(containers: Vec<Container>) -> Snapshot {
    on(sample::daemon(), containers)
}

/// The same on this engine.
pub(super) fn on(daemon: Daemon, containers: Vec<Container>) -> Snapshot {
    let engine = Engine {
        daemon,
        containers,
        containers_listed: sample::known(true, "Containers"),
        images: sample::known(Vec::new(), "Images"),
        ..Engine::default()
    };
    Snapshot { engines: vec![engine], ..alone(sample::host()) }
}

/// A host without an engine.
pub(super) fn alone(host: Host) -> Snapshot {
    let now = "2026-11-22T00:00:00Z".parse().unwrap();
    Snapshot { version: Snapshot::VERSION, now, host, engines: Vec::new(), unseen: Vec::new() }
}

/// What is read of a host with these files.
pub(super) fn host_of(files: &Recorded) -> Host {
    host::host(files, &Fact::Unknown("no procfs".into()), Viewer::default())
}

/// What is read of a container that asked for nothing, from its engine's record with a change; the kernel shows the
/// defaults, and each mount's source stands where it says.
pub(super) fn container(change: impl FnOnce(&mut Value)) -> Container {
    let answers: serde_json::Map<String, Value> = serde_json::from_str(ANSWERS).unwrap();
    let mut record = answers.into_iter().find(|(_, one)| one["Name"] == "/stock").unwrap().1;
    change(&mut record);
    let mut container = from_answers(&[record.to_string()]).remove(0);
    container.kernel = Fact::Known(sample::kernel());
    container.image_now = container.image_id.clone();
    if let Fact::Known(mounts) = &mut container.mounts.fact {
        mounts.iter_mut().for_each(lead);
    }
    container
}

fn lead(mount: &mut Mount) {
    mount.host_path = Fact::Known(mount.source.clone());
    let node = match Path::new(&mount.source).extension().and_then(|end| end.to_str()) {
        Some("sock") => "socket",
        _ if mount.source.ends_with("shadow") => "file",
        _ => "dir",
    };
    mount.node = Fact::Known(node.into());
}

/// The same, where the kernel shows something else than the defaults.
pub(super) fn seen(
    change: impl FnOnce(&mut Value),
    shown: impl FnOnce(&mut KernelView),
) -> Container {
    let mut container = container(change);
    let mut kernel = sample::kernel();
    shown(&mut kernel);
    container.kernel = Fact::Known(kernel);
    container
}

/// The same, created and never started.
pub(super) fn stopped(mut container: Container) -> Container {
    container.running = sample::known(false, "State.Running");
    container.pid = sample::absent("State.Pid");
    container.kernel = Fact::Absent;
    container
}

/// What was read from the kernel.
pub(super) fn shown<T>(value: T) -> Field<T> {
    Field::known(value, Origin::kernel("/proc/4711", ""))
}

/// An engine of version 28 with these arguments and this daemon.json, found as the one who holds the socket. Beside
/// it the newest process of the host, any user's, calls itself dockerd and claims to be told all that is good: that
/// is the one whose arguments the script reads.
pub(super) fn engine_of(argv: &str, daemon_json: &str) -> Daemon {
    let (proc_dir, root) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    std::fs::create_dir_all(root.path().join("etc/docker")).unwrap();
    std::fs::create_dir(root.path().join("run")).unwrap();
    std::fs::write(root.path().join("run/docker.sock"), "").unwrap();
    std::fs::write(root.path().join("etc/docker/daemon.json"), daemon_json).unwrap();
    let claims = "dockerd --icc=false --userns-remap=default --authorization-plugin=x \
                  --no-new-privileges --userland-proxy=false --log-level=info";
    process(proc_dir.path(), root.path(), 812, ("/usr/bin/dockerd", argv, SOCKET));
    process(proc_dir.path(), root.path(), 9000, ("/usr/bin/sleep", claims, 7));
    let proc = Proc::pretended(proc_dir.path());
    let (Fact::Known(proc), Fact::Known(tree)) = (proc, Live::at(root.path().to_str().unwrap()))
    else {
        panic!("no folder")
    };
    let process = daemon_process::find(&proc, &tree, (Some(812), 0, 0), "/run/docker.sock");
    let found = process.get().unwrap_or_else(|| panic!("{process:?}"));
    let told = daemon_process::config(&proc, &tree, found);
    let (config, config_file, listeners) = (told.config, told.file, told.listeners);
    Daemon { process, config, config_file, listeners, ..sample::daemon() }
}

fn process(proc: &Path, root: &Path, pid: i32, (exe, argv, socket): (&str, &str, u64)) {
    let dir = proc.join(pid.to_string());
    std::fs::create_dir_all(dir.join("fd")).unwrap();
    std::fs::create_dir_all(dir.join("net")).unwrap();
    let stat = format!("{pid} (x) S{} {} 0\n", " 0".repeat(18), pid * 100);
    let unix = format!("Num\n0: 00000002 00000000 00010000 0001 01 {SOCKET} /run/docker.sock\n");
    for (name, text) in [
        ("stat", stat),
        ("status", "Uid:\t0\t0\t0\t0\n".into()),
        ("cmdline", argv.replace(' ', "\0")),
        ("comm", "dockerd\n".into()),
        ("environ", "PATH=/bin\0".into()),
        ("mountinfo", String::new()),
        ("net/unix", unix),
        ("net/tcp", "head\n".into()),
        ("net/udp", "head\n".into()),
    ] {
        std::fs::write(dir.join(name), text).unwrap();
    }
    symlink(exe, dir.join("exe")).unwrap();
    symlink(root, dir.join("root")).unwrap();
    symlink(format!("socket:[{socket}]"), dir.join("fd/3")).unwrap();
}

//! Roots as they are on hosts that tests don't run on: with AppArmor, with SELinux, with systemd's units. What is read
//! below them is judged by the program itself: pass, fail, unknown.
//!
//! A folder can't stand for procfs: below `--root`, `/proc` counts only if it is one, and without a kernel the files in
//! `/sys` are none of its word either. So the host's part is judged below a root with a real procfs mounted on it, in a
//! mount namespace of its own, as root; and the containers' part, which lies in `/proc/PID/attr`, in the recorded form
//! of the outside world: read from the fixture, written as `dockward record` writes it, judged as `--snapshot`.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use dockward_collect::tree::{Live, Proc};
use dockward_collect::{from_answers, host, kernel, record};
use dockward_model::facts::{Container, Engine, Fact, Field, Origin, Snapshot, Viewer, sample};
use dockward_testbed::Skip;
use serde_json::{Value, json};

use crate::run::{Run, dockward, findings};

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../collect/fixtures").join(name)
}

/// A copy to change something in.
fn copy(name: &str) -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    let (from, to) = (fixture(name).join("."), dir.path());
    assert!(Command::new("cp").arg("-a").args([&from, to]).status().unwrap().success());
    // A checkout's modes are its user's.
    assert!(Command::new("chmod").args(["-R", "go-w"]).arg(to).status().unwrap().success());
    dir
}

fn write(root: &Path, path: &str, text: &str) {
    let path = root.join(path);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

/// What a run with one rule says of the host.
fn verdict(run: &Run) -> String {
    let report = run.json();
    match report["findings"].as_array().unwrap().as_slice() {
        [only] => only["status"].as_str().unwrap().to_owned(),
        [] if report["tally"]["host"]["pass"] == 1 => "pass".to_owned(),
        _ => panic!("{}{}", run.out, run.err),
    }
}

/// Runs a check below a root with a procfs of this kernel mounted on it, which is gone with the run.
fn below_with_procfs(root: &Path, rule: &str) -> Run {
    let script =
        r#"mount -t proc proc "$1/proc" && exec "$2" check --root "$1" --format json --only "$3""#;
    let mut command = Command::new("unshare");
    command.args(["--mount", "--propagation", "private", "--", "sh", "-c", script, "sh"]);
    command.args([root, Path::new(env!("CARGO_BIN_EXE_dockward"))]).arg(rule);
    Run::new(&command.env_clear().env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin").output().unwrap())
}

/// Whether a procfs can be mounted here.
fn can_mount_or_skip(test: &str) -> bool {
    let mut command = Command::new("unshare");
    command.args(["--mount", "--propagation", "private", "--", "mount", "-t", "proc", "proc"]);
    let folder = tempfile::tempdir().unwrap();
    let can = command.arg(folder.path()).output().is_ok_and(|done| done.status.success());
    if !can {
        Skip::because("no procfs can be mounted in a namespace of its own").announce(test);
    }
    can
}

#[test]
fn a_host_with_apparmor_or_selinux_is_judged_below_its_root() {
    const RULE: &str = "host-mandatory-access-control";
    if !can_mount_or_skip("a_host_with_apparmor_or_selinux_is_judged_below_its_root") {
        return;
    }
    let judged = |name: &str, change: &dyn Fn(&Path)| {
        let root = copy(name);
        change(root.path());
        verdict(&below_with_procfs(root.path(), RULE))
    };
    let remove = |path: &'static str| move |root: &Path| fs::remove_file(root.join(path)).unwrap();
    let list = "sys/kernel/security/lsm";
    let enforce = "sys/fs/selinux/enforce";
    assert_eq!(judged("apparmor", &|_| ()), "pass");
    assert_eq!(judged("apparmor", &remove(list)), "pass", "by what is in sysfs");
    assert_eq!(judged("apparmor", &|root| write(root, list, "capability,yama")), "fail");
    let switched_off = |root: &Path| {
        remove(list)(root);
        write(root, "sys/module/apparmor/parameters/enabled", "N\n");
    };
    assert_eq!(judged("apparmor", &switched_off), "fail");
    assert_eq!(
        judged("apparmor", &|root| fs::remove_dir_all(root.join("sys")).unwrap()),
        "unknown"
    );

    assert_eq!(judged("selinux", &|_| ()), "pass");
    assert_eq!(judged("selinux", &|root| write(root, enforce, "0")), "fail", "permissive");
    assert_eq!(judged("selinux", &|root| write(root, enforce, "")), "unknown");
    assert_eq!(judged("selinux", &remove(enforce)), "unknown", "selinuxfs is not mounted");
}

#[test]
fn without_a_kernel_what_poses_as_its_word_below_a_root_counts_for_nothing() {
    let root = fixture("selinux").display().to_string();
    let words = ["check", "--root", &root, "--format", "json"];
    let run = dockward(&[&words[..], &["--only", "host-mandatory-access-control"]].concat());
    let report = run.json();
    assert_eq!(report["host"]["sight"], "files");
    assert_eq!(report["tally"]["host"]["not_applicable"], 1, "{}", report["tally"]);
}

/// Three containers by the first three processes of a fixture, on an engine that uses `module`.
fn recorded(name: &str, root: &Path, options: Field<Vec<String>>) -> Snapshot {
    let Fact::Known(files) = Live::at(&root.display().to_string()) else { panic!("{name}") };
    let proc = Proc::pretended(&root.join("proc"));
    let known = proc.known().unwrap();
    let reference = kernel::Reference::new(known, &files, known, None);
    let container = |pid: i32| -> Container {
        let id = format!("aaaa{}", pid.to_string().repeat(15));
        let answer = json!({"Id": id, "Name": format!("/c{pid}"), "Image": "app",
            "State": {"Running": true, "Pid": pid}, "HostConfig": {"Privileged": false,
            "SecurityOpt": null}, "Config": {"Image": "app"}});
        let mut container = from_answers(&[answer.to_string()]).remove(0);
        container.kernel = kernel::view(known, pid, &reference, &id);
        container
    };
    let mut daemon = sample::daemon();
    daemon.security_options = options;
    let containers = [1200, 1300, 1400].map(container).into();
    let listed = sample::known(true, "Containers");
    let engine = Engine { daemon, containers, containers_listed: listed, ..Engine::default() };
    Snapshot {
        version: Snapshot::VERSION,
        now: "2026-11-28T00:00:00Z".parse().unwrap(),
        host: host::host(&files, &proc, Viewer::default()),
        engines: vec![engine],
        unseen: Vec::new(),
    }
}

fn judged(snapshot: &Snapshot, rules: &str) -> Value {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("host.json");
    record::write(snapshot, &file).unwrap();
    let file = file.display().to_string();
    dockward(&["check", "--snapshot", &file, "--format", "json", "--only", rules]).json()
}

/// What is said of each of the three: a status, and where it was seen.
fn of_each(report: &Value) -> [(String, String); 3] {
    ["c1200", "c1300", "c1400"].map(|name| match findings(report, name).as_slice() {
        [] => ("pass".to_owned(), String::new()),
        [only] => {
            let seen = only["evidence"][0]["seen"].as_str().unwrap_or_default().to_owned();
            (only["status"].as_str().unwrap().to_owned(), seen)
        }
        more => panic!("{more:?}"),
    })
}

fn statuses(report: &Value) -> [String; 3] {
    of_each(report).map(|(status, _)| status)
}

fn options(list: &[&str]) -> Field<Vec<String>> {
    sample::known(list.iter().map(ToString::to_string).collect(), "SecurityOptions")
}

#[test]
fn containers_are_held_to_the_profile_that_the_kernel_shows() {
    let root = copy("apparmor");
    let on = |options: Field<Vec<String>>| {
        judged(&recorded("apparmor", root.path(), options), "container-apparmor")
    };
    let apparmor = || options(&["name=apparmor", "name=seccomp,profile=builtin"]);
    let report = on(apparmor());
    assert_eq!(statuses(&report), ["pass", "fail", "fail"]);
    assert_eq!(of_each(&report)[1].1, "web (complain)");
    assert_eq!(of_each(&report)[2].1, "unconfined");
    let origin = &findings(&report, "c1400")[0]["evidence"][0]["location"];
    assert_eq!(*origin, "/proc/1400/attr/current");
    // Without the kernel's word, what the engine does by itself is asked; without that nobody knows.
    for pid in [1200, 1300, 1400] {
        let label = root.path().join(format!("proc/{pid}/attr/current"));
        fs::remove_file(&label).unwrap();
        fs::create_dir(&label).unwrap();
    }
    assert_eq!(statuses(&on(apparmor())), ["pass", "pass", "pass"]);
    let untold = Field::unknown("the answer ends early", Origin::Nowhere);
    assert_eq!(statuses(&on(untold)), ["unknown", "unknown", "unknown"]);
    // The engine uses it not, and the host has it.
    assert_eq!(statuses(&on(options(&["name=seccomp"]))), ["fail", "fail", "fail"]);
}

#[test]
fn containers_are_held_to_the_label_that_the_kernel_shows() {
    let root = copy("selinux");
    let on = |options: Field<Vec<String>>| {
        judged(&recorded("selinux", root.path(), options), "container-selinux")
    };
    let selinux = || options(&["name=selinux", "name=seccomp,profile=builtin"]);
    let report = on(selinux());
    assert_eq!(statuses(&report), ["pass", "fail", "fail"]);
    let apparmor = judged(&recorded("selinux", root.path(), selinux()), "container-apparmor");
    assert_eq!(apparmor["tally"]["containers"]["not_applicable"], 3, "{}", apparmor["tally"]);
    for pid in [1200, 1300, 1400] {
        fs::remove_file(root.path().join(format!("proc/{pid}/attr/current"))).unwrap();
    }
    let untold = Field::unknown("the answer ends early", Origin::Nowhere);
    assert_eq!(statuses(&on(untold)), ["unknown", "unknown", "unknown"]);
}

fn below(root: &Path, rule: &str) -> Run {
    dockward(&["check", "--root", &root.display().to_string(), "--format", "json", "--only", rule])
}

#[test]
fn units_below_a_root_are_what_systemd_would_make_of_them() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("host.json").display().to_string();
    let root = fixture("systemd").display().to_string();
    let run = dockward(&["record", "--root", &root, "-o", &file]);
    assert_eq!(run.code, 0, "{}", run.err);
    let snapshot = record::read(Path::new(&file)).unwrap();
    let unit = |name: &str| snapshot.host.units[name].get().unwrap();
    let said = |name: &str, key: &str| -> Vec<(String, String)> {
        unit(name).settings_of(key).map(|s| (s.value.clone(), s.origin.to_string())).collect()
    };
    let drop_in = "/etc/systemd/system/docker.service.d/20-data-root.conf:4";
    let [(command, at)]: [(String, String); 1] =
        said("docker.service", "ExecStart").try_into().unwrap();
    assert!(command.ends_with("--data-root /srv/docker") && command.contains("-H fd://"));
    assert_eq!(at, drop_in, "and not what another drop-in of a hidden name says");
    assert_eq!(unit("docker.service").drop_ins.len(), 2);
    assert_eq!(said("docker.socket", "SocketMode").last().unwrap().0, "0600");
    assert!(snapshot.host.units["podman.socket"].fact.is_absent());
}

#[test]
fn socket_units_below_a_root_are_judged_with_their_drop_ins() {
    const RULE: &str = "host-socket-unit-listens";
    const DROP_IN: &str = "etc/systemd/system/docker.socket.d/zz.conf";
    let with = |text: &str| {
        let root = copy("systemd");
        write(root.path(), DROP_IN, text);
        below(root.path(), RULE)
    };
    assert_eq!(verdict(&below(&fixture("systemd"), RULE)), "pass");
    let run = with("[Socket]\nSocketMode=0666\n");
    assert_eq!(verdict(&run), "fail");
    assert_eq!(run.code, 1);
    let at = run.json()["findings"][0]["evidence"][0]["location"].clone();
    assert_eq!(at, "/etc/systemd/system/docker.socket.d/zz.conf");
    assert_eq!(verdict(&with("[Socket]\nListenStream=@docker\n")), "fail");
    assert_eq!(verdict(&with("[Socket]\nListenStream=0.0.0.0:2375\n")), "review");
    let cleared = "[Socket]\nListenStream=\nListenStream=/run/docker.sock\nSocketMode=0660\n";
    assert_eq!(verdict(&with(cleared)), "pass");
    let run = with("[Socket]\nSocketMode=rw\n");
    assert_eq!((verdict(&run).as_str(), run.code), ("unknown", 3));
    let root = copy("systemd");
    let unit = root.path().join("etc/systemd/system/docker.socket");
    std::os::unix::fs::symlink("/nowhere/docker.socket", unit).unwrap();
    assert_eq!(verdict(&below(root.path(), RULE)), "unknown");
}

#[test]
fn a_drop_in_that_others_may_write_fails_wherever_systemd_reads_it() {
    use std::os::unix::fs::PermissionsExt as _;
    const RULE: &str = "host-docker-service-mode";
    let root = copy("systemd");
    assert_eq!(verdict(&below(root.path(), RULE)), "pass");
    let writable = |path: &str, mode: u32| {
        fs::set_permissions(root.path().join(path), fs::Permissions::from_mode(mode)).unwrap();
        verdict(&below(root.path(), RULE))
    };
    let hidden = "usr/lib/systemd/system/docker.service.d/10-proxy.conf";
    assert_eq!(writable(hidden, 0o666), "pass", "systemd reads another of its name");
    assert_eq!(writable("etc/systemd/system/docker.service.d/10-proxy.conf", 0o666), "fail");
}

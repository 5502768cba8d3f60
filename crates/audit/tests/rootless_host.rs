//! A rootless engine: its files are its user's, and are judged as that user's.

use dockward_audit::{Expectations, evaluate, paths};
use dockward_model::facts::{
    ConfigFile, DaemonProcess, Engine, Fact, Field, FileFacts, Group, Origin, Snapshot, User,
    sample,
};
use dockward_model::verdict::{Finding, Status};

const UID: u32 = 1000;
const SOCKET: &str = "/run/user/1000/docker.sock";
const DATA_ROOT: &str = "/home/ann/.local/share/docker";
const CONFIG: &str = "/home/ann/.config/docker/daemon.json";
/// What judges owners, modes, groups and who the engine is.
const CHECKS: [&str; 8] = [
    "daemon-process-identity",
    "daemon-rootless",
    "daemon-socket-mode",
    "daemon-socket-owner",
    "host-daemon-config-mode",
    "host-daemon-config-owner",
    "host-data-root-mode",
    "host-docker-group",
];

fn engine() -> Engine {
    let mut engine = Engine { daemon: sample::daemon(), ..Engine::default() };
    let daemon = &mut engine.daemon;
    let exe = "/home/ann/bin/dockerd".to_owned();
    let process = DaemonProcess { pid: 4711, uid: UID, exe, started: None };
    daemon.endpoint = format!("unix://{SOCKET}");
    daemon.socket = sample::known(SOCKET.into(), "socket");
    daemon.process = sample::known(process, "exe");
    daemon.user = sample::known(UID, "uid");
    daemon.security_options = sample::known(vec!["name=rootless".into()], "SecurityOptions");
    daemon.data_root = sample::known(DATA_ROOT.into(), "DockerRootDir");
    daemon.config = Fact::Known([].into());
    let file = ConfigFile { path: CONFIG.into(), modified: None, newer_than_process: false };
    daemon.config_file = Field::known(file, Origin::file(CONFIG, None));
    engine
}

fn snapshot() -> Snapshot {
    let mut host = sample::host();
    let members = vec!["bob".to_owned()];
    let docker = Group { name: "docker".into(), gid: 999, members, line: 12 };
    host.groups = sample::known(vec![docker], "group");
    let user =
        |name: &str, uid: u32| User { name: name.into(), uid, gid: uid, shell: "/bin/sh".into() };
    host.users = sample::known(vec![user("root", 0), user("ann", UID)], "passwd");
    let mut snapshot = Snapshot {
        version: Snapshot::VERSION,
        now: jiff::Timestamp::UNIX_EPOCH,
        host,
        engines: vec![engine()],
        unseen: Vec::new(),
    };
    for (path, mode, node) in
        [(SOCKET, 0o660, "socket"), (DATA_ROOT, 0o710, "dir"), (CONFIG, 0o644, "file")]
    {
        put(&mut snapshot, path, mode, UID, node);
        for folder in std::path::Path::new(path).ancestors().skip(1) {
            let folder = folder.to_str().expect("UTF-8");
            let uid =
                if folder.starts_with("/home/ann") || folder.ends_with("1000") { UID } else { 0 };
            put(&mut snapshot, folder, 0o755, uid, "dir");
        }
    }
    snapshot
}

fn put(snapshot: &mut Snapshot, path: &str, mode: u32, uid: u32, node: &str) {
    let facts = FileFacts { mode, uid, gid: uid, node: node.into(), modified: None };
    let field = Field::known(facts, Origin::file(path, None));
    snapshot.host.files.insert(path.to_owned(), field);
}

fn found(snapshot: &Snapshot) -> Vec<Finding> {
    evaluate(snapshot, &Expectations::default(), &|id| CHECKS.contains(&id)).findings
}

fn rules(findings: &[Finding]) -> Vec<&str> {
    findings.iter().map(|finding| finding.rule.as_str()).collect()
}

#[test]
fn what_belongs_to_its_user_is_as_it_should_be() {
    let snapshot = snapshot();
    let audit = evaluate(&snapshot, &Expectations::default(), &|id| CHECKS.contains(&id));
    assert_eq!(rules(&audit.findings), [] as [&str; 0], "{:#?}", audit.findings);
    for rule in CHECKS.iter().filter(|rule| **rule != "host-docker-group") {
        assert_eq!(audit.counts[rule].pass, 1, "{rule}");
    }
    // Members of the group docker reach a socket of root's engine, and there is none.
    assert_eq!(audit.counts["host-docker-group"].not_applicable, 1);
}

#[test]
fn what_others_may_write_to_makes_them_that_user_and_not_root() {
    let mut snapshot = snapshot();
    put(&mut snapshot, SOCKET, 0o666, UID, "socket");
    put(&mut snapshot, DATA_ROOT, 0o777, UID, "dir");
    put(&mut snapshot, CONFIG, 0o666, UID, "file");
    let findings = found(&snapshot);
    let mut failed = rules(&findings);
    failed.sort_unstable();
    assert_eq!(failed, ["daemon-socket-mode", "host-daemon-config-mode", "host-data-root-mode"]);
    assert!(findings.iter().all(|finding| finding.status == Status::Fail));
    for path in paths::find(&snapshot, &findings, &Expectations::default()) {
        let end = path.stations.last().unwrap();
        assert!(!end.starts_with("root on"), "{end}");
    }
}

#[test]
fn another_users_files_are_neither_roots_nor_its_own() {
    let mut snapshot = snapshot();
    put(&mut snapshot, SOCKET, 0o660, 1001, "socket");
    put(&mut snapshot, CONFIG, 0o644, 1001, "file");
    let findings = found(&snapshot);
    let mut failed = rules(&findings);
    failed.sort_unstable();
    assert_eq!(failed, ["daemon-socket-owner", "host-daemon-config-owner"]);
}

#[test]
fn an_engine_of_a_users_that_says_it_is_roots_is_believed_nothing() {
    let mut snapshot = snapshot();
    let daemon = &mut snapshot.engines[0].daemon;
    daemon.security_options = sample::known(Vec::new(), "SecurityOptions");
    let mut container = sample::container();
    container.running = sample::known(true, "State.Running");
    container.privileged = sample::known(true, "HostConfig.Privileged");
    container.kernel = Fact::Known(sample::kernel());
    snapshot.engines[0].containers = vec![container];
    let audit = evaluate(&snapshot, &Expectations::default(), &|_| true);
    let ways = paths::find(&snapshot, &audit.findings, &Expectations::default());
    assert!(!ways.is_empty());
    for way in ways {
        assert_eq!(way.stations.last().map(String::as_str), Some("uid 1000 on web-07"));
    }
}

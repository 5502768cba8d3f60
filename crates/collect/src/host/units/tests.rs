use super::*;
use crate::tree::Recorded;

const DOCKER_CE: &str = "[Unit]\nRequires=docker.socket containerd.service\n\n[Service]\n\
    Type=notify\nExecStart=/usr/bin/dockerd -H fd:// \
    --containerd=/run/containerd/containerd.sock\nExecReload=/bin/kill -s HUP $MAINPID\n";
const DEBIAN: &str = "[Service]\nEnvironmentFile=-/etc/default/docker\n\
    ExecStart=/usr/sbin/dockerd -H fd:// $DOCKER_OPTS\n";
const SOCKET: &str = "[Socket]\n# legacy path\nListenStream=/run/docker.sock\nSocketMode=0660\n\
    SocketUser=root\nSocketGroup=docker\n";

/// A merged `/usr`, with Docker's own packages.
fn docker_ce() -> Recorded {
    Recorded::new()
        .symlink("/lib", "usr/lib")
        .file("/usr/lib/systemd/system/docker.service", DOCKER_CE)
        .file("/usr/lib/systemd/system/docker.socket", SOCKET)
}

fn field(tree: &Recorded, name: &str) -> Field<Unit> {
    units(tree).remove(name).unwrap()
}

fn known(tree: &Recorded, name: &str) -> Unit {
    field(tree, name).get().unwrap().clone()
}

fn said(unit: &Unit, key: &str) -> Vec<(String, String)> {
    unit.settings_of(key).map(|s| (s.value.clone(), s.origin.to_string())).collect()
}

#[test]
fn stock_units_are_read_with_their_lines() {
    let unit = known(&docker_ce(), "docker.service");
    assert_eq!(unit.fragment, "/usr/lib/systemd/system/docker.service");
    let command = "/usr/bin/dockerd -H fd:// --containerd=/run/containerd/containerd.sock";
    let line = "/usr/lib/systemd/system/docker.service:6";
    assert_eq!(said(&unit, "ExecStart"), [(command.to_owned(), line.to_owned())]);
    assert_eq!(unit.programs().collect::<Vec<_>>(), ["/usr/bin/dockerd"]);
    let socket = known(&docker_ce(), "docker.socket");
    assert_eq!(said(&socket, "ListenStream")[0].0, "/run/docker.sock");
    assert_eq!(said(&socket, "SocketMode")[0].0, "0660");

    let debian = Recorded::new().file("/lib/systemd/system/docker.service", DEBIAN);
    let unit = known(&debian, "docker.service");
    assert_eq!(unit.fragment, "/lib/systemd/system/docker.service");
    assert_eq!(said(&unit, "EnvironmentFile")[0].0, "-/etc/default/docker");
    assert_eq!(unit.folders, ["/lib/systemd/system"]);
}

#[test]
fn a_host_without_systemd_has_no_units() {
    assert!(units(&Recorded::new()).values().all(|field| field.fact.is_absent()));
}

#[test]
fn the_first_file_on_the_load_path_wins() {
    let tree = docker_ce()
        .file("/etc/systemd/system/docker.service", "[Service]\nExecStart=/opt/dockerd\n")
        .file("/run/systemd/generator.late/docker.service", "[Service]\nExecStart=/late\n");
    let unit = known(&tree, "docker.service");
    assert_eq!(unit.programs().collect::<Vec<_>>(), ["/opt/dockerd"]);
    let control = tree.file("/run/systemd/system.control/docker.service", "[Unit]\nA=b\n");
    assert!(known(&control, "docker.service").fragment.starts_with("/run/systemd/system.control"));
}

#[test]
fn drop_ins_of_all_folders_are_applied_by_file_name_and_the_first_of_a_name_counts() {
    let tree = docker_ce()
        .file(
            "/etc/systemd/system/docker.service.d/50-tcp.conf",
            "[Service]\nExecStart=\nExecStart=/usr/bin/dockerd -H fd:// -H tcp://0.0.0.0:2375\n",
        )
        .file("/etc/systemd/system/docker.service.d/README", "no drop-in")
        .file(
            "/usr/lib/systemd/system/docker.service.d/50-tcp.conf",
            "[Service]\nExecStart=/lost\n",
        )
        .file("/run/systemd/system/docker.service.d/10-env.conf", "[Service]\nEnvironment=A=1\n")
        .file("/etc/systemd/system/service.d/50-tcp.conf", "[Service]\nExecStart=/lost\n")
        .file("/etc/systemd/system/service.d/99-all.conf", "[Service]\nEnvironment=B=2\n");
    let unit = known(&tree, "docker.service");
    assert_eq!(
        unit.drop_ins,
        [
            "/run/systemd/system/docker.service.d/10-env.conf",
            "/etc/systemd/system/docker.service.d/50-tcp.conf",
            "/etc/systemd/system/service.d/99-all.conf",
        ]
    );
    let tcp = "/usr/bin/dockerd -H fd:// -H tcp://0.0.0.0:2375".to_owned();
    let line = "/etc/systemd/system/docker.service.d/50-tcp.conf:3".to_owned();
    assert_eq!(said(&unit, "ExecStart"), [(tcp, line)]);
    let variables: Vec<_> = said(&unit, "Environment").into_iter().map(|(v, _)| v).collect();
    assert_eq!(variables, ["A=1", "B=2"]);
    let socket = known(&tree, "docker.socket");
    assert!(socket.drop_ins.is_empty(), "service.d is for services");
    assert!(unit.folders.contains(&"/etc/systemd/system/service.d".to_owned()));
}

#[test]
fn an_override_that_only_clears_the_command_leaves_none() {
    let tree = docker_ce()
        .file("/etc/systemd/system/docker.service.d/override.conf", "[Service]\nExecStart=\n");
    assert_eq!(said(&known(&tree, "docker.service"), "ExecStart"), []);
}

#[test]
fn a_masked_unit_says_nothing_and_a_masked_drop_in_hides_another() {
    let masked = docker_ce()
        .node("/dev/null", device(), b"")
        .symlink("/etc/systemd/system/docker.service", "/dev/null");
    let unit = known(&masked, "docker.service");
    assert!(unit.masked && unit.settings.is_empty() && unit.drop_ins.is_empty());
    let empty = docker_ce().file("/etc/systemd/system/docker.service", "");
    assert!(known(&empty, "docker.service").masked);

    let drop_in = docker_ce()
        .node("/dev/null", device(), b"")
        .symlink("/etc/systemd/system/docker.service.d/a.conf", "/dev/null")
        .file("/usr/lib/systemd/system/docker.service.d/a.conf", "[Service]\nExecStart=/lost\n");
    let unit = known(&drop_in, "docker.service");
    assert_eq!((unit.drop_ins.len(), said(&unit, "ExecStart").len()), (0, 1));
}

fn device() -> dockward_model::facts::FileFacts {
    let node = "char".to_owned();
    dockward_model::facts::FileFacts { mode: 0o666, uid: 0, gid: 0, node, modified: None }
}

#[test]
fn an_alias_has_the_drop_ins_of_both_names() {
    let tree = Recorded::new()
        .file("/usr/lib/systemd/system/moby.service", DOCKER_CE)
        .symlink("/etc/systemd/system/docker.service", "/usr/lib/systemd/system/moby.service")
        .file("/etc/systemd/system/moby.service.d/a.conf", "[Service]\nEnvironment=A=1\n");
    let unit = known(&tree, "docker.service");
    assert_eq!(unit.drop_ins, ["/etc/systemd/system/moby.service.d/a.conf"]);
}

#[test]
fn what_cannot_be_read_makes_the_unit_unknown() {
    let closed = docker_ce().refused("/etc/systemd/system", "permission denied");
    assert!(field(&closed, "docker.service").fact.unknown().is_some());
    let drop_in =
        docker_ce().refused("/etc/systemd/system/docker.service.d/a.conf", "permission denied");
    assert!(field(&drop_in, "docker.service").fact.unknown().is_some());
    assert!(field(&drop_in, "docker.socket").get().is_some());
    let dangling = Recorded::new().symlink("/etc/systemd/system/docker.service", "/nowhere");
    assert!(field(&dangling, "docker.service").fact.unknown().is_some());
    let many = (0..=MAX_DROP_INS).fold(docker_ce(), |tree, n| {
        tree.file(&format!("/etc/systemd/system/docker.service.d/{n}.conf"), "[Service]\nA=b\n")
    });
    assert!(field(&many, "docker.service").fact.unknown().is_some());
}

#[test]
fn paths_are_all_files_folders_and_programs() {
    let paths = paths(&units(&docker_ce()));
    for path in [
        "/usr/lib/systemd/system",
        "/usr/lib/systemd/system/docker.service",
        "/usr/lib/systemd/system/docker.socket",
        "/usr/bin/dockerd",
    ] {
        assert!(paths.contains(path), "{path}");
    }
}

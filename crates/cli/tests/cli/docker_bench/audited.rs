//! The host's files: whether changes to them are recorded, who may write to them, who may use the socket.

use dockward_collect::tree::Recorded;
use dockward_model::facts::{AuditSwitch, Field, FileFacts, Origin, Snapshot};

use super::situation::{alone, host_of};
use super::{Situation, cases};

cases! {
    cis_1_1_2_everyone_with_the_socket_is_named: "1.6" "1.1.2" users;
    cis_1_1_3_dockerd_is_audited_where_this_host_has_it: "1.6" "1.1.3" dockerd;
    cis_1_1_4_a_rule_for_a_socket_does_not_watch_its_folder: "1.6" "1.1.4" run_containerd;
    cis_1_1_6_a_rule_for_a_file_does_not_watch_its_folder: "1.6" "1.1.6" etc_docker;
    cis_1_1_9_the_unit_is_not_the_socket: "1.6" "1.1.9" docker_socket;
    cis_1_1_14_a_rule_for_a_shim_does_not_watch_containerd: "1.6" "1.1.14" containerd;
    cis_1_1_15_a_rule_for_one_shim_does_not_watch_another: "1.6" "1.1.15" containerd_shim;
    cis_3_2_a_mode_is_bits_and_no_decimal_number: "1.6" "3.2" unit_mode;
}

fn users() -> Situation {
    let host = |group: &str, carl: u32| {
        let people = ["ann", "joanna", "carl"].iter().zip(1000..).map(|(name, uid)| {
            let gid = if *name == "carl" { carl } else { uid };
            format!("{name}:x:{uid}:{gid}::/home/{name}:/bin/bash\n")
        });
        let passwd = format!("root:x:0:0::/root:/bin/bash\n{}", people.collect::<String>());
        let files = Recorded::new().file("/etc/passwd", &passwd).file("/etc/group", group);
        alone(host_of(&files))
    };
    Situation {
        misleading: vec![host("docker:x:998:ann,joanna\n", 998)],
        shows: "ann, carl, joanna",
        counterpart: host("docker:x:998:\n", 1002),
    }
}

const UNIT: &str = "/usr/lib/systemd/system/docker.socket";
const SOCKET: &str = "/run/docker.sock";

/// A host on which these files stand, with one rule for each path of `watched`. What the kernel of the machine that
/// runs the test has in force is left out.
fn auditing(files: &[&str], watched: &[&str]) -> Snapshot {
    let rules: String =
        watched.iter().map(|path| format!("-w {path} -p rwxa -k docker\n")).collect();
    let tree = Recorded::new().file("/etc/audit/rules.d/docker.rules", &rules);
    let tree = files.iter().fold(tree, |tree, path| tree.file(path, "[Socket]\n"));
    let mut host = host_of(&tree);
    let kernel = || Origin::kernel("the kernel's audit", "");
    host.audit.loaded = Field::unknown("not asked", kernel());
    host.audit.switch = Field::known(AuditSwitch::On, kernel());
    alone(host)
}

/// All of `files` stand there. Only the first is watched where the script errs; both `all` in the counterpart.
fn parts(files: &[&str], first: &str, all: &[&str], shows: &'static str) -> Situation {
    Situation {
        misleading: vec![auditing(files, &[first])],
        shows,
        counterpart: auditing(files, all),
    }
}

fn dockerd() -> Situation {
    let (files, paths) = (["/usr/sbin/dockerd"], ["/usr/sbin/dockerd"]);
    Situation {
        misleading: vec![auditing(&files, &paths)],
        shows: "dockerd",
        counterpart: auditing(&files, &[]),
    }
}

fn run_containerd() -> Situation {
    let socket = "/run/containerd/containerd.sock";
    parts(&[socket], socket, &["/run/containerd"], "watches /run/containerd/containerd.sock only")
}

fn etc_docker() -> Situation {
    let file = "/etc/docker/daemon.json";
    parts(&[file], file, &["/etc/docker"], "watches /etc/docker/daemon.json only")
}

fn docker_socket() -> Situation {
    parts(&[UNIT, SOCKET], UNIT, &[UNIT, SOCKET], "/run/docker.sock is not watched")
}

fn containerd() -> Situation {
    let (shim, wanted) = ("/usr/bin/containerd-shim-runc-v2", "/usr/bin/containerd");
    parts(&[shim, wanted], shim, &[wanted], "/usr/bin/containerd is not watched")
}

fn containerd_shim() -> Situation {
    let (shim, wanted) = ("/usr/bin/containerd-shim-runc-v2", "/usr/bin/containerd-shim");
    parts(&[shim, wanted], shim, &[wanted], "/usr/bin/containerd-shim is not watched")
}

fn unit_mode() -> Situation {
    let unit = b"[Service]\nExecStart=/usr/bin/dockerd -H fd://\n";
    let host = |mode| -> Snapshot {
        let facts = FileFacts { mode, uid: 0, gid: 0, node: "file".into(), modified: None };
        let path = "/usr/lib/systemd/system/docker.service";
        alone(host_of(&Recorded::new().node(path, facts, unit)))
    };
    Situation {
        misleading: vec![host(0o466), host(0o066)],
        shows: "docker.service",
        counterpart: host(0o644),
    }
}

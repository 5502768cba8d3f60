//! What containers may do: users, mounts, limits, restarts, and what runs in them.

use dockward_model::facts::{Container, Field, Origin, Process, Snapshot};
use serde_json::{Value, json};

use super::situation::{container, running, seen, shown, stopped};
use super::{Situation, cases};

cases! {
    cis_4_1_root_with_a_group_is_root: "1.6" "4.1" user;
    cis_5_6_a_folder_of_the_host_counts_however_it_is_mounted: "1.6" "5.6" sensitive_mounts;
    cis_5_7_sshd_is_seen_without_running_anything: "1.6" "5.7" sshd;
    cis_5_12_every_way_to_bound_the_processors_counts: "1.6" "5.12" processors;
    cis_5_15_a_restart_without_end_fails: "1.6" "5.15" restarts;
    cis_5_32_every_way_to_the_engines_socket_counts: "1.6" "5.32" sockets;
}

fn one(container: Container) -> Snapshot {
    running(vec![container])
}

fn user() -> Situation {
    let root = || seen(|record| record["Config"]["User"] = json!("0:0"), |_| ());
    let own = seen(
        |record| record["Config"]["User"] = json!("1000:1000"),
        |kernel| kernel.uid = shown(1000),
    );
    Situation {
        misleading: vec![one(root()), one(stopped(root()))],
        shows: "0:0",
        counterpart: one(own),
    }
}

fn mounting(source: &str, writable: bool) -> Snapshot {
    let mount = json!([{
        "Type": "bind", "Source": source, "Destination": "/data", "Mode": "", "RW": writable,
        "Propagation": "rprivate",
    }]);
    one(container(|record| record["Mounts"] = mount))
}

fn sensitive_mounts() -> Situation {
    Situation {
        misleading: vec![
            mounting("/", false),
            mounting("/run", true),
            mounting("/etc/shadow", false),
            mounting("/root", true),
        ],
        shows: "at /data",
        counterpart: mounting("/srv/shop/uploads", true),
    }
}

fn sockets() -> Situation {
    Situation {
        misleading: vec![
            mounting("/run", true),
            mounting("/", false),
            mounting("/run/containerd/containerd.sock", true),
        ],
        shows: ".sock",
        counterpart: mounting("/srv/shop/uploads", true),
    }
}

fn sshd() -> Situation {
    let exe = Some("/usr/sbin/sshd".to_owned());
    let server = Process { pid: 4711, comm: "sshd".into(), exe };
    let unread = Field::unknown("permission denied", Origin::kernel("/proc", ""));
    Situation {
        misleading: vec![one(seen(|_| (), |kernel| kernel.processes = shown(vec![server])))],
        shows: "/usr/sbin/sshd",
        counterpart: one(seen(|_| (), |kernel| kernel.processes = unread)),
    }
}

fn processors() -> Situation {
    let asked = |key: &str, value: Value| {
        let (key, value) = (key.to_owned(), value);
        move |record: &mut Value| record["HostConfig"][key] = value
    };
    let quota = seen(asked("CpuQuota", json!(50_000)), |kernel| {
        kernel.cgroup.cpu_millis = shown(500);
    });
    let set = container(asked("CpusetCpus", json!("0")));
    let stopped_quota = stopped(container(asked("CpuQuota", json!(50_000))));
    Situation {
        misleading: vec![one(quota), one(set), one(stopped_quota)],
        shows: "no limit",
        counterpart: one(container(|_| ())),
    }
}

fn restarts() -> Situation {
    let with = |name: &str, tries: i64| {
        let policy = json!({ "Name": name, "MaximumRetryCount": tries });
        one(container(|record| record["HostConfig"]["RestartPolicy"] = policy))
    };
    Situation {
        misleading: vec![with("always", 0), with("unless-stopped", 0), with("on-failure", 0)],
        shows: "without end",
        counterpart: with("on-failure", 5),
    }
}

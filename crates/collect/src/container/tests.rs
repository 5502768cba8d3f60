//! Real answers of three engines, and answers that no engine gives.

mod odd;

use dockward_model::facts::{
    Argument, Container, Device, Fact, Field, Healthcheck, Mount, MountKind, RestartPolicy, Ulimit,
};

use crate::recorded_answers::{Answers, VERSIONS};

/// Each engine's container of this name.
fn each(name: &str, check: impl Fn(&str, &Container)) {
    for version in VERSIONS {
        check(version, &Answers::of(version).container(name));
    }
}

#[track_caller]
fn known<T: Clone>(field: &Field<T>) -> T {
    match &field.fact {
        Fact::Known(value) => value.clone(),
        Fact::Absent => panic!("{} is absent", field.origin),
        Fact::Unknown(why) => panic!("{}: {why}", field.origin),
    }
}

#[track_caller]
fn assert_absent<T>(field: &Field<T>) {
    assert!(field.fact.is_absent(), "{}: {:?}", field.origin, field.fact.unknown());
}

fn words(list: &[&str]) -> Vec<String> {
    list.iter().map(ToString::to_string).collect()
}

#[test]
fn a_container_that_asked_for_nothing_has_nothing_set() {
    each("stock", |_, c| {
        assert_eq!(
            (c.name.as_str(), c.image.as_str(), c.id.0.as_str()),
            ("stock", "plain", "4711")
        );
        assert_eq!(known(&c.image_id), known(&c.image_now));
        assert!(known(&c.running) && known(&c.pid) > 0);
        assert!(known(&c.created).as_second() > 1_700_000_000);
        for field in [&c.user, &c.pid_mode, &c.uts_mode, &c.userns_mode, &c.cgroup_parent] {
            assert_absent(field);
        }
        for field in [&c.groups, &c.cap_add, &c.cap_drop, &c.security_opt, &c.device_cgroup_rules] {
            assert_absent(field);
        }
        assert_eq!(known(&c.user_uid), 0);
        assert!(!known(&c.privileged) && !known(&c.read_only_root));
        assert_absent(&c.mounts);
        assert_absent(&c.ports);
        assert_absent(&c.devices);
        assert_absent(&c.healthcheck);
        assert_absent(&c.execs);
        assert_eq!(known(&c.networks), ["bridge"]);
        assert_eq!(known(&c.log_driver), "json-file");
        assert!(!known(&c.masked_paths).is_empty());
        assert_eq!(known(&c.env).iter().map(|v| v.name.as_str()).collect::<Vec<_>>(), ["PATH"]);
    });
}

#[test]
fn no_limit_is_absent_and_not_nought() {
    each("stock", |_, c| {
        let l = &c.limits;
        let numbers = [
            &l.memory,
            &l.memory_reservation,
            &l.memory_swap,
            &l.nano_cpus,
            &l.cpu_quota,
            &l.cpu_period,
            &l.cpu_shares,
            &l.pids,
            &l.blkio_weight,
            &l.oom_score_adj,
        ];
        for field in numbers {
            assert_absent(field);
        }
        assert_absent(&l.cpuset_cpus);
        assert_absent(&l.ulimits);
        assert_absent(&l.blkio_device_limits);
    });
}

#[test]
fn what_was_asked_for_is_known_with_its_origin() {
    each("wide", |version, c| {
        assert_eq!(known(&c.user), "app:app");
        assert_eq!(known(&c.user_uid), 1000);
        assert_eq!(known(&c.groups), ["docker", "27"]);
        let adds = if version == "28.5" { "CAP_NET_ADMIN" } else { "net_admin" };
        assert_eq!(known(&c.cap_add), [adds]);
        assert_eq!(known(&c.cap_drop), ["CAP_MKNOD"]);
        assert_eq!(known(&c.security_opt), ["no-new-privileges", "label=disable"]);
        assert_eq!(known(&c.pid_mode), "host");
        assert_eq!(known(&c.uts_mode), "host");
        assert_eq!(known(&c.ipc_mode), "shareable");
        assert_eq!(known(&c.network_mode), "quiet");
        assert_eq!(known(&c.cgroup_parent), "/other");
        assert_eq!(known(&c.log_driver), "syslog");
        assert_eq!(known(&c.device_cgroup_rules), ["c 1:3 rwm"]);
        let on_failure = RestartPolicy { name: "on-failure".into(), max_retries: 3 };
        assert_eq!(known(&c.restart), on_failure);
        assert!(known(&c.read_only_root) && !known(&c.running));
        assert_absent(&c.pid);
        assert!(c.kernel.is_absent(), "it never ran");
        let origin = c.cap_add.origin.to_string();
        assert_eq!(origin, "engine API /containers/4711/json HostConfig.CapAdd");
    });
}

#[test]
fn an_empty_list_of_masked_paths_is_kept_since_it_masks_nothing() {
    each("wide", |_, c| {
        assert_eq!(known(&c.masked_paths), Vec::<String>::new());
        assert_eq!(known(&c.readonly_paths), Vec::<String>::new());
    });
}

#[test]
fn limits_are_read_in_their_units() {
    each("wide", |version, c| {
        let l = &c.limits;
        assert_eq!(known(&l.memory), 64 << 20);
        assert_eq!(known(&l.memory_reservation), 32 << 20);
        assert_eq!(known(&l.memory_swap), -1);
        assert_eq!((known(&l.cpu_quota), known(&l.cpu_period)), (50_000, 100_000));
        assert_eq!(known(&l.cpu_shares), 512);
        assert_eq!(known(&l.cpuset_cpus), "0");
        assert_eq!(known(&l.oom_score_adj), -500);
        assert!(known(&l.oom_kill_disable));
        assert_eq!(known(&l.ulimits), [Ulimit { name: "nofile".into(), soft: 64, hard: 128 }]);
        if version == "26.1" {
            assert_absent(&l.blkio_device_limits);
        } else {
            assert_eq!(known(&l.blkio_device_limits), 2);
        }
        assert_absent(&l.pids);
    });
}

#[test]
fn devices_are_read() {
    each("wide", |_, c| {
        let nothing = Device {
            host_path: "/dev/null".into(),
            container_path: "/dev/nothing".into(),
            permissions: "r".into(),
        };
        assert_eq!(known(&c.devices), [nothing]);
    });
}

#[test]
fn environment_argv_and_labels_lose_their_secrets_and_keep_their_names() {
    each("wide", |_, c| {
        let env = known(&c.env);
        let secret = |name: &str| env.iter().find(|v| v.name == name).unwrap().secret.is_some();
        assert!(secret("DB_PASSWORD") && secret("HTTP_PROXY"));
        assert!(!secret("PLAIN") && !secret("PATH"));
        let argv: Vec<Argument> = known(&c.argv);
        assert_eq!(argv.first().unwrap().text, "sh");
        assert!(argv.iter().any(|word| word.secret.is_some()));
        assert_eq!(c.compose(), Some(("shop", "web")));
        let file = c.labels.get("com.docker.compose.project.config_files").unwrap();
        assert_eq!(file, "/srv/shop/compose.yaml");
        let seen: Vec<_> = known(&c.label_secrets).into_iter().map(|(name, _)| name).collect();
        assert_eq!(seen, ["api.token"]);
        assert_ne!(c.labels.get("api.token").unwrap(), "Qm7xVt2LrKp9WzNs4Hd8");
    });
}

fn mounts(c: &Container) -> Vec<Mount> {
    known(&c.mounts)
}

fn brief(mounts: &[Mount]) -> Vec<(&str, &str, bool)> {
    let host_path = |m: &'_ Mount| m.host_path.known().is_some();
    assert!(mounts.iter().all(|m| host_path(m) == (m.kind != MountKind::Tmpfs)));
    mounts.iter().map(|m| (m.target.as_str(), m.source.as_str(), m.writable)).collect()
}

#[test]
fn a_volume_with_a_bind_device_leads_to_that_device() {
    each("volumes", |_, c| {
        let mounts = mounts(c);
        let data = "/var/lib/docker/volumes/data/_data";
        let some = [("/data", data, true), ("/etc-of-host", "/etc", false)];
        assert_eq!(brief(&mounts).get(1..3), Some(some.as_slice()));
        let anonymous = mounts.first().unwrap();
        assert_eq!((anonymous.target.as_str(), anonymous.writable), ("/anonymous", true));
        assert!(anonymous.source.starts_with("/var/lib/docker/volumes/"));
    });
}

#[test]
fn memory_and_propagation_are_read_of_a_container_that_never_started() {
    each("volumes", |_, c| {
        let mounts = mounts(c);
        let of = |target: &str| mounts.iter().find(|m| m.target == target).unwrap();
        assert_eq!((of("/scratch").kind, of("/scratch").writable), (MountKind::Tmpfs, false));
        assert_eq!((of("/srv").propagation.as_str(), of("/srv").writable), ("rslave", false));
        assert_eq!(mounts.len(), 5, "each once: {:?}", brief(&mounts));
    });
}

#[test]
fn volumes_of_another_container_and_volumes_made_on_the_way_are_among_the_mounts() {
    each("wide", |_, c| {
        let mounts = mounts(c);
        let sources: Vec<_> = brief(&mounts);
        assert!(sources.contains(&("/inline", "/root", true)), "{sources:?}");
        assert!(sources.contains(&("/etc-of-host", "/etc", false)), "{sources:?}");
        assert!(sources.contains(&("/data", "/var/lib/docker/volumes/data/_data", false)));
    });
}

fn ports(c: &Container) -> Vec<String> {
    let mut all: Vec<String> = known(&c.ports).iter().map(ToString::to_string).collect();
    all.sort();
    all
}

#[test]
fn a_running_containers_ports_are_those_that_are_bound_in_both_families() {
    each("ports", |_, c| {
        let mut expected = words(&[
            "127.0.0.1:5353->53/udp",
            "[::1]:8443->443/tcp",
            "0.0.0.0:8080->80/tcp",
            "[::]:8080->80/tcp",
            "0.0.0.0:32768->9000/tcp",
            "[::]:32768->9000/tcp",
        ]);
        expected.sort();
        assert_eq!(ports(c), expected);
    });
}

#[test]
fn a_created_containers_ports_are_those_that_it_asks_for() {
    each("wide", |_, c| {
        let expected = [
            "*:0->7777/tcp",
            "*:9000->9000/tcp",
            "*:9001->9001/tcp",
            "127.0.0.1:8053->53/udp",
            "[::1]:8443->443/tcp",
        ];
        assert_eq!(ports(c), expected);
    });
}

#[test]
fn publishing_all_adds_every_exposed_port_that_has_none() {
    each("publish-all", |_, c| {
        assert_eq!(ports(c), ["*:0->53/udp", "*:8080->80/tcp"]);
    });
}

#[test]
fn ports_are_dropped_where_the_network_is_the_hosts() {
    each("host-with-ports", |_, c| assert_absent(&c.ports));
}

#[test]
fn a_container_between_two_restarts_has_no_process_and_keeps_its_ports() {
    each("crash-loop", |_, c| {
        assert!(known(&c.running));
        assert_absent(&c.pid);
        assert!(c.kernel.is_absent());
        assert_eq!(ports(c), ["*:8099->80/tcp"]);
    });
}

#[test]
fn a_health_check_tells_its_kind_and_how_it_went() {
    each("healthy", |_, c| {
        let healthy = Healthcheck { kind: "CMD-SHELL".into(), status: Some("healthy".into()) };
        assert_eq!(known(&c.healthcheck), healthy);
    });
    each("healthcheck-off", |_, c| {
        assert_eq!(known(&c.healthcheck), Healthcheck { kind: "NONE".into(), status: None });
    });
}

#[test]
fn sessions_are_not_taken_for_none_where_they_were_not_asked_for() {
    for version in ["26.1", "28.5"] {
        let c = Answers::of(version).container("healthy");
        assert!(c.execs.fact.unknown().is_some(), "{version}");
    }
}

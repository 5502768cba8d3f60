//! Answers recorded from Docker 20.10.24 and 28.5.2, read whole. Host names, kernel releases,
//! certificates and tokens in them were replaced.

use std::fmt::Debug;
use std::fs;
use std::path::Path;

use dockward_engine::api::{
    ContainerInspect, ContainerSummary, ExecInspect, HostConfig, ImageHistory, ImageInspect,
    ImageSummary, Info, Network, Node, Service, Stored, Swarm, Version, Volumes,
};
use dockward_engine::{FromJson, Lenient};

const ENGINES: [&str; 2] = ["20.10", "28.5"];

/// Reads a recording, of which no field may be of another type than we think.
fn recorded<T: FromJson + Debug>(engine: &str, name: &str) -> T {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data");
    let path = folder.join(engine).join(name).with_extension("json");
    let text = fs::read_to_string(&path).expect("a recording");
    let read: Lenient<T> = serde_json::from_str(&text).expect("JSON");
    let shown = format!("{read:?}");
    assert!(!shown.contains("Odd("), "{}: {shown}", path.display());
    read.into_known().expect("of this kind")
}

fn known<T: Clone>(field: &Lenient<T>) -> T {
    field.known().expect("known").clone()
}

fn host_config(engine: &str) -> Box<HostConfig> {
    known(&recorded::<ContainerInspect>(engine, "container").host_config)
}

#[test]
fn what_was_asked_for_on_the_command_line_is_in_the_host_config() {
    for engine in ENGINES {
        let host = host_config(engine);
        let binds = known(&host.binds);
        assert_eq!(binds, ["/run:/host/run:ro", "shop-data:/data"], "{engine}");
        assert_eq!(known(&host.cap_drop), ["ALL"]);
        assert!(known(&host.cap_add)[0].ends_with("NET_BIND_SERVICE"));
        let options = known(&host.security_opt);
        assert_eq!(options, ["no-new-privileges", "seccomp=unconfined"]);
        assert!(!known(&host.privileged) && known(&host.readonly_rootfs));
        assert!(known(&host.init));
        assert_eq!(known(&host.masked_paths)[1], "/proc/acpi");
        assert_eq!(known(&host.network_mode), "shop-net");
        let log = known(&host.log_config);
        assert_eq!(known(&log.config)["max-size"], "1m");
        assert_eq!(host.volumes_from, Lenient::Null);
    }
}

#[test]
fn limits_are_in_the_units_that_their_comments_say() {
    for engine in ENGINES {
        let host = host_config(engine);
        assert_eq!(known(&host.memory), 64 << 20, "{engine}");
        assert_eq!(known(&host.memory_reservation), 32 << 20);
        assert_eq!(known(&host.memory_swap), 128 << 20);
        assert_eq!(known(&host.nano_cpus), 500_000_000);
        assert_eq!(known(&host.pids_limit), 100);
        assert_eq!(known(&host.shm_size), 1 << 20);
        assert_eq!(known(&host.oom_score_adj), 200);
        let ulimit = known(&host.ulimits).remove(0);
        assert_eq!((known(&ulimit.soft), known(&ulimit.hard)), (1024, 2048));
        let policy = known(&host.restart_policy);
        assert_eq!(known(&policy.name), "on-failure");
        assert_eq!(known(&policy.maximum_retry_count), 5);
    }
}

#[test]
fn devices_and_mounts_are_read_from_both_places() {
    for engine in ENGINES {
        let container: ContainerInspect = recorded(engine, "container");
        let host = known(&container.host_config);
        let device = known(&host.devices).remove(0);
        assert_eq!(known(&device.path_in_container), "/dev/zilch", "{engine}");
        assert_eq!(known(&device.cgroup_permissions), "r");
        assert_eq!(known(&host.device_cgroup_rules), ["c 1:5 r"]);
        let asked = known(&host.mounts).remove(0);
        let tmpfs = known(&asked.tmpfs_options);
        assert_eq!(known(&tmpfs.mode), 0o1770);
        let mounts = known(&container.mounts);
        let found =
            mounts.iter().find(|mount| mount.destination.known().unwrap() == "/host/run").unwrap();
        assert_eq!(known(&found.source), "/run");
        assert_eq!(known(&found.kind), "bind");
        assert!(!known(&found.rw));
        assert_eq!(known(&found.propagation), "rprivate");
    }
}

#[test]
fn ports_are_read_as_asked_for_and_as_published() {
    for engine in ENGINES {
        let container: ContainerInspect = recorded(engine, "container");
        let asked = known(&known(&container.host_config).port_bindings);
        let local = known(&asked["80/tcp"]).remove(0);
        assert_eq!(known(&local.host_ip), "127.0.0.1", "{engine}");
        let network = known(&container.network_settings);
        let published = known(&network.ports);
        assert_eq!(published["9000/udp"], Lenient::Null);
        let open: Vec<_> =
            known(&published["443/tcp"]).iter().map(|binding| known(&binding.host_ip)).collect();
        assert_eq!(open, ["0.0.0.0", "::"]);
        let endpoint = &known(&network.networks)["shop-net"];
        assert!(known(&endpoint.ip_address).starts_with("172."));
        assert!(known(&network.sandbox_key).starts_with("/var/run/docker/netns/"));
    }
}

#[test]
fn a_running_container_says_what_it_is() {
    for engine in ENGINES {
        let container: ContainerInspect = recorded(engine, "container");
        let summary = recorded::<Vec<ContainerSummary>>(engine, "containers").remove(0);
        assert_eq!(summary.id, container.id, "{engine}");
        assert_eq!(known(&summary.names), ["/shop-web"]);
        assert_eq!(summary.image_id, container.image);
        let state = known(&container.state);
        assert!(known(&state.running) && known(&state.pid) > 1);
        assert_eq!(known(&known(&state.health).status), "healthy");
        let config = known(&container.config);
        assert_eq!(known(&config.user), "65534:65534");
        assert_eq!(known(&config.labels)["team"], "shop");
        assert_eq!(known(&config.exposed_ports).len(), 3);
        let check = known(&config.healthcheck);
        assert_eq!(known(&check.test), ["CMD-SHELL", "true"]);
        assert_eq!(known(&check.interval), 1_000_000_000);
        assert!(known(&known(&container.graph_driver).data).contains_key("MergedDir"));
    }
}

#[test]
fn an_exec_names_its_container_and_its_user() {
    for engine in ENGINES {
        let container: ContainerInspect = recorded(engine, "container");
        let exec: ExecInspect = recorded(engine, "exec");
        assert_eq!(known(&container.exec_ids), [known(&exec.id)], "{engine}");
        assert_eq!(exec.container_id, container.id);
        let process = known(&exec.process_config);
        assert!(!known(&process.privileged));
        assert_eq!(known(&process.user), "0");
        assert_eq!(known(&process.arguments), ["100"]);
    }
}

#[test]
fn the_engine_and_its_host_are_read() {
    for engine in ENGINES {
        let info: Info = recorded(engine, "info");
        assert!(known(&info.server_version).starts_with(engine));
        assert_eq!(known(&info.docker_root_dir), "/var/lib/docker");
        assert_eq!(known(&info.cgroup_version), "1");
        assert_eq!(known(&info.driver_status)[1][1], "true");
        assert_eq!(known(&info.security_options)[0].get(..12), Some("name=seccomp"));
        let registries = known(&info.registry_config);
        let official = &known(&registries.index_configs)["docker.io"];
        assert!(known(&official.secure));
        assert_eq!(known(&info.plugins).authorization, Lenient::Null);
        assert!(known(&info.runtimes).contains_key("runc"));
        let version: Version = recorded(engine, "version");
        assert_eq!(version.component("engine"), version.version.known().map(|v| &**v));
        assert!(version.component("RUNC").is_some());
        assert_eq!(version.component("podman"), None);
    }
}

#[test]
fn images_networks_and_volumes_are_read() {
    for engine in ENGINES {
        let image: ImageInspect = recorded(engine, "image");
        let layers = known(&known(&image.root_fs).layers);
        assert_eq!(layers.len(), 1, "{engine}");
        let all: Vec<ImageSummary> = recorded(engine, "images");
        assert!(all.iter().any(|one| one.id == image.id));
        let steps: Vec<ImageHistory> = recorded(engine, "history");
        assert!(known(&steps[0].size) > 0);
        let network: Network = recorded(engine, "network");
        let options = known(&network.options);
        assert_eq!(options["com.docker.network.bridge.enable_icc"], "false");
        assert_eq!(known(&network.containers).len(), 1);
        let networks: Vec<Network> = recorded(engine, "networks");
        assert!(networks.iter().any(|one| one.id == network.id));
        let volumes = known(&recorded::<Volumes>(engine, "volumes").volumes);
        let shop =
            |volume: &&dockward_engine::api::Volume| volume.name.known().unwrap() == "shop-data";
        let volume = volumes.iter().find(shop).unwrap();
        assert_eq!(known(&volume.options)["device"], "/srv");
    }
}

#[test]
fn a_manager_tells_of_its_swarm_without_the_join_tokens() {
    let swarm: Swarm = recorded("28.5", "swarm");
    assert!(!format!("{swarm:?}").contains("SWMTKN"));
    let spec = known(&swarm.spec);
    let expiry = known(&known(&spec.ca_config).node_cert_expiry);
    assert_eq!(expiry, 90 * 24 * 3600 * 1_000_000_000);
    assert!(!known(&known(&spec.encryption_config).auto_lock_managers));
    let info: Info = recorded("28.5", "info");
    let part = known(&info.swarm);
    assert!(known(&part.control_available));
    assert_eq!(known(&part.cluster).id, swarm.id);
    let node = recorded::<Vec<Node>>("28.5", "nodes").remove(0);
    assert!(known(&known(&node.manager_status).leader));
    assert_eq!(known(&known(&node.spec).role), "manager");
}

#[test]
fn services_are_read_with_what_their_tasks_are_made_with() {
    for engine in ENGINES {
        let services: Vec<Service> = recorded(engine, "services");
        let spec = |name: &str| {
            let specs = services.iter().map(|one| known(&one.spec));
            specs.into_iter().find(|spec| known(&spec.name) == name).unwrap()
        };
        let task = known(&spec("shop").task_template);
        let container = known(&task.container_spec);
        assert_eq!(known(&container.capability_add), ["CAP_NET_ADMIN"], "{engine}");
        assert_eq!(known(&known(&container.secrets)[0].secret_name), "db_password");
        assert_eq!(known(&known(&container.configs)[0].config_name), "app_conf");
        assert_eq!(known(&container.mounts).len(), 2);
        let limits = known(&known(&task.resources).limits);
        assert_eq!(known(&limits.memory_bytes), 64 << 20);
        assert_eq!(known(&known(&spec("shop").mode).replicated).replicas, Lenient::Known(2));
        let ports = known(&known(&spec("shop").endpoint_spec).ports);
        assert_eq!(known(&ports[1].publish_mode), "host");
        assert!(known(&spec("agent").mode).global.known().is_some());
    }
}

#[test]
fn secrets_and_configs_are_names_and_nothing_else() {
    for engine in ENGINES {
        let secrets: Vec<Stored> = recorded(engine, "secrets");
        assert_eq!(known(&known(&secrets[0].spec).name), "db_password", "{engine}");
        let configs: Vec<Stored> = recorded(engine, "configs");
        assert_eq!(known(&known(&configs[0].spec).name), "app_conf");
        assert!(!format!("{configs:?}").contains("eA=="), "what a config holds is not read");
    }
}

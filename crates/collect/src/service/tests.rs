//! Services as three engines tell of them.

use dockward_engine::api::Volumes as AllVolumes;
use dockward_model::facts::{Container, MountKind};
use serde_json::{Value, json};

use super::*;
use crate::image::Names;
use crate::recorded_answers::{Answers, AsWritten, VERSIONS};
use crate::volume::Volumes;

fn read(all: &Lenient<Vec<api::Service>>, networks: &Networks) -> Vec<Service> {
    let volumes = Volumes::of(&AllVolumes::default().volumes);
    let names = Names::of(&[]);
    let around = Around { volumes: &volumes, images: &names, ground: &AsWritten };
    services(all, networks, around).get().cloned().unwrap()
}

fn recorded(version: &str) -> Vec<Service> {
    let answers = Answers::of_manager(version);
    let mut networks = Networks::of(&answers.get("/networks"));
    // The swarm's own entry for the network of the host, which the list leaves out.
    networks.learn(&answers.get("/networks/agents").into_known().unwrap());
    read(&answers.get("/services"), &networks)
}

fn one(spec: Value) -> Service {
    let all = json!([{"ID": "s", "Spec": spec}]);
    let networks = Networks::of(&Lenient::Missing);
    read(&serde_json::from_value(all).unwrap(), &networks).remove(0)
}

fn made_with(container: Value) -> Container {
    one(json!({"Name": "s", "TaskTemplate": {"ContainerSpec": container}})).container.unwrap()
}

#[test]
fn a_service_becomes_the_facts_of_its_containers() {
    for version in VERSIONS {
        let services = recorded(version);
        let shop = services.iter().find(|one| one.name == "shop").unwrap();
        assert_eq!((shop.mode.as_str(), shop.replicas), ("replicated", Some(2)), "{version}");
        assert_eq!(shop.labels.get("team").map(String::as_str), Some("shop"));
        assert_eq!(
            (&*shop.secrets, &*shop.configs),
            (&["db_password".into()][..], &["app_conf".into()][..])
        );
        let c = shop.container.as_ref().unwrap();
        assert_eq!((c.image.as_str(), c.user_uid.get()), ("app:latest", Some(&1000)));
        assert_eq!(c.labels.get("tier").map(String::as_str), Some("web"));
        assert_eq!(c.read_only_root.get(), Some(&true));
        assert_eq!(c.cap_add.get().unwrap(), &["CAP_NET_ADMIN"]);
        assert_eq!(
            (c.limits.memory.get(), c.limits.nano_cpus.get()),
            (Some(&(64 << 20)), Some(&500_000_000))
        );
        assert_eq!(c.healthcheck.get().unwrap().kind, "CMD-SHELL");
        assert_eq!(c.log_driver.get().map(String::as_str), Some("none"));
        assert_eq!(c.networks.get().unwrap(), &["plain"]);
        assert!(c.network_mode.fact.is_absent() && c.privileged.fact.is_absent());
        let ports: Vec<_> =
            c.ports.get().unwrap().iter().map(|p| (p.host_port, p.container_port)).collect();
        assert_eq!(ports, [(8080, 80), (8081, 81)]);
        let origin = c.cap_add.origin.to_string();
        assert!(origin.starts_with("engine API /services/"), "{origin}");
        assert!(origin.ends_with(" Spec.TaskTemplate.ContainerSpec.CapabilityAdd"), "{origin}");
    }
}

#[test]
fn secrets_in_a_service_are_seen_and_not_kept() {
    for version in VERSIONS {
        let services = recorded(version);
        let shop = services.iter().find(|one| one.name == "shop").unwrap();
        let c = shop.container.as_ref().unwrap();
        assert!(c.env.get().unwrap()[0].secret.is_some(), "{version}");
        assert!(c.argv.get().unwrap()[0].secret.is_some());
        let text = serde_json::to_string(&services).unwrap();
        assert!(!text.contains("kaT9vQ2xLw7RzP4m") && !text.contains("Xk29vLqW8zTn4Rb7"));
    }
    let spec = json!({"Name": "s", "Labels": {"api.token": "kaT9vQ2xLw7RzP4m"},
        "TaskTemplate": {"ContainerSpec": {"Labels": {"db.password": "Xk29vLqW8zTn4Rb7"}}}});
    let service = one(spec);
    let seen = service.container.as_ref().unwrap().label_secrets.get().unwrap().len();
    assert_eq!(seen, 2, "the service's own labels and its containers'");
    assert!(!serde_json::to_string(&service).unwrap().contains("kaT9vQ2xLw7RzP4m"));
}

#[test]
fn mounts_lead_where_they_lead_on_this_node() {
    for version in VERSIONS {
        let services = recorded(version);
        let shop = services.iter().find(|one| one.name == "shop").unwrap();
        let mounts = shop.container.as_ref().unwrap().mounts.get().unwrap();
        let paths: Vec<_> = mounts.iter().map(|m| m.judged_path().unwrap()).collect();
        assert_eq!(paths, ["/var/run/docker.sock", "/etc"], "{version}");
    }
    let c = made_with(json!({"Mounts": [{"Type": "volume", "Source": "data", "Target": "/d"}]}));
    let mount = &c.mounts.get().unwrap()[0];
    assert_eq!((mount.kind, mount.judged_path()), (MountKind::Volume, None));
}

#[test]
fn the_network_of_the_host_is_found_by_its_id() {
    for version in VERSIONS {
        let services = recorded(version);
        let agent = services.iter().find(|one| one.name == "agent").unwrap();
        let c = agent.container.as_ref().unwrap();
        assert_eq!(c.network_mode.get().map(String::as_str), Some("host"), "{version}");
        assert_eq!(agent.mode, "global");
    }
    let networks = Networks::of(&Lenient::Odd("timed out".into()));
    let all = json!([{"ID": "s", "Spec": {"TaskTemplate": {"Networks": [{"Target": "n1"}]}}}]);
    let service = read(&serde_json::from_value(all).unwrap(), &networks).remove(0);
    assert!(service.container.unwrap().network_mode.fact.unknown().is_some());
}

#[test]
fn privileges_become_the_options_that_a_container_would_be_given() {
    let options =
        |privileges: Value| made_with(json!({ "Privileges": privileges })).security_opt.fact;
    let all = json!({"SELinuxContext": {"Disable": true}, "Seccomp": {"Mode": "unconfined"},
        "AppArmor": {"Mode": "disabled"}, "NoNewPrivileges": true});
    let expected =
        ["label=disable", "seccomp=unconfined", "apparmor=unconfined", "no-new-privileges"];
    assert_eq!(options(all), Fact::Known(expected.map(str::to_owned).to_vec()));
    let defaults = json!({"Seccomp": {"Mode": "default"}, "AppArmor": {"Mode": "default"}});
    assert!(options(defaults).is_absent() && options(Value::Null).is_absent());
    let custom = json!({"Seccomp": {"Mode": "custom", "Profile": "e30="}});
    assert_eq!(options(custom), Fact::Known(vec!["seccomp={}".to_owned()]));
    let odd = json!({"Seccomp": {"Mode": "custom", "Profile": "?"}});
    assert!(options(odd).unknown().is_some());
}

#[test]
fn what_is_odd_is_unknown_and_loses_neither_the_service_nor_its_neighbours() {
    let c = made_with(json!({"CapabilityAdd": 7, "ReadOnly": "yes", "User": "app"}));
    assert!(c.cap_add.fact.unknown().is_some() && c.read_only_root.fact.unknown().is_some());
    assert!(c.user_uid.fact.unknown().is_some(), "only the image's own passwd could tell");
    assert!(c.env.fact.is_absent() && c.mounts.fact.is_absent());
    let nothing = one(json!(null)).container.unwrap();
    assert!(
        nothing.env.fact.unknown().is_some() && nothing.limits.ulimits.fact.unknown().is_some()
    );
    let ports = json!({"TaskTemplate": {"ContainerSpec": {}}, "EndpointSpec": {"Ports": [{"PublishedPort": 70000}]}});
    assert!(one(ports).container.unwrap().ports.fact.unknown().is_some());
    let limits = json!({"TaskTemplate": {"ContainerSpec": {}, "Resources": {"Limits": 7}}});
    assert!(one(limits).container.unwrap().limits.memory.fact.unknown().is_some());
}

#[test]
fn a_service_of_plugins_has_no_container() {
    let spec = json!({"Name": "p", "TaskTemplate": {"Runtime": "plugin", "PluginSpec": {}}});
    assert!(one(spec).container.is_none());
}

//! What managers of three engines said, and what the engine keeps of a node.

use dockward_engine::Lenient;
use serde_json::json;

use super::*;
use crate::recorded_answers::{Answers, VERSIONS};
use crate::tree::Recorded;

fn info(swarm: serde_json::Value) -> Lenient<Info> {
    serde_json::from_value(json!({ "Swarm": swarm })).unwrap()
}

#[test]
fn a_manager_tells_of_itself_and_of_the_swarm() {
    for version in VERSIONS {
        let answers = Answers::of_manager(version);
        let swarm = of_info(&answers.get("/info"));
        assert_eq!(swarm.state.get().map(String::as_str), Some("active"), "{version}");
        assert_eq!(swarm.manager.get(), Some(&true));
        assert_eq!(swarm.node_address.get().map(String::as_str), Some("127.0.0.1"));
        assert_eq!(swarm.remote_managers.get().unwrap(), &["127.0.0.1:2377"]);
        let cluster = cluster(&answers.get("/swarm"));
        assert_eq!(cluster.autolock.get(), Some(&true));
        assert_eq!(cluster.node_cert_expiry.get(), Some(&(90 * 24 * 3600 * 1_000_000_000)));
        assert_eq!(cluster.ca_rotating.get(), Some(&false));
        assert_eq!(cluster.data_path_port.get(), Some(&4789));
        assert!(cluster.external_cas.fact.is_absent());
        let ca = cluster.ca.get().unwrap();
        assert!(ca.not_before < *cluster.created.get().unwrap());
        assert!(ca.not_after.to_string().starts_with("2046-11-17"));
        let nodes = nodes(&answers.get("/nodes"));
        let node = nodes.get().unwrap().first().unwrap();
        assert!(node.is_manager() && node.leader && node.name() == "web-07");
        assert_eq!((&*node.state, &*node.availability), ("ready", "drain"));
        assert_eq!(node.reachability.as_deref(), Some("reachable"));
        assert!(node.engine_version.starts_with(version));
        assert_eq!(names("/secrets", &answers.get("/secrets")).get().unwrap(), &["db_password"]);
        assert_eq!(names("/configs", &answers.get("/configs")).get().unwrap(), &["app_conf"]);
    }
}

#[test]
fn an_engine_in_no_swarm_says_so() {
    for version in VERSIONS {
        let swarm = of_info(&Answers::of(version).get("/info"));
        assert_eq!(swarm.state.get().map(String::as_str), Some("inactive"));
        assert_eq!(swarm.manager.get(), Some(&false));
        assert!(swarm.cluster.autolock.fact.is_absent() && swarm.services.fact.is_absent());
    }
}

#[test]
fn what_only_a_manager_knows_is_absent_on_a_worker_and_outside_of_swarms() {
    for part in [
        json!({"LocalNodeState": "active", "ControlAvailable": false, "NodeID": "n"}),
        json!({"LocalNodeState": "inactive", "ControlAvailable": false, "NodeID": ""}),
    ] {
        let swarm = of_info(&info(part));
        assert!(swarm.nodes.fact.is_absent() && swarm.services.fact.is_absent());
        assert!(swarm.cluster.autolock.fact.is_absent() && swarm.cluster.ca.fact.is_absent());
        assert!(swarm.secrets.fact.is_absent() && swarm.configs.fact.is_absent());
    }
}

#[test]
fn where_it_is_not_known_whether_it_manages_the_rest_is_unknown_too() {
    for swarm in [of_info(&info(json!(7))), of_info(&Lenient::Odd("timed out".into()))] {
        assert!(swarm.state.fact.unknown().is_some());
        assert!(swarm.services.fact.unknown().is_some());
        assert!(swarm.cluster.autolock.fact.unknown().is_some());
    }
}

#[test]
fn a_manager_that_does_not_answer_leaves_its_facts_unknown() {
    let cluster = cluster(&Lenient::Odd("/swarm: timed out".into()));
    assert!(cluster.autolock.fact.unknown().unwrap().contains("timed out"));
    assert!(cluster.ca.fact.unknown().is_some() && cluster.external_cas.fact.unknown().is_some());
    assert!(nodes(&Lenient::Odd("timed out".into())).fact.unknown().is_some());
    let odd: Lenient<Vec<api::Node>> =
        serde_json::from_value(json!([{"Spec": {"Role": 7}}])).unwrap();
    assert!(nodes(&odd).fact.unknown().is_some(), "a list that lacks something is not whole");
}

const PATH: &str = "/var/lib/docker/swarm/docker-state.json";

fn addresses_of(state: &str, files: Fact<Recorded>) -> Fact<NodeAddresses> {
    let known = |text: &str| Field::known(text.to_owned(), Origin::Nowhere);
    addresses(&known(state), &known("/var/lib/docker"), &files).fact
}

#[test]
fn the_addresses_of_a_node_are_read_from_the_engines_file() {
    let with = |data_path: &str| {
        let text = json!({"LocalAddr": "", "RemoteAddr": "", "ListenAddr": "0.0.0.0:2377",
            "AdvertiseAddr": "10.0.0.7:2377", "DataPathAddr": data_path, "DataPathPort": 4789});
        addresses_of("active", Fact::Known(Recorded::new().file(PATH, &text.to_string())))
    };
    let known = with("").known().cloned().unwrap();
    assert_eq!((&*known.listen, &*known.advertise), ("0.0.0.0:2377", "10.0.0.7:2377"));
    assert_eq!(known.data_path, None);
    assert_eq!(with("10.1.0.7").known().unwrap().data_path.as_deref(), Some("10.1.0.7"));
}

#[test]
fn a_file_that_cannot_be_read_or_understood_is_unknown_and_not_quoted() {
    let refused = Recorded::new().refused(PATH, "permission denied");
    assert_eq!(
        addresses_of("active", Fact::Known(refused)),
        Fact::Unknown("permission denied".into())
    );
    for text in ["{", "[]", "{}", r#"{"ListenAddr":"SWMTKN-1-x","AdvertiseAddr":7}"#] {
        let fact = addresses_of("active", Fact::Known(Recorded::new().file(PATH, text)));
        assert!(!fact.unknown().unwrap().contains("SWMTKN"), "{text}");
    }
    let blind: Fact<Recorded> = Fact::Unknown("the engine's process is not known".into());
    assert!(addresses_of("active", blind).unknown().is_some());
}

#[test]
fn outside_of_swarms_nothing_is_looked_for() {
    let blind: Fact<Recorded> = Fact::Unknown("permission denied".into());
    assert!(addresses_of("inactive", blind).is_absent());
    assert!(addresses_of("active", Fact::Known(Recorded::new())).is_absent());
}

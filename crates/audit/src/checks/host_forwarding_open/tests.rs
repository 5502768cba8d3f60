use dockward_model::facts::sample::{self, firewall};
use dockward_model::facts::{Action, Fact, Network, Origin};

use super::*;
use crate::judged::{
    assert_fails, assert_not_applicable, assert_passes, assert_unknown, engine_with, publishing,
    snapshot,
};

fn engine(filter: PacketFilter) -> Engine {
    engine_with(|e| {
        e.daemon.packet_filter = sample::known(filter, "nf_tables");
        e.containers = vec![publishing("0.0.0.0", 8080, 80)];
    })
}

fn judged(filter: PacketFilter) -> Outcome {
    forwarding_open(&snapshot(), &engine(filter))
}

/// A host that passed packets on before its engine started.
fn router() -> PacketFilter {
    let mut filter = firewall::docker();
    if let Some(base) = &mut filter.chains[0].base {
        base.drops = false;
    }
    filter
}

#[test]
fn an_accepting_policy_opens_what_is_not_published() {
    let failure = assert_fails(judged(router()));
    let text = "unpublished ports behind docker0 are open to who routes there";
    assert_eq!(failure.message, text);
    let seen = &failure.evidence[0];
    assert_eq!(seen.origin.to_string(), "nf_tables ip filter FORWARD");
    assert!(seen.seen.starts_with("172.17.255.254:9"), "{}", seen.seen);
}

#[test]
fn a_dropping_policy_passes_and_so_do_rules_of_the_engines_own() {
    assert_passes(judged(firewall::docker()));
    let drop = [firewall::not(firewall::comes_by("docker0")), firewall::leaves_by("docker0")];
    let mut fixed = router();
    fixed.chains[0].rules.push(firewall::rule(9, drop, Action::Drop));
    assert_passes(judged(fixed));
}

#[test]
fn a_host_that_passes_nothing_on_passes() {
    let mut filter = router();
    filter.forwards = Fact::Known(false);
    assert_passes(judged(filter));
    let mut unread = router();
    unread.forwards = Fact::Unknown("denied".into());
    assert_fails(judged(unread));
}

#[test]
fn a_network_that_is_open_on_purpose_is_left_out() {
    let network = Network {
        id: "f".repeat(64),
        options: [
            ("com.docker.network.bridge.name", "docker0"),
            ("com.docker.network.bridge.gateway_mode_ipv4", "nat-unprotected"),
        ]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .into(),
        ..Network::default()
    };
    let mut open = engine(router());
    open.networks = sample::known(vec![network], "networks");
    assert_not_applicable(forwarding_open(&snapshot(), &open));
}

#[test]
fn a_port_on_loopback_is_open_at_its_containers_own_address() {
    let loopback = firewall::to("127.0.0.1", "127.0.0.1");
    let to = Action::Dnat { to: "172.17.0.2".parse().ok(), port: Some(80) };
    let dnat = firewall::rule(3, [loopback, firewall::tcp(5432)], to);
    let mut filter = firewall::docker();
    for chain in filter.chains.iter_mut().filter(|c| c.table == "nat" && c.name == "DOCKER") {
        chain.rules.push(dnat.clone());
    }
    let mut local = engine(filter.clone());
    local.containers = vec![publishing("127.0.0.1", 5432, 80)];
    let failure = assert_fails(forwarding_open(&snapshot(), &local));
    assert_eq!(failure.message, "127.0.0.1:5432->80/tcp of web is open at 172.17.0.2:80");
    let raw = [firewall::to("172.17.0.2", "172.17.0.2")];
    let drop = firewall::rule(4, raw, Action::Drop);
    local.daemon.packet_filter = sample::known(filter.with_first("PREROUTING", drop), "nf_tables");
    assert_passes(forwarding_open(&snapshot(), &local));
}

#[test]
fn rules_that_were_not_read_or_understood_are_unknown() {
    assert_unknown(forwarding_open(&snapshot(), &engine_with(|_| {})));
    let odd = dockward_model::facts::Condition::NotUnderstood("xt set".into());
    let mut filter = router();
    filter.chains[0].rules.push(firewall::rule(9, [odd], Action::Drop));
    assert_unknown(judged(filter));
}

#[test]
fn without_containers_or_as_a_user_the_question_does_not_arise() {
    let mut idle = engine(router());
    idle.containers.clear();
    assert_not_applicable(forwarding_open(&snapshot(), &idle));
    let mut rootless = engine(router());
    rootless.daemon.security_options =
        dockward_model::facts::Field::known(vec!["name=rootless".into()], Origin::Nowhere);
    assert_not_applicable(forwarding_open(&snapshot(), &rootless));
}

use super::*;
use crate::judged::{Facts, assert_fails, assert_not_applicable, assert_passes, assert_unknown};
use crate::published::{case_with, sample};
use dockward_model::facts::sample::{self as samples, firewall};
use dockward_model::facts::{Action, Condition, Configured, Field, Origin, PacketFilter};

fn behind_ufw(ports: Vec<PublishedPort>) -> Facts {
    let mut facts = case_with(ports);
    facts.host.firewall =
        Field::known(vec!["ufw".into()], Origin::file("/etc/ufw/ufw.conf", Some(3)));
    facts
}

#[test]
fn a_published_port_goes_around_ufw() {
    for address in ["", "0.0.0.0", "::", "10.0.0.7"] {
        let facts = behind_ufw(vec![sample(address, 8080, 80)]);
        let failure = assert_fails(ports_bypass_firewall, &facts);
        assert!(failure.message.contains("ufw"), "{}", failure.message);
        assert_eq!(failure.evidence.len(), 2);
    }
}

#[test]
fn a_port_on_loopback_or_none_passes() {
    assert_passes(ports_bypass_firewall, &behind_ufw(vec![sample("127.0.0.1", 80, 80)]));
    assert_passes(ports_bypass_firewall, &behind_ufw(vec![]));
}

#[test]
fn without_a_firewall_or_without_the_engines_rules_the_question_does_not_arise() {
    assert_not_applicable(ports_bypass_firewall, &case_with(vec![sample("", 80, 80)]));
    let mut facts = behind_ufw(vec![sample("", 80, 80)]);
    let off = Configured {
        value: false.into(),
        secret: None,
        origin: Origin::file("/etc/docker/daemon.json", None),
    };
    facts.daemon.config = Fact::Known([("iptables".to_owned(), off)].into());
    assert_not_applicable(ports_bypass_firewall, &facts);
}

/// A running container behind ufw and these rules of the kernel's.
fn behind(filter: PacketFilter) -> Facts {
    let mut facts = behind_ufw(vec![sample("0.0.0.0", 8080, 80)]);
    facts.container.running = samples::known(true, "State.Running");
    facts.daemon.packet_filter = samples::known(filter, "nf_tables");
    facts
}

fn denied_on_input() -> PacketFilter {
    let deny = firewall::rule(31, [firewall::tcp(8080)], Action::Drop);
    firewall::docker().with_first("INPUT", deny)
}

#[test]
fn both_rules_are_shown_where_the_kernels_were_read() {
    let failure = assert_fails(ports_bypass_firewall, &behind(denied_on_input()));
    assert!(failure.message.contains("closed there, yet open"), "{}", failure.message);
    let origins: Vec<_> = failure.evidence.iter().map(|e| e.origin.to_string()).collect();
    let rules = ["nf_tables ip filter INPUT handle 31", "nf_tables ip nat DOCKER handle 2"];
    assert_eq!(origins.get(2..).unwrap(), rules);
}

#[test]
fn a_port_that_ufw_lets_in_or_docker_user_closes_goes_around_nothing() {
    assert_passes(ports_bypass_firewall, &behind(firewall::docker()));
    let closed = firewall::rule(5, [], Action::Drop);
    let closed = denied_on_input().with_first("DOCKER-USER", closed);
    assert_passes(ports_bypass_firewall, &behind(closed));
}

#[test]
fn rules_that_can_not_be_told_and_a_container_that_does_not_run_fail_as_before() {
    let odd = Condition::NotUnderstood("xt set".into());
    let odd = denied_on_input().with_first("DOCKER-USER", firewall::rule(5, [odd], Action::Drop));
    assert_fails(ports_bypass_firewall, &behind(odd));
    let mut stopped = behind(firewall::docker());
    stopped.container.running = samples::known(false, "State.Running");
    assert_fails(ports_bypass_firewall, &stopped);
}

#[test]
fn unreadable_ports_firewalls_and_settings_are_never_a_pass() {
    let mut facts = behind_ufw(vec![sample("", 80, 80)]);
    facts.daemon.config = Fact::Unknown("not allowed".into());
    assert_unknown(ports_bypass_firewall, &facts);
    facts.host.firewall = samples::unknown("");
    assert_unknown(ports_bypass_firewall, &facts);
    facts.container.ports = samples::unknown("NetworkSettings.Ports");
    assert_unknown(ports_bypass_firewall, &facts);
}

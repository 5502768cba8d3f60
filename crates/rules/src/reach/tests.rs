use dockward_model::facts::sample::firewall::{
    chain, comes_by, docker, established, from, interface, not, rule, tcp,
};
use dockward_model::facts::{Action, Condition, Hook, Selector, Values};

use super::{listening as listening_by, published as published_by, routed as routed_by, *};

/// Open to everybody, whatever led there.
const ANYONE: Reach = Reach::Open { only: None, aside: None };

fn plainly(reach: Reach) -> Reach {
    match reach {
        Reach::Open { only, .. } => Reach::Open { only, aside: None },
        other => other,
    }
}

fn port(address: &str) -> PublishedPort {
    PublishedPort {
        host_address: address.parse().ok(),
        host_port: 8080,
        container_port: 80,
        protocol: Protocol::Tcp,
        origin: Origin::Nowhere,
    }
}

fn published(filter: &PacketFilter, port: &PublishedPort) -> Reach {
    plainly(published_by(filter, port))
}

fn listening(filter: &PacketFilter, protocol: Protocol, to: Option<IpAddr>, port: u16) -> Reach {
    plainly(listening_by(filter, protocol, to, port))
}

fn routed(filter: &PacketFilter, protocol: Protocol, to: IpAddr, port: u16) -> Reach {
    plainly(routed_by(filter, protocol, to, port))
}

fn reach(filter: &PacketFilter) -> Reach {
    published(filter, &port("0.0.0.0"))
}

fn only(filter: &PacketFilter) -> Option<String> {
    match reach(filter) {
        Reach::Open { only, .. } => only,
        other => panic!("{other:?}"),
    }
}

#[track_caller]
fn stop_of(reach: Reach) -> String {
    match reach {
        Reach::Blocked(stop) => format!("{}: {}", stop.origin, stop.text),
        other => panic!("{other:?}"),
    }
}

fn in_user(when: impl IntoIterator<Item = Condition>, then: Action) -> PacketFilter {
    docker().with_first("DOCKER-USER", rule(77, when, then))
}

#[test]
fn what_docker_publishes_is_open_to_anyone() {
    assert_eq!(reach(&docker()), ANYONE);
    assert_eq!(published(&docker(), &port("192.0.2.10")), ANYONE);
    assert_eq!(published(&docker(), &port("")), ANYONE);
}

#[test]
fn the_rule_that_turns_packets_aside_is_told() {
    let Reach::Open { aside: Some(aside), .. } = published_by(&docker(), &port("0.0.0.0")) else {
        panic!("not turned aside")
    };
    assert_eq!(aside.origin.to_string(), "nf_tables ip nat DOCKER handle 2");
    assert!(aside.text.ends_with("dnat to 172.17.0.2:80"), "{}", aside.text);
    let proxied = published_by(&docker(), &port("::"));
    assert_eq!(proxied, ANYONE, "over IPv6 the proxy listens on the host");
}

#[test]
fn a_drop_in_docker_user_blocks_and_says_which_rule() {
    let filter = in_user([comes_by("eth0")], Action::Drop);
    let stop = stop_of(reach(&filter));
    assert_eq!(stop, "nf_tables ip filter DOCKER-USER handle 77: iifname \"eth0\" drop");
    assert!(matches!(reach(&in_user([], Action::Reject)), Reach::Blocked(_)));
    assert_eq!(reach(&in_user([comes_by("docker0")], Action::Drop)), ANYONE);
    assert_eq!(reach(&in_user([established()], Action::Drop)), ANYONE);
}

#[test]
fn a_drop_in_ipv4_leaves_the_proxy_on_ipv6_open() {
    let filter = in_user([], Action::Drop);
    assert_eq!(published(&filter, &port("::")), ANYONE);
    assert_eq!(published(&filter, &port("")), ANYONE);
}

#[test]
fn without_an_address_of_a_family_nobody_comes_by_it() {
    let mut filter = in_user([], Action::Drop);
    filter.interfaces[1].addresses.truncate(1);
    assert_eq!(stop_of(published(&filter, &port("::"))), "rtnetlink eth0: no IPv6 address");
    assert!(matches!(published(&filter, &port("")), Reach::Blocked(_)));
}

#[test]
fn an_exception_for_some_leaves_it_open_to_these() {
    let ten = || from("10.0.0.0", "10.255.255.255");
    assert_eq!(only(&in_user([not(ten())], Action::Drop)).as_deref(), Some("from 10.0.0.0"));
    assert_eq!(only(&in_user([ten()], Action::Drop)), None, "10/8 alone is kept out");
    let lan = from("192.0.2.0", "192.0.2.255");
    let by = only(&in_user([not(lan)], Action::Drop));
    assert_eq!(by.as_deref(), Some("from the network at eth0"));
    let containers = from("172.17.0.0", "172.17.255.255");
    let filter = in_user([not(containers)], Action::Drop);
    assert!(matches!(reach(&filter), Reach::Blocked(_)), "containers are not outside");
}

#[test]
fn one_interface_that_is_left_open_is_named() {
    let mut filter = in_user([comes_by("eth0")], Action::Drop);
    filter.interfaces.push(interface(9, "wg0", "wireguard", &[("10.9.0.1", 24)]));
    assert_eq!(only(&filter).as_deref(), Some("by wg0"));
}

#[test]
fn accepting_in_one_chain_does_not_end_the_others() {
    let drop = |when: Vec<Condition>, priority| {
        let mut filter = docker();
        let rules = [rule(5, when, Action::Drop)];
        filter.chains.push(chain("mine", "fw", Some((Hook::Forward, priority, false)), rules));
        filter
    };
    for priority in [-10, 10] {
        let stop = stop_of(reach(&drop(vec![comes_by("eth0")], priority)));
        assert_eq!(stop, "nf_tables ip mine fw handle 5: iifname \"eth0\" drop");
    }
    assert_eq!(reach(&drop(vec![tcp(8080)], 10)), ANYONE, "the port was changed to 80 by then");
    assert!(matches!(reach(&drop(vec![tcp(80)], 10)), Reach::Blocked(_)));
}

#[test]
fn the_policy_of_a_chain_counts_where_no_rule_does() {
    let mut filter = docker();
    filter.chains.retain(|chain| chain.name != "DOCKER" || chain.table == "nat");
    assert!(matches!(reach(&filter), Reach::Unknown(_)), "a jump to nowhere");
    let mut filter = docker();
    filter.chains[2].rules.clear();
    assert_eq!(stop_of(reach(&filter)), "nf_tables ip filter FORWARD: policy drop");
    filter.chains[0].base.as_mut().unwrap().drops = false;
    assert_eq!(reach(&filter), ANYONE);
}

#[test]
fn without_dnat_the_input_hook_decides() {
    let mut filter = docker().with_first("INPUT", rule(3, [tcp(8080)], Action::Drop));
    assert_eq!(reach(&filter), ANYONE, "Docker's DNAT goes around it");
    let own = listening(&filter, Protocol::Tcp, None, 8080);
    assert_eq!(own, ANYONE, "over IPv6, where there are no rules");
    let own = listening(&filter, Protocol::Tcp, Some("0.0.0.0".parse().unwrap()), 8080);
    assert_eq!(stop_of(own), "nf_tables ip filter INPUT handle 3: dport 8080 drop");
    filter.chains.retain(|chain| chain.table != "nat");
    assert!(matches!(reach(&filter), Reach::Blocked(_)), "the proxy is behind it");
}

#[test]
fn what_is_not_understood_is_unknown_only_where_it_decides() {
    let odd = || Condition::NotUnderstood("xt set".into());
    let Reach::Unknown(why) = reach(&in_user([odd()], Action::Drop)) else { panic!("known") };
    assert!(why.contains("DOCKER-USER") && why.contains("[xt set] drop"), "{why}");
    assert_eq!(reach(&in_user([odd()], Action::Return)), ANYONE);
    assert_eq!(reach(&in_user([odd(), tcp(1)], Action::Drop)), ANYONE);
    let odd_target = in_user([], Action::NotUnderstood("xt NFQUEUE".into()));
    assert!(matches!(reach(&odd_target), Reach::Unknown(_)));
    let mut both = in_user([odd()], Action::Accept);
    both.chains.push(chain("mine", "fw", Some((Hook::Forward, 9, true)), []));
    assert!(matches!(reach(&both), Reach::Blocked(_)), "another chain drops it for certain");
}

#[test]
fn a_map_of_verdicts_is_followed() {
    let choose = |port: u32, action| Action::Choose {
        on: Selector::CtDestinationPort,
        entries: vec![(Values::Numbers(vec![(port, port)]), action)],
    };
    assert!(matches!(reach(&in_user([], choose(8080, Action::Drop))), Reach::Blocked(_)));
    assert_eq!(reach(&in_user([], choose(9090, Action::Drop))), ANYONE);
}

#[test]
fn chains_that_lead_in_circles_are_given_up() {
    let circle = in_user([], Action::Jump("DOCKER-USER".into()));
    let Reach::Unknown(why) = reach(&circle) else { panic!("known") };
    assert!(why.contains("too deep"), "{why}");
}

#[test]
fn a_mark_that_rules_set_is_not_guessed() {
    let marked = Condition::Test {
        on: Selector::Mark,
        is: Values::Masked { mask: 1, value: 1 },
        negated: false,
    };
    let filter = in_user([marked], Action::Drop);
    assert_eq!(reach(&filter), ANYONE, "packets from outside have none");
    let filter = filter.with_first("PREROUTING", rule(1, [], Action::SetMark));
    assert!(matches!(reach(&filter), Reach::Unknown(_)));
}

#[test]
fn tables_of_the_older_back_end_make_their_family_unknown() {
    let mut filter = docker();
    filter.legacy = vec!["ip filter".into()];
    let Reach::Unknown(why) = reach(&filter) else { panic!("known") };
    assert!(why.contains("iptables-legacy"), "{why}");
    assert_eq!(published(&filter, &port("::")), ANYONE);
}

#[test]
fn without_any_interface_outside_somebody_is_still_there() {
    let mut filter = docker();
    filter.interfaces.retain(|interface| interface.name != "eth0");
    assert_eq!(reach(&filter), ANYONE);
    assert!(matches!(reach(&in_user([], Action::Drop)), Reach::Blocked(_)));
}

#[test]
fn a_containers_own_address_is_closed_but_for_what_it_publishes() {
    let direct = |filter: &PacketFilter, port| {
        routed(filter, Protocol::Tcp, "172.17.0.2".parse().unwrap(), port)
    };
    assert_eq!(direct(&docker(), 80), ANYONE, "before 28.0, with a route to the bridge");
    assert!(matches!(direct(&docker(), 22), Reach::Blocked(_)));
    let mut open = docker();
    open.chains[0].base.as_mut().unwrap().drops = false;
    assert_eq!(direct(&open, 22), ANYONE);
}

#[test]
fn many_addresses_in_rules_are_not_all_tried() {
    let mut filter = in_user([], Action::Drop);
    for host in 0..100 {
        let address = format!("10.0.{host}.7");
        let accept = rule(host, [from(&address, &address), tcp(1)], Action::Accept);
        filter = filter.with_first("DOCKER-USER", accept);
    }
    assert!(matches!(reach(&filter), Reach::Unknown(_)));
}

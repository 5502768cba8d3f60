mod weakness;

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

use super::*;
use crate::evaluate::subject_of;
use crate::judged::{engine_with, snapshot_with};
use dockward_model::ContainerId;
use dockward_model::facts::sample::firewall;
use dockward_model::facts::{
    Action, Condition, Container, ListeningSocket, Origin, PacketFilter, Protocol, PublishedPort,
    sample,
};
use dockward_model::verdict::{
    Area, Evidence, Foothold, Gain, Opening, Severity, Status, Subject, Waived,
};

fn container(name: &str, published: bool) -> Container {
    let mut c = sample::container();
    c.id = ContainerId(format!("{name:0>64}"));
    c.name = name.into();
    c.running = sample::known(true, "State.Running");
    if published {
        let port = PublishedPort {
            host_address: Some(IpAddr::V4(Ipv4Addr::UNSPECIFIED)),
            host_port: 8080,
            container_port: 80,
            protocol: Protocol::Tcp,
            origin: Origin::Nowhere,
        };
        c.ports = sample::known(vec![port], "NetworkSettings.Ports");
    }
    c
}

fn finding(subject: Subject, rule: &'static str, gain: Gain, needs: Foothold) -> Finding {
    Finding {
        rule: rule.into(),
        area: Area::Containers,
        title: "".into(),
        status: Status::Fail,
        severity: Severity::Critical,
        subject: Arc::new(subject),
        message: format!("{rule} fails"),
        evidence: vec![Evidence::at(&Origin::Nowhere, "seen", "expected")],
        fix: format!("mend {rule}"),
        openings: vec![Opening { gain, needs }],
        waived: None,
    }
}

fn in_container(c: &Container, rule: &'static str, gain: Gain) -> Finding {
    finding(subject_of(c, ""), rule, gain, Foothold::RootInContainer)
}

fn found(snapshot: &Snapshot, findings: &[Finding]) -> Vec<AttackPath> {
    find(snapshot, findings, &Expectations::default())
}

fn paths(containers: Vec<Container>, findings: &[Finding]) -> Vec<AttackPath> {
    let engine = engine_with(|e| e.containers = containers);
    found(&snapshot_with(|s| s.engines = vec![engine]), findings)
}

#[test]
fn a_published_container_with_the_socket_is_a_way_from_the_network_to_root() {
    let web = container("web", true);
    let socket = in_container(&web, "container-engine-socket", Gain::HostRoot);
    let paths = paths(vec![web], &[socket]);
    assert_eq!(paths.len(), 1);
    assert_eq!(paths[0].severity, Severity::Critical);
    assert_eq!(paths[0].stations, ["anyone on the network", "web", "root on web-07"]);
    let texts: Vec<_> = paths[0].steps.iter().map(|s| s.text.as_str()).collect();
    assert_eq!(
        texts,
        [
            "0.0.0.0:8080->80/tcp is published on every interface",
            "runs as uid 0",
            "container-engine-socket fails"
        ]
    );
    assert_eq!(paths[0].cut.text, "mend container-engine-socket");
}

#[test]
fn what_nothing_outside_reaches_is_one_step_less_bad() {
    let job = container("job", false);
    let finding = in_container(&job, "container-privileged", Gain::HostRoot);
    let paths = paths(vec![job], &[finding]);
    assert_eq!(paths[0].severity, Severity::High);
    assert_eq!(paths[0].stations, ["code in job", "root on web-07"]);
}

#[test]
fn a_container_that_is_not_root_does_not_use_what_needs_root() {
    let mut web = container("web", true);
    web.user = sample::known("1000".into(), "Config.User");
    let finding = in_container(&web, "container-privileged", Gain::HostRoot);
    assert!(paths(vec![web], &[finding]).is_empty());
}

#[test]
fn a_user_that_could_not_be_read_counts_as_root_and_says_so() {
    let mut web = container("web", true);
    web.user = sample::unknown("Config.User");
    let finding = in_container(&web, "container-privileged", Gain::HostRoot);
    let paths = paths(vec![web], &[finding]);
    assert!(paths[0].steps[1].text.contains("could not be read"));
}

#[test]
fn a_way_leads_through_another_container() {
    let (web, debug) = (container("web", true), container("debug", false));
    let joined = in_container(&web, "container-joined-namespace", Gain::Container("debug".into()));
    let privileged = in_container(&debug, "container-privileged", Gain::HostRoot);
    let paths = paths(vec![web, debug], &[joined, privileged]);
    assert_eq!(paths[0].stations, ["anyone on the network", "web", "debug", "root on web-07"]);
    assert_eq!(paths[0].cut.rule.as_str(), "container-privileged", "it is on two ways");
    assert_eq!(paths[0].cut.cuts, 2);
}

#[test]
fn containers_that_join_each_other_do_not_lead_in_circles() {
    let (a, b) = (container("a", true), container("b", true));
    let there = in_container(&a, "container-joined-namespace", Gain::Container("b".into()));
    let back = in_container(&b, "container-joined-namespace", Gain::Container("a".into()));
    assert!(paths(vec![a, b], &[there, back]).is_empty());
}

#[test]
fn the_same_way_from_many_containers_is_told_once() {
    let containers: Vec<_> = (0..20).map(|i| container(&format!("c{i:02}"), true)).collect();
    let findings: Vec<_> = containers
        .iter()
        .map(|c| in_container(c, "container-engine-socket", Gain::HostRoot))
        .collect();
    let paths = paths(containers, &findings);
    assert_eq!(paths.len(), 1);
    assert_eq!(paths[0].alike.len(), 19);
}

#[test]
fn an_open_api_needs_no_container() {
    let daemon = Subject::Daemon { endpoint: "unix:///run/docker.sock".into() };
    let rule = "daemon-tcp-without-client-certificates";
    let paths = paths(vec![], &[finding(daemon, rule, Gain::HostRoot, Foothold::Network)]);
    assert_eq!(paths[0].severity, Severity::Critical);
    assert_eq!(paths[0].stations, ["anyone on the network", "root on web-07"]);
}

#[test]
fn an_api_on_loopback_is_reached_from_the_hosts_network() {
    let mut web = container("web", true);
    web.network_mode = sample::known("host".into(), "HostConfig.NetworkMode");
    let network = finding(
        subject_of(&web, ""),
        "container-host-network",
        Gain::HostNetwork,
        Foothold::InContainer,
    );
    let daemon = Subject::Daemon { endpoint: "unix:///run/docker.sock".into() };
    let rule = "daemon-tcp-without-client-certificates";
    let api = finding(daemon, rule, Gain::HostRoot, Foothold::LocalUser);
    let paths = paths(vec![web], &[network, api]);
    assert_eq!(paths[0].stations, ["anyone on the network", "web", "root on web-07"]);
    assert_eq!(paths.len(), 2, "the local user's way is another one");
}

#[test]
fn a_waived_step_is_not_taken() {
    let web = container("web", true);
    let mut socket = in_container(&web, "container-engine-socket", Gain::HostRoot);
    socket.waived = Some(Waived {
        owner: "ops".into(),
        reason: "known".into(),
        until: None,
        origin: Origin::Nowhere,
    });
    assert!(paths(vec![web], &[socket]).is_empty());
}

#[test]
fn a_stopped_container_is_no_way_in() {
    let mut web = container("web", true);
    web.running = sample::known(false, "State.Running");
    let socket = in_container(&web, "container-engine-socket", Gain::HostRoot);
    assert!(paths(vec![web], &[socket]).is_empty());
}

#[test]
fn what_else_leads_out_of_a_container_is_named_beside_the_plainest_way() {
    let web = container("web", true);
    let folder = in_container(&web, "container-host-root-mount", Gain::HostRoot);
    let socket = in_container(&web, "container-engine-socket", Gain::HostRoot);
    let files = in_container(&web, "container-sensitive-mount", Gain::HostFiles);
    let paths = paths(vec![web], &[folder, files, socket]);
    assert_eq!(paths.len(), 1);
    assert_eq!(paths[0].cut.rule.as_str(), "container-engine-socket");
    let also: Vec<_> = paths[0].also.iter().map(|rule| rule.as_str()).collect();
    assert_eq!(also, ["container-host-root-mount", "container-sensitive-mount"]);
}

#[test]
fn another_container_is_found_by_the_first_digits_of_its_id() {
    let (web, mut debug) = (container("web", true), container("debug", false));
    debug.id = ContainerId("ab".repeat(32));
    let joined = in_container(&web, "container-joined-namespace", Gain::Container("ab".repeat(6)));
    let privileged = in_container(&debug, "container-privileged", Gain::HostRoot);
    let paths = paths(vec![web, debug], &[joined, privileged]);
    assert_eq!(paths[0].stations, ["anyone on the network", "web", "debug", "root on web-07"]);
}

/// The ways out of a privileged container, published or on the host's network, through this filter.
fn through(filter: PacketFilter, change: impl FnOnce(&mut Container)) -> Vec<AttackPath> {
    let mut web = container("web", true);
    change(&mut web);
    let finding = in_container(&web, "container-privileged", Gain::HostRoot);
    let engine = engine_with(|e| {
        e.daemon.packet_filter = sample::known(filter, "nf_tables");
        e.containers = vec![web];
    });
    found(&snapshot_with(|s| s.engines = vec![engine]), &[finding])
}

fn drops(when: impl IntoIterator<Item = Condition>) -> PacketFilter {
    firewall::docker().with_first("DOCKER-USER", firewall::rule(7, when, Action::Drop))
}

#[test]
fn a_port_that_the_packet_filter_closes_is_no_way_in() {
    let paths = through(drops([firewall::comes_by("eth0")]), |_| {});
    assert_eq!(paths[0].stations, ["code in web", "root on web-07"]);
    assert_eq!(paths[0].severity, Severity::High);
}

#[test]
fn a_port_that_it_leaves_open_is_one_and_to_whom_is_told() {
    let first = |filter| through(filter, |_| {})[0].steps[0].text.clone();
    assert!(first(firewall::docker()).ends_with("is published on every interface"));
    let ten = firewall::not(firewall::from("10.0.0.0", "10.255.255.255"));
    let text = first(drops([ten]));
    assert!(text.ends_with("; the packet filter lets it through from 10.0.0.0"), "{text}");
}

#[test]
fn what_it_does_with_a_port_that_can_not_be_told_leaves_it_open() {
    let odd = Condition::NotUnderstood("xt set".into());
    let paths = through(drops([odd]), |_| {});
    assert_eq!(paths[0].severity, Severity::Critical);
    assert!(paths[0].steps[0].text.contains("is unknown"), "{}", paths[0].steps[0].text);
}

#[test]
fn a_rootless_engines_ports_are_not_the_packet_filters_to_close() {
    let mut web = container("web", true);
    web.name = "web".into();
    let finding = in_container(&web, "container-privileged", Gain::HostRoot);
    let engine = engine_with(|e| {
        let options = vec!["name=rootless".into()];
        e.daemon.security_options = sample::known(options, "SecurityOptions");
        e.daemon.packet_filter = sample::known(drops([]), "nf_tables");
        e.containers = vec![web];
    });
    let paths = found(&snapshot_with(|s| s.engines = vec![engine]), &[finding]);
    assert_eq!(paths[0].stations[0], "anyone on the network");
}

fn on_the_hosts_network(address: &str) -> impl FnOnce(&mut Container) {
    let address = address.parse().unwrap();
    move |c| {
        let socket = ListeningSocket { protocol: Protocol::Tcp, address, port: 9100, inode: 5 };
        let mut kernel = sample::kernel();
        kernel.namespaces.net_is_host = sample::known(true, "ns/net");
        kernel.own_listening = sample::known(vec![socket], "net/tcp");
        c.kernel = dockward_model::facts::Fact::Known(kernel);
        c.network_mode = sample::known("host".into(), "HostConfig.NetworkMode");
        c.ports = sample::absent("NetworkSettings.Ports");
    }
}

#[test]
fn a_container_on_the_hosts_network_is_entered_by_its_own_sockets() {
    let paths = through(firewall::docker(), on_the_hosts_network("0.0.0.0"));
    assert_eq!(paths[0].stations[0], "anyone on the network");
    let text = "listens on the host's port 0.0.0.0:9100/tcp on every interface";
    assert_eq!(paths[0].steps[0].text, text);
    let paths = through(firewall::docker(), on_the_hosts_network("127.0.0.1"));
    assert_eq!(paths[0].stations[0], "code in web");
    let closed = firewall::rule(8, [firewall::tcp(9100)], Action::Drop);
    let closed = firewall::docker().with_first("INPUT", closed);
    let paths = through(closed, on_the_hosts_network("0.0.0.0"));
    assert_eq!(paths[0].stations[0], "code in web", "DOCKER-USER is not asked for it");
    let paths = through(drops([]), on_the_hosts_network("0.0.0.0"));
    assert_eq!(paths[0].stations[0], "anyone on the network");
}

/// Two engines, root's and a user's, each with these containers.
fn of_two(root: Vec<Container>, user: Vec<Container>, findings: &[Finding]) -> Vec<AttackPath> {
    let first = engine_with(|e| e.containers = root);
    let second = engine_with(|e| {
        e.daemon.endpoint = THEIRS.into();
        e.daemon.user = sample::known(1000, "uid");
        e.containers = user;
    });
    found(&snapshot_with(|s| s.engines = vec![first, second]), findings)
}

const OURS: &str = "unix:///var/run/docker.sock";
const THEIRS: &str = "unix:///run/user/1000/docker.sock";

fn on(engine: &str, c: &Container, rule: &'static str, gain: Gain) -> Finding {
    finding(subject_of(c, engine), rule, gain, Foothold::RootInContainer)
}

#[test]
fn from_an_engine_of_a_users_the_way_leads_to_that_user_and_not_to_root() {
    let web = container("web", true);
    let privileged = on(THEIRS, &web, "container-privileged", Gain::HostRoot);
    let paths = of_two(Vec::new(), vec![web], &[privileged]);
    assert_eq!(paths.len(), 1);
    let stations = &paths[0].stations;
    assert_eq!(
        *stations,
        ["anyone on the network", "web (/run/user/1000/docker.sock)", "uid 1000 on web-07"]
    );
    assert_eq!(paths[0].severity, Severity::High);
}

#[test]
fn what_an_engine_says_of_a_container_is_said_of_its_own_only() {
    // The user's engine tells of a container with the very id that root's has.
    let web = container("web", true);
    let fake = on(THEIRS, &web, "container-privileged", Gain::HostRoot);
    let paths = of_two(vec![web.clone()], vec![web.clone()], std::slice::from_ref(&fake));
    assert!(paths.iter().all(|path| !path.stations.last().unwrap().starts_with("root on")));
    let real = on(OURS, &web, "container-privileged", Gain::HostRoot);
    let paths = of_two(vec![web.clone()], vec![web], &[fake, real]);
    let ends: Vec<_> = paths.iter().map(|path| path.stations.last().unwrap().as_str()).collect();
    assert_eq!(ends, ["root on web-07", "uid 1000 on web-07"]);
}

#[test]
fn no_way_leads_from_one_engines_container_into_anothers_by_its_name() {
    let (web, db) = (container("web", true), container("db", false));
    let joined = on(THEIRS, &web, "container-joined-namespace", Gain::Container("db".into()));
    let privileged = on(OURS, &db, "container-privileged", Gain::HostRoot);
    let paths = of_two(vec![db], vec![web], &[joined, privileged]);
    let starts: Vec<_> = paths.iter().map(|path| path.stations[0].as_str()).collect();
    assert_eq!(starts, ["code in db (/var/run/docker.sock)"]);
}

#[test]
fn a_hole_beneath_all_containers_is_a_way_out_of_each_that_gives_what_it_takes() {
    let (web, mut api) = (container("web", true), container("api", true));
    api.user = sample::known("1000".into(), "Config.User");
    let beneath = |endpoint: &str, needs| {
        let daemon = Subject::Daemon { endpoint: endpoint.into() };
        finding(daemon, "host-runc-version", Gain::HostRoot, needs)
    };
    let own = sample::daemon().endpoint;
    let anyone = beneath(&own, Foothold::InContainer);
    let stations = |finding| -> Vec<_> {
        let found = paths(vec![web.clone(), api.clone()], &[finding]);
        found.iter().map(|path| (path.stations.clone(), path.alike.len())).collect()
    };
    let both = stations(anyone);
    assert_eq!(both.len(), 1);
    assert_eq!(both[0].1, 1, "told once for both");
    let root_only = stations(beneath(&own, Foothold::RootInContainer));
    assert_eq!(root_only[0].0, ["anyone on the network", "web", "root on web-07"]);
    assert_eq!(root_only[0].1, 0);
    assert!(stations(beneath("unix:///another.sock", Foothold::InContainer)).is_empty());
}

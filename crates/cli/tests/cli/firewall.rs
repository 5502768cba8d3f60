//! What we say of the packet filter, beside what really gets through: real engines, a neighbour in
//! a network namespace of its own, and the rules that people write.

use std::net::IpAddr;

use dockward_collect::{Options, collect};
use dockward_engine::Endpoint;
use dockward_model::facts::{Container, Engine as Seen, PacketFilter, Protocol, PublishedPort};
use dockward_rules::reach::{self, Reach};
use dockward_testbed::{DaemonConfig, Engine, Suite};

/// The engine's side of the cable, and the neighbour's.
const HOST: [&str; 2] = ["198.18.0.1", "fd00:18::1"];
const NEIGHBOUR: [&str; 2] = ["198.18.0.2", "fd00:18::2"];

#[test]
fn engine_20_10_lets_through_what_we_say() {
    lets_through_what_we_say("engine_20_10_lets_through_what_we_say", Suite::Bookworm);
}

#[test]
fn engine_26_1_lets_through_what_we_say() {
    lets_through_what_we_say("engine_26_1_lets_through_what_we_say", Suite::Trixie);
}

#[test]
fn engine_28_5_lets_through_what_we_say() {
    lets_through_what_we_say("engine_28_5_lets_through_what_we_say", Suite::Sid);
}

/// Rules before all others, each with what it does to the port that is published on 0.0.0.0.
const RULES: &[(&[&str], bool)] = &[
    (&["-I", "DOCKER-USER", "-i", "out0", "-j", "DROP"], false),
    (&["-I", "DOCKER-USER", "-s", "198.18.0.0/24", "-j", "REJECT"], true),
    (&["-I", "DOCKER-USER", "-p", "tcp", "--dport", "8080", "-j", "DROP"], true),
    (
        &[
            "-I",
            "DOCKER-USER",
            "-p",
            "tcp",
            "-m",
            "conntrack",
            "--ctorigdstport",
            "8080",
            "-j",
            "DROP",
        ],
        false,
    ),
    (&["-I", "INPUT", "-p", "tcp", "--dport", "8080", "-j", "DROP"], true),
    (&["-t", "mangle", "-I", "FORWARD", "-i", "out+", "-j", "DROP"], false),
    (
        &[
            "-t",
            "raw",
            "-I",
            "PREROUTING",
            "-p",
            "tcp",
            "-m",
            "multiport",
            "--dports",
            "80,8080",
            "-j",
            "DROP",
        ],
        false,
    ),
    (&["-t", "nat", "-I", "PREROUTING", "-i", "out0", "-j", "ACCEPT"], true),
];

fn lets_through_what_we_say(test: &str, suite: Suite) {
    let Some(world) = World::start(test, suite) else { return };
    let before = world.look();
    assert_eq!(before.says_of("web", "0.0.0.0"), Some(true), "{:?}", before.filter());
    world.agrees(&before, "as Docker left it");
    for (rule, open) in RULES {
        world.iptables(rule);
        let seen = world.look();
        // The neighbour's own network may be kept out while others are let in: then it is open.
        assert_eq!(seen.says_of("web", "0.0.0.0"), Some(*open), "{rule:?}");
        let only_others = rule.contains(&"198.18.0.0/24");
        if !only_others {
            world.agrees(&seen, &rule.join(" "));
        }
        let undo: Vec<&str> =
            rule.iter().map(|word| if *word == "-I" { "-D" } else { *word }).collect();
        world.iptables(&undo);
    }
    what_neighbours_reach_directly(&world);
}

/// A container's own address, with the policy that a router's engine leaves at accept.
fn what_neighbours_reach_directly(world: &World) {
    world.iptables(&["-P", "FORWARD", "ACCEPT"]);
    world.agrees(&world.look(), "an accepting policy");
    let mend = ["-m", "conntrack", "--ctstate", "NEW", "-m", "conntrack", "!", "--ctstate", "DNAT"];
    let mend = [&["-I", "DOCKER-USER", "-i", "out0"], mend.as_slice(), &["-j", "DROP"]].concat();
    world.iptables(&mend);
    let seen = world.look();
    world.agrees(&seen, "the fix that the page names");
    assert_eq!(seen.says_of("web", "0.0.0.0"), Some(true), "what is published stays open");
    let address = world.address("web");
    let direct = reach::routed(seen.filter(), Protocol::Tcp, address, 81);
    assert!(matches!(direct, Reach::Blocked(_)), "{direct:?}");
}

/// An engine with containers, and a neighbour at the other end of a cable.
struct World {
    engine: Engine,
    neighbour: String,
}

/// What was seen of it at one time.
struct Look(Seen);

impl World {
    fn start(test: &str, suite: Suite) -> Option<Self> {
        let engine = Engine::start_or_skip(test, suite, &DaemonConfig::default())?;
        engine.import_busybox("busybox");
        let serve = "for port in 80 81; do busybox httpd -p $port; done; exec sleep 3600";
        let run = |name: &str, port: &str| {
            let words = ["run", "-d", "--name", name, "-p", port, "busybox", "sh", "-c", serve];
            engine.docker_ok(&words);
        };
        run("web", "8080:80");
        run("local", "127.0.0.1:8081:80");
        let neighbour = cable(&engine);
        let world = Self { engine, neighbour };
        world.wait_until_it_serves();
        Some(world)
    }

    fn iptables(&self, words: &[&str]) {
        let done = self.engine.exec_in_root(&[&["iptables"], words].concat());
        assert!(done.status.success(), "{words:?}: {}", String::from_utf8_lossy(&done.stderr));
    }

    fn look(&self) -> Look {
        let options = Options::new(vec![Endpoint::Unix(self.engine.socket().to_owned())]);
        let snapshot = collect(&options, &mut |_| {}).snapshot;
        Look(snapshot.engines.into_iter().next().expect("no engine"))
    }

    /// The container's own address on the default bridge.
    fn address(&self, name: &str) -> IpAddr {
        let words = ["inspect", "-f", "{{.NetworkSettings.IPAddress}}", name];
        self.engine.docker_ok(&words).parse().unwrap()
    }

    fn wait_until_it_serves(&self) {
        let served = |_: &i32| !self.gets_to(HOST[0].parse().unwrap(), 8080);
        assert!((0..20).take_while(served).count() < 20, "nothing is served");
    }

    /// Whether a connection from the neighbour gets an answer.
    fn gets_to(&self, to: IpAddr, port: u16) -> bool {
        let open = format!("exec 3<>/dev/tcp/{to}/{port}");
        let words = ["nsenter", "-t", &self.neighbour, "-n", "timeout", "1", "bash", "-c", &open];
        self.engine.exec_in_root(&words).status.success()
    }

    /// Whether what we say of each way in is what the neighbour finds.
    fn agrees(&self, look: &Look, situation: &str) {
        let v4: IpAddr = HOST[0].parse().unwrap();
        let v6: IpAddr = HOST[1].parse().unwrap();
        let port = |address: &str| look.port("web", address);
        let mut ways = vec![(reach::published(look.filter(), &port("0.0.0.0")), v4, 8080)];
        ways.push((reach::published(look.filter(), &port("::")), v6, 8080));
        for (name, number) in [("web", 80), ("web", 81), ("local", 80)] {
            let to = self.address(name);
            ways.push((reach::routed(look.filter(), Protocol::Tcp, to, number), to, number));
        }
        for (said, to, number) in ways {
            let said = is_open(&said).unwrap_or_else(|| panic!("{situation}: {said:?}"));
            assert_eq!(said, self.gets_to(to, number), "{situation}: {to} port {number}");
        }
    }
}

impl Look {
    fn filter(&self) -> &PacketFilter {
        reach::filter(&self.0.daemon).unwrap_or_else(|| panic!("{:?}", self.0.daemon.packet_filter))
    }

    fn port(&self, name: &str, address: &str) -> PublishedPort {
        let is_it = |c: &&Container| c.name == name;
        let ports = self.0.containers.iter().find(is_it).and_then(|c| c.ports.get()).unwrap();
        let address: IpAddr = address.parse().unwrap();
        ports.iter().find(|port| port.host_address == Some(address)).unwrap().clone()
    }

    fn says_of(&self, name: &str, address: &str) -> Option<bool> {
        is_open(&reach::published(self.filter(), &self.port(name, address)))
    }
}

fn is_open(reach: &Reach) -> Option<bool> {
    match reach {
        Reach::Open { .. } => Some(true),
        Reach::Blocked(_) => Some(false),
        Reach::Unknown(_) => None,
    }
}

/// A cable from the engine's network namespace to another one, and the process that keeps that one;
/// as the engine's own `/proc` counts it.
fn cable(engine: &Engine) -> String {
    let run = |script: &str| {
        let done = engine.exec_in_root(&["sh", "-ec", script]);
        assert!(done.status.success(), "{script}: {}", String::from_utf8_lossy(&done.stderr));
        String::from_utf8_lossy(&done.stdout).trim().to_owned()
    };
    let neighbour = run("unshare -n sleep 600 >/dev/null 2>&1 & echo $!");
    let ([host4, host6], [far4, far6]) = (HOST, NEIGHBOUR);
    run(&format!(
        "for i in 1 2 3 4 5 6 7 8 9 10; do
             [ $(readlink /proc/{neighbour}/ns/net) = $(readlink /proc/self/ns/net) ] || break; sleep 0.1
         done
         ip link add out0 type veth peer name far0 netns {neighbour}
         ip addr add {host4}/24 dev out0; ip addr add {host6}/64 dev out0 nodad; ip link set out0 up
         far='nsenter -t {neighbour} -n ip'
         $far addr add {far4}/24 dev far0; $far addr add {far6}/64 dev far0 nodad
         $far link set far0 up; $far route add default via {host4}"
    ));
    neighbour
}

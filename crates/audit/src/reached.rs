//! To which processes somebody outside of the host gets: by ports that are published or sockets on
//! the host's own network, as far as the packet filter lets anybody through.

use std::collections::BTreeSet;

use dockward_model::facts::{
    Container, Effective, Engine, Fact, ListeningSocket, NamespaceMode, PublishedPort, Snapshot,
};
use dockward_rules::reach::{self, Reach};

use crate::paths::entry::{Way, ways};

/// Drivers of networks whose containers are reached by published ports alone, or not at all.
const BEHIND_THE_HOST: [&str; 5] = ["bridge", "overlay", "host", "null", "nat"];

/// The ways in.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct WaysIn {
    /// Those that are open, or may be.
    pub ways: Vec<WayIn>,
    /// Why there may be more, if so.
    pub unknown: Option<String>,
}

/// A way in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WayIn {
    /// What it is, in a line.
    pub text: String,
    /// The inodes of the sockets at its end; absent where it can't be told which.
    pub sockets: Option<BTreeSet<u64>>,
    /// Why it is not known whether anybody gets through, if so.
    pub doubt: Option<String>,
}

impl WaysIn {
    fn unknown(why: &str) -> Self {
        Self { ways: Vec::new(), unknown: Some(why.to_owned()) }
    }

    /// Nobody gets there.
    #[must_use]
    pub const fn is_none(&self) -> bool {
        self.ways.is_empty() && self.unknown.is_none()
    }

    fn doubt(&mut self, why: &str) {
        self.unknown.get_or_insert_with(|| why.to_owned());
    }

    fn add(&mut self, way: Way<'_>, reach: Reach, sockets: Option<BTreeSet<u64>>) {
        match reach {
            // Nothing listens there.
            _ if sockets.as_ref().is_some_and(BTreeSet::is_empty) => {}
            Reach::Open { only: None, .. } => {
                self.ways.push(WayIn { text: way.text(), sockets, doubt: None });
            }
            Reach::Open { only: Some(only), .. } => {
                let text = format!("{}; the packet filter lets it through {only}", way.text());
                self.ways.push(WayIn { text, sockets, doubt: None });
            }
            Reach::Unknown(why) => {
                self.ways.push(WayIn { text: way.text(), sockets, doubt: Some(why) });
            }
            Reach::Blocked(_) => {}
        }
    }
}

/// The ways into a running container; those into another one lead to it as well where both are in
/// one network namespace.
#[must_use]
pub fn ways_in(engine: &Engine, container: &Container) -> WaysIn {
    let net = Effective::of(container, &engine.daemon).net;
    let on_host = match &net.fact {
        Fact::Known(mode) => *mode == NamespaceMode::Host,
        Fact::Absent => false,
        Fact::Unknown(why) => return WaysIn::unknown(why),
    };
    let mut found = WaysIn::default();
    let own = container.kernel().map(|kernel| &kernel.own_listening.fact);
    if let Some(Fact::Unknown(why)) = own.filter(|_| on_host) {
        found.doubt(why);
    }
    for one in sharing(engine, container) {
        if let (Fact::Unknown(why), false) = (&one.ports.fact, on_host) {
            found.doubt(why);
        }
        for way in ways(one, on_host) {
            let sockets = match way {
                Way::Port(port) => behind(container, port),
                Way::Socket(socket) => Some([socket.inode].into()),
            };
            found.add(way, through(engine, way), sockets);
        }
    }
    if !on_host {
        past_the_host(engine, container, &mut found);
    }
    found
}

/// The ways to the host's own processes: its sockets that are not on loopback.
#[must_use]
pub fn ways_to_host(snapshot: &Snapshot) -> WaysIn {
    let sockets = match &snapshot.host.listening.fact {
        Fact::Known(sockets) => sockets,
        Fact::Absent => return WaysIn::default(),
        Fact::Unknown(why) => return WaysIn::unknown(why),
    };
    let Some(filter) = snapshot.engines.iter().find_map(|engine| reach::filter(&engine.daemon))
    else {
        return WaysIn::unknown("the packet filter was not read");
    };
    let mut found = WaysIn::default();
    for socket in sockets.iter().filter(|socket| !socket.address.is_loopback()) {
        let way = Way::Socket(socket);
        found.add(way, way.reach(filter), Some([socket.inode].into()));
    }
    found
}

/// The container itself, and those in the same network namespace.
fn sharing<'a>(
    engine: &'a Engine,
    container: &'a Container,
) -> impl Iterator<Item = &'a Container> {
    let net = |one: &'a Container| one.kernel().and_then(|k| k.namespaces.net.known());
    let own = net(container);
    let others = engine
        .containers
        .iter()
        .filter(move |one| one.id != container.id && own.is_some() && net(one) == own);
    std::iter::once(container).chain(others)
}

/// Whether the packet filter lets anybody through. That of a rootless engine's ports is not asked:
/// they are a user's sockets.
fn through(engine: &Engine, way: Way<'_>) -> Reach {
    match (reach::filter(&engine.daemon), engine.daemon.packet_filter.fact.unknown()) {
        (Some(filter), _) => way.reach(filter),
        (None, Some(why)) if !engine.daemon.is_rootless() => {
            Reach::Unknown(format!("the packet filter could not be read: {why}"))
        }
        (None, _) => Reach::Open { only: None, aside: None },
    }
}

/// The sockets that take what comes in by a published port; absent where that is not to be seen.
fn behind(container: &Container, port: &PublishedPort) -> Option<BTreeSet<u64>> {
    let seen = container.kernel()?.listening.get()?;
    // The kernel's tables of SCTP are not read.
    if port.protocol == dockward_model::facts::Protocol::Sctp {
        return None;
    }
    let takes = |socket: &&ListeningSocket| {
        socket.protocol == port.protocol
            && socket.port == port.container_port
            && !socket.address.is_loopback()
    };
    Some(seen.iter().filter(takes).map(|socket| socket.inode).collect())
}

/// A network of another kind (macvlan, a plugin's) may give a container an address of its own out
/// there.
fn past_the_host(engine: &Engine, container: &Container, found: &mut WaysIn) {
    let names = container.networks.get().into_iter().flatten();
    for name in names {
        let known = engine.networks.get().and_then(|all| all.iter().find(|net| net.name == *name));
        match known {
            Some(net) if BEHIND_THE_HOST.contains(&&*net.driver) => {}
            Some(net) => {
                let driver = &net.driver;
                found.doubt(&format!("its network {name} ({driver}) may lead past the host"));
            }
            None => found.doubt(&format!("what its network {name} is, is not known")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use dockward_model::facts::{KernelView, Network, Protocol, sample};

    fn engine() -> Engine {
        let mut engine = Engine::default();
        engine.daemon.packet_filter = sample::known(sample::firewall::docker(), "nf_tables");
        engine.networks = sample::known(
            vec![
                Network { name: "bridge".into(), driver: "bridge".into(), ..Network::default() },
                Network { name: "lan".into(), driver: "macvlan".into(), ..Network::default() },
            ],
            "/networks",
        );
        engine
    }

    fn socket(address: &str, port: u16, inode: u64) -> ListeningSocket {
        ListeningSocket { protocol: Protocol::Tcp, address: address.parse().unwrap(), port, inode }
    }

    fn web(change: impl FnOnce(&mut Container, &mut KernelView)) -> Container {
        let mut web = Container::default();
        let mut view = KernelView::default();
        view.namespaces.net_is_host = sample::known(false, "ns/net");
        view.namespaces.net = Fact::Known(7);
        let sockets = vec![socket("0.0.0.0", 80, 11), socket("127.0.0.1", 9000, 12)];
        view.listening = sample::known(sockets, "net");
        let port = PublishedPort {
            host_address: None,
            host_port: 8080,
            container_port: 80,
            protocol: Protocol::Tcp,
            origin: dockward_model::facts::Origin::Nowhere,
        };
        web.ports = sample::known(vec![port], "Ports");
        web.networks = sample::known(vec!["bridge".into()], "Networks");
        web.network_mode = sample::known("bridge".into(), "NetworkMode");
        change(&mut web, &mut view);
        web.kernel = Fact::Known(view);
        web
    }

    fn sockets(found: &WaysIn) -> Vec<Option<BTreeSet<u64>>> {
        found.ways.iter().map(|way| way.sockets.clone()).collect()
    }

    #[test]
    fn a_published_port_leads_to_the_sockets_behind_it() {
        let found = ways_in(&engine(), &web(|_, _| {}));
        assert_eq!((sockets(&found), &found.unknown), (vec![Some([11].into())], &None));
        assert_eq!(found.ways[0].text, "*:8080->80/tcp is published on every interface");
    }

    #[test]
    fn where_nothing_listens_or_nothing_is_published_nobody_gets_in() {
        let deaf = web(|_, view| view.listening = sample::known(Vec::new(), "net"));
        assert!(ways_in(&engine(), &deaf).is_none());
        let inner = web(|web, _| web.ports = sample::known(Vec::new(), "Ports"));
        assert!(ways_in(&engine(), &inner).is_none());
    }

    #[test]
    fn what_could_not_be_seen_is_unknown() {
        let blind = web(|_, view| view.listening = sample::unknown("permission denied"));
        assert_eq!(sockets(&ways_in(&engine(), &blind)), [None]);
        let mut unread = engine();
        unread.daemon.packet_filter = sample::unknown("not root");
        let found = ways_in(&unread, &web(|_, _| {}));
        assert!(found.ways.iter().all(|way| way.doubt.is_some()) && !found.is_none());
        let ports = web(|web, _| web.ports = sample::unknown("odd"));
        assert!(ways_in(&engine(), &ports).unknown.is_some());
        let far = web(|web, _| web.networks = sample::known(vec!["lan".into()], "Networks"));
        assert!(ways_in(&engine(), &far).unknown.is_some_and(|why| why.contains("macvlan")));
    }

    #[test]
    fn a_port_of_a_container_in_the_same_network_namespace_leads_in_too() {
        let mut engine = engine();
        let mut gate = web(|_, _| {});
        gate.id = dockward_model::ContainerId("gate".into());
        engine.containers.push(gate);
        let beside = web(|web, _| web.ports = sample::known(Vec::new(), "Ports"));
        assert_eq!(sockets(&ways_in(&engine, &beside)), [Some([11].into())]);
    }

    #[test]
    fn on_the_hosts_network_its_own_sockets_are_the_ways_in() {
        let on_host = web(|web, view| {
            web.network_mode = sample::known("host".into(), "NetworkMode");
            view.namespaces.net_is_host = sample::known(true, "ns/net");
            let own = vec![socket("0.0.0.0", 443, 21), socket("127.0.0.1", 53, 22)];
            view.own_listening = sample::known(own, "fd");
            web.ports = sample::known(Vec::new(), "Ports");
        });
        assert_eq!(sockets(&ways_in(&engine(), &on_host)), [Some([21].into())]);
    }
}

use dockward_model::facts::{Engine, Field, ListeningSocket, Protocol, Snapshot};
use dockward_model::verdict::{Evidence, Failure, Outcome};

use crate::swarm;

crate::check! {
    /// ## Why
    /// A node of a swarm answers on port 7946, a manager on 2377 too, and unless told otherwise on
    /// every interface, those to the outside included. Whoever reaches 2377 and has a join token
    /// becomes a node.
    ///
    /// ## Fix
    /// Join with an address to listen on, `docker swarm join --listen-addr 10.0.0.7:2377 …`
    /// (`docker swarm init` takes it too), or let the firewall keep 2377/tcp, 7946 and 4789/udp to
    /// the other nodes. Port 4789 is the kernel's own and listens everywhere, so it needs the
    /// latter in any case.
    ///
    /// ## References
    /// CIS Docker Benchmark 7.2; docs.docker.com, "Getting started with Swarm mode", open
    /// protocols and ports between the hosts.
    id: "swarm-ports-all-interfaces", title: "the swarm's own ports are not open on every interface",
    severity: Medium, area: Swarm, cis16: ["7.2"], cis18: ["7.2"], Engine: ports
}

/// Managers' port unless told otherwise, and that of all nodes.
const OWN_PORTS: [u16; 2] = [2377, 7946];

fn ports(snapshot: &Snapshot, engine: &Engine) -> Outcome {
    let swarm = match swarm::joined(engine) {
        Ok(swarm) => swarm,
        Err(outcome) => return outcome,
    };
    let addresses = &swarm.addresses;
    match addresses.get() {
        Some(told) if swarm::is_everywhere(told) => {
            fail(Evidence::of(addresses, told.listen.as_str(), EXPECTED))
        }
        Some(_) => Outcome::Pass,
        None => by_sockets(&snapshot.host.listening).unwrap_or_else(|| Outcome::unread(addresses)),
    }
}

const EXPECTED: &str = "one address of this node";

/// Where the engine's own file could not be read, the kernel may show what listens.
fn by_sockets(field: &Field<Vec<ListeningSocket>>) -> Option<Outcome> {
    let is_its = |s: &&ListeningSocket| s.protocol == Protocol::Tcp && OWN_PORTS.contains(&s.port);
    let sockets: Vec<_> = field.get()?.iter().filter(is_its).collect();
    let open = sockets.iter().find(|socket| socket.address.is_unspecified());
    match (open, sockets.is_empty()) {
        (Some(open), _) => {
            let seen = format!("{} port {}", open.address, open.port);
            Some(fail(Evidence::of(field, seen, EXPECTED)))
        }
        (None, false) => Some(Outcome::Pass),
        (None, true) => None,
    }
}

fn fail(evidence: Evidence) -> Outcome {
    let message = "this node answers its swarm on every interface, those to the outside included";
    let fix = "join with `--listen-addr ADDRESS:2377`, or let the firewall keep 2377/tcp, 7946 and \
               4789/udp to the other nodes";
    Failure::new(message, evidence, fix).into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::judged::{
        assert_fails, assert_not_applicable, assert_passes, assert_unknown, engine_with, snapshot,
        snapshot_with, worker,
    };
    use dockward_model::facts::{NodeAddresses, sample};

    fn with(listen: &str) -> Outcome {
        let mut engine = worker();
        let addresses = NodeAddresses { listen: listen.into(), ..NodeAddresses::default() };
        engine.swarm.addresses = sample::known(addresses, "docker-state.json");
        ports(&snapshot(), &engine)
    }

    fn listening(address: &str, port: u16) -> Outcome {
        let mut engine = worker();
        engine.swarm.addresses = sample::unknown("docker-state.json");
        let address = address.parse().unwrap();
        let socket = ListeningSocket { protocol: Protocol::Tcp, address, port, inode: 1 };
        let host = |s: &mut Snapshot| s.host.listening = sample::known(vec![socket], "tcp");
        ports(&snapshot_with(host), &engine)
    }

    #[test]
    fn every_interface_fails_in_each_spelling_and_one_address_passes() {
        for listen in ["0.0.0.0:2377", "[::]:2377", ":2377", "0.0.0.0:3000"] {
            assert_fails(with(listen));
        }
        assert_passes(with("10.0.0.7:2377"));
        assert_passes(with("[fd00::7]:2377"));
    }

    #[test]
    fn where_the_file_is_closed_the_sockets_tell() {
        assert_fails(listening("::", 7946));
        assert_passes(listening("10.0.0.7", 2377));
        assert_unknown(listening("0.0.0.0", 443));
    }

    #[test]
    fn unread_is_unknown_and_outside_of_swarms_nothing_is_open() {
        let mut engine = worker();
        engine.swarm.addresses = sample::unknown("docker-state.json");
        assert_unknown(ports(&snapshot(), &engine));
        engine.swarm.addresses = sample::absent("docker-state.json");
        assert_unknown(ports(&snapshot(), &engine));
        assert_not_applicable(ports(&snapshot(), &engine_with(|_| ())));
    }
}

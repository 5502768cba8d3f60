use dockward_model::facts::{Engine, Field, NodeAddresses, Snapshot};
use dockward_model::verdict::{Evidence, Failure, Outcome};

use crate::swarm;

crate::check! {
    /// ## Why
    /// Unless told otherwise, what containers say to each other over overlays goes through the same
    /// interface as what the nodes agree on. Who can flood or listen to the one can do so to the
    /// other: a busy service, or a node on the containers' network, can cut managers off.
    ///
    /// ## Fix
    /// Join each node again with an interface for containers' traffic: `docker swarm leave`, then
    /// `docker swarm join --advertise-addr eth0 --data-path-addr eth1 …`.
    ///
    /// ## References
    /// CIS Docker Benchmark 7.9; docs.docker.com, "Manage swarm service networks", separate
    /// interfaces for control and data traffic.
    id: "swarm-data-plane", title: "containers' traffic is apart from the swarm's own",
    severity: Low, area: Swarm, cis16: ["7.9"], cis18: ["7.9"], Engine: data_plane
}

fn data_plane(_: &Snapshot, engine: &Engine) -> Outcome {
    let swarm = match swarm::joined(engine) {
        Ok(swarm) => swarm,
        Err(outcome) => return outcome,
    };
    if swarm::is_alone(swarm) {
        return Outcome::NotApplicable("the swarm is this one node".into());
    }
    swarm::told(&swarm.addresses, |addresses| judge(&swarm.addresses, addresses))
}

fn judge(field: &Field<NodeAddresses>, addresses: &NodeAddresses) -> Outcome {
    let own = swarm::host_of(&addresses.advertise);
    let data = addresses.data_path.as_deref();
    if data.is_some_and(|data| data != own) {
        return Outcome::Pass;
    }
    let seen = format!("{} for both", if own.is_empty() { "one address" } else { own });
    let evidence = Evidence::of(field, seen, "an address of its own for containers (DataPathAddr)");
    let message = "containers' traffic and the swarm's own go through the same interface here";
    let fix = "where the host has a second network: leave, and join with `--data-path-addr`";
    Outcome::Review(Failure::new(message, evidence, fix))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::judged::{
        assert_needs_a_look, assert_not_applicable, assert_passes, assert_unknown, engine_with,
        manager_with, nodes, snapshot, worker,
    };
    use dockward_model::facts::sample;

    fn on_a_worker(addresses: Field<NodeAddresses>) -> Outcome {
        let mut engine = worker();
        engine.swarm.addresses = addresses;
        data_plane(&snapshot(), &engine)
    }

    fn with(data_path: Option<&str>) -> Outcome {
        let addresses = NodeAddresses {
            listen: "0.0.0.0:2377".into(),
            advertise: "10.0.0.7:2377".into(),
            data_path: data_path.map(str::to_owned),
        };
        on_a_worker(sample::known(addresses, "docker-state.json"))
    }

    #[test]
    fn an_address_of_its_own_passes_on_every_node() {
        assert_passes(with(Some("10.1.0.7")));
    }

    #[test]
    fn the_same_or_none_needs_a_look() {
        assert_needs_a_look(with(None));
        assert_needs_a_look(with(Some("10.0.0.7")));
    }

    #[test]
    fn unread_is_unknown() {
        assert_unknown(on_a_worker(sample::unknown("docker-state.json")));
        assert_unknown(on_a_worker(sample::absent("docker-state.json")));
    }

    #[test]
    fn outside_of_swarms_and_on_a_lone_node_there_is_nothing_to_part() {
        assert_not_applicable(data_plane(&snapshot(), &engine_with(|_| ())));
        assert_not_applicable(data_plane(&snapshot(), &manager_with(nodes(1, 0), |_| ())));
    }
}

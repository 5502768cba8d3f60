use dockward_model::facts::{Engine, Network, Snapshot};
use dockward_model::verdict::{Evidence, Failure, Outcome, Severity, Subject};

use crate::swarm;

crate::check! {
    /// ## Why
    /// What containers on different nodes say to each other over an overlay goes over the network
    /// as it is, and is believed as it comes: whoever is on the way reads it, and whoever can send
    /// to UDP port 4789 of a node talks into it.
    ///
    /// ## Fix
    /// `docker network create --driver overlay --opt encrypted NAME` (`driver_opts: {encrypted:
    /// ""}`). It can't be switched on later: make the network anew, the routing mesh too
    /// (`docker network rm ingress`, then `docker network create --ingress --opt encrypted …`).
    ///
    /// ## References
    /// CIS Docker Benchmark 7.3; docs.docker.com, "Overlay network driver", encryption; moby
    /// `libnetwork/drivers/overlay` (the option counts by being there, whatever its value).
    id: "swarm-overlay-encryption", title: "overlay networks are encrypted",
    severity: Medium, area: Swarm, cis16: ["7.3"], cis18: ["7.3"], Each: overlays
}

fn overlays(_: &Snapshot, engine: &Engine) -> Vec<(Subject, Outcome)> {
    let whole = |outcome| vec![(swarm::daemon(engine), outcome)];
    if let Err(outcome) = swarm::joined(engine) {
        return whole(outcome);
    }
    let Some(networks) = engine.networks.get() else {
        return whole(Outcome::unread(&engine.networks));
    };
    let overlays: Vec<_> = networks.iter().filter(|one| one.driver == "overlay").collect();
    if overlays.is_empty() {
        return whole(Outcome::NotApplicable("no overlay reaches this node".into()));
    }
    let subject = |n: &Network| Subject::Resource { what: "network".into(), name: n.name.clone() };
    overlays.into_iter().map(|network| (subject(network), judge(engine, network))).collect()
}

fn judge(engine: &Engine, network: &Network) -> Outcome {
    if network.options.contains_key("encrypted") {
        return Outcome::Pass;
    }
    let seen = "no option `encrypted`";
    let evidence = Evidence::of(&engine.networks, seen, "the option `encrypted`").effective();
    let fix = "make it anew: `docker network create --driver overlay --opt encrypted NAME`";
    // Nothing leaves the only node of a swarm.
    let severity = if swarm::is_alone(&engine.swarm) { Severity::Low } else { Severity::Medium };
    let message = "what containers say over it can be read and forged on the way between nodes";
    Failure::new(message, evidence, fix).severity(severity).into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::judged::{
        assert_fails, assert_not_applicable, assert_passes, assert_unknown, engine_with,
        manager_with, nodes, snapshot, worker,
    };
    use dockward_model::facts::sample;

    fn network(name: &str, driver: &str, options: &[(&str, &str)]) -> Network {
        let options = options.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned()));
        Network {
            name: name.into(),
            driver: driver.into(),
            options: options.collect(),
            ..Network::default()
        }
    }

    fn of(mut engine: Engine, networks: Vec<Network>) -> Vec<(Subject, Outcome)> {
        engine.networks = sample::known(networks, "networks");
        overlays(&snapshot(), &engine)
    }

    fn only(all: Vec<(Subject, Outcome)>) -> Outcome {
        assert_eq!(all.len(), 1, "{all:?}");
        all.into_iter().next().unwrap().1
    }

    #[test]
    fn each_overlay_is_judged_and_the_routing_mesh_too() {
        let vxlan = ("com.docker.network.driver.overlay.vxlanid_list", "4096");
        let all = vec![
            network("bridge", "bridge", &[]),
            network("ingress", "overlay", &[vxlan]),
            network("shop", "overlay", &[vxlan, ("encrypted", "")]),
        ];
        let judged = of(manager_with(nodes(3, 0), |_| ()), all);
        let names: Vec<_> = judged.iter().map(|(subject, _)| subject.name()).collect();
        assert_eq!(names, ["ingress", "shop"]);
        let mut outcomes = judged.into_iter().map(|(_, outcome)| outcome);
        assert_eq!(assert_fails(outcomes.next().unwrap()).severity, Some(Severity::Medium));
        assert_passes(outcomes.next().unwrap());
    }

    #[test]
    fn the_option_counts_whatever_its_value() {
        let shut = network("a", "overlay", &[("encrypted", "false")]);
        assert_passes(only(of(worker(), vec![shut])));
        let open = network("a", "overlay", &[("encrypted2", "")]);
        assert_fails(only(of(worker(), vec![open])));
    }

    #[test]
    fn a_lone_node_loses_less() {
        let lone = manager_with(nodes(1, 0), |_| ());
        let failure = assert_fails(only(of(lone, vec![network("a", "overlay", &[])])));
        assert_eq!(failure.severity, Some(Severity::Low));
    }

    #[test]
    fn unread_is_unknown_and_without_overlays_there_is_nothing_to_judge() {
        let mut engine = worker();
        engine.networks = sample::unknown("networks");
        assert_unknown(only(overlays(&snapshot(), &engine)));
        assert_not_applicable(only(of(worker(), vec![network("bridge", "bridge", &[])])));
        assert_not_applicable(only(of(engine_with(|_| ()), Vec::new())));
    }
}

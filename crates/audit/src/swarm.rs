//! A node's part in a swarm: who can be asked what.

use dockward_model::facts::{Engine, Fact, Field, NodeAddresses, Service, Swarm, SwarmNode};
use dockward_model::verdict::{Outcome, Subject};

/// The swarm of a node that is in one; how a check ends on any other.
pub(crate) fn joined(engine: &Engine) -> Result<&Swarm, Outcome> {
    let swarm = &engine.swarm;
    match swarm.state.get().map(String::as_str) {
        Some("" | "inactive") => Err(Outcome::NotApplicable("this node is in no swarm".into())),
        Some(_) => Ok(swarm),
        None if swarm.state.fact.is_absent() => {
            Err(Outcome::NotApplicable("this engine has no swarm mode".into()))
        }
        None => Err(Outcome::unread(&swarm.state)),
    }
}

/// The swarm of a manager; how a check ends on any other node. What a worker can't know is asked
/// of a manager, and so is none of its own business.
pub(crate) fn managed(engine: &Engine) -> Result<&Swarm, Outcome> {
    let swarm = joined(engine)?;
    let state = swarm.state.get().map_or("", String::as_str);
    match (&swarm.manager.fact, state) {
        (Fact::Known(true), _) => Ok(swarm),
        (Fact::Known(false), "active" | "pending") => {
            let why = "this node is a worker: only a manager of its swarm knows";
            Err(Outcome::NotApplicable(why.into()))
        }
        (Fact::Known(false), "locked") => {
            let why = "the swarm is locked on this node: `docker swarm unlock`, then look again";
            Err(Outcome::Unknown(why.into()))
        }
        (Fact::Known(false), state) => {
            Err(Outcome::Unknown(format!("this node's part in its swarm is in state `{state}`")))
        }
        (Fact::Absent, _) => {
            Err(Outcome::Unknown("the engine doesn't say whether this node is a manager".into()))
        }
        (Fact::Unknown(_), _) => Err(Outcome::unread(&swarm.manager)),
    }
}

/// Judges a field that every manager tells.
pub(crate) fn told<T>(field: &Field<T>, judge: impl FnOnce(&T) -> Outcome) -> Outcome {
    field.judge(Outcome::unread(field), judge)
}

/// A verdict for each service; one for the daemon where there are none to judge.
pub(crate) fn each_service(
    engine: &Engine,
    judge: impl Fn(&Service) -> Outcome,
) -> Vec<(Subject, Outcome)> {
    let whole = |outcome| vec![(daemon(engine), outcome)];
    let swarm = match managed(engine) {
        Ok(swarm) => swarm,
        Err(outcome) => return whole(outcome),
    };
    match swarm.services.get() {
        Some(list) if list.is_empty() => {
            whole(Outcome::NotApplicable("the swarm has no services".into()))
        }
        Some(list) => list.iter().map(|service| (subject(service), judge(service))).collect(),
        None => whole(Outcome::unread(&swarm.services)),
    }
}

/// A service as the subject of findings.
pub(crate) fn subject(service: &Service) -> Subject {
    let image = service.container.as_ref().map(|c| c.image.clone()).unwrap_or_default();
    Subject::Service {
        id: service.id.clone(),
        name: service.name.clone(),
        image,
        labels: service.labels.clone(),
    }
}

/// The engine's daemon as the subject of findings.
pub(crate) fn daemon(engine: &Engine) -> Subject {
    Subject::Daemon { endpoint: engine.daemon.endpoint.clone() }
}

/// Whether the swarm is known to be this one node.
pub(crate) fn is_alone(swarm: &Swarm) -> bool {
    swarm.nodes.get().is_some_and(|nodes| nodes.len() == 1)
}

/// `m1 and m2`, at most five by name.
pub(crate) fn names(nodes: &[&SwarmNode]) -> String {
    const SHOWN: usize = 5;
    let mut names: Vec<&str> = nodes.iter().take(SHOWN).map(|node| node.name()).collect();
    let more = format!("{} more", nodes.len().saturating_sub(SHOWN));
    if nodes.len() > SHOWN {
        names.push(&more);
    }
    names.join(", ")
}

/// The host part of `address`, without its port.
pub(crate) fn host_of(address: &str) -> &str {
    let host = address.rsplit_once(':').map_or(address, |(host, port)| {
        // The last group of an IPv6 address without brackets is no port.
        if host.contains(':') && !host.ends_with(']') || port.contains(']') {
            address
        } else {
            host
        }
    });
    host.trim_start_matches('[').trim_end_matches(']')
}

/// Whether a node listens on every interface.
pub(crate) fn is_everywhere(addresses: &NodeAddresses) -> bool {
    let host = host_of(&addresses.listen);
    host.is_empty() || host.parse::<std::net::IpAddr>().is_ok_and(|ip| ip.is_unspecified())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::judged::{engine_with, manager_with, nodes, worker};
    use dockward_model::facts::sample;

    fn in_state(state: &str) -> Outcome {
        let engine = engine_with(|e| e.swarm.state = sample::known(state.into(), "state"));
        managed(&engine).err().unwrap()
    }

    #[test]
    fn only_a_manager_can_answer() {
        assert!(managed(&manager_with(nodes(1, 0), |_| ())).is_ok());
        assert!(matches!(managed(&worker()), Err(Outcome::NotApplicable(_))));
        assert!(joined(&worker()).is_ok());
        assert!(matches!(in_state("inactive"), Outcome::NotApplicable(_)));
    }

    #[test]
    fn a_manager_that_is_locked_or_broken_is_unknown() {
        for state in ["locked", "error"] {
            assert!(matches!(in_state(state), Outcome::Unknown(_)), "{state}");
        }
        let engine = engine_with(|e| e.swarm.state = sample::unknown("state"));
        assert!(matches!(managed(&engine), Err(Outcome::Unknown(_))));
        let half = |manager| {
            let mut engine = worker();
            engine.swarm.manager = manager;
            managed(&engine).err().unwrap()
        };
        assert!(matches!(half(sample::absent("manager")), Outcome::Unknown(_)));
        assert!(matches!(half(sample::unknown("manager")), Outcome::Unknown(_)));
    }

    #[test]
    fn an_engine_without_swarm_mode_is_not_asked() {
        let engine = engine_with(|e| e.swarm.state = sample::absent("state"));
        assert!(matches!(joined(&engine), Err(Outcome::NotApplicable(_))));
    }

    #[test]
    fn the_host_of_an_address_is_found_in_each_spelling() {
        for (address, host) in [
            ("10.0.0.7:2377", "10.0.0.7"),
            ("[::]:2377", "::"),
            ("fe80::1", "fe80::1"),
            ("[fe80::1]", "fe80::1"),
            ("10.0.0.7", "10.0.0.7"),
            (":2377", ""),
        ] {
            assert_eq!(host_of(address), host);
        }
    }

    #[test]
    fn many_nodes_are_counted() {
        let all = nodes(7, 0);
        let all: Vec<_> = all.iter().collect();
        assert_eq!(names(&all), "m1, m2, m3, m4, m5, 2 more");
        assert_eq!(names(&all[..2]), "m1, m2");
    }
}

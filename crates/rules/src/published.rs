//! Published ports: which of them who can reach.

use dockward_model::facts::{Case, NamespaceMode, Place, PublishedPort};
use dockward_model::verdict::{Evidence, Outcome};

use crate::listed;

/// Judges the published ports. On the host's network nothing is published.
pub(crate) fn judge(case: &Case<'_>, judge: impl FnOnce(&[PublishedPort]) -> Outcome) -> Outcome {
    if case.effective.net.get() == Some(&NamespaceMode::Host) {
        let why = "it is on the host's network, where nothing is published";
        return Outcome::NotApplicable(why.into());
    }
    case.container.ports.judge(Outcome::Pass, |ports| judge(ports))
}

/// Whether a port is open on every interface. Where no address was given, the default bridge may
/// have one of its own (daemon.json `ip`).
pub(crate) fn is_everywhere(case: &Case<'_>, port: &PublishedPort) -> bool {
    let address = port.host_address.or_else(|| default_address(case));
    address.is_none_or(|address| address.is_unspecified())
}

/// Whether only the host itself can reach a port.
pub(crate) fn is_local(case: &Case<'_>, port: &PublishedPort) -> bool {
    let address = port.host_address.or_else(|| default_address(case));
    address.is_some_and(|address| address.is_loopback())
}

fn default_address(case: &Case<'_>) -> Option<std::net::IpAddr> {
    let mode = case.container.network_mode.get().map(String::as_str);
    let on_default_bridge = matches!(mode, Some("" | "default" | "bridge"));
    let binding = case.daemon.default_binding.get().filter(|_| on_default_bridge)?;
    binding.parse().ok()
}

/// The ports in a line; what is open in both families is named once.
pub(crate) fn in_a_line(ports: &[&PublishedPort]) -> String {
    let mut once: Vec<&PublishedPort> = Vec::new();
    for port in ports {
        let same = |other: &&PublishedPort| {
            let key = |p: &PublishedPort| (p.host_port, p.container_port, p.protocol);
            key(other) == key(port) && other.is_on_every_interface() && port.is_on_every_interface()
        };
        if !once.iter().any(same) {
            once.push(port);
        }
    }
    listed::few(&once)
}

/// How `-p` is written for the same port on loopback; the engine chooses a port for none.
pub(crate) fn on_loopback(port: &PublishedPort) -> String {
    let host = if port.host_port == 0 { String::new() } else { port.host_port.to_string() };
    format!("127.0.0.1:{host}:{}", port.container_port)
}

/// Evidence of each of these ports; in force where the container runs.
pub(crate) fn evidence(case: &Case<'_>, ports: &[&PublishedPort], expected: &str) -> Vec<Evidence> {
    const SHOWN: usize = 10;
    let runs = case.place == Place::Record && case.container.running.get() == Some(&true);
    let of = |port: &&PublishedPort| {
        let evidence = Evidence::at(&port.origin, port.to_string(), expected);
        if runs { evidence.effective() } else { evidence }
    };
    ports.iter().take(SHOWN).map(of).collect()
}

/// A port for tests: `address` as in `-p`, empty for none.
#[cfg(test)]
pub(crate) fn sample(address: &str, host_port: u16, container_port: u16) -> PublishedPort {
    PublishedPort {
        host_address: address.parse().ok(),
        host_port,
        container_port,
        protocol: dockward_model::facts::Protocol::Tcp,
        origin: dockward_model::facts::sample::known((), "NetworkSettings.Ports").origin,
    }
}

/// The sample container with these ports.
#[cfg(test)]
pub(crate) fn case_with(ports: Vec<PublishedPort>) -> crate::judged::Facts {
    use dockward_model::facts::sample;
    crate::judged::case_with(|c| c.ports = sample::known(ports, "NetworkSettings.Ports"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use dockward_model::facts::sample as samples;

    #[test]
    fn what_is_open_in_both_families_is_named_once() {
        let ports = [sample("0.0.0.0", 80, 80), sample("::", 80, 80), sample("127.0.0.1", 81, 80)];
        let ports: Vec<_> = ports.iter().collect();
        assert_eq!(in_a_line(&ports), "0.0.0.0:80->80/tcp, 127.0.0.1:81->80/tcp");
    }

    #[test]
    fn a_port_that_the_engine_chooses_is_left_open_in_the_example() {
        assert_eq!(on_loopback(&sample("", 8080, 80)), "127.0.0.1:8080:80");
        assert_eq!(on_loopback(&sample("", 0, 80)), "127.0.0.1::80");
    }

    #[test]
    fn the_default_bridges_own_address_counts_where_none_was_given() {
        let mut facts = case_with(vec![]);
        assert!(is_everywhere(&facts.case(), &sample("", 80, 80)));
        facts.daemon.default_binding = samples::known("127.0.0.1".into(), "host_binding_ipv4");
        assert!(!is_everywhere(&facts.case(), &sample("", 80, 80)));
        assert!(is_local(&facts.case(), &sample("", 80, 80)));
        assert!(is_everywhere(&facts.case(), &sample("::", 80, 80)));
        facts.container.network_mode = samples::known("shop".into(), "HostConfig.NetworkMode");
        assert!(is_everywhere(&facts.case(), &sample("", 80, 80)));
    }
}

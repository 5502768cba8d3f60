use dockward_model::facts::{Case, PublishedPort};
use dockward_model::verdict::{Failure, Foothold, Gain, Outcome};

use crate::published;

crate::rule! {
    /// ## Why
    /// `-p 8080:80` opens the port on every address of the host, IPv4 and IPv6, on every network
    /// that it is or ever will be connected to. A database or an admin page that was meant for the
    /// machine itself is then open to the office, the data centre or the internet.
    ///
    /// ## Fix
    /// Name the address: `-p 127.0.0.1:8080:80` (Compose `ports: ["127.0.0.1:8080:80"]`) for what
    /// the host or its reverse proxy uses, else the address of the one interface that is meant.
    /// Containers of one network need no published port to reach each other.
    ///
    /// ## References
    /// CIS Docker Benchmark 5.14; moby `libnetwork/drivers/bridge/port_mapping_linux.go`.
    id: "container-ports-all-interfaces", title: "ports are published on one address only",
    severity: Medium, cis16: ["5.14"], cis18: ["5.14"], judge: ports_all_interfaces
}

fn ports_all_interfaces(case: &Case<'_>) -> Outcome {
    published::judge(case, |ports| {
        let open: Vec<_> = ports.iter().filter(|p| published::is_everywhere(case, p)).collect();
        match open.as_slice() {
            [] => Outcome::Pass,
            [first, ..] => fail(case, &open, first),
        }
    })
}

fn fail(case: &Case<'_>, open: &[&PublishedPort], first: &PublishedPort) -> Outcome {
    let example = published::on_loopback(first);
    let failure = Failure {
        severity: None,
        message: format!("is open on every interface of the host: {}", published::in_a_line(open)),
        evidence: published::evidence(case, open, "one address"),
        fix: format!("publish on one address: `-p {example}` (`ports: [\"{example}\"]`)"),
        openings: Vec::new(),
    };
    failure.opens(Gain::Reach, Foothold::Network).into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::judged::{assert_fails, assert_not_applicable, assert_passes, assert_unknown};
    use crate::published::{case_with, sample};
    use dockward_model::facts::sample as samples;

    #[test]
    fn a_port_without_an_address_is_open_to_the_network() {
        let failure = assert_fails(ports_all_interfaces, &case_with(vec![sample("", 8080, 80)]));
        assert_eq!(
            (&failure.openings[0].gain, failure.openings[0].needs),
            (&Gain::Reach, Foothold::Network)
        );
        assert!(failure.fix.contains("127.0.0.1:8080:80"), "{}", failure.fix);
    }

    #[test]
    fn the_wildcard_of_either_family_fails() {
        for address in ["0.0.0.0", "::"] {
            assert_fails(ports_all_interfaces, &case_with(vec![sample(address, 8443, 443)]));
        }
    }

    #[test]
    fn one_open_port_among_others_fails_and_only_it_is_named() {
        let ports = vec![sample("127.0.0.1", 1, 1), sample("::", 8443, 443)];
        let failure = assert_fails(ports_all_interfaces, &case_with(ports));
        assert!(failure.message.ends_with("host: [::]:8443->443/tcp"), "{}", failure.message);
        assert_eq!(failure.evidence.len(), 1);
    }

    #[test]
    fn one_address_passes() {
        let ports =
            vec![sample("127.0.0.1", 80, 80), sample("::1", 80, 80), sample("10.0.0.7", 80, 80)];
        assert_passes(ports_all_interfaces, &case_with(ports));
    }

    #[test]
    fn nothing_published_passes() {
        assert_passes(ports_all_interfaces, &case_with(vec![]));
        let mut facts = case_with(vec![]);
        facts.container.ports = samples::absent("NetworkSettings.Ports");
        assert_passes(ports_all_interfaces, &facts);
    }

    #[test]
    fn on_the_hosts_network_nothing_is_published() {
        let mut facts = case_with(vec![sample("", 80, 80)]);
        facts.container.network_mode = samples::known("host".into(), "HostConfig.NetworkMode");
        assert_not_applicable(ports_all_interfaces, &facts);
    }

    #[test]
    fn unreadable_ports_are_never_a_pass() {
        let mut facts = case_with(vec![]);
        facts.container.ports = samples::unknown("NetworkSettings.Ports");
        assert_unknown(ports_all_interfaces, &facts);
    }
}

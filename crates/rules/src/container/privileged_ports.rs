use dockward_model::facts::{Case, PublishedPort};
use dockward_model::verdict::{Failure, Outcome};

use crate::published;

crate::rule! {
    /// ## Why
    /// Ports below 1024 are kept for root on the host, so that what answers there can be trusted to
    /// be the host's own service. The engine opens them for any container, since it runs as root: a
    /// container with `-p 22:22` or `-p 53:53` answers in the name of the host.
    ///
    /// ## Fix
    /// Publish on a higher port: `-p 127.0.0.1:8080:80` (Compose `ports: ["127.0.0.1:8080:80"]`).
    /// For the one container that must serve 80 or 443 accept it with a waiver that says so.
    ///
    /// ## References
    /// CIS Docker Benchmark 5.8; ip(7), `ip_unprivileged_port_start`.
    id: "container-privileged-ports", title: "no port of the host below 1024 is taken",
    severity: Low, cis16: ["5.8"], cis18: ["5.8"], judge: privileged_ports
}

/// The first port that anybody may open. Port 0 is one that the engine will choose.
const FIRST_FREE: u16 = 1024;

fn privileged_ports(case: &Case<'_>) -> Outcome {
    published::judge(case, |ports| {
        let low: Vec<_> = ports.iter().filter(|p| (1..FIRST_FREE).contains(&p.host_port)).collect();
        match low.as_slice() {
            [] => Outcome::Pass,
            [first, ..] => fail(case, &low, first),
        }
    })
}

fn fail(case: &Case<'_>, low: &[&PublishedPort], first: &PublishedPort) -> Outcome {
    let example = format!("127.0.0.1:{}:{}", 8000 + first.host_port, first.container_port);
    Outcome::Fail(Failure {
        severity: None,
        message: format!(
            "answers on a port below 1024, where the host's own services are expected: {}",
            published::in_a_line(low)
        ),
        evidence: published::evidence(case, low, "1024 or above"),
        fix: format!("publish on a higher port: `-p {example}` (`ports: [\"{example}\"]`)"),
        openings: Vec::new(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::judged::{assert_fails, assert_passes, assert_unknown};
    use crate::published::{case_with, sample};
    use dockward_model::facts::sample as samples;

    #[test]
    fn a_port_below_1024_fails_on_any_address() {
        for address in ["127.0.0.1", "0.0.0.0", ""] {
            assert_fails(privileged_ports, &case_with(vec![sample(address, 81, 8080)]));
        }
    }

    #[test]
    fn a_port_below_1024_on_ipv6_alone_fails() {
        let failure = assert_fails(privileged_ports, &case_with(vec![sample("::", 443, 8443)]));
        assert!(failure.message.contains("[::]:443->8443/tcp"), "{}", failure.message);
    }

    #[test]
    fn the_last_and_the_first_are_told_apart() {
        assert_fails(privileged_ports, &case_with(vec![sample("", 1023, 80)]));
        assert_passes(privileged_ports, &case_with(vec![sample("", 1024, 80)]));
    }

    #[test]
    fn the_containers_own_port_and_one_to_be_chosen_do_not_count() {
        assert_passes(privileged_ports, &case_with(vec![sample("", 8080, 80), sample("", 0, 22)]));
    }

    #[test]
    fn nothing_published_passes_and_unreadable_ports_never_do() {
        let mut facts = case_with(vec![]);
        facts.container.ports = samples::absent("NetworkSettings.Ports");
        assert_passes(privileged_ports, &facts);
        facts.container.ports = samples::unknown("NetworkSettings.Ports");
        assert_unknown(privileged_ports, &facts);
    }
}

use dockward_model::facts::{Case, NamespaceMode};
use dockward_model::verdict::{Failure, Foothold, Gain, Outcome, Severity};

use crate::standing::{is_rootless, seen};

crate::rule! {
    /// ## Why
    /// With `--network host` the container stands on the host's own network. Whoever gets into it
    /// reaches every service that listens on 127.0.0.1 (databases without a password, metrics, an
    /// engine's API), opens ports past any published list, talks to abstract sockets of the host's
    /// programs, and with `NET_RAW` reads other containers' traffic. It takes no root inside.
    ///
    /// ## Fix
    /// Use a network of its own (`--network shop`; Compose: `networks:`) and publish the ports that
    /// are needed. Where it is for speed, publish with the userland proxy off, or use macvlan.
    ///
    /// ## References
    /// CIS Docker Benchmark 5.10; network_namespaces(7); unix(7) on abstract sockets.
    id: "container-host-network", title: "the host's network is not shared",
    severity: High, cis16: ["5.10"], cis18: ["5.10"], judge: host_network
}

fn host_network(case: &Case<'_>) -> Outcome {
    case.effective.net.judge(Outcome::Pass, |mode| match mode {
        NamespaceMode::Host => fail(case).into(),
        NamespaceMode::Own | NamespaceMode::Container(_) => Outcome::Pass,
    })
}

fn fail(case: &Case<'_>) -> Failure {
    let evidence = seen(&case.effective.net, "host", "a network of its own");
    let fix = "remove `--network host` (`network_mode: host`) and publish the ports it needs";
    if is_rootless(case) {
        let message = "shares the network of the rootless engine and of all its containers";
        return Failure::new(message, evidence, fix).severity(Severity::Medium);
    }
    let message = "is on the host's own network: reaches every service on the host's loopback";
    Failure::new(message, evidence, fix).opens(Gain::HostNetwork, Foothold::InContainer)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::judged::{
        assert_fails, assert_passes, assert_unknown, case_with, running_with, under_options,
    };
    use dockward_model::facts::{Container, sample};

    fn mode(text: &str) -> impl FnOnce(&mut Container) {
        move |c| c.network_mode = sample::known(text.into(), "HostConfig.NetworkMode")
    }

    #[test]
    fn the_hosts_network_is_open_to_any_user_in_it() {
        let failure = assert_fails(host_network, &case_with(mode("host")));
        let opening = &failure.openings[0];
        assert_eq!((&opening.gain, opening.needs), (&Gain::HostNetwork, Foothold::InContainer));
    }

    #[test]
    fn a_network_of_its_own_or_of_another_container_passes() {
        for text in ["bridge", "shop", "none", "container:db", "hostile"] {
            assert_passes(host_network, &case_with(mode(text)));
        }
    }

    #[test]
    fn nothing_said_is_the_default_bridge() {
        assert_passes(host_network, &case_with(|c| c.network_mode = sample::absent("NetworkMode")));
    }

    #[test]
    fn an_unreadable_mode_is_never_a_pass() {
        let case = case_with(|c| c.network_mode = sample::unknown("HostConfig.NetworkMode"));
        assert_unknown(host_network, &case);
    }

    #[test]
    fn the_kernel_tells_who_joined_a_container_on_the_hosts_network() {
        let mut case = running_with(|k| k.namespaces.net_is_host = sample::known(true, "ns/net"));
        mode("container:db")(&mut case.container);
        assert_fails(host_network, &case);
    }

    #[test]
    fn a_rootless_engine_has_no_host_network_to_share() {
        let case = under_options(&["name=rootless"], mode("host"));
        let failure = assert_fails(host_network, &case);
        assert_eq!((failure.severity, failure.openings.len()), (Some(Severity::Medium), 0));
    }
}

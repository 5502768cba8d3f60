use dockward_model::facts::{Case, Fact, Place};
use dockward_model::verdict::{Evidence, Failure, Outcome};

crate::rule! {
    /// ## Why
    /// All containers for which nobody named a network meet on the default bridge, `docker0`: they
    /// reach each other on every port, whatever was published, and one that was broken into can
    /// answer ARP in the name of the others. Networks of your own keep applications apart.
    ///
    /// ## Fix
    /// Make a network for what belongs together: `docker network create shop` and
    /// `--network shop` (Compose does so by itself; give `networks:` for more than one, and
    /// `internal: true` for what needs no way out).
    ///
    /// ## References
    /// CIS Docker Benchmark 5.30 (and 2.2 on `icc`); Docker's page on bridge networks.
    id: "container-default-bridge", title: "the default bridge is not used",
    severity: Low, cis16: ["5.30"], cis18: ["5.30"], judge: default_bridge
}

fn default_bridge(case: &Case<'_>) -> Outcome {
    let mode = &case.container.network_mode;
    match &mode.fact {
        Fact::Unknown(_) => Outcome::unread(mode),
        Fact::Absent if case.place == Place::Compose => Outcome::Pass,
        Fact::Absent => fail(case, Evidence::of(mode, "nothing said: bridge", EXPECTED)),
        Fact::Known(mode_name) if matches!(mode_name.as_str(), "" | "default" | "bridge") => {
            fail(case, Evidence::of(mode, mode_name, EXPECTED))
        }
        Fact::Known(_) => joined_later(case),
    }
}

const EXPECTED: &str = "a network of its own";

/// `docker network connect bridge`.
fn joined_later(case: &Case<'_>) -> Outcome {
    let networks = &case.container.networks;
    match networks.get() {
        Some(names) if names.iter().any(|name| name == "bridge") => {
            fail(case, Evidence::of(networks, names.join(" "), EXPECTED).effective())
        }
        _ if networks.fact.unknown().is_some() => Outcome::unread(networks),
        _ => Outcome::Pass,
    }
}

fn fail(case: &Case<'_>, evidence: Evidence) -> Outcome {
    let message = match case.daemon.icc.get() {
        Some(false) => "is on the default bridge, together with whatever has no network of its own",
        Some(true) | None => {
            "is on the default bridge: every other container there reaches all of its ports"
        }
    };
    let fix = "`docker network create shop`, then `--network shop` (`networks: [shop]`)";
    Failure::new(message, evidence, fix).into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::judged::{Facts, assert_fails, assert_passes, assert_unknown, case_with};
    use dockward_model::facts::sample;

    fn on(mode: &str, networks: &[&str]) -> Facts {
        let networks = networks.iter().map(ToString::to_string).collect();
        case_with(|c| {
            c.network_mode = sample::known(mode.into(), "HostConfig.NetworkMode");
            c.networks = sample::known(networks, "NetworkSettings.Networks");
        })
    }

    #[test]
    fn the_default_bridge_fails_in_every_spelling() {
        for mode in ["bridge", "default", ""] {
            assert_fails(default_bridge, &on(mode, &["bridge"]));
        }
    }

    #[test]
    fn a_bridge_that_was_joined_later_fails() {
        let failure = assert_fails(default_bridge, &on("shop", &["bridge", "shop"]));
        assert_eq!(failure.evidence[0].seen, "bridge shop");
    }

    #[test]
    fn without_traffic_between_containers_the_message_says_less() {
        let mut facts = on("bridge", &["bridge"]);
        facts.daemon.icc = sample::known(false, "enable_icc");
        assert!(!assert_fails(default_bridge, &facts).message.contains("all of its ports"));
    }

    #[test]
    fn any_other_network_passes() {
        for mode in ["shop", "host", "none", "container:web"] {
            assert_passes(default_bridge, &on(mode, &[]));
        }
    }

    #[test]
    fn nothing_said_is_the_default_bridge_but_not_in_a_compose_file() {
        let facts = case_with(|c| c.network_mode = sample::absent("HostConfig.NetworkMode"));
        assert_fails(default_bridge, &facts);
        let case = Case::new(&facts.container, &facts.daemon, &facts.host, Place::Compose);
        assert_eq!(default_bridge(&case), Outcome::Pass);
    }

    #[test]
    fn an_unreadable_mode_is_never_a_pass() {
        let facts = case_with(|c| c.network_mode = sample::unknown("HostConfig.NetworkMode"));
        assert_unknown(default_bridge, &facts);
    }
}

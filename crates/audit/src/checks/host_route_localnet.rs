use dockward_model::facts::{Field, Snapshot};
use dockward_model::verdict::{Evidence, Failure, Outcome, Severity};

crate::check! {
    /// ## Why
    /// Services on 127.0.0.1 count on nobody else reaching them. With `route_localnet` the kernel
    /// takes packets for 127.0.0.0/8 that come from outside: a neighbour on the same network, or a
    /// container, can reach them (CVE-2020-8558 was this).
    ///
    /// ## Fix
    /// `sysctl -w net.ipv4.conf.all.route_localnet=0`, and find the line in `/etc/sysctl.d` that
    /// sets it. On its own bridges the engine sets it itself when `userland-proxy` is off: that
    /// alone is low.
    ///
    /// ## References
    /// kernel.org, "IP Sysctl", `route_localnet`; CVE-2020-8558.
    id: "host-route-localnet", title: "packets from outside can't reach loopback",
    severity: Medium, area: Host, cis16: [], cis18: [], Host: route_localnet
}

fn route_localnet(snapshot: &Snapshot) -> Outcome {
    let wanted =
        |name: &str| name.starts_with("net.ipv4.conf.") && name.ends_with(".route_localnet");
    let all: Vec<_> = snapshot.host.sysctls.iter().filter(|(name, _)| wanted(name)).collect();
    let on: Vec<_> = all.iter().filter(|(_, f)| f.get().is_some_and(|v| v.trim() != "0")).collect();
    if on.is_empty() {
        // An interface that isn't there has no such file; a host without any was not seen.
        let unread = all.iter().find(|(_, field)| field.fact.unknown().is_some());
        return match (all.iter().any(|(_, field)| field.get().is_some()), unread) {
            (_, Some((_, field))) => Outcome::unread(field),
            (false, None) => Outcome::Unknown("net.ipv4.conf.*.route_localnet: not seen".into()),
            (true, None) => Outcome::Pass,
        };
    }
    let evidence = |field: &Field<String>| Evidence::of(field, "1", "0").effective();
    let names: Vec<_> = on.iter().map(|(name, _)| interface(name)).collect();
    let bridges = names.iter().all(|name| is_engines(snapshot, name));
    Failure {
        severity: Some(if bridges { Severity::Low } else { Severity::Medium }),
        message: format!("packets for 127.0.0.0/8 are taken from {}", names.join(", ")),
        evidence: on.iter().map(|(_, field)| evidence(field)).collect(),
        fix: format!("set net.ipv4.conf.NAME.route_localnet to 0 for {}", names.join(", ")),
        openings: Vec::new(),
    }
    .into()
}

/// Whether an interface is a bridge of an engine's networks, by its name.
fn is_engines(snapshot: &Snapshot, name: &str) -> bool {
    let networks = snapshot.engines.iter().filter_map(|engine| engine.networks.get()).flatten();
    let mut given = networks.filter_map(|n| n.options.get("com.docker.network.bridge.name"));
    name.starts_with("docker") || name.starts_with("br-") || given.any(|given| given == name)
}

fn interface(name: &str) -> &str {
    let name = name.strip_prefix("net.ipv4.conf.").unwrap_or(name);
    name.strip_suffix(".route_localnet").unwrap_or(name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::judged::{assert_fails, assert_passes, assert_unknown, snapshot, snapshot_with};
    use dockward_model::facts::{Fact, Origin};

    fn with(values: &[(&str, Fact<String>)]) -> Outcome {
        let field = |fact: &Fact<String>| Field { fact: fact.clone(), origin: Origin::Nowhere };
        let name = |interface: &str| format!("net.ipv4.conf.{interface}.route_localnet");
        let sysctls = values.iter().map(|(i, fact)| (name(i), field(fact))).collect();
        route_localnet(&snapshot_with(|s| s.host.sysctls = sysctls))
    }

    fn value(text: &str) -> Fact<String> {
        Fact::Known(text.into())
    }

    #[test]
    fn on_for_all_interfaces_fails() {
        let failure = assert_fails(with(&[("all", value("1")), ("default", value("0"))]));
        assert_eq!(failure.severity, Some(Severity::Medium));
        assert_eq!(failure.evidence.len(), 1);
    }

    #[test]
    fn on_an_engines_bridge_alone_is_low() {
        let failure = assert_fails(with(&[("all", value("0")), ("docker0", value("1"))]));
        assert_eq!(failure.severity, Some(Severity::Low));
    }

    #[test]
    fn a_bridge_that_was_given_a_name_is_an_engines_too() {
        let network = dockward_model::facts::Network {
            options: [("com.docker.network.bridge.name".into(), "lan-shop".into())].into(),
            ..Default::default()
        };
        let on = ("net.ipv4.conf.lan-shop.route_localnet".to_owned(), value("1"));
        let mut snapshot = snapshot();
        let field = Field { fact: on.1, origin: Origin::Nowhere };
        snapshot.host.sysctls.insert(on.0, field);
        assert_eq!(assert_fails(route_localnet(&snapshot)).severity, Some(Severity::Medium));
        let networks = Field::known(vec![network], Origin::Nowhere);
        snapshot.engines = vec![crate::judged::engine_with(|e| e.networks = networks)];
        assert_eq!(assert_fails(route_localnet(&snapshot)).severity, Some(Severity::Low));
    }

    #[test]
    fn off_everywhere_passes() {
        assert_passes(with(&[("all", value("0")), ("eth0", value("0\n"))]));
        assert_passes(with(&[("all", value("0")), ("docker0", Fact::Absent)]));
    }

    #[test]
    fn nothing_looked_at_or_read_is_unknown() {
        assert_unknown(route_localnet(&snapshot()));
        assert_unknown(with(&[("all", Fact::Unknown("permission denied".into()))]));
        assert_unknown(with(&[("all", Fact::Absent)]));
    }

    #[test]
    fn other_settings_of_an_interface_are_none_of_its_business() {
        let mut snapshot = snapshot();
        let on = Field::known("1".to_owned(), Origin::Nowhere);
        snapshot.host.sysctls.insert("net.ipv4.conf.all.rp_filter".into(), on);
        assert_unknown(route_localnet(&snapshot));
    }
}

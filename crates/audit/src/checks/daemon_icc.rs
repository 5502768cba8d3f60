use dockward_model::facts::{Engine, Snapshot};
use dockward_model::verdict::{Evidence, Failure, Outcome, Severity};

crate::check! {
    /// ## Why
    /// Containers on the default bridge reach every port of each other, published or not. One
    /// that was taken over can talk to a neighbour's database or debug port that was never meant
    /// to leave its container.
    ///
    /// ## Fix
    /// Put containers that belong together on a network of their own (`docker network create`,
    /// Compose does it by itself) and set `"icc": false` in daemon.json; restart the engine.
    ///
    /// ## References
    /// CIS Docker Benchmark 2.2; what is in force is the option
    /// `com.docker.network.bridge.enable_icc` of the network `bridge`.
    id: "daemon-icc", title: "containers on the default bridge can't reach each other",
    severity: Medium, area: Daemon, cis16: ["2.2"], cis18: ["2.2"], Engine: icc
}

fn icc(_: &Snapshot, engine: &Engine) -> Outcome {
    let daemon = &engine.daemon;
    if daemon.configured_text("bridge").get().is_some_and(|bridge| bridge == "none") {
        return Outcome::NotApplicable("this engine has no default bridge".into());
    }
    if let Some(&on) = daemon.icc.get() {
        let evidence = Evidence::of(&daemon.icc, on.to_string(), "false").effective();
        return judged(engine, on, evidence);
    }
    let configured = daemon.configured_bool("icc");
    let evidence = |seen: &str| Evidence::of(&configured, seen, "false");
    match (configured.get(), configured.fact.is_absent()) {
        (Some(&on), _) => judged(engine, on, evidence(&on.to_string())),
        (None, true) => judged(engine, true, evidence("not set, so true")),
        (None, false) => Outcome::unread(&configured),
    }
}

/// Fewer than two containers on the bridge have nobody to talk to, yet.
fn judged(engine: &Engine, on: bool, evidence: Evidence) -> Outcome {
    if !on {
        return Outcome::Pass;
    }
    let on_bridge = |networks: &Vec<String>| networks.iter().any(|name| name == "bridge");
    let running = engine.containers.iter().filter(|c| c.may_run());
    let there = running.filter(|c| c.networks.get().is_some_and(on_bridge)).count();
    let failure = Failure::new(
        format!("containers on the default bridge reach each other's ports ({there} run there)"),
        evidence,
        "set \"icc\": false in daemon.json, restart the engine; use networks of your own",
    );
    let all_seen = engine.containers_listed.get() == Some(&true);
    let severity = if all_seen && there < 2 { Severity::Low } else { Severity::Medium };
    failure.severity(severity).into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::judged::{
        assert_fails, assert_not_applicable, assert_passes, assert_unknown, config_unread,
        configured, engine_with, snapshot, started_with,
    };
    use dockward_model::facts::sample;
    use serde_json::json;

    #[test]
    fn what_is_in_force_decides_and_not_what_any_argv_claims() {
        let mut engine = started_with(&json!({"icc": false}));
        engine.daemon.icc = sample::known(true, "enable_icc");
        assert_fails(icc(&snapshot(), &engine));
        engine.daemon.icc = sample::known(false, "enable_icc");
        assert_passes(icc(&snapshot(), &engine));
    }

    #[test]
    fn without_the_network_the_configuration_decides() {
        assert_passes(icc(&snapshot(), &configured(&json!({"icc": false}))));
        assert_fails(icc(&snapshot(), &configured(&json!({"icc": true}))));
    }

    #[test]
    fn nothing_said_anywhere_is_the_default_on() {
        assert_fails(icc(&snapshot(), &configured(&json!({}))));
    }

    #[test]
    fn two_containers_on_the_bridge_make_it_worse() {
        let mut engine = engine_with(|e| e.daemon.icc = sample::known(true, "enable_icc"));
        assert_eq!(assert_fails(icc(&snapshot(), &engine)).severity, Some(Severity::Low));
        let mut container = sample::container();
        container.running = sample::known(true, "State.Running");
        engine.containers = vec![container.clone(), container];
        assert_eq!(assert_fails(icc(&snapshot(), &engine)).severity, Some(Severity::Medium));
    }

    #[test]
    fn no_default_bridge_leaves_nothing_to_judge() {
        assert_not_applicable(icc(&snapshot(), &configured(&json!({"bridge": "none"}))));
    }

    #[test]
    fn neither_network_nor_configuration_read_is_unknown() {
        assert_unknown(icc(&snapshot(), &config_unread()));
    }
}

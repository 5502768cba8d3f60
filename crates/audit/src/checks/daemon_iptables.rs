use dockward_model::facts::{Engine, Snapshot};
use dockward_model::verdict::{Evidence, Failure, Outcome, Severity};

use crate::{settings, together};

crate::check! {
    /// ## Why
    /// With `iptables` off the engine writes no packet filter rules: nothing keeps one network's
    /// containers from another's, and `icc` has no effect. Whoever switches it off has to write
    /// all those rules by hand, for each container anew.
    ///
    /// ## Fix
    /// Remove `"iptables": false` (and `"ip6tables": false`) from daemon.json and restart the
    /// engine. Own rules go into the chain `DOCKER-USER`, which the engine leaves alone.
    ///
    /// ## References
    /// CIS Docker Benchmark 2.4; docs.docker.com, "Packet filtering and firewalls".
    id: "daemon-iptables", title: "the engine may write its packet filter rules",
    severity: Medium, area: Daemon, cis16: ["2.4"], cis18: ["2.4"], Engine: iptables
}

fn iptables(_: &Snapshot, engine: &Engine) -> Outcome {
    let daemon = &engine.daemon;
    let four = settings::switch(&daemon.configured_bool("iptables"), true, true, |evidence| {
        Failure::new(
            "writes no packet filter rules: its networks are not kept apart",
            evidence,
            "remove \"iptables\": false from daemon.json and restart the engine",
        )
        .severity(Severity::Medium)
    });
    together::all([four, ip6tables(engine)], "no packet filter")
}

/// Off by default before engine 27, which made no IPv6 networks by itself: only an explicit `false`
/// takes something away.
fn ip6tables(engine: &Engine) -> Outcome {
    let field = engine.daemon.configured_bool("ip6tables");
    settings::switch(&field, true, true, |evidence: Evidence| {
        Failure::new(
            "writes no IPv6 packet filter rules",
            evidence,
            "remove \"ip6tables\": false from daemon.json and restart the engine",
        )
        .severity(Severity::Low)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::judged::{
        assert_fails, assert_passes, assert_unknown, config_unread, configured, snapshot,
    };
    use serde_json::json;

    #[test]
    fn off_fails() {
        let failure = assert_fails(iptables(&snapshot(), &configured(&json!({"iptables": false}))));
        assert_eq!(failure.severity, Some(Severity::Medium));
    }

    #[test]
    fn off_for_ipv6_alone_is_less() {
        let engine = configured(&json!({"iptables": true, "ip6tables": false}));
        assert_eq!(assert_fails(iptables(&snapshot(), &engine)).severity, Some(Severity::Low));
    }

    #[test]
    fn on_and_nothing_said_pass() {
        assert_passes(iptables(&snapshot(), &configured(&json!({"iptables": true}))));
        assert_passes(iptables(&snapshot(), &configured(&json!({}))));
    }

    #[test]
    fn unread_or_odd_is_unknown() {
        assert_unknown(iptables(&snapshot(), &config_unread()));
        assert_unknown(iptables(&snapshot(), &configured(&json!({"iptables": "no"}))));
    }
}

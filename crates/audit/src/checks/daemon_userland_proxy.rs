use dockward_model::facts::{Engine, Snapshot};
use dockward_model::verdict::{Failure, Outcome};

use crate::settings;

crate::check! {
    /// ## Why
    /// For each published port the engine starts a `docker-proxy` process with root's rights,
    /// although the kernel forwards almost all of the traffic by itself. What does go through
    /// the proxy reaches the container with the bridge's address, so its logs and its limits per
    /// client are wrong.
    ///
    /// ## Fix
    /// `"userland-proxy": false` in daemon.json, restart the engine, and try the published ports
    /// from loopback, from another container and over IPv6: those ways change.
    ///
    /// ## References
    /// CIS Docker Benchmark 2.16 (1.6, 1.7), 2.17 (1.8). The API does not show this setting.
    id: "daemon-userland-proxy", title: "published ports need no proxy process",
    severity: Low, area: Daemon, cis16: ["2.16"], cis18: ["2.17"], Engine: userland_proxy
}

fn userland_proxy(_: &Snapshot, engine: &Engine) -> Outcome {
    let field = engine.daemon.configured_bool("userland-proxy");
    settings::switch(&field, true, false, |evidence| {
        let message = "each published port has a proxy process beside the kernel's own forwarding";
        let fix = "set \"userland-proxy\": false in daemon.json and restart the engine";
        Failure::new(message, evidence, fix)
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
    fn off_passes() {
        let engine = configured(&json!({"userland-proxy": false}));
        assert_passes(userland_proxy(&snapshot(), &engine));
    }

    #[test]
    fn on_and_nothing_said_fail_and_say_which() {
        let on = configured(&json!({"userland-proxy": true}));
        assert_eq!(assert_fails(userland_proxy(&snapshot(), &on)).evidence[0].seen, "true");
        let unset = assert_fails(userland_proxy(&snapshot(), &configured(&json!({}))));
        assert_eq!(unset.evidence[0].seen, "not set, so true");
    }

    #[test]
    fn unread_is_unknown() {
        assert_unknown(userland_proxy(&snapshot(), &config_unread()));
    }
}

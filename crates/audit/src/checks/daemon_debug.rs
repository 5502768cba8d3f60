use dockward_model::facts::{Engine, Snapshot};
use dockward_model::verdict::{Failure, Outcome};

use crate::settings;

crate::check! {
    /// ## Why
    /// `debug` sets the log level to debug whatever `log-level` says: the engine then logs request
    /// bodies, and with them the environment of new containers, secrets included.
    ///
    /// ## Fix
    /// Remove `"debug": true` from daemon.json (`-D`, `--debug` from the unit) and reload the
    /// engine; it takes this setting without a restart.
    ///
    /// ## References
    /// CIS Docker Benchmark 2.3, in part; docs.docker.com, "Enable debugging".
    id: "daemon-debug", title: "the engine does not run in debug mode",
    severity: Low, area: Daemon, cis16: ["2.3"], cis18: ["2.3"], Engine: debug
}

fn debug(_: &Snapshot, engine: &Engine) -> Outcome {
    settings::switch(&engine.daemon.configured_bool("debug"), false, false, |evidence| {
        let message = "logs everything, request bodies among it";
        Failure::new(message, evidence, "remove \"debug\": true and reload the engine")
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::judged::{
        assert_fails, assert_passes, assert_unknown, config_unread, configured, snapshot,
        started_with,
    };
    use serde_json::json;

    #[test]
    fn on_fails_in_file_and_argv() {
        assert_fails(debug(&snapshot(), &configured(&json!({"debug": true}))));
        assert_fails(debug(&snapshot(), &started_with(&json!({"debug": true}))));
    }

    #[test]
    fn off_and_nothing_said_pass() {
        assert_passes(debug(&snapshot(), &configured(&json!({"debug": false}))));
        assert_passes(debug(&snapshot(), &configured(&json!({"log-level": "info"}))));
    }

    #[test]
    fn unread_is_unknown() {
        assert_unknown(debug(&snapshot(), &config_unread()));
    }
}

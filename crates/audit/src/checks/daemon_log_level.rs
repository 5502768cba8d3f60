use dockward_model::facts::{Engine, Snapshot};
use dockward_model::verdict::{Evidence, Failure, Outcome};

crate::check! {
    /// ## Why
    /// Below `info` the engine's log leaves out what happened; at `debug` it holds request bodies
    /// and so many lines that what matters drowns, and it fills the disk.
    ///
    /// ## Fix
    /// Remove `log-level` from daemon.json and `--log-level` from the unit, or set it to `info`;
    /// then restart the engine.
    ///
    /// ## References
    /// CIS Docker Benchmark 2.3. The API does not show this setting: it is read from the daemon's
    /// own argv and the daemon.json that this process opened.
    id: "daemon-log-level", title: "the engine logs at level info",
    severity: Low, area: Daemon, cis16: ["2.3"], cis18: ["2.3"], Engine: log_level
}

fn log_level(_: &Snapshot, engine: &Engine) -> Outcome {
    let field = engine.daemon.configured_text("log-level");
    if field.fact.unknown().is_some() {
        return Outcome::unread(&field);
    }
    field.judge(Outcome::Pass, |level| {
        let what = match level.to_ascii_lowercase().as_str() {
            "info" | "" => return Outcome::Pass,
            "debug" | "trace" => "logs everything, request bodies among it",
            _ => "leaves out of its log what happened",
        };
        let evidence = Evidence::of(&field, level.as_str(), "info");
        Failure::new(what, evidence, "set \"log-level\": \"info\" and restart the engine").into()
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
    fn a_debug_level_on_the_command_line_fails() {
        let failure =
            assert_fails(log_level(&snapshot(), &started_with(&json!({"log-level": "debug"}))));
        assert!(failure.evidence[0].origin.to_string().contains("cmdline"));
    }

    #[test]
    fn a_debug_or_error_level_in_the_file_fails() {
        for level in ["debug", "Error", "fatal"] {
            let engine = configured(&json!({"log-level": level}));
            assert_fails(log_level(&snapshot(), &engine));
        }
    }

    #[test]
    fn info_and_nothing_said_pass() {
        assert_passes(log_level(&snapshot(), &configured(&json!({"log-level": "INFO"}))));
        assert_passes(log_level(&snapshot(), &configured(&json!({}))));
    }

    #[test]
    fn an_unread_or_odd_setting_is_unknown() {
        assert_unknown(log_level(&snapshot(), &config_unread()));
        assert_unknown(log_level(&snapshot(), &configured(&json!({"log-level": 3}))));
    }
}

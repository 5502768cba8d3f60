use dockward_model::facts::{Engine, Snapshot};
use dockward_model::verdict::{Evidence, Failure, Outcome, Severity};

crate::check! {
    /// ## Why
    /// Logs that stay on the host go with it: who breaks in deletes them, and removing a container
    /// removes its log. With the driver `none` there is nothing to read in the first place.
    ///
    /// ## Fix
    /// Send logs away: a driver that does (`"log-driver": "syslog"` with `"syslog-address":
    /// "tcp+tls://…"`, `fluentd`, `gelf`, a cloud's own), or an agent that reads local ones as
    /// they are written. With an agent, waive this check and name it.
    ///
    /// ## References
    /// CIS Docker Benchmark 2.13 (1.6, 1.7), 2.14 (1.8); docs.docker.com, "Configure logging
    /// drivers". What is in force is `LoggingDriver` of `/info`.
    id: "daemon-remote-logging", title: "containers' logs leave the host",
    severity: Low, area: Daemon, cis16: ["2.13"], cis18: ["2.14"], Engine: remote_logging
}

const REMOTE: [&str; 6] = ["awslogs", "fluentd", "gcplogs", "gelf", "logentries", "splunk"];

fn remote_logging(_: &Snapshot, engine: &Engine) -> Outcome {
    let field = &engine.daemon.logging_driver;
    let failure = |message: &str| {
        let seen = field.get().map_or("not set", String::as_str);
        let evidence = Evidence::of(field, seen, "a driver that sends them away").effective();
        let fix = "set a \"log-driver\" that sends logs away, or name the agent that does";
        Failure::new(message, evidence, fix)
    };
    field.judge(Outcome::unread(field), |driver| match driver.as_str() {
        "none" => failure("containers' output is thrown away").severity(Severity::Medium).into(),
        "local" | "json-file" => failure("containers' logs stay on this host").into(),
        "syslog" if leaves_by_syslog(engine) => Outcome::Pass,
        "syslog" | "journald" => {
            Outcome::Review(failure("containers' logs go to this host's own log service"))
        }
        name if REMOTE.contains(&name) => Outcome::Pass,
        _ => Outcome::Review(failure("whether this log plugin sends logs away is its own affair")),
    })
}

fn leaves_by_syslog(engine: &Engine) -> bool {
    let options = engine.daemon.configured("log-opts");
    let address = options.get().and_then(|o| o.get("syslog-address")).and_then(|a| a.as_str());
    let remote = |(scheme, host): (&str, &str)| {
        let here = ["127.", "localhost", "[::1]"].iter().any(|local| host.starts_with(local));
        !scheme.starts_with("unix") && !here
    };
    address.and_then(|address| address.split_once("://")).is_some_and(remote)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::judged::{
        assert_fails, assert_needs_a_look, assert_passes, assert_unknown, configured, engine_with,
        snapshot,
    };
    use dockward_model::facts::{Field, sample};
    use serde_json::json;

    fn with(field: Field<String>) -> Outcome {
        remote_logging(&snapshot(), &engine_with(|e| e.daemon.logging_driver = field))
    }

    fn driver(name: &str) -> Field<String> {
        sample::known(name.into(), "LoggingDriver")
    }

    #[test]
    fn every_driver_that_keeps_logs_here_fails() {
        for name in ["json-file", "local"] {
            assert_eq!(assert_fails(with(driver(name))).severity, None, "{name}");
        }
        assert_eq!(assert_fails(with(driver("none"))).severity, Some(Severity::Medium));
    }

    #[test]
    fn a_driver_that_sends_them_away_passes() {
        assert_passes(with(driver("fluentd")));
    }

    #[test]
    fn syslog_passes_only_with_an_address_elsewhere() {
        let to = |address: &str| {
            let mut engine = configured(&json!({"log-opts": {"syslog-address": address}}));
            engine.daemon.logging_driver = driver("syslog");
            remote_logging(&snapshot(), &engine)
        };
        assert_passes(to("tcp+tls://logs.example.org:6514"));
        assert_passes(to("udp://10.127.0.1:514"));
        assert_needs_a_look(to("unix:///dev/log"));
        assert_needs_a_look(to("udp://127.0.0.1:514"));
        assert_needs_a_look(with(driver("syslog")));
    }

    #[test]
    fn the_journal_and_plugins_need_a_look() {
        assert_needs_a_look(with(driver("journald")));
        assert_needs_a_look(with(driver("loki:latest")));
    }

    #[test]
    fn unread_or_missing_is_unknown() {
        assert_unknown(with(sample::unknown("LoggingDriver")));
        assert_unknown(with(sample::absent("LoggingDriver")));
    }
}

use dockward_model::facts::{Engine, Snapshot};
use dockward_model::verdict::{Evidence, Failure, Outcome};

crate::check! {
    /// ## Why
    /// `-p 5432:5432` publishes on every interface of the host, the public one too, and the
    /// engine's rules come before those of ufw and firewalld. With a default address of 127.0.0.1
    /// a port is on the network only when somebody writes that it should be.
    ///
    /// ## Fix
    /// `"ip": "127.0.0.1"` in daemon.json, restart the engine; publish on purpose with
    /// `-p 0.0.0.0:443:443`. It holds for the default bridge; networks of your own take it from
    /// `"default-network-opts": {"bridge": {"com.docker.network.bridge.host_binding_ipv4":
    /// "127.0.0.1"}}`.
    ///
    /// ## References
    /// CIS Docker Benchmark 5.14 in part; docs.docker.com, "Port publishing and mapping". What is
    /// in force is the option `com.docker.network.bridge.host_binding_ipv4` of network `bridge`.
    id: "daemon-default-address", title: "ports are published on one address by default",
    severity: Info, area: Daemon, cis16: [], cis18: [], Engine: default_address
}

fn default_address(_: &Snapshot, engine: &Engine) -> Outcome {
    let daemon = &engine.daemon;
    let in_force = daemon.default_binding.get().is_some();
    let configured = daemon.configured_text("ip");
    let field = if in_force { &daemon.default_binding } else { &configured };
    if field.fact.unknown().is_some() {
        return Outcome::unread(field);
    }
    let wide = |seen: &str| {
        let evidence = Evidence::of(field, seen, "127.0.0.1");
        let evidence = if in_force { evidence.effective() } else { evidence };
        let fix = "set \"ip\": \"127.0.0.1\" in daemon.json and restart the engine";
        Failure::new("ports are published on every interface by default", evidence, fix).into()
    };
    field.judge(wide("not set, so 0.0.0.0"), |address| match address.as_str() {
        "" | "0.0.0.0" | "::" => wide(address),
        _ => Outcome::Pass,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::judged::{
        assert_fails, assert_passes, assert_unknown, config_unread, configured, engine_with,
        snapshot,
    };
    use dockward_model::facts::sample;
    use serde_json::json;

    fn in_force(address: &str) -> Engine {
        engine_with(|e| e.daemon.default_binding = sample::known(address.into(), "Options"))
    }

    #[test]
    fn every_interface_fails_and_one_passes() {
        assert_fails(default_address(&snapshot(), &in_force("0.0.0.0")));
        assert_passes(default_address(&snapshot(), &in_force("127.0.0.1")));
    }

    #[test]
    fn without_the_network_the_configuration_decides() {
        assert_passes(default_address(&snapshot(), &configured(&json!({"ip": "10.0.0.1"}))));
        assert_fails(default_address(&snapshot(), &configured(&json!({}))));
    }

    #[test]
    fn what_is_in_force_goes_before_what_was_written() {
        let mut engine = configured(&json!({"ip": "127.0.0.1"}));
        engine.daemon.default_binding = sample::known("0.0.0.0".into(), "Options");
        assert_fails(default_address(&snapshot(), &engine));
    }

    #[test]
    fn neither_read_is_unknown() {
        assert_unknown(default_address(&snapshot(), &config_unread()));
    }
}

use dockward_model::facts::{Engine, Snapshot};
use dockward_model::verdict::{Evidence, Failure, Outcome, Severity};

crate::check! {
    /// ## Why
    /// Whoever may build may ask for what the engine grants builds, and a step of the build has it:
    /// with `security-insecure` every capability, no seccomp and the host's devices, which is root on
    /// the host; with `network-host`, which is granted where nothing is said (and told as a remark
    /// here), the host's loopback and abstract sockets. No rule over containers is asked, and nobody sees it in `docker ps`.
    ///
    /// ## Fix
    /// `"builder": {"entitlements": {"network-host": false, "security-insecure": false}}` in
    /// daemon.json, then restart the engine. Builds that need more have a builder of their own.
    ///
    /// ## References
    /// docs.docker.com, "docker buildx build", `--allow`; moby
    /// `builder/builder-next/controller.go`, where the defaults are.
    id: "daemon-build-entitlements", title: "builds get nothing of the host",
    severity: High, area: Daemon, cis16: [], cis18: [], Engine: build_entitlements
}

fn build_entitlements(_: &Snapshot, engine: &Engine) -> Outcome {
    let field = engine.daemon.build_entitlements();
    field.judge(Outcome::Pass, |granted| {
        let severity = match granted.as_slice() {
            [] => return Outcome::Pass,
            ["network-host"] => Severity::Info,
            _ => Severity::High,
        };
        let listed = granted.join(", ");
        let failure = Failure::new(
            format!("grants builds {listed}"),
            Evidence::of(&field, listed, "none"),
            "refuse them in \"builder\": {\"entitlements\": …} of daemon.json and restart the engine",
        );
        failure.severity(severity).into()
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::judged::{
        assert_fails, assert_passes, assert_unknown, configured, engine_with, snapshot,
    };
    use dockward_model::facts::Fact;
    use serde_json::{Value, json};

    fn with(settings: &Value) -> Outcome {
        build_entitlements(&snapshot(), &configured(settings))
    }

    #[test]
    fn the_hosts_network_is_granted_where_nothing_is_said() {
        assert_eq!(assert_fails(with(&json!({}))).severity, Some(Severity::Info));
    }

    #[test]
    fn every_capability_is_worse() {
        let insecure = json!({"builder": {"entitlements": {"security-insecure": true}}});
        assert_eq!(assert_fails(with(&insecure)).severity, Some(Severity::High));
    }

    #[test]
    fn nothing_granted_passes() {
        assert_passes(with(&json!({"builder": {"entitlements": {"network-host": false}}})));
    }

    #[test]
    fn settings_that_are_unread_or_odd_are_unknown() {
        let unread = engine_with(|e| e.daemon.config = Fact::Unknown("no rights".into()));
        assert_unknown(build_entitlements(&snapshot(), &unread));
        assert_unknown(with(&json!({"builder": []})));
    }
}

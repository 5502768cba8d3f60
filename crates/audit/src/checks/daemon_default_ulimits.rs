use dockward_model::facts::{Engine, Snapshot};
use dockward_model::verdict::{Evidence, Failure, Outcome};

crate::check! {
    /// ## Why
    /// Containers inherit the engine's own resource limits, and packages start the engine with
    /// next to none: a million open files, processes without end. One runaway process can then
    /// use up what all containers share.
    ///
    /// ## Fix
    /// Set a ceiling in daemon.json that a container raises for itself where it must
    /// (`--ulimit`): `"default-ulimits": {"nofile": {"Name": "nofile", "Soft": 1024, "Hard":
    /// 65536}}`; restart the engine.
    ///
    /// ## References
    /// CIS Docker Benchmark 2.8 (1.6, 1.7), 2.9 (1.8); getrlimit(2). The API does not show this
    /// setting.
    id: "daemon-default-ulimits", title: "containers start with resource limits of their own",
    severity: Info, area: Daemon, cis16: ["2.8"], cis18: ["2.9"], Engine: default_ulimits
}

fn default_ulimits(_: &Snapshot, engine: &Engine) -> Outcome {
    let field = engine.daemon.configured("default-ulimits");
    if field.fact.unknown().is_some() {
        return Outcome::unread(&field);
    }
    let none = |seen: &str| {
        let evidence = Evidence::of(&field, seen, "a limit for nofile or nproc");
        let fix = "set \"default-ulimits\" in daemon.json and restart the engine";
        Failure::new("containers inherit the engine's own limits", evidence, fix).into()
    };
    field.judge(none("not set"), |limits| match limits.as_object() {
        Some(limits) if limits.is_empty() => none("{}"),
        Some(_) => Outcome::Pass,
        None => Outcome::Unknown(format!("{}: not an object of limits", field.origin)),
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
    fn a_limit_passes() {
        let limits = json!({"default-ulimits": {"nofile": {"Name": "nofile", "Hard": 65536}}});
        assert_passes(default_ulimits(&snapshot(), &configured(&limits)));
    }

    #[test]
    fn no_limit_fails() {
        assert_fails(default_ulimits(&snapshot(), &configured(&json!({}))));
        assert_fails(default_ulimits(&snapshot(), &configured(&json!({"default-ulimits": {}}))));
    }

    #[test]
    fn unread_or_odd_is_unknown() {
        assert_unknown(default_ulimits(&snapshot(), &config_unread()));
        assert_unknown(default_ulimits(&snapshot(), &configured(&json!({"default-ulimits": 7}))));
    }
}

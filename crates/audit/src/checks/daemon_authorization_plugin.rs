use dockward_model::facts::{Engine, Snapshot};
use dockward_model::verdict::{Evidence, Failure, Outcome};

crate::check! {
    /// ## Why
    /// Whoever reaches the engine's socket may do everything. An authorization plugin is asked
    /// before each request, so that a build job may build without being able to start a
    /// privileged container.
    ///
    /// ## Fix
    /// Where more than root uses the socket: install an authorization plugin and name it in
    /// `"authorization-plugins"` of daemon.json. Where only root does, waive this check.
    ///
    /// ## References
    /// CIS Docker Benchmark 2.12 (1.6, 1.7), 2.13 (1.8); docs.docker.com, "Access authorization
    /// plugin". What is in force is `Plugins.Authorization` of `/info`.
    id: "daemon-authorization-plugin", title: "requests to the engine are authorized",
    severity: Low, area: Daemon, cis16: ["2.12"], cis18: ["2.13"], Engine: authorization_plugin
}

fn authorization_plugin(_: &Snapshot, engine: &Engine) -> Outcome {
    let field = &engine.daemon.authorization_plugins;
    let none = || {
        Failure::new(
            "nothing decides what a caller of the API may do",
            Evidence::of(field, "none", "an authorization plugin").effective(),
            "name a plugin in \"authorization-plugins\", or keep the socket to root",
        )
        .into()
    };
    field.judge(none(), |plugins| if plugins.is_empty() { none() } else { Outcome::Pass })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::judged::{
        assert_fails, assert_passes, assert_unknown, engine_with, snapshot, started_with,
    };
    use dockward_model::facts::{Field, sample};
    use serde_json::json;

    fn with(field: Field<Vec<String>>) -> Outcome {
        let engine = engine_with(|e| e.daemon.authorization_plugins = field);
        authorization_plugin(&snapshot(), &engine)
    }

    #[test]
    fn a_plugin_in_force_passes() {
        assert_passes(with(sample::known(vec!["authz".into()], "Plugins.Authorization")));
    }

    #[test]
    fn none_fails() {
        assert_fails(with(sample::absent("Plugins.Authorization")));
        assert_fails(with(sample::known(Vec::new(), "Plugins.Authorization")));
    }

    #[test]
    fn a_plugin_that_only_an_argv_names_does_not_count() {
        let engine = started_with(&json!({"authorization-plugins": ["authz"]}));
        assert_fails(authorization_plugin(&snapshot(), &engine));
    }

    #[test]
    fn unread_is_unknown() {
        assert_unknown(with(sample::unknown("Plugins.Authorization")));
    }
}

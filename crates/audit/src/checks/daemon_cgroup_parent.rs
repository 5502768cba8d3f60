use dockward_model::facts::{Engine, Snapshot};
use dockward_model::verdict::{Evidence, Failure, Outcome};

crate::check! {
    /// ## Why
    /// Containers' cgroups stand below `/docker` or `system.slice`, beside other services. Another
    /// parent can put them where no limit holds, or below a group whose limits were made for
    /// something else.
    ///
    /// ## Fix
    /// Remove `cgroup-parent` from daemon.json, or keep it on purpose: a slice with limits of its
    /// own, made for this engine, is a good use of it. Then waive this check and say so.
    ///
    /// ## References
    /// CIS Docker Benchmark 2.10 (1.6, 1.7), 2.11 (1.8); cgroups(7).
    id: "daemon-cgroup-parent", title: "containers' cgroups are where they are by default",
    severity: Low, area: Daemon, cis16: ["2.10"], cis18: ["2.11"], Engine: cgroup_parent
}

fn cgroup_parent(_: &Snapshot, engine: &Engine) -> Outcome {
    let field = engine.daemon.configured_text("cgroup-parent");
    if field.fact.unknown().is_some() {
        return Outcome::unread(&field);
    }
    field.judge(Outcome::Pass, |parent| {
        if ["", "docker", "/docker", "system.slice"].contains(&parent.as_str()) {
            return Outcome::Pass;
        }
        let evidence = Evidence::of(&field, parent.as_str(), "not set");
        let message = format!("every container's cgroup is made below {parent}");
        let fix = "remove \"cgroup-parent\" unless that group has the limits you want";
        Outcome::Review(Failure::new(message, evidence, fix))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::judged::{
        assert_needs_a_look, assert_passes, assert_unknown, config_unread, configured, snapshot,
    };
    use serde_json::json;

    #[test]
    fn a_parent_of_ones_own_needs_a_look() {
        let engine = configured(&json!({"cgroup-parent": "batch.slice"}));
        assert_needs_a_look(cgroup_parent(&snapshot(), &engine));
    }

    #[test]
    fn the_default_passes_said_or_not() {
        assert_passes(cgroup_parent(&snapshot(), &configured(&json!({}))));
        let said = configured(&json!({"cgroup-parent": "/docker"}));
        assert_passes(cgroup_parent(&snapshot(), &said));
    }

    #[test]
    fn unread_is_unknown() {
        assert_unknown(cgroup_parent(&snapshot(), &config_unread()));
    }
}

use dockward_model::facts::{Engine, Snapshot};
use dockward_model::verdict::{Evidence, Failure, Outcome};

crate::check! {
    /// ## Why
    /// Without live restore, each restart of the engine stops every container, so security updates
    /// of the engine wait for a maintenance window that never comes. Swarm mode does not support
    /// it: there, services move to other nodes instead.
    ///
    /// ## Fix
    /// `"live-restore": true` in daemon.json, then reload the engine (no restart needed).
    ///
    /// ## References
    /// CIS Docker Benchmark 2.15 (1.6, 1.7), 2.16 (1.8); docs.docker.com, "Live restore".
    id: "daemon-live-restore", title: "containers survive a restart of the engine",
    severity: Low, area: Daemon, cis16: ["2.15"], cis18: ["2.16"], Engine: live_restore
}

fn live_restore(_: &Snapshot, engine: &Engine) -> Outcome {
    if engine.swarm.state.get().is_some_and(|state| state == "active") {
        return Outcome::NotApplicable("swarm mode does not support live restore".into());
    }
    let field = &engine.daemon.live_restore;
    let off = || {
        let evidence = Evidence::of(field, "false", "true").effective();
        Failure::new(
            "a restart of the engine stops every container",
            evidence,
            "set \"live-restore\": true in daemon.json and reload the engine",
        )
        .into()
    };
    field.judge(off(), |&on| if on { Outcome::Pass } else { off() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::judged::{engine_with, snapshot};
    use dockward_model::facts::sample;

    #[test]
    fn off_or_absent_fails_and_on_passes() {
        for (field, passes) in [
            (sample::known(true, "LiveRestoreEnabled"), true),
            (sample::known(false, "LiveRestoreEnabled"), false),
            (sample::absent("LiveRestoreEnabled"), false),
        ] {
            let engine = engine_with(|e| e.daemon.live_restore = field.clone());
            assert_eq!(live_restore(&snapshot(), &engine) == Outcome::Pass, passes, "{field:?}");
        }
    }

    #[test]
    fn unread_is_unknown() {
        let engine = engine_with(|e| e.daemon.live_restore = sample::unknown("LiveRestoreEnabled"));
        assert!(matches!(live_restore(&snapshot(), &engine), Outcome::Unknown(_)));
    }

    #[test]
    fn swarm_nodes_are_not_asked() {
        let engine = engine_with(|e| e.swarm.state = sample::known("active".into(), "Swarm"));
        assert!(matches!(live_restore(&snapshot(), &engine), Outcome::NotApplicable(_)));
    }
}

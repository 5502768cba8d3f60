use dockward_model::facts::{Engine, Snapshot};
use dockward_model::verdict::{Evidence, Failure, Outcome};

crate::check! {
    /// ## Why
    /// Experimental features are code that its authors do not yet call finished: they may change
    /// or go away with any update, and fewer eyes have been on them.
    ///
    /// ## Fix
    /// Remove `"experimental": true` from daemon.json and restart the engine.
    ///
    /// ## References
    /// CIS Docker Benchmark 2.18 (1.6, 1.7), 2.19 (1.8). What is in force is `ExperimentalBuild`
    /// of `/info`.
    id: "daemon-experimental", title: "experimental features are off",
    severity: Low, area: Daemon, cis16: ["2.18"], cis18: ["2.19"], Engine: experimental
}

fn experimental(_: &Snapshot, engine: &Engine) -> Outcome {
    let field = &engine.daemon.experimental;
    field.judge(Outcome::Pass, |&on| {
        if !on {
            return Outcome::Pass;
        }
        let evidence = Evidence::of(field, "true", "false").effective();
        let fix = "remove \"experimental\": true from daemon.json and restart the engine";
        Failure::new("experimental features are on", evidence, fix).into()
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::judged::{assert_fails, assert_passes, assert_unknown, engine_with, snapshot};
    use dockward_model::facts::{Field, sample};

    fn with(field: Field<bool>) -> Outcome {
        experimental(&snapshot(), &engine_with(|e| e.daemon.experimental = field))
    }

    #[test]
    fn on_fails() {
        assert_fails(with(sample::known(true, "ExperimentalBuild")));
    }

    #[test]
    fn off_and_nothing_said_pass() {
        assert_passes(with(sample::known(false, "ExperimentalBuild")));
        assert_passes(with(sample::absent("ExperimentalBuild")));
    }

    #[test]
    fn unread_is_unknown() {
        assert_unknown(with(sample::unknown("ExperimentalBuild")));
    }
}

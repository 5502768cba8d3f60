use dockward_model::facts::Case;
use dockward_model::verdict::{Evidence, Failure, Outcome};

use crate::standing::seen;

crate::rule! {
    /// ## Why
    /// With the log driver `none` nothing of what the container says is kept: after a break-in
    /// there is no record of how it began, and `docker logs` is empty.
    ///
    /// ## Fix
    /// Remove `--log-driver none` (Compose `logging: {driver: none}`). Where space is short, use
    /// `--log-driver local`, which keeps 100 MB at most.
    ///
    /// ## References
    /// CIS Docker Benchmark 2.13 (2.14 in 1.8) asks for central logs; Docker's page on log drivers.
    id: "container-log-driver", title: "what it says is kept",
    severity: Low, cis16: [], cis18: [], judge: log_driver
}

fn log_driver(case: &Case<'_>) -> Outcome {
    let own = &case.container.log_driver;
    let wide = &case.daemon.logging_driver;
    let of_all = if own.fact.is_absent() {
        wide.judge(Outcome::Pass, |driver| judge(driver, seen(wide, driver, EXPECTED)))
    } else {
        Outcome::Pass
    };
    own.judge(of_all, |driver| judge(driver, Evidence::of(own, driver, EXPECTED)))
}

const EXPECTED: &str = "local, json-file, journald or a central log";

fn judge(driver: &str, evidence: Evidence) -> Outcome {
    if driver != "none" {
        return Outcome::Pass;
    }
    let fix = "remove `--log-driver none` (`logging: {driver: none}`), or use `local`";
    Failure::new("leaves no record: nothing of what it says is kept", evidence, fix).into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::judged::{Facts, assert_fails, assert_passes, assert_unknown, case_with};
    use dockward_model::facts::{Field, Origin, sample};
    use dockward_model::verdict::Level;

    fn with(field: Field<String>) -> Facts {
        case_with(|c| c.log_driver = field)
    }

    #[test]
    fn none_fails_and_every_other_driver_passes() {
        assert_fails(log_driver, &with(sample::known("none".into(), "LogConfig.Type")));
        for driver in ["json-file", "local", "journald", "fluentd"] {
            assert_passes(log_driver, &with(sample::known(driver.into(), "LogConfig.Type")));
        }
    }

    #[test]
    fn nothing_said_is_the_engines_own_driver() {
        let mut facts = with(sample::absent("LogConfig.Type"));
        assert_passes(log_driver, &facts);
        let origin = Origin::api(&"/info".into(), "LoggingDriver");
        facts.daemon.logging_driver = Field::known("none".into(), origin);
        assert_eq!(assert_fails(log_driver, &facts).evidence[0].level, Level::Effective);
    }

    #[test]
    fn an_unreadable_driver_is_never_a_pass() {
        assert_unknown(log_driver, &with(sample::unknown("LogConfig.Type")));
        let mut facts = with(sample::absent("LogConfig.Type"));
        facts.daemon.logging_driver = sample::unknown("LoggingDriver");
        assert_unknown(log_driver, &facts);
    }
}

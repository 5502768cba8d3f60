use dockward_model::facts::{Case, Fact, Healthcheck};
use dockward_model::verdict::{Evidence, Failure, Outcome};

crate::rule! {
    /// ## Why
    /// Without a health check the engine knows only whether a process exists, not whether it still
    /// answers: a service that hangs, by a fault or by an attack on it, counts as running, and
    /// swarm, Compose and reverse proxies go on sending it work.
    ///
    /// ## Fix
    /// `HEALTHCHECK` in the Dockerfile, or `--health-cmd` (Compose `healthcheck: {test: …}`) with a
    /// command that asks the service itself. `--no-healthcheck` takes away the image's own.
    ///
    /// ## References
    /// CIS Docker Benchmark 5.27 (and 4.6); Dockerfile reference, `HEALTHCHECK`.
    id: "container-healthcheck", title: "its health is checked, and it is healthy",
    severity: Low, cis16: ["5.27"], cis18: ["5.27"], judge: healthcheck
}

fn healthcheck(case: &Case<'_>) -> Outcome {
    let check = &case.container.healthcheck;
    match &check.fact {
        Fact::Unknown(_) => Outcome::unread(check),
        Fact::Absent => fail(case, "nobody checks whether it still works", "no health check"),
        Fact::Known(check) => judge(case, check),
    }
}

fn judge(case: &Case<'_>, check: &Healthcheck) -> Outcome {
    match (check.kind.as_str(), check.status.as_deref()) {
        ("NONE", _) => fail(case, "has its image's health check switched off", "NONE"),
        (_, Some("unhealthy")) => unhealthy(case),
        ("", None) => fail(case, "nobody checks whether it still works", "no test"),
        _ => Outcome::Pass,
    }
}

fn fail(case: &Case<'_>, message: &str, seen: &str) -> Outcome {
    let evidence = Evidence::of(&case.container.healthcheck, seen, "a health check");
    let fix = "`--health-cmd '…'` (`healthcheck: {test: …}`), or `HEALTHCHECK` in the image";
    Failure::new(message, evidence, fix).into()
}

fn unhealthy(case: &Case<'_>) -> Outcome {
    let evidence = Evidence::of(&case.container.healthcheck, "unhealthy", "healthy").effective();
    let fix = "`docker inspect` shows what its health check says (`State.Health.Log`)";
    Failure::new("is unhealthy: its own health check fails", evidence, fix).into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::judged::{Facts, assert_fails, assert_passes, assert_unknown, case_with};
    use dockward_model::facts::sample;

    fn with(kind: &str, status: Option<&str>) -> Facts {
        let check = Healthcheck { kind: kind.into(), status: status.map(str::to_owned) };
        case_with(|c| c.healthcheck = sample::known(check, "Config.Healthcheck"))
    }

    #[test]
    fn a_check_passes_before_it_runs_and_while_it_is_well() {
        for status in [None, Some("starting"), Some("healthy")] {
            assert_passes(healthcheck, &with("CMD-SHELL", status));
        }
        assert_passes(healthcheck, &with("", Some("healthy")));
    }

    #[test]
    fn none_and_one_without_a_test_fail() {
        assert!(assert_fails(healthcheck, &with("NONE", None)).message.contains("switched off"));
        assert_fails(healthcheck, &with("", None));
    }

    #[test]
    fn nothing_said_fails() {
        assert_fails(healthcheck, &case_with(|c| c.healthcheck = sample::absent("Healthcheck")));
    }

    #[test]
    fn an_unhealthy_one_fails_with_words_of_its_own() {
        let failure = assert_fails(healthcheck, &with("CMD", Some("unhealthy")));
        assert!(failure.message.starts_with("is unhealthy"), "{}", failure.message);
    }

    #[test]
    fn an_unreadable_check_is_never_a_pass() {
        assert_unknown(healthcheck, &case_with(|c| c.healthcheck = sample::unknown("Healthcheck")));
    }
}

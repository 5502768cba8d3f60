use dockward_model::facts::{Case, RestartPolicy};
use dockward_model::verdict::{Evidence, Failure, Outcome};

crate::rule! {
    /// ## Why
    /// A container that is started again without end hides that something is wrong with it: it
    /// crashes every few seconds, uses up the host's time, and an attacker who needs many tries
    /// (guessing where code lies in memory) gets them. After a few tries it should stay down and
    /// be noticed.
    ///
    /// ## Fix
    /// `--restart on-failure:5` (Compose `restart: on-failure:5`); `docker update --restart`
    /// changes it while it runs. Services that must come back after a reboot are better started by
    /// systemd, or accepted with a waiver.
    ///
    /// ## References
    /// CIS Docker Benchmark 5.15; Docker's page on starting containers automatically.
    id: "container-restart-policy", title: "it is not started again without end",
    severity: Low, cis16: ["5.15"], cis18: ["5.15"], judge: restart_policy
}

/// As often as CIS 5.15 says.
const MOST: i64 = 5;

fn restart_policy(case: &Case<'_>) -> Outcome {
    case.container.restart.judge(Outcome::Pass, |policy| match policy.name.as_str() {
        "" | "no" => Outcome::Pass,
        "on-failure" if (1..=MOST).contains(&policy.max_retries) => Outcome::Pass,
        "on-failure" if policy.max_retries > MOST => {
            fail(case, policy, "is started again more often than 5 times after a failure")
        }
        "on-failure" => fail(case, policy, "is started again after a failure without end"),
        _ => fail(case, policy, "is started again without end, whatever it ended with"),
    })
}

fn fail(case: &Case<'_>, policy: &RestartPolicy, message: &str) -> Outcome {
    let seen = match policy.name.as_str() {
        "on-failure" => format!("on-failure:{}", policy.max_retries),
        name => name.to_owned(),
    };
    let evidence = Evidence::of(&case.container.restart, seen, "on-failure:5, or no");
    let fix = "`--restart on-failure:5` (`restart: on-failure:5`), or `docker update` it";
    Failure::new(message, evidence, fix).into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::judged::{Facts, assert_fails, assert_passes, assert_unknown, case_with};
    use dockward_model::facts::sample;

    fn with(name: &str, max_retries: i64) -> Facts {
        let policy = RestartPolicy { name: name.into(), max_retries };
        case_with(|c| c.restart = sample::known(policy, "HostConfig.RestartPolicy"))
    }

    #[test]
    fn always_fails_in_both_forms() {
        assert_fails(restart_policy, &with("always", 0));
        assert_fails(restart_policy, &with("unless-stopped", 0));
    }

    #[test]
    fn on_failure_without_an_end_or_too_often_fails() {
        let failure = assert_fails(restart_policy, &with("on-failure", 0));
        assert!(failure.message.ends_with("without end"));
        assert_fails(restart_policy, &with("on-failure", 6));
    }

    #[test]
    fn a_few_tries_or_none_pass() {
        assert_passes(restart_policy, &with("on-failure", 5));
        assert_passes(restart_policy, &with("on-failure", 1));
        assert_passes(restart_policy, &with("no", 0));
        assert_passes(restart_policy, &with("", 0));
    }

    #[test]
    fn nothing_said_passes_and_an_unreadable_policy_never_does() {
        assert_passes(restart_policy, &case_with(|c| c.restart = sample::absent("RestartPolicy")));
        assert_unknown(
            restart_policy,
            &case_with(|c| c.restart = sample::unknown("RestartPolicy")),
        );
    }
}

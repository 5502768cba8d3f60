use dockward_model::facts::Case;
use dockward_model::verdict::{Evidence, Failure, Outcome};

use crate::limit;

crate::rule! {
    /// ## Why
    /// Process numbers are shared by the whole host. A fork bomb (one line of shell) or a program
    /// that never waits for its children uses them up, and then nobody on the host can start
    /// anything, the administrator's `ssh` included. `--ulimit nproc` is no help: it counts by user
    /// over all containers, and root is free of it.
    ///
    /// ## Fix
    /// `--pids-limit 200` (Compose `pids_limit: 200`, or `deploy.resources.limits.pids`);
    /// `docker update --pids-limit 200` does it while it runs.
    ///
    /// ## References
    /// CIS Docker Benchmark 5.29; the kernel's `cgroup-v2.rst`, `pids.max`; getrlimit(2).
    id: "container-pids-limit", title: "the number of processes is limited",
    severity: Medium, cis16: ["5.29"], cis18: ["5.29"], judge: pids_limit
}

fn pids_limit(case: &Case<'_>) -> Outcome {
    let kernel = case.container.kernel().map(|kernel| &kernel.cgroup.pids);
    let limit = limit::in_force(&case.container.limits.pids, kernel);
    limit.judge(Outcome::Pass, |most| match most {
        Some(_) => Outcome::Pass,
        None => {
            let evidence = Evidence::of(&limit, "no limit", "a number of processes");
            let fix = "`--pids-limit 200` (`pids_limit: 200`), or `docker update` it";
            Failure::new(
                "can use up the host's process numbers: nothing else could start",
                evidence,
                fix,
            )
            .into()
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::judged::{assert_fails, assert_passes, assert_unknown, case_with, running_with};
    use dockward_model::facts::{Ulimit, sample};

    #[test]
    fn a_limit_passes_as_written_and_as_in_force() {
        let facts = case_with(|c| c.limits.pids = sample::known(200, "HostConfig.PidsLimit"));
        assert_passes(pids_limit, &facts);
        assert_passes(
            pids_limit,
            &running_with(|k| k.cgroup.pids = sample::known(200, "pids.max")),
        );
    }

    #[test]
    fn zero_minus_one_and_nothing_said_fail() {
        for none in [0, -1] {
            let facts = case_with(|c| c.limits.pids = sample::known(none, "HostConfig.PidsLimit"));
            assert_fails(pids_limit, &facts);
        }
        assert_fails(pids_limit, &case_with(|_| ()));
    }

    #[test]
    fn a_limit_that_the_kernel_does_not_have_fails() {
        let mut facts = running_with(|_| ());
        facts.container.limits.pids = sample::known(200, "HostConfig.PidsLimit");
        assert_fails(pids_limit, &facts);
    }

    #[test]
    fn a_ulimit_is_no_such_limit() {
        let nproc = Ulimit { name: "nproc".into(), soft: 64, hard: 64 };
        let facts =
            case_with(|c| c.limits.ulimits = sample::known(vec![nproc], "HostConfig.Ulimits"));
        assert_fails(pids_limit, &facts);
    }

    #[test]
    fn an_unreadable_limit_is_never_a_pass() {
        let facts = case_with(|c| c.limits.pids = sample::unknown("HostConfig.PidsLimit"));
        assert_unknown(pids_limit, &facts);
    }
}

use dockward_model::facts::{Case, Fact};
use dockward_model::verdict::{Evidence, Failure, Outcome, Severity};

use crate::limit;

crate::rule! {
    /// ## Why
    /// When memory runs out, the kernel kills the process that costs least to lose. With
    /// `--oom-kill-disable` it may not take this container's: at its limit the container hangs,
    /// and without a limit the host does. A very low `--oom-score-adj` has the same end: everything
    /// else goes first, the engine and the administrator's shell included.
    ///
    /// ## Fix
    /// Remove `--oom-kill-disable` (Compose `oom_kill_disable: true`) and a negative
    /// `--oom-score-adj` (`oom_score_adj:`). Give it enough memory with `--memory` in their place.
    ///
    /// ## References
    /// Beside CIS Docker Benchmark 5.11; proc_pid_oom_score_adj(5); the engine's own is -500.
    id: "container-oom-killer", title: "the kernel may kill it when memory runs out",
    severity: Medium, cis16: [], cis18: [], judge: oom_killer
}

/// The engine's own score: from here on the engine goes before the container.
const ENGINES_SCORE: i64 = -500;

fn oom_killer(case: &Case<'_>) -> Outcome {
    let limits = &case.container.limits;
    let (off, score) = (&limits.oom_kill_disable, &limits.oom_score_adj);
    match (&off.fact, &score.fact) {
        (Fact::Known(true), _) => disabled(case),
        (_, Fact::Known(score)) if *score < 0 => spared(case, *score),
        (Fact::Unknown(_), _) => Outcome::unread(off),
        (_, Fact::Unknown(_)) => Outcome::unread(score),
        _ => Outcome::Pass,
    }
}

fn disabled(case: &Case<'_>) -> Outcome {
    let limits = &case.container.limits;
    let kernel = case.container.kernel().map(|kernel| &kernel.cgroup.memory);
    let limited = limit::in_force(&limits.memory, kernel).get().is_some_and(Option::is_some);
    let (message, severity) = if case.daemon.cgroup_version.get().is_some_and(|v| v == "2") {
        ("asks not to be killed when memory runs out; this kernel doesn't heed it", Severity::Info)
    } else if limited {
        ("hangs when it has used up its memory, since the kernel may not kill it", Severity::Medium)
    } else {
        ("may not be killed and has no memory limit: it can bring down the host", Severity::High)
    };
    let evidence = Evidence::of(&limits.oom_kill_disable, "true", "false");
    let fix = "remove `--oom-kill-disable` (`oom_kill_disable: true`) and set `--memory`";
    Failure::new(message, evidence, fix).severity(severity).into()
}

fn spared(case: &Case<'_>, score: i64) -> Outcome {
    let (message, severity) = if score <= ENGINES_SCORE {
        ("is killed last when memory runs out: the engine and the host go first", Severity::Medium)
    } else {
        ("is killed after ordinary programs when memory runs out", Severity::Low)
    };
    let evidence =
        Evidence::of(&case.container.limits.oom_score_adj, score.to_string(), "0 or more");
    let fix = "remove `--oom-score-adj` (`oom_score_adj:`) and set `--memory`";
    Failure::new(message, evidence, fix).severity(severity).into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::judged::{Facts, assert_fails, assert_passes, assert_unknown, case_with};
    use dockward_model::facts::{Limits, sample};

    fn with(change: impl FnOnce(&mut Limits)) -> Facts {
        let mut facts = case_with(|c| change(&mut c.limits));
        facts.daemon.cgroup_version = sample::known("1".into(), "CgroupVersion");
        facts
    }

    fn off(limits: &mut Limits) {
        limits.oom_kill_disable = sample::known(true, "HostConfig.OomKillDisable");
    }

    #[test]
    fn without_a_memory_limit_it_is_worse() {
        assert_eq!(assert_fails(oom_killer, &with(off)).severity, Some(Severity::High));
        let limited = with(|l| {
            off(l);
            l.memory = sample::known(64 << 20, "HostConfig.Memory");
        });
        assert_eq!(assert_fails(oom_killer, &limited).severity, Some(Severity::Medium));
    }

    #[test]
    fn where_the_kernel_does_not_heed_it_it_is_worth_knowing() {
        assert_eq!(
            assert_fails(oom_killer, &case_with(|c| off(&mut c.limits))).severity,
            Some(Severity::Info)
        );
    }

    #[test]
    fn a_low_score_fails_by_whether_the_engine_goes_first() {
        for (score, severity) in
            [(-1000, Severity::Medium), (-500, Severity::Medium), (-1, Severity::Low)]
        {
            let facts = with(|l| l.oom_score_adj = sample::known(score, "HostConfig.OomScoreAdj"));
            assert_eq!(assert_fails(oom_killer, &facts).severity, Some(severity), "{score}");
        }
    }

    #[test]
    fn nothing_said_false_and_a_higher_score_pass() {
        assert_passes(oom_killer, &with(|_| ()));
        assert_passes(oom_killer, &with(|l| l.oom_kill_disable = sample::known(false, "x")));
        assert_passes(oom_killer, &with(|l| l.oom_score_adj = sample::known(500, "x")));
    }

    #[test]
    fn unreadable_settings_are_never_a_pass() {
        assert_unknown(oom_killer, &with(|l| l.oom_kill_disable = sample::unknown("x")));
        assert_unknown(oom_killer, &with(|l| l.oom_score_adj = sample::unknown("x")));
    }
}

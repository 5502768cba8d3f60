use dockward_model::facts::{Case, Fact, Field, Limits};
use dockward_model::verdict::{Evidence, Failure, Outcome};

use crate::limit;

crate::rule! {
    /// ## Why
    /// Without a limit a container may use every CPU of the host: an endless loop, or a miner that
    /// somebody put into it, then slows down all its neighbours and the engine.
    ///
    /// ## Fix
    /// `--cpus 1.5` (Compose `cpus: 1.5`, or `deploy.resources.limits.cpus`) is a limit;
    /// `--cpuset-cpus 0,1` keeps it on these CPUs; `--cpu-shares 512` is its weight where CPUs are
    /// short. `docker update` does it while it runs.
    ///
    /// ## References
    /// CIS Docker Benchmark 5.12, which asks for shares only; cgroups(7), `cpu.max`.
    id: "container-cpu-limit", title: "CPU time is limited",
    severity: Low, cis16: ["5.12"], cis18: ["5.12"], judge: cpu_limit
}

/// The weight that every container has unless told otherwise.
const DEFAULT_SHARES: i64 = 1024;

fn cpu_limit(case: &Case<'_>) -> Outcome {
    let limits = &case.container.limits;
    let kernel = case.container.kernel().map(|kernel| &kernel.cgroup.cpu_millis);
    let time = match limit::in_force(&limits.nano_cpus, kernel) {
        found
            if found.get() == Some(&None) && kernel.is_none_or(|k| k.fact.unknown().is_some()) =>
        {
            limit::in_force(&limits.cpu_quota, None)
        }
        found => found,
    };
    match time.get() {
        Some(Some(_)) => Outcome::Pass,
        _ if is_weighted(limits) => Outcome::Pass,
        Some(None) => unread(limits).unwrap_or_else(|| fail(&time)),
        None => Outcome::unread(&time),
    }
}

/// Whether it has CPUs of its own or a weight other than the default.
fn is_weighted(limits: &Limits) -> bool {
    let shares = limits.cpu_shares.get().is_some_and(|&n| n > 0 && n != DEFAULT_SHARES);
    shares || limits.cpuset_cpus.get().is_some_and(|list| !list.is_empty())
}

/// Unknown where one of the ways to limit could not be read.
fn unread(limits: &Limits) -> Option<Outcome> {
    let of = |field: &Field<i64>| field.fact.unknown().map(|_| Outcome::unread(field));
    let set = &limits.cpuset_cpus;
    let set = matches!(set.fact, Fact::Unknown(_)).then(|| Outcome::unread(set));
    of(&limits.cpu_quota).or_else(|| of(&limits.cpu_shares)).or(set)
}

fn fail(time: &Field<Option<u64>>) -> Outcome {
    let evidence = Evidence::of(time, "no limit", "a limit, a set of CPUs or a weight");
    let fix = "`--cpus 1.5` (`cpus: 1.5`), or `docker update --cpus 1.5` while it runs";
    Failure::new("can use every CPU of the host", evidence, fix).into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::judged::{
        Facts, assert_fails, assert_passes, assert_unknown, case_with, running_with,
    };
    use dockward_model::facts::sample;

    fn limited(change: impl FnOnce(&mut Limits)) -> Facts {
        case_with(|c| change(&mut c.limits))
    }

    #[test]
    fn every_form_of_limit_passes() {
        assert_passes(
            cpu_limit,
            &limited(|l| l.nano_cpus = sample::known(500_000_000, "NanoCpus")),
        );
        assert_passes(cpu_limit, &limited(|l| l.cpu_quota = sample::known(50_000, "CpuQuota")));
        assert_passes(cpu_limit, &limited(|l| l.cpuset_cpus = sample::known("0-1".into(), "Cpus")));
        assert_passes(cpu_limit, &limited(|l| l.cpu_shares = sample::known(512, "CpuShares")));
        let running = running_with(|k| k.cgroup.cpu_millis = sample::known(500, "cpu.max"));
        assert_passes(cpu_limit, &running);
    }

    #[test]
    fn nothing_said_the_default_weight_and_no_end_fail() {
        assert_fails(cpu_limit, &case_with(|_| ()));
        assert_fails(cpu_limit, &limited(|l| l.cpu_shares = sample::known(1024, "CpuShares")));
        assert_fails(cpu_limit, &limited(|l| l.cpu_quota = sample::known(-1, "CpuQuota")));
    }

    #[test]
    fn a_limit_that_the_kernel_does_not_have_fails_but_a_weight_still_counts() {
        let mut facts = running_with(|_| ());
        facts.container.limits.cpu_quota = sample::known(50_000, "CpuQuota");
        assert_fails(cpu_limit, &facts);
        facts.container.limits.cpu_shares = sample::known(512, "CpuShares");
        assert_passes(cpu_limit, &facts);
    }

    #[test]
    fn where_the_kernel_could_not_be_asked_what_is_written_decides() {
        let mut facts = running_with(|k| k.cgroup.cpu_millis = sample::unknown("cpu.max"));
        facts.container.limits.cpu_quota = sample::known(50_000, "CpuQuota");
        assert_passes(cpu_limit, &facts);
    }

    #[test]
    fn an_unreadable_limit_is_never_a_pass_nor_a_failure() {
        assert_unknown(cpu_limit, &limited(|l| l.nano_cpus = sample::unknown("NanoCpus")));
        assert_unknown(cpu_limit, &limited(|l| l.cpu_quota = sample::unknown("CpuQuota")));
        assert_unknown(cpu_limit, &limited(|l| l.cpu_shares = sample::unknown("CpuShares")));
        assert_unknown(cpu_limit, &limited(|l| l.cpuset_cpus = sample::unknown("CpusetCpus")));
    }
}

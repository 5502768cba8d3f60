use dockward_model::facts::{Case, Field};
use dockward_model::verdict::{Evidence, Failure, Outcome};

use crate::limit;

crate::rule! {
    /// ## Why
    /// Without a limit one container can take all of the host's memory: by a leak, or because
    /// somebody sends it the right requests. Then the kernel kills whatever it finds largest, which
    /// may be the database next door or the engine. A reservation is a wish and holds nothing.
    ///
    /// ## Fix
    /// `--memory 512m --memory-swap 512m` (Compose `mem_limit: 512m`, or
    /// `deploy.resources.limits.memory`); `docker update` does it while it runs. Take a value with
    /// some room above what `docker stats` shows under load.
    ///
    /// ## References
    /// CIS Docker Benchmark 5.11; cgroups(7), `memory.max`.
    id: "container-memory-limit", title: "memory is limited",
    severity: Medium, cis16: ["5.11"], cis18: ["5.11"], judge: memory_limit
}

fn memory_limit(case: &Case<'_>) -> Outcome {
    let kernel = case.container.kernel().map(|kernel| &kernel.cgroup.memory);
    let limit = limit::in_force(&case.container.limits.memory, kernel);
    limit.judge(Outcome::Pass, |bytes| match (*bytes, case.host.memory_bytes.get()) {
        (None, _) => fail(case, &limit),
        (Some(bytes), Some(&all)) if bytes > all => above(&limit, bytes, all),
        (Some(_), _) => Outcome::Pass,
    })
}

fn fail(case: &Case<'_>, limit: &Field<Option<u64>>) -> Outcome {
    let limits = &case.container.limits;
    let message = if limits.memory_reservation.get().is_some_and(|bytes| *bytes > 0) {
        "has a memory reservation but no limit: it can take all of the host's memory"
    } else {
        "can take all of the host's memory"
    };
    Failure::new(message, Evidence::of(limit, "no limit", "a limit in bytes"), FIX).into()
}

fn above(limit: &Field<Option<u64>>, bytes: u64, all: u64) -> Outcome {
    let message = "has a memory limit above what the host has, which limits nothing";
    let evidence = Evidence::of(limit, bytes.to_string(), format!("less than the host's {all}"));
    Failure::new(message, evidence, FIX).into()
}

const FIX: &str = "`--memory 512m --memory-swap 512m` (`mem_limit: 512m`), or `docker update` it";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::judged::{assert_fails, assert_passes, assert_unknown, case_with, running_with};
    use dockward_model::facts::sample;
    use dockward_model::verdict::Level;

    #[test]
    fn a_limit_passes_as_written_and_as_in_force() {
        let facts = case_with(|c| c.limits.memory = sample::known(64 << 20, "HostConfig.Memory"));
        assert_passes(memory_limit, &facts);
        let facts = running_with(|k| k.cgroup.memory = sample::known(64 << 20, "memory.max"));
        assert_passes(memory_limit, &facts);
    }

    #[test]
    fn nothing_said_fails_and_so_does_zero() {
        assert_fails(memory_limit, &case_with(|_| ()));
        let zero = case_with(|c| c.limits.memory = sample::known(0, "HostConfig.Memory"));
        assert_fails(memory_limit, &zero);
    }

    #[test]
    fn a_limit_that_the_kernel_does_not_have_fails() {
        let mut facts = running_with(|_| ());
        facts.container.limits.memory = sample::known(64 << 20, "HostConfig.Memory");
        let failure = assert_fails(memory_limit, &facts);
        assert_eq!(failure.evidence[0].level, Level::Effective);
    }

    #[test]
    fn a_reservation_holds_nothing() {
        let facts = case_with(|c| c.limits.memory_reservation = sample::known(1 << 20, "x"));
        assert!(assert_fails(memory_limit, &facts).message.contains("reservation"));
    }

    #[test]
    fn a_limit_above_what_the_host_has_fails() {
        let mut facts =
            case_with(|c| c.limits.memory = sample::known(9 << 30, "HostConfig.Memory"));
        facts.host.memory_bytes = sample::known(8 << 30, "MemTotal");
        assert!(assert_fails(memory_limit, &facts).message.contains("above"));
    }

    #[test]
    fn an_unreadable_limit_is_never_a_pass() {
        let facts = case_with(|c| c.limits.memory = sample::unknown("HostConfig.Memory"));
        assert_unknown(memory_limit, &facts);
    }
}

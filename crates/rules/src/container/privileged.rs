use dockward_model::facts::Case;
use dockward_model::verdict::{Evidence, Failure, Foothold, Gain, Outcome};

crate::rule! {
    /// ## Why
    /// `--privileged` switches off what makes a container a container: it gets every capability
    /// and every device of the host, and no seccomp filter, AppArmor profile or masked path stands
    /// in between. Root in it mounts the host's disk and is root on the host.
    ///
    /// ## Fix
    /// Drop `privileged: true` and grant the one thing that is needed: a device with `devices:`, a
    /// capability with `cap_add:`.
    ///
    /// ## References
    /// CIS Docker Benchmark 5.5, and 5.4 and 5.22, since such a container has every capability and
    /// no seccomp filter; moby `daemon/oci_linux.go`; capabilities(7).
    id: "container-privileged", title: "containers do not run privileged",
    severity: Critical, cis16: ["5.4", "5.5", "5.22"], cis18: ["5.4", "5.5", "5.22"], judge: privileged
}

fn privileged(case: &Case<'_>) -> Outcome {
    let field = &case.container.privileged;
    field.judge(Outcome::Pass, |&on| if on { fail(case) } else { Outcome::Pass })
}

fn fail(case: &Case<'_>) -> Outcome {
    let evidence = Evidence::of(&case.container.privileged, "true", "false");
    let failure = Failure::new(
        "runs privileged: every capability, every device, no filter",
        evidence,
        "remove `--privileged` (`privileged: true`); grant the device or capability it needs",
    );
    failure.opens(Gain::HostRoot, Foothold::RootInContainer).into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::judged::{assert_fails, assert_passes, assert_unknown, case_with};
    use dockward_model::facts::sample;

    #[test]
    fn a_privileged_container_fails_and_is_root_on_the_host() {
        let case = case_with(|c| c.privileged = sample::known(true, "HostConfig.Privileged"));
        let failure = assert_fails(privileged, &case);
        assert_eq!(failure.openings[0].gain, Gain::HostRoot);
    }

    #[test]
    fn an_unprivileged_one_passes() {
        let case = case_with(|c| c.privileged = sample::known(false, "HostConfig.Privileged"));
        assert_passes(privileged, &case);
    }

    #[test]
    fn nothing_said_is_unprivileged() {
        let case = case_with(|c| c.privileged = sample::absent("HostConfig.Privileged"));
        assert_passes(privileged, &case);
    }

    #[test]
    fn an_unreadable_flag_is_never_a_pass() {
        let case = case_with(|c| c.privileged = sample::unknown("HostConfig.Privileged"));
        assert_unknown(privileged, &case);
    }
}

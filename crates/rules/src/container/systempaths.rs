use dockward_model::facts::Case;
use dockward_model::verdict::{Failure, Gain, Outcome, Severity};

use crate::standing::{opens_as_root, said_of_privileged, seen};

crate::rule! {
    /// ## Why
    /// The engine hides `/proc/kcore`, `/proc/keys` and their like, and makes `/proc/sys` and
    /// `/proc/sysrq-trigger` read-only. `systempaths=unconfined` takes both away. Root in the
    /// container then writes `/proc/sys/kernel/core_pattern`, which names a program that the kernel
    /// starts as root on the host: no capability is asked for. AppArmor's and SELinux's usual
    /// profiles still forbid that write.
    ///
    /// ## Fix
    /// Remove `--security-opt systempaths=unconfined` (`security_opt:`). A single setting of the
    /// container's own namespaces is `--sysctl` (`sysctls:`).
    ///
    /// ## References
    /// moby `oci/defaults.go` (MaskedPaths, ReadonlyPaths); core(5); proc_sys_kernel(5). Not in CIS.
    id: "container-systempaths", title: "the kernel's files stay masked and read-only",
    severity: Critical, cis16: [], cis18: [], judge: systempaths
}

fn systempaths(case: &Case<'_>) -> Outcome {
    if let Some(outcome) = said_of_privileged(case) {
        return outcome;
    }
    let field = &case.effective.system_paths_masked;
    field.judge(Outcome::unread(field), |&on| if on { Outcome::Pass } else { fail(case).into() })
}

fn fail(case: &Case<'_>) -> Failure {
    let evidence = seen(&case.effective.system_paths_masked, "unconfined", "the engine's lists");
    let fix = "remove `--security-opt systempaths=unconfined` (`security_opt:`)";
    if case.effective.is_held_by_lsm() {
        let message = "the kernel's files are bare: only AppArmor or SELinux guards /proc/sys";
        return opens_as_root(case, Failure::new(message, evidence, fix), Severity::Medium, None);
    }
    let message = "/proc/sys is writable: root in it has the kernel start a program on the host";
    let failure = Failure::new(message, evidence, fix);
    opens_as_root(case, failure, Severity::Critical, Some(Gain::HostRoot))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::judged::{
        assert_fails, assert_not_applicable, assert_passes, assert_unknown, case_with,
        under_options,
    };
    use dockward_model::facts::{Container, sample};

    fn bare(c: &mut Container) {
        c.masked_paths = sample::known(Vec::new(), "HostConfig.MaskedPaths");
        c.readonly_paths = sample::known(Vec::new(), "HostConfig.ReadonlyPaths");
    }

    #[test]
    fn bare_paths_without_another_guard_are_root_on_the_host() {
        let failure = assert_fails(systempaths, &under_options(&["name=seccomp"], bare));
        assert_eq!(failure.severity, Some(Severity::Critical));
        assert_eq!(failure.openings[0].gain, Gain::HostRoot);
    }

    #[test]
    fn apparmor_still_guards_them() {
        let failure = assert_fails(systempaths, &case_with(bare));
        assert_eq!((failure.severity, failure.openings.len()), (Some(Severity::Medium), 0));
    }

    #[test]
    fn root_of_another_user_namespace_cannot_write_there() {
        let failure = assert_fails(systempaths, &under_options(&["name=userns"], bare));
        assert_eq!((failure.severity, failure.openings.len()), (Some(Severity::Medium), 0));
    }

    #[test]
    fn the_engines_lists_pass_said_or_unsaid() {
        assert_passes(systempaths, &case_with(|_| ()));
        let said = vec!["/proc/kcore".into()];
        assert_passes(systempaths, &case_with(|c| c.masked_paths = sample::known(said, "")));
    }

    #[test]
    fn an_unreadable_list_is_never_a_pass() {
        let case = case_with(|c| c.masked_paths = sample::unknown("HostConfig.MaskedPaths"));
        assert_unknown(systempaths, &case);
    }

    #[test]
    fn a_privileged_container_is_told_once() {
        let case = case_with(|c| c.privileged = sample::known(true, "HostConfig.Privileged"));
        assert_not_applicable(systempaths, &case);
    }
}

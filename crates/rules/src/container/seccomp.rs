use dockward_model::facts::{Case, Seccomp};
use dockward_model::verdict::{Failure, Outcome, Severity};

use crate::standing::{said_of_privileged, seen};

crate::rule! {
    /// ## Why
    /// The engine's seccomp filter keeps some sixty system calls away from a container, among them
    /// the ones that most escapes through a kernel flaw began with (`keyctl`, `userfaultfd`,
    /// `unshare` of user namespaces, `bpf`). Without it any user in the container may try them all.
    ///
    /// ## Fix
    /// Remove `seccomp=unconfined` from `--security-opt` (`security_opt:`). Where one call is
    /// missing, give a profile that adds it to the engine's own. A daemon started with
    /// `"seccomp-profile": "unconfined"` does the same to all containers.
    ///
    /// ## References
    /// CIS Docker Benchmark 5.22; seccomp(2); moby `profiles/seccomp/default.json`. Read in both
    /// spellings (`seccomp=` and `seccomp:`), of the daemon, and from the kernel.
    id: "container-seccomp", title: "a seccomp filter is in force",
    severity: Medium, cis16: ["5.22"], cis18: ["5.22"], judge: seccomp
}

fn seccomp(case: &Case<'_>) -> Outcome {
    if let Some(outcome) = said_of_privileged(case) {
        return outcome;
    }
    let field = &case.effective.seccomp;
    field.judge(Outcome::unread(field), |filter| match filter {
        Seccomp::Default | Seccomp::Custom => Outcome::Pass,
        Seccomp::Unconfined => fail(case).into(),
        Seccomp::AllowsUnnamed => fail_by_name(case).into(),
    })
}

fn fail(case: &Case<'_>) -> Failure {
    let evidence = seen(&case.effective.seccomp, "unconfined", "the engine's own filter");
    Failure::new(
        "no seccomp filter: every system call of the kernel is open to an attack from it",
        evidence,
        "remove `--security-opt seccomp=unconfined` (`security_opt:`), or the daemon's \
         `seccomp-profile`",
    )
}

fn fail_by_name(case: &Case<'_>) -> Failure {
    let evidence = seen(&case.effective.seccomp, "allows what it doesn't name", "SCMP_ACT_ERRNO");
    Failure::new(
        "its own seccomp profile allows every system call that it doesn't name",
        evidence,
        "start from the engine's own profile and add the calls that are missing",
    )
    .severity(Severity::Low)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::judged::{
        Facts, assert_fails, assert_not_applicable, assert_passes, assert_unknown, case_with,
        running_with, under_options,
    };
    use dockward_model::facts::sample;
    use dockward_model::verdict::Level;

    fn option(text: &str) -> Facts {
        case_with(|c| c.security_opt = sample::known(vec![text.into()], "HostConfig.SecurityOpt"))
    }

    #[test]
    fn unconfined_fails_in_both_spellings() {
        for spelling in ["seccomp=unconfined", "seccomp:unconfined"] {
            assert_fails(seccomp, &option(spelling));
        }
        assert_fails(seccomp, &option(r#"seccomp={"defaultAction":"SCMP_ACT_ALLOW"}"#));
    }

    #[test]
    fn the_engines_filter_passes_said_or_unsaid() {
        assert_passes(seccomp, &option("seccomp=builtin"));
        assert_passes(seccomp, &case_with(|_| ()));
        assert_passes(seccomp, &option(r#"seccomp={"defaultAction":"SCMP_ACT_ERRNO"}"#));
    }

    #[test]
    fn a_profile_that_allows_what_it_does_not_name_is_a_layer_less() {
        let json =
            r#"seccomp={"defaultAction":"SCMP_ACT_ALLOW","syscalls":[{"action":"SCMP_ACT_KILL"}]}"#;
        assert_eq!(assert_fails(seccomp, &option(json)).severity, Some(Severity::Low));
    }

    #[test]
    fn a_daemon_without_a_filter_fails_all_its_containers() {
        let wide = under_options(&["name=seccomp,profile=unconfined"], |_| ());
        assert_eq!(assert_fails(seccomp, &wide).evidence[0].level, Level::Effective);
        assert_fails(seccomp, &under_options(&["name=apparmor"], |_| ()));
    }

    #[test]
    fn the_kernels_word_decides() {
        let none = sample::known(0, "Seccomp");
        assert_fails(seccomp, &running_with(|k| k.seccomp = none));
    }

    #[test]
    fn an_unreadable_list_is_never_a_pass() {
        let case = case_with(|c| c.security_opt = sample::unknown("HostConfig.SecurityOpt"));
        assert_unknown(seccomp, &case);
    }

    #[test]
    fn a_privileged_container_is_told_once() {
        let case = case_with(|c| c.privileged = sample::known(true, "HostConfig.Privileged"));
        assert_not_applicable(seccomp, &case);
    }
}

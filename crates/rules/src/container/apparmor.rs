use dockward_model::facts::{Case, Confinement, Fact};
use dockward_model::verdict::{Failure, Outcome, Severity};

use crate::standing::{counted_if_privileged, said_of_privileged, seen};

crate::rule! {
    /// ## Why
    /// The engine's AppArmor profile keeps root in a container from mounting, from writing the
    /// kernel's settings below `/proc/sys`, and from reaching into processes outside. It holds even
    /// where a capability or an unmasked path would otherwise let an attacker through.
    ///
    /// ## Fix
    /// Remove `apparmor=unconfined` from `--security-opt` (`security_opt:`). A program that needs
    /// more gets a profile of its own, loaded in enforce mode. An engine that doesn't use AppArmor
    /// on a host that has it lacks `apparmor_parser`: install the `apparmor` package.
    ///
    /// ## References
    /// CIS Docker Benchmark 5.2; moby `profiles/apparmor/template.go`. A kernel without AppArmor
    /// doesn't fail, as it does with docker-bench-security.
    id: "container-apparmor", title: "an AppArmor profile is in force where the host has AppArmor",
    severity: Medium, cis16: ["5.2"], cis18: ["5.2"], judge: apparmor
}

fn apparmor(case: &Case<'_>) -> Outcome {
    let field = &case.effective.apparmor;
    match &field.fact {
        Fact::Known(Confinement::Confined(_)) => Outcome::Pass,
        Fact::Known(Confinement::OnlyLogs(name)) => only_logs(case, name).into(),
        Fact::Known(Confinement::Unconfined) => {
            counted_if_privileged(case, unconfined(case)).into()
        }
        Fact::Unknown(_) => Outcome::unread(field),
        Fact::Absent => said_of_privileged(case).unwrap_or_else(|| unused(case)),
    }
}

fn unconfined(case: &Case<'_>) -> Failure {
    Failure::new(
        "no AppArmor profile: nothing but capabilities stands between root in it and the kernel",
        seen(&case.effective.apparmor, "unconfined", "docker-default (enforce)"),
        "remove `--security-opt apparmor=unconfined` (`security_opt:`)",
    )
}

fn only_logs(case: &Case<'_>, name: &str) -> Failure {
    let seen = seen(&case.effective.apparmor, format!("{name} (complain)"), "enforce");
    let message = "its AppArmor profile only logs and stops nothing";
    Failure::new(message, seen, format!("switch the profile to enforce: `aa-enforce {name}`"))
}

/// The engine doesn't use AppArmor: because the host has none, or although it has.
fn unused(case: &Case<'_>) -> Outcome {
    let asked = case.container.security_opt.get().and_then(|list| {
        list.iter().find(|o| matches!(o.as_str(), "apparmor=unconfined" | "apparmor:unconfined"))
    });
    let lsms = &case.host.lsms;
    match (&lsms.fact, asked) {
        (Fact::Known(list), _) if list.iter().any(|lsm| lsm == "apparmor") => {
            let seen = seen(&case.effective.apparmor, "not used by the engine", "name=apparmor");
            let message =
                "no AppArmor profile: the host has AppArmor and the engine doesn't use it";
            Failure::new(message, seen, "install `apparmor` on the host and restart the engine")
                .into()
        }
        (_, Some(option)) => {
            let seen = seen(&case.container.security_opt, option, "no such option");
            let message = "asks for no AppArmor profile; this host has none to lose, another may";
            let fix = "remove `--security-opt apparmor=unconfined` (`security_opt:`)";
            Failure::new(message, seen, fix).severity(Severity::Low).into()
        }
        (Fact::Unknown(_), None) => Outcome::unread(lsms),
        (_, None) => Outcome::NotApplicable("this kernel has no AppArmor".into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::judged::{
        assert_fails, assert_not_applicable, assert_passes, assert_unknown, case_with,
        running_with, under_options,
    };
    use dockward_model::facts::{Container, sample};

    fn option(text: &str) -> impl FnOnce(&mut Container) {
        move |c| c.security_opt = sample::known(vec![text.into()], "HostConfig.SecurityOpt")
    }

    #[test]
    fn unconfined_fails_in_both_spellings() {
        for spelling in ["apparmor=unconfined", "apparmor:unconfined"] {
            assert_eq!(assert_fails(apparmor, &case_with(option(spelling))).severity, None);
        }
    }

    #[test]
    fn the_engines_profile_passes_said_or_unsaid() {
        assert_passes(apparmor, &case_with(|_| ()));
        assert_passes(apparmor, &case_with(option("apparmor=docker-default")));
    }

    #[test]
    fn the_kernels_word_decides() {
        let label = |text: &str| sample::known(text.to_owned(), "attr/current");
        assert_fails(apparmor, &running_with(|k| k.lsm_label = label("unconfined")));
        assert_fails(apparmor, &running_with(|k| k.lsm_label = label("web (complain)")));
        assert_passes(apparmor, &running_with(|k| k.lsm_label = label("web (enforce)")));
    }

    #[test]
    fn a_host_without_apparmor_is_not_blamed() {
        let mut case = under_options(&["name=seccomp"], |_| ());
        case.host.lsms = sample::known(vec!["capability".into(), "selinux".into()], "");
        assert_not_applicable(apparmor, &case);
        option("apparmor=unconfined")(&mut case.container);
        assert_eq!(assert_fails(apparmor, &case).severity, Some(Severity::Low));
    }

    #[test]
    fn an_engine_that_does_not_use_what_the_host_has_fails() {
        assert_fails(apparmor, &under_options(&["name=seccomp"], |_| ()));
    }

    #[test]
    fn a_privileged_one_counts_and_is_told_of_elsewhere() {
        let privileged =
            |c: &mut Container| c.privileged = sample::known(true, "HostConfig.Privileged");
        let failure = assert_fails(apparmor, &case_with(privileged));
        assert_eq!(failure.severity, Some(Severity::Low));
        assert!(failure.openings.is_empty() && failure.fix.contains("container-privileged"));
        assert_not_applicable(apparmor, &under_options(&["name=seccomp"], privileged));
    }

    #[test]
    fn what_could_not_be_read_is_never_a_pass() {
        assert_unknown(apparmor, &case_with(|c| c.security_opt = sample::unknown("SecurityOpt")));
        let mut case = under_options(&["name=seccomp"], |_| ());
        case.host.lsms = sample::unknown("lsm");
        assert_unknown(apparmor, &case);
    }
}

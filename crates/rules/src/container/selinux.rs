use dockward_model::facts::{Case, Confinement, Fact, NamespaceMode};
use dockward_model::verdict::{Failure, Outcome, Severity};

use crate::standing::{counted_if_privileged, said_of_privileged, seen};

crate::rule! {
    /// ## Why
    /// SELinux gives each container a type and a category of its own: root that breaks out of it
    /// still may not read the host's files or another container's. `label=disable` and the type
    /// `spc_t` take that away from one container; an engine without `selinux-enabled` from all.
    ///
    /// ## Fix
    /// Remove `label=disable` from `--security-opt` (`security_opt:`) and mount with `:Z` or `:z`
    /// instead. Switch it on in the engine with `"selinux-enabled": true` in daemon.json.
    ///
    /// ## References
    /// CIS Docker Benchmark 5.3; container_selinux(8). Only labels count: docker-bench-security
    /// takes any security option for one. The engine itself drops the label with `--pid host` and
    /// `--ipc host`.
    id: "container-selinux", title: "an SELinux label is in force where the host has SELinux",
    severity: Medium, cis16: ["5.3"], cis18: ["5.3"], judge: selinux
}

fn selinux(case: &Case<'_>) -> Outcome {
    let field = &case.effective.selinux;
    match &field.fact {
        Fact::Known(Confinement::Confined(_)) => Outcome::Pass,
        Fact::Known(Confinement::Unconfined | Confinement::OnlyLogs(_)) => {
            counted_if_privileged(case, unconfined(case)).into()
        }
        Fact::Unknown(_) => Outcome::unread(field),
        Fact::Absent => said_of_privileged(case).unwrap_or_else(|| unused(case)),
    }
}

fn unconfined(case: &Case<'_>) -> Failure {
    Failure::new(
        "no SELinux confinement: an escape from it meets no second wall",
        seen(&case.effective.selinux, "not confined", "container_t or a type of its own"),
        "remove `--security-opt label=disable` (`security_opt:`); mount with `:Z` or `:z`",
    )
}

/// The engine doesn't use SELinux: because the host has none, or although it has.
fn unused(case: &Case<'_>) -> Outcome {
    let lsms = &case.host.lsms;
    match &lsms.fact {
        Fact::Known(list) if list.iter().any(|lsm| lsm == "selinux") => {
            let seen = seen(&case.effective.selinux, "not used by the engine", "name=selinux");
            let message = "no label of its own: the host has SELinux and the engine doesn't use it";
            let fix = "set `\"selinux-enabled\": true` in daemon.json";
            Failure::new(message, seen, fix).severity(Severity::Low).into()
        }
        _ if let Some(option) = disables(case) => {
            let seen = seen(&case.container.security_opt, option, "no such option");
            let message = "asks for no SELinux label; this host has none to lose, another may";
            let fix = "remove `--security-opt label=disable` (`security_opt:`)";
            Failure::new(message, seen, fix).severity(Severity::Low).into()
        }
        Fact::Unknown(_) => Outcome::unread(lsms),
        Fact::Known(_) | Fact::Absent => {
            Outcome::NotApplicable("this kernel has no SELinux".into())
        }
    }
}

/// The option that takes the label away, unless it is the engine's own doing (moby
/// `daemon/create_unix.go`, `generateSecurityOpt`).
fn disables<'a>(case: &'a Case<'_>) -> Option<&'a str> {
    let shares = |mode: Option<&NamespaceMode>| mode == Some(&NamespaceMode::Host);
    if shares(case.effective.pid.get()) || shares(case.effective.ipc.get()) {
        return None;
    }
    let list = case.container.security_opt.get()?;
    list.iter().map(String::as_str).find(|o| matches!(*o, "label=disable" | "label:disable"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::judged::{
        Facts, assert_fails, assert_not_applicable, assert_passes, assert_unknown, case_with,
        under_options,
    };
    use dockward_model::facts::{Container, sample};

    fn on_selinux(change: impl FnOnce(&mut Container)) -> Facts {
        let mut case = under_options(&["name=seccomp,profile=builtin", "name=selinux"], change);
        case.host.lsms = sample::known(vec!["capability".into(), "selinux".into()], "");
        case
    }

    fn option(text: &str) -> impl FnOnce(&mut Container) {
        move |c| c.security_opt = sample::known(vec![text.into()], "HostConfig.SecurityOpt")
    }

    #[test]
    fn disabling_the_label_fails_in_every_spelling() {
        for text in ["label=disable", "label:disable", "label=type:spc_t"] {
            assert_fails(selinux, &on_selinux(option(text)));
        }
    }

    #[test]
    fn the_engines_label_passes_and_other_options_say_nothing_about_it() {
        assert_passes(selinux, &on_selinux(|_| ()));
        assert_passes(selinux, &on_selinux(option("label=level:s0:c100,c200")));
        assert_passes(selinux, &on_selinux(option("seccomp=unconfined")));
    }

    #[test]
    fn a_privileged_one_counts_and_is_told_of_elsewhere() {
        let privileged =
            |c: &mut Container| c.privileged = sample::known(true, "HostConfig.Privileged");
        let failure = assert_fails(selinux, &on_selinux(privileged));
        assert_eq!(failure.severity, Some(Severity::Low));
        assert!(failure.openings.is_empty() && failure.fix.contains("container-privileged"));
        assert_not_applicable(selinux, &case_with(privileged));
    }

    #[test]
    fn an_engine_that_does_not_use_what_the_host_has_is_a_layer_less() {
        let mut case = on_selinux(option("seccomp=unconfined"));
        case.daemon.security_options = sample::known(vec!["name=seccomp".into()], "");
        assert_eq!(assert_fails(selinux, &case).severity, Some(Severity::Low));
    }

    #[test]
    fn a_host_without_selinux_is_not_blamed() {
        assert_not_applicable(selinux, &under_options(&["name=apparmor"], |_| ()));
        let asked = under_options(&["name=apparmor"], option("label=disable"));
        assert_eq!(assert_fails(selinux, &asked).severity, Some(Severity::Low));
        let by_the_engine = under_options(&["name=apparmor"], |c| {
            option("label=disable")(c);
            c.pid_mode = sample::known("host".into(), "HostConfig.PidMode");
        });
        assert_not_applicable(selinux, &by_the_engine);
    }

    #[test]
    fn what_could_not_be_read_is_never_a_pass() {
        assert_unknown(selinux, &on_selinux(|c| c.security_opt = sample::unknown("SecurityOpt")));
        let mut case = under_options(&["name=seccomp"], |_| ());
        case.host.lsms = sample::unknown("lsm");
        assert_unknown(selinux, &case);
    }
}

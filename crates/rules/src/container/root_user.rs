use dockward_model::facts::{CapSet, Case, RunsAs, UserNamespace};
use dockward_model::verdict::{Failure, Outcome, Severity};

use crate::standing::seen;

crate::rule! {
    /// ## Why
    /// A process that starts as uid 0 hands an intruder every tool of the container's root: its
    /// capabilities, all of its files, and each mount and device that only root may touch. Nearly
    /// every way out of a container begins there. Without a user namespace that uid 0 is the
    /// host's own.
    ///
    /// ## Fix
    /// `--user 1000:1000` (`user: "1000:1000"`), or `USER 1000` in the Dockerfile. What must begin
    /// as root and then steps down gets `--cap-drop ALL` and only `SETUID`, `SETGID` and what else
    /// it needs.
    ///
    /// ## References
    /// CIS Docker Benchmark 4.1; Dockerfile reference, `USER`. Every spelling counts (`0`, `0:0`,
    /// `root`, a name with uid 0, nothing): docker-bench-security passes `0:0`.
    id: "container-root-user", title: "it doesn't run as root",
    severity: Medium, cis16: ["4.1"], cis18: ["4.1"], judge: root_user
}

fn root_user(case: &Case<'_>) -> Outcome {
    let field = &case.effective.runs_as;
    field.judge(Outcome::unread(field), |user| match (user, case.effective.userns.get()) {
        (RunsAs::Uid(_), _) | (RunsAs::Root, Some(UserNamespace::Remapped)) => Outcome::Pass,
        (RunsAs::Root, _) => fail(case).into(),
    })
}

fn fail(case: &Case<'_>) -> Failure {
    let written = case.container.user.get().map_or("no user", String::as_str);
    let written = if written.is_empty() { "no user" } else { written };
    let bare = case.effective.capabilities.get() == Some(&CapSet(0));
    let (message, severity) = if bare {
        ("runs as uid 0, without capabilities", Severity::Low)
    } else {
        ("runs as uid 0, which is uid 0 of the host", Severity::Medium)
    };
    let evidence = seen(&case.effective.runs_as, written, "a user other than uid 0");
    let fix = "`--user 1000:1000` (`user: \"1000:1000\"`), or `USER` in the Dockerfile";
    Failure::new(message, evidence, fix).severity(severity)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::judged::{Facts, assert_fails, assert_passes, assert_unknown, case_with};
    use crate::judged::{running_with, under_options};
    use dockward_model::facts::sample;

    fn user(text: &str) -> Facts {
        case_with(|c| c.user = sample::known(text.into(), "Config.User"))
    }

    #[test]
    fn root_fails_in_every_spelling() {
        for text in ["", "0", "root", "0:0", "root:app", "000:1000", ":1000", "0:1000"] {
            let failure = assert_fails(root_user, &user(text));
            assert_eq!(failure.severity, Some(Severity::Medium), "{text:?}");
        }
    }

    #[test]
    fn a_name_that_means_uid_0_fails() {
        assert_fails(root_user, &user("toor"));
    }

    #[test]
    fn nothing_said_is_root() {
        assert_fails(root_user, &case_with(|c| c.user = sample::absent("Config.User")));
    }

    #[test]
    fn another_user_passes() {
        assert_passes(root_user, &user("1000:0"));
        let mut named = user("app");
        named.container.user_uid = sample::known(1000, "Config.User");
        assert_passes(root_user, &named);
    }

    #[test]
    fn what_could_not_be_read_is_never_a_pass() {
        assert_unknown(root_user, &case_with(|c| c.user = sample::unknown("Config.User")));
        let mut named = user("app");
        named.container.user_uid = sample::unknown("Config.User");
        assert_unknown(root_user, &named);
    }

    #[test]
    fn root_of_another_user_namespace_is_nobody_on_the_host() {
        assert_passes(root_user, &under_options(&["name=userns"], |_| ()));
    }

    #[test]
    fn root_without_capabilities_is_a_layer_less() {
        let case = case_with(|c| c.cap_drop = sample::known(vec!["ALL".into()], "CapDrop"));
        assert_eq!(assert_fails(root_user, &case).severity, Some(Severity::Low));
    }

    #[test]
    fn the_kernel_sees_root_whatever_was_configured() {
        let mut case = running_with(|_| ());
        case.container.user = sample::known("1000".into(), "Config.User");
        assert_fails(root_user, &case);
    }
}

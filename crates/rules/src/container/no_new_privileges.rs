use dockward_model::facts::{Case, RunsAs};
use dockward_model::verdict::{Failure, Outcome, Severity};

use crate::standing::seen;

crate::rule! {
    /// ## Why
    /// With `no-new-privileges` a program can never gain rights by being started: set-uid programs
    /// such as `su`, `mount` or a forgotten `sudo`, and file capabilities, give nothing. Without
    /// it, one set-uid program with a flaw makes an ordinary user in the container its root, and
    /// running as another user is worth little.
    ///
    /// ## Fix
    /// `--security-opt no-new-privileges` (`security_opt: ["no-new-privileges:true"]`), or once for
    /// all containers `"no-new-privileges": true` in daemon.json.
    ///
    /// ## References
    /// CIS Docker Benchmark 5.26 (and 2.14 in 1.6, 2.15 in 1.8 for the engine); prctl(2),
    /// `PR_SET_NO_NEW_PRIVS`. `no-new-privileges:false` fails here; docker-bench-security passes it.
    id: "container-no-new-privileges", title: "programs in it can gain no new privileges",
    severity: Medium, cis16: ["5.26"], cis18: ["5.26"], judge: no_new_privileges
}

fn no_new_privileges(case: &Case<'_>) -> Outcome {
    let field = &case.effective.no_new_privs;
    field.judge(Outcome::unread(field), |&on| if on { Outcome::Pass } else { fail(case).into() })
}

/// Who is root already gains little by a set-uid program.
fn fail(case: &Case<'_>) -> Failure {
    let (message, severity) = match case.effective.runs_as.get() {
        Some(RunsAs::Uid(_)) => ("a set-uid program in it makes its user root", Severity::Medium),
        Some(RunsAs::Root) => {
            ("programs in it may gain privileges by being started", Severity::Low)
        }
        None => ("a set-uid program in it may make its user root", Severity::Medium),
    };
    Failure::new(
        message,
        seen(&case.effective.no_new_privs, "false", "true"),
        "`--security-opt no-new-privileges` (`security_opt: [\"no-new-privileges:true\"]`)",
    )
    .severity(severity)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::judged::{
        Facts, assert_fails, assert_passes, assert_unknown, case_with, running_with, under_options,
    };
    use dockward_model::facts::sample;

    fn option(text: &str) -> Facts {
        case_with(|c| c.security_opt = sample::known(vec![text.into()], "HostConfig.SecurityOpt"))
    }

    #[test]
    fn switched_on_passes_in_every_spelling() {
        for text in ["no-new-privileges", "no-new-privileges:true", "no-new-privileges=1"] {
            assert_passes(no_new_privileges, &option(text));
        }
    }

    #[test]
    fn switched_off_in_words_fails() {
        for text in ["no-new-privileges:false", "no-new-privileges=False", "no-new-privileges=0"] {
            assert_fails(no_new_privileges, &option(text));
        }
    }

    #[test]
    fn nothing_said_fails_and_weighs_more_for_who_is_not_root() {
        let mut case = case_with(|_| ());
        assert_eq!(assert_fails(no_new_privileges, &case).severity, Some(Severity::Low));
        case.container.user = sample::known("1000".into(), "Config.User");
        assert_eq!(assert_fails(no_new_privileges, &case).severity, Some(Severity::Medium));
    }

    #[test]
    fn nothing_said_passes_where_the_daemon_sets_it_for_all() {
        let wide = under_options(&["name=no-new-privileges"], |_| ());
        assert_passes(no_new_privileges, &wide);
    }

    #[test]
    fn what_could_not_be_read_is_never_a_pass() {
        let case = case_with(|c| c.security_opt = sample::unknown("HostConfig.SecurityOpt"));
        assert_unknown(no_new_privileges, &case);
        assert_unknown(no_new_privileges, &option("no-new-privileges=perhaps"));
    }

    #[test]
    fn the_kernels_word_decides() {
        let on = sample::known(true, "NoNewPrivs");
        assert_passes(no_new_privileges, &running_with(|k| k.no_new_privs = on));
    }
}

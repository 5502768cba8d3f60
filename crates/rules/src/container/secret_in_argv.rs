use dockward_model::facts::{Argument, Case, Sighting};
use dockward_model::verdict::{Failure, Outcome};

use crate::{listed, sighted};

crate::rule! {
    /// ## Why
    /// A command line is public: every user of the host reads it with `ps`, monitoring and process
    /// accounting copy it, `docker inspect` and `docker ps --no-trunc` show it, and it stays in the
    /// shell's history. A password given as `--password=…` is known to all of them.
    ///
    /// ## Fix
    /// Let the program read the secret from a file (`--password-file /run/secrets/db`; Compose
    /// `secrets:`) or from standard input. Then change the secret, since it was readable so far.
    ///
    /// ## References
    /// proc_pid_cmdline(5); NIST SP 800-190 3.1.4. No CIS recommendation covers it.
    id: "container-secret-in-argv", title: "no secret stands on the command line",
    severity: Medium, cis16: [], cis18: [], judge: secret_in_argv
}

fn secret_in_argv(case: &Case<'_>) -> Outcome {
    case.container.argv.judge(Outcome::Pass, |words| {
        let secrets: Vec<(usize, &Sighting)> = words
            .iter()
            .enumerate()
            .filter_map(|(i, Argument { secret, .. })| Some((i + 1, secret.as_ref()?)))
            .collect();
        if secrets.is_empty() { Outcome::Pass } else { fail(case, &secrets) }
    })
}

fn fail(case: &Case<'_>, secrets: &[(usize, &Sighting)]) -> Outcome {
    let origin = &case.container.argv.origin;
    let shown = secrets.iter().take(sighted::SHOWN);
    let evidence =
        shown.map(|(i, seen)| sighted::evidence(origin, &format!("word {i}"), seen)).collect();
    Outcome::Fail(Failure {
        severity: Some(sighted::worst(secrets.iter().map(|(_, seen)| *seen))),
        message: format!(
            "is started with {} on its command line, where every user of the host can read it",
            listed::count(secrets.len(), "secret", "secrets")
        ),
        evidence,
        fix: "give the secret as a file (`secrets:`) that the command reads, and change it".into(),
        openings: Vec::new(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::judged::{assert_fails, assert_passes, assert_unknown, case_with};
    use dockward_model::facts::{Container, SecretKind, sample};
    use dockward_model::verdict::Severity;

    fn argv(words: &[(&str, Option<SecretKind>)]) -> impl FnOnce(&mut Container) {
        let word = |(text, kind): &(&str, Option<SecretKind>)| Argument {
            text: (*text).into(),
            secret: kind.map(sighted::sample),
        };
        let words = words.iter().map(word).collect();
        move |c| c.argv = sample::known(words, "Config.Cmd")
    }

    #[test]
    fn a_password_fails_and_says_which_word_it_is() {
        let words = [("app", None), ("--password=[secret]", Some(SecretKind::NamedSecret))];
        let failure = assert_fails(secret_in_argv, &case_with(argv(&words)));
        assert_eq!(failure.severity, Some(Severity::Medium));
        assert!(failure.evidence[0].seen.starts_with("word 2: "), "{:?}", failure.evidence);
    }

    #[test]
    fn a_token_is_worse() {
        let words = [("app", None), ("[token]", Some(SecretKind::Token))];
        let failure = assert_fails(secret_in_argv, &case_with(argv(&words)));
        assert_eq!(failure.severity, Some(Severity::High));
    }

    #[test]
    fn a_command_without_secrets_passes() {
        assert_passes(secret_in_argv, &case_with(argv(&[("nginx", None), ("-g", None)])));
    }

    #[test]
    fn no_command_passes() {
        assert_passes(secret_in_argv, &case_with(|c| c.argv = sample::absent("Config.Cmd")));
    }

    #[test]
    fn an_unreadable_command_is_never_a_pass() {
        assert_unknown(secret_in_argv, &case_with(|c| c.argv = sample::unknown("Config.Cmd")));
    }
}

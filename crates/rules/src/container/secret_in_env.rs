use dockward_model::facts::{Case, EnvVar, Sighting};
use dockward_model::verdict::{Failure, Outcome};

use crate::{listed, sighted};

crate::rule! {
    /// ## Why
    /// The environment is no safe place: everyone who may ask the engine reads it with
    /// `docker inspect`, every process in the container inherits it, and crash reports, debug pages
    /// and child processes carry it out. Whoever gets one foot into the container has all of it,
    /// and with it the database or the cloud account behind.
    ///
    /// ## Fix
    /// Give the secret as a file: Compose `secrets:`, `docker secret` in a swarm, or a file mounted
    /// read-only. Most official images take `NAME_FILE=/run/secrets/…` in the place of `NAME`.
    /// Then change the secret, since it was readable so far.
    ///
    /// ## References
    /// NIST SP 800-190 3.1.4; environ(7); Docker's page on Compose secrets. No CIS recommendation
    /// covers a container's environment (4.10 is about Dockerfiles).
    id: "container-secret-in-env", title: "no secret stands in the environment",
    severity: Medium, cis16: [], cis18: [], judge: secret_in_env
}

fn secret_in_env(case: &Case<'_>) -> Outcome {
    case.container.env.judge(Outcome::Pass, |vars| {
        let secrets: Vec<(&EnvVar, &Sighting)> =
            vars.iter().filter_map(|var| Some((var, var.secret.as_ref()?))).collect();
        if secrets.is_empty() { Outcome::Pass } else { fail(&secrets) }
    })
}

fn fail(secrets: &[(&EnvVar, &Sighting)]) -> Outcome {
    let names: Vec<&str> = secrets.iter().map(|(var, _)| var.name.as_str()).collect();
    let shown = secrets.iter().take(sighted::SHOWN);
    let evidence =
        shown.map(|(var, seen)| sighted::evidence(&var.origin, &var.name, seen)).collect();
    Outcome::Fail(Failure {
        severity: Some(sighted::worst(secrets.iter().map(|(_, seen)| *seen))),
        message: format!(
            "holds {} in its environment, readable with `docker inspect`: {}",
            listed::count(secrets.len(), "secret", "secrets"),
            listed::few(&names)
        ),
        evidence,
        fix: "remove `-e` (`environment:`), mount the secret as a file (`secrets:`), change it"
            .into(),
        openings: Vec::new(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::judged::{assert_fails, assert_passes, assert_unknown, case_with};
    use dockward_model::facts::{Container, SecretKind, sample};
    use dockward_model::verdict::Severity;

    fn env(vars: &[(&str, Option<SecretKind>)]) -> impl FnOnce(&mut Container) {
        let var = |(i, (name, kind)): (usize, &(&str, Option<SecretKind>))| EnvVar {
            name: (*name).into(),
            secret: kind.map(sighted::sample),
            origin: sample::known((), if i == 0 { "Config.Env[0]" } else { "Config.Env[1]" })
                .origin,
        };
        let vars = vars.iter().enumerate().map(var).collect();
        move |c| c.env = sample::known(vars, "Config.Env")
    }

    #[test]
    fn a_password_fails_with_its_name_and_place() {
        let vars = [("PATH", None), ("DB_PASSWORD", Some(SecretKind::NamedSecret))];
        let failure = assert_fails(secret_in_env, &case_with(env(&vars)));
        assert_eq!(failure.severity, Some(Severity::Medium));
        assert!(
            failure.message.contains("1 secret in") && failure.message.ends_with("DB_PASSWORD")
        );
        assert!(failure.evidence[0].origin.to_string().ends_with("Config.Env[1]"));
    }

    #[test]
    fn a_private_key_is_worse() {
        let vars = [("A", Some(SecretKind::NamedSecret)), ("B", Some(SecretKind::PrivateKey))];
        let failure = assert_fails(secret_in_env, &case_with(env(&vars)));
        assert_eq!((failure.severity, failure.evidence.len()), (Some(Severity::High), 2));
    }

    #[test]
    fn an_environment_without_secrets_passes() {
        assert_passes(secret_in_env, &case_with(env(&[("PATH", None), ("TOKEN_TTL", None)])));
    }

    #[test]
    fn no_environment_passes() {
        assert_passes(secret_in_env, &case_with(|c| c.env = sample::absent("Config.Env")));
    }

    #[test]
    fn an_unreadable_environment_is_never_a_pass() {
        assert_unknown(secret_in_env, &case_with(|c| c.env = sample::unknown("Config.Env")));
    }
}

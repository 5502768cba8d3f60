use dockward_model::facts::{Engine, EnvVar, SecretKind, Snapshot};
use dockward_model::verdict::{Evidence, Failure, Outcome, Severity, Subject};

use crate::images;

crate::check! {
    /// ## Why
    /// `ENV` in a Dockerfile is part of the image: whoever pulls it reads the value, every
    /// container inherits it, and so does each process that is started in one.
    ///
    /// ## Fix
    /// Revoke the secret and remove the `ENV` line. Hand it over when the container starts, as a
    /// file: `secrets:` in Compose, or a mount.
    ///
    /// ## References
    /// CIS Docker Benchmark 4.10. Reports show the variable's name and what kind of secret it
    /// looks like, never the value.
    id: "image-secret-in-env", title: "no secret stands in an image's environment",
    severity: High, area: Images, cis16: ["4.10"], cis18: ["4.10"], Each: secret_in_env
}

fn secret_in_env(_: &Snapshot, engine: &Engine) -> Vec<(Subject, Outcome)> {
    images::each(engine, |image| {
        image.config.env.judge(Outcome::Pass, |variables| {
            let found: Vec<_> = variables.iter().filter_map(secret).collect();
            let Some((name, kind, first)) = found.first().cloned() else { return Outcome::Pass };
            let guessed = found.iter().all(|(_, kind, _)| *kind == SecretKind::NamedSecret);
            let message = format!("its variable {name} holds {}", kind.describe());
            let fix = "revoke it, remove the `ENV` line, hand it over as a file";
            let rest = found.into_iter().skip(1).map(|(_, _, evidence)| evidence);
            let failure = Failure::new(message, first, fix).and(rest);
            failure.severity(if guessed { Severity::Medium } else { Severity::High }).into()
        })
    })
}

fn secret(variable: &EnvVar) -> Option<(&str, SecretKind, Evidence)> {
    let secret = variable.secret.as_ref()?;
    let seen = format!("{}: {}, {} bytes", variable.name, secret.kind.describe(), secret.length);
    let evidence = Evidence::at(&variable.origin, seen, "no secret");
    Some((&variable.name, secret.kind, evidence))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::judged::{
        assert_fails, assert_not_applicable, assert_passes, assert_unknown, engine_with, snapshot,
        with_image,
    };
    use dockward_model::facts::{Field, Origin, Sighting, sample};

    fn with(env: Field<Vec<EnvVar>>) -> Outcome {
        let engine = with_image(|image| image.config.env = env);
        secret_in_env(&snapshot(), &engine).remove(0).1
    }

    fn variable(name: &str, kind: Option<SecretKind>) -> EnvVar {
        let secret = kind.map(|kind| Sighting { kind, length: 20, entropy_centibits: 400 });
        EnvVar { name: name.into(), secret, origin: Origin::default_of("Config.Env[1]") }
    }

    #[test]
    fn a_secret_fails_by_its_variables_name() {
        let env = vec![variable("PATH", None), variable("AWS_KEY", Some(SecretKind::CloudKey))];
        let failure = assert_fails(with(sample::known(env, "Config.Env")));
        assert!(failure.message.contains("AWS_KEY"), "{}", failure.message);
        assert_eq!(failure.severity, Some(Severity::High));
    }

    #[test]
    fn a_name_alone_is_less_certain() {
        let env = vec![variable("DB_PASSWORD", Some(SecretKind::NamedSecret))];
        let failure = assert_fails(with(sample::known(env, "Config.Env")));
        assert_eq!(failure.severity, Some(Severity::Medium));
    }

    #[test]
    fn no_secret_and_no_environment_pass() {
        assert_passes(with(sample::known(vec![variable("PATH", None)], "Config.Env")));
        assert_passes(with(sample::absent("Config.Env")));
    }

    #[test]
    fn unread_is_unknown_and_no_image_is_no_pass() {
        assert_unknown(with(sample::unknown("Config.Env")));
        assert_not_applicable(secret_in_env(&snapshot(), &engine_with(|_| {})).remove(0).1);
    }
}

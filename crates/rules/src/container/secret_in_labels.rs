use dockward_model::facts::{Case, Sighting};
use dockward_model::verdict::{Failure, Outcome};

use crate::{listed, sighted};

crate::rule! {
    /// ## Why
    /// Labels are made to be read: monitoring, log shippers and reverse proxies collect them, and
    /// everyone who may list containers sees them. A label of an image is pushed to the registry
    /// with it. Nobody treats them as secret, so a secret in one spreads.
    ///
    /// ## Fix
    /// Take the secret out of the label (`--label`, Compose `labels:`, Dockerfile `LABEL`) and let
    /// the reader of the label get it from a file. Then change the secret.
    ///
    /// ## References
    /// NIST SP 800-190 3.1.4. No CIS recommendation covers it.
    id: "container-secret-in-labels", title: "no secret stands in a label",
    severity: Medium, cis16: [], cis18: [], judge: secret_in_labels
}

fn secret_in_labels(case: &Case<'_>) -> Outcome {
    case.container.label_secrets.judge(Outcome::Pass, |secrets| {
        if secrets.is_empty() { Outcome::Pass } else { fail(case, secrets) }
    })
}

fn fail(case: &Case<'_>, secrets: &[(String, Sighting)]) -> Outcome {
    let origin = &case.container.label_secrets.origin;
    let names: Vec<&str> = secrets.iter().map(|(label, _)| label.as_str()).collect();
    let shown = secrets.iter().take(sighted::SHOWN);
    let evidence = shown.map(|(label, seen)| sighted::evidence(origin, label, seen)).collect();
    Outcome::Fail(Failure {
        severity: Some(sighted::worst(secrets.iter().map(|(_, seen)| seen))),
        message: format!(
            "holds {} in its labels, which every tool that lists containers reads: {}",
            listed::count(secrets.len(), "secret", "secrets"),
            listed::few(&names)
        ),
        evidence,
        fix: "remove it from `--label` (`labels:`), give it as a file (`secrets:`), change it"
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

    fn label(kind: SecretKind) -> impl FnOnce(&mut Container) {
        let secrets = vec![("com.example.api-token".to_owned(), sighted::sample(kind))];
        move |c| c.label_secrets = sample::known(secrets, "Config.Labels")
    }

    #[test]
    fn a_secret_fails_with_its_label() {
        let failure = assert_fails(secret_in_labels, &case_with(label(SecretKind::NamedSecret)));
        assert_eq!(failure.severity, Some(Severity::Medium));
        assert!(failure.message.ends_with("com.example.api-token"), "{}", failure.message);
    }

    #[test]
    fn a_cloud_key_is_worse() {
        let failure = assert_fails(secret_in_labels, &case_with(label(SecretKind::CloudKey)));
        assert_eq!(failure.severity, Some(Severity::High));
    }

    #[test]
    fn labels_without_secrets_pass() {
        let case = case_with(|c| c.label_secrets = sample::known(vec![], "Config.Labels"));
        assert_passes(secret_in_labels, &case);
    }

    #[test]
    fn no_labels_pass() {
        let case = case_with(|c| c.label_secrets = sample::absent("Config.Labels"));
        assert_passes(secret_in_labels, &case);
    }

    #[test]
    fn unreadable_labels_are_never_a_pass() {
        let case = case_with(|c| c.label_secrets = sample::unknown("Config.Labels"));
        assert_unknown(secret_in_labels, &case);
    }
}

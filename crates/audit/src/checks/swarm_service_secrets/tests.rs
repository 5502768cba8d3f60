use super::*;
use crate::judged::{
    assert_fails, assert_needs_a_look, assert_not_applicable, assert_passes, assert_unknown,
    manager_with, nodes, service, snapshot, worker,
};
use dockward_model::facts::{EnvVar, Field, Origin, SecretKind, Sighting, sample};

fn variable(name: &str, secret: bool) -> EnvVar {
    let seen = Sighting { kind: SecretKind::NamedSecret, length: 16, entropy_centibits: 400 };
    EnvVar { name: name.into(), secret: secret.then_some(seen), origin: Origin::Nowhere }
}

fn with(env: Field<Vec<EnvVar>>, used: &[&str]) -> Outcome {
    let mut web = service("web", "nginx");
    web.secrets = used.iter().map(ToString::to_string).collect();
    if let Some(container) = &mut web.container {
        container.env = env;
    }
    of(vec![service("idle", "nginx"), web])
}

fn of(services: Vec<Service>) -> Outcome {
    let engine = manager_with(nodes(1, 0), |s| s.services = sample::known(services, "services"));
    secrets(&snapshot(), &engine)
}

#[test]
fn a_secret_in_the_environment_fails_and_is_told_by_service() {
    let failure = assert_fails(with(sample::known(vec![variable("PW", true)], "Env"), &["other"]));
    assert!(failure.message.ends_with(": web"), "{}", failure.message);
    assert_eq!(failure.evidence[0].seen, "web: a secret in its environment");
}

#[test]
fn who_uses_the_swarms_secrets_passes() {
    assert_passes(with(sample::known(vec![variable("LANG", false)], "Env"), &["db"]));
}

#[test]
fn where_nobody_uses_them_a_person_is_asked() {
    assert_needs_a_look(with(sample::absent("Env"), &[]));
}

#[test]
fn unread_is_unknown() {
    assert_unknown(with(sample::unknown("Env"), &["db"]));
    let unread = manager_with(nodes(1, 0), |s| s.services = sample::unknown("services"));
    assert_unknown(secrets(&snapshot(), &unread));
    let names = manager_with(nodes(1, 0), |s| {
        s.services = sample::known(vec![service("web", "nginx")], "services");
        s.secrets = sample::unknown("secrets");
    });
    assert_unknown(secrets(&snapshot(), &names));
}

#[test]
fn without_services_and_on_a_worker_there_is_nothing_to_judge() {
    assert_not_applicable(of(Vec::new()));
    assert_not_applicable(secrets(&snapshot(), &worker()));
}

use super::*;
use crate::judged::*;
use dockward_model::facts::{Field, Flavour, sample};

fn running(name: &str, digests: &[&str]) -> Outcome {
    let mut engine = with_image(|image| {
        image.digests = digests.iter().map(ToString::to_string).collect();
    });
    engine.containers[0].image = name.to_owned();
    digest_pinned(&snapshot(), &engine)
}

#[test]
fn a_tag_fails_and_its_digest_is_shown() {
    let digest = format!("sha256:{}", "0".repeat(64));
    let failure = assert_fails(running("nginx:1.29", &[&format!("nginx@{digest}")]));
    assert_eq!(failure.message, "1 of 1 containers run an image by a name that can change");
    assert_eq!(failure.evidence[0].expected, format!("nginx:1.29@{digest}"));
}

#[test]
fn a_digest_and_an_id_pass() {
    let id = "ab".repeat(32);
    for name in
        [format!("nginx@sha256:{id}"), format!("sha256:{id}"), id.clone(), "abababababab".into()]
    {
        assert_passes(running(&name, &["nginx@sha256:00"]));
    }
}

#[test]
fn an_image_of_no_registry_has_no_digest_to_name() {
    assert_needs_a_look(running("app:1", &[]));
}

#[test]
fn an_image_that_is_gone_may_have_been_pulled() {
    let mut engine = with_image(|_| {});
    engine.containers[0].image_id = sample::absent("Image");
    assert_fails(digest_pinned(&snapshot(), &engine));
}

fn podman(policy: Field<SignaturePolicy>) -> Outcome {
    let engine = engine_with(|e| e.daemon.flavour = sample::known(Flavour::Podman, "Libpod"));
    digest_pinned(&snapshot_with(|s| s.host.signature_policy = policy), &engine)
}

fn policy(default: &str, scopes: &[(&str, &str)]) -> Field<SignaturePolicy> {
    let scope = |(name, kind): &(&str, &str)| ((*name).to_owned(), vec![(*kind).to_owned()]);
    let scopes = scopes.iter().map(scope).collect();
    sample::known(SignaturePolicy { default: vec![default.to_owned()], scopes }, "policy.json")
}

#[test]
fn under_podman_the_policy_decides() {
    let anything = SignaturePolicy::ACCEPTS_ANYTHING;
    let failure = assert_fails(podman(policy(anything, &[])));
    assert_eq!(failure.evidence[0].seen, "insecureAcceptAnything for the default");
    assert_fails(podman(policy("reject", &[("docker quay.io", anything)])));
    assert_passes(podman(policy("reject", &[("docker quay.io", "sigstoreSigned")])));
    assert_passes(podman(policy("signedBy", &[("docker-daemon", anything)])));
    assert_needs_a_look(podman(sample::absent("policy.json")));
    assert_unknown(podman(sample::unknown("policy.json")));
}

#[test]
fn the_policy_of_another_host_is_unknown() {
    let engine = engine_with(|e| {
        e.daemon.flavour = sample::known(Flavour::Podman, "Libpod");
        e.daemon.elsewhere = true;
    });
    let strict = snapshot_with(|s| s.host.signature_policy = policy("reject", &[]));
    assert_unknown(digest_pinned(&strict, &engine));
}

#[test]
fn no_container_is_nothing_to_judge_and_unread_lists_are_unknown() {
    assert_not_applicable(digest_pinned(&snapshot(), &engine_with(|_| {})));
    let images = engine_with(|e| e.images = sample::unknown("images"));
    assert_unknown(digest_pinned(&snapshot(), &images));
    let containers = engine_with(|e| e.containers_listed = sample::unknown("containers"));
    assert_unknown(digest_pinned(&snapshot(), &containers));
}

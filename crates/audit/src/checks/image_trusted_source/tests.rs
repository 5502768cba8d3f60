use super::*;
use crate::judged::*;
use dockward_model::facts::sample;

fn pulled(name: &str) -> Engine {
    let digest = format!("{}@sha256:{}", name.split(':').next().unwrap_or(name), "0".repeat(64));
    with_image(|image| {
        image.tags = vec![name.to_owned()];
        image.digests = vec![digest];
    })
}

fn held(engine: &Engine) -> Outcome {
    let trusts = |name: &str| name.starts_with("docker.io/library/");
    trusted_source(engine, &Expectations { trusts_image: Some(&trusts), ..Expectations::default() })
}

#[test]
fn with_a_list_the_trusted_pass_and_others_fail() {
    assert_passes(held(&pulled("nginx:1.29")));
    let failure = assert_fails(held(&pulled("mallory/nginx:1.29")));
    let seen = "docker.io/mallory/nginx:1.29, from docker.io";
    assert_eq!(failure.evidence[0].seen, seen);
}

#[test]
fn a_tag_that_was_given_here_passes_for_no_registrys() {
    assert_fails(held(&with_image(|image| image.tags = vec!["nginx:1.29".into()])));
}

#[test]
fn without_a_list_the_sources_are_listed_with_their_numbers() {
    let mut engine = pulled("nginx:1.29");
    let label = ("org.opencontainers.image.base.name".to_owned(), "debian:13".to_owned());
    let mut images = engine.images.get().cloned().unwrap();
    images[0].config.labels.extend([label]);
    engine.images = sample::known(images, "images");
    engine.daemon.storage_driver = sample::known("overlayfs".into(), "Driver");
    let review = assert_needs_a_look(trusted_source(&engine, &Expectations::default()));
    let seen: Vec<_> = review.evidence.iter().map(|e| e.seen.as_str()).collect();
    assert_eq!(seen[0], "docker.io, official images: 1 (nginx:1.29)");
    assert_eq!(seen[1], "by their labels built on debian:13");
    assert!(seen[2].starts_with("overlayfs: "), "{seen:?}");
}

#[test]
fn no_image_in_use_is_nothing_to_judge_and_an_unread_list_is_unknown() {
    assert_not_applicable(held(&engine_with(|_| {})));
    assert_unknown(held(&engine_with(|e| e.images = sample::unknown("images"))));
}

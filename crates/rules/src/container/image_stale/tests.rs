use super::*;
use crate::judged::{
    Facts, assert_fails, assert_passes, assert_reviews, assert_unknown, case_with,
};
use dockward_model::ImageId;
use dockward_model::facts::sample;

fn id(of: &str) -> ImageId {
    ImageId(format!("sha256:{}", of.repeat(32)))
}

fn with(image: &str, from: &str, now: Option<&str>) -> Facts {
    case_with(|c| {
        c.image = image.into();
        c.image_id = sample::known(id(from), "Image");
        c.image_now = now.map_or_else(|| sample::absent("Id"), |now| sample::known(id(now), "Id"));
    })
}

#[test]
fn an_image_whose_name_moved_on_fails_more_where_it_runs() {
    let mut facts = with("nginx:1.29", "4f", Some("5a"));
    assert_eq!(assert_fails(image_stale, &facts).severity, Some(Severity::Low));
    facts.container.running = sample::known(true, "State.Running");
    let failure = assert_fails(image_stale, &facts);
    assert_eq!(failure.severity, Some(Severity::Medium));
    assert_eq!(failure.evidence[0].seen, "sha256:4f4f4f4f4f4f");
}

#[test]
fn the_image_of_today_passes() {
    assert_passes(image_stale, &with("nginx:1.29", "4f", Some("4f")));
    assert_passes(image_stale, &with("registry:5000/nginx:1.29", "4f", Some("4f")));
}

#[test]
fn a_name_without_a_version_is_worth_knowing() {
    for image in ["nginx", "nginx:latest", "registry:5000/nginx"] {
        let failure = assert_fails(image_stale, &with(image, "4f", Some("4f")));
        assert_eq!(failure.severity, Some(Severity::Info), "{image}");
    }
}

#[test]
fn a_name_that_is_gone_is_for_a_person_to_decide() {
    assert_reviews(image_stale, &with("nginx:1.29", "4f", None));
}

#[test]
fn a_digest_and_an_id_mean_the_same_for_ever() {
    let digest = format!("nginx@sha256:{}", "4f".repeat(32));
    for image in [digest.as_str(), &id("4f").0, "4f4f4f4f4f4f"] {
        assert_passes(image_stale, &with(image, "4f", None));
    }
}

#[test]
fn what_was_never_made_is_judged_by_its_name_alone() {
    let mut facts = case_with(|c| c.image = "nginx:1.29".into());
    let judge = |facts: &Facts| {
        image_stale(&Case::new(&facts.container, &facts.daemon, &facts.host, Place::Compose))
    };
    assert_eq!(judge(&facts), Outcome::Pass);
    facts.container.image = "nginx".into();
    assert!(matches!(judge(&facts), Outcome::Fail(_)));
}

#[test]
fn unreadable_images_are_never_a_pass() {
    let mut facts = with("nginx:1.29", "4f", Some("4f"));
    facts.container.image_now = sample::unknown("Id");
    assert_unknown(image_stale, &facts);
    facts.container.image_id = sample::unknown("Image");
    assert_unknown(image_stale, &facts);
}

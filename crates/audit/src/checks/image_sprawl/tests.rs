use super::*;
use crate::judged::*;
use dockward_model::facts::{Container, Layer, sample};

fn id(n: u8) -> ImageId {
    ImageId(format!("sha256:{}", format!("{n:02x}").repeat(32)))
}

fn at(day: &str) -> Timestamp {
    format!("{day}T12:00:00Z").parse().unwrap()
}

fn image(n: u8, tags: &[&str], day: &str, size: i64) -> Image {
    let digest = format!("sha256:layer{n}");
    Image {
        id: id(n),
        tags: tags.iter().map(ToString::to_string).collect(),
        created: sample::known(at(day), "Created"),
        size: sample::known(size, "Size"),
        history: sample::known(vec![Layer { size, ..Layer::default() }], "history"),
        layers: sample::known(vec![digest], "RootFS.Layers"),
        ..Image::default()
    }
}

fn made_from(n: u8) -> Container {
    Container { image_id: sample::known(id(n), "Image"), ..sample::container() }
}

fn of(images: Vec<Image>, containers: Vec<Container>) -> Outcome {
    let engine = engine_with(|e| {
        e.images = sample::known(images, "images");
        e.containers = containers;
    });
    sprawl(&snapshot_with(|s| s.now = at("2026-11-22")), &engine)
}

#[test]
fn what_a_stopped_container_was_made_from_is_used() {
    assert_passes(of(vec![image(1, &["web:1"], "2026-11-01", 9)], vec![made_from(1)]));
}

#[test]
fn unused_images_are_told_with_number_age_size_and_the_command_that_removes_them() {
    let images = vec![
        image(1, &["web:1"], "2026-11-01", 1_000_000),
        image(2, &["web:0"], "2026-08-01", 2_500_000),
        image(3, &[], "2026-09-01", 500_000),
    ];
    let review = assert_needs_a_look(of(images, vec![made_from(1)]));
    let said = "2 images are used by no container, 1 without a name; removing would free 3.0 MB";
    assert_eq!(review.message, said);
    assert_eq!(review.fix, "`docker image rm 030303030303 020202020202`");
    let seen: Vec<_> = review.evidence.iter().map(|e| e.seen.as_str()).collect();
    let expected = [
        "<none> (030303030303), 500.0 kB, built 2026-09-01 (82 days ago)",
        "web:0 (020202020202), 2.5 MB, built 2026-08-01 (113 days ago)",
    ];
    assert_eq!(seen, expected);
}

#[test]
fn an_image_with_several_names_is_removed_by_each_of_them() {
    let review = assert_needs_a_look(of(vec![image(1, &["a:1", "b:1"], "2026-11-01", 9)], vec![]));
    assert_eq!(review.fix, "`docker image rm a:1 b:1`");
}

#[test]
fn a_name_that_is_none_gets_into_no_command() {
    let odd = image(1, &["a:1", "$(reboot)"], "2026-11-01", 9);
    assert_eq!(assert_needs_a_look(of(vec![odd], vec![])).fix, "`docker image rm 010101010101`");
    let mut odd = image(1, &["a:1"], "2026-11-01", 9);
    odd.id = ImageId("sha256:;reboot".into());
    assert!(!assert_needs_a_look(of(vec![odd], vec![])).fix.contains("reboot"));
}

#[test]
fn what_a_used_image_was_built_of_is_used() {
    let mut app = image(1, &["app:1"], "2026-11-01", 9);
    let step = |n| Layer { image: Some(id(n)), ..Layer::default() };
    app.history = sample::known(vec![step(2), step(9), step(1)], "history");
    let base = image(2, &["base:1"], "2026-10-01", 9);
    assert_passes(of(vec![app, base], vec![made_from(1)]));
}

#[test]
fn more_than_twenty_are_counted_and_cut() {
    let images = (1..=30).map(|n| image(n, &["x:1"], "2026-11-01", 1)).collect();
    let review = assert_needs_a_look(of(images, vec![]));
    assert!(review.message.starts_with("30 images are"));
    assert_eq!(review.evidence.len(), 20);
    assert!(review.fix.ends_with("(and 10 more)"), "{}", review.fix);
}

#[test]
fn no_image_is_nothing_to_judge_and_unread_lists_are_unknown() {
    assert_not_applicable(of(vec![], vec![]));
    assert_not_applicable(sprawl(&snapshot(), &engine_with(|_| {})));
    let unread = engine_with(|e| e.images = sample::unknown("images"));
    assert_unknown(sprawl(&snapshot(), &unread));
    let some = || sample::known(vec![image(1, &["a:1"], "2026-11-01", 9)], "images");
    let partly = engine_with(|e| {
        e.images = some();
        e.containers_listed = sample::unknown("containers");
    });
    assert_unknown(sprawl(&snapshot(), &partly));
    let mut odd = made_from(1);
    odd.image_id = sample::unknown("Image");
    assert_unknown(of(vec![image(1, &["a:1"], "2026-11-01", 9)], vec![odd]));
}

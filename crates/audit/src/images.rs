//! The images of an engine, as subjects.

pub(crate) mod age;
pub(crate) mod commands;
pub(crate) mod installed;
pub(crate) mod reference;
pub(crate) mod size;
pub(crate) mod source;
pub(crate) mod steps;
pub(crate) mod unverified;

use std::collections::BTreeSet;

use dockward_model::ImageId;
use dockward_model::facts::{Engine, Image};
use dockward_model::verdict::{Outcome, Subject};

/// A verdict for each image. That there is none is no pass: there is nothing to judge.
pub(crate) fn each(engine: &Engine, judge: impl Fn(&Image) -> Outcome) -> Vec<(Subject, Outcome)> {
    let of_engine = |outcome| {
        let endpoint = engine.daemon.endpoint.clone();
        vec![(Subject::Daemon { endpoint }, outcome)]
    };
    match engine.images.get() {
        Some(images) if !images.is_empty() => {
            images.iter().map(|image| (subject(image), judge(image))).collect()
        }
        Some(_) => of_engine(none()),
        None if engine.images.fact.is_absent() => of_engine(none()),
        None => of_engine(Outcome::unread(&engine.images)),
    }
}

/// A verdict for each image that some container was made from.
pub(crate) fn in_use(
    engine: &Engine,
    judge: impl Fn(&Image) -> Outcome,
) -> Vec<(Subject, Outcome)> {
    let used = used(engine);
    each(engine, |image| {
        if used.contains(&image.id) {
            return judge(image);
        }
        Outcome::NotApplicable("no container was made from it".into())
    })
}

/// The images that some container, running or not, was made from.
pub(crate) fn used(engine: &Engine) -> BTreeSet<&ImageId> {
    engine.containers.iter().filter_map(|c| c.image_id.get()).collect()
}

/// One verdict over all images that some container was made from.
pub(crate) fn those_in_use(engine: &Engine, judge: impl FnOnce(&[&Image]) -> Outcome) -> Outcome {
    let images = match engine.images.get() {
        Some(images) => images,
        None if engine.images.fact.is_absent() => return none(),
        None => return Outcome::unread(&engine.images),
    };
    let used = used(engine);
    let list: Vec<&Image> = images.iter().filter(|image| used.contains(&image.id)).collect();
    if list.is_empty() { none() } else { judge(&list) }
}

fn none() -> Outcome {
    Outcome::NotApplicable("the engine has no image that a container was made from".into())
}

/// An image as the subject of findings.
pub(crate) fn subject(image: &Image) -> Subject {
    Subject::Image { id: image.id.clone(), name: name(image).to_owned() }
}

/// The name that people know it by.
pub(crate) fn name(image: &Image) -> &str {
    image.tags.first().or(image.digests.first()).unwrap_or(&image.id.0)
}

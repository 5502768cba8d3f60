//! The images of an engine, as subjects.

use std::collections::BTreeSet;

use dockward_model::facts::{Engine, Image};
use dockward_model::verdict::{Outcome, Subject};

/// A verdict for each image.
pub(crate) fn each(engine: &Engine, judge: impl Fn(&Image) -> Outcome) -> Vec<(Subject, Outcome)> {
    match engine.images.get() {
        Some(images) => images.iter().map(|image| (subject(image), judge(image))).collect(),
        None if engine.images.fact.is_absent() => Vec::new(),
        None => {
            let endpoint = engine.daemon.endpoint.clone();
            vec![(Subject::Daemon { endpoint }, Outcome::unread(&engine.images))]
        }
    }
}

/// A verdict for each image that some container was made from.
pub(crate) fn in_use(
    engine: &Engine,
    judge: impl Fn(&Image) -> Outcome,
) -> Vec<(Subject, Outcome)> {
    let used: BTreeSet<_> = engine.containers.iter().filter_map(|c| c.image_id.get()).collect();
    each(engine, |image| {
        if used.contains(&image.id) {
            return judge(image);
        }
        Outcome::NotApplicable("no container was made from it".into())
    })
}

fn subject(image: &Image) -> Subject {
    let name = image.tags.first().or(image.digests.first()).unwrap_or(&image.id.0);
    Subject::Image { id: image.id.clone(), name: name.clone() }
}

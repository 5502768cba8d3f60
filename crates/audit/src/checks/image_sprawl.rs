use std::cmp::Reverse;
use std::collections::BTreeSet;

use dockward_model::ImageId;
use dockward_model::facts::{Engine, Image, Snapshot};
use dockward_model::verdict::{Evidence, Failure, Outcome, Severity};
use jiff::Timestamp;

use crate::images::{self, age, commands, size};

crate::check! {
    /// ## Why
    /// An image that nothing uses takes space, is never made anew, and can be started by mistake,
    /// with all the holes that it had on the day when it was pulled.
    ///
    /// ## Fix
    /// The command that is shown removes exactly these images. To keep one, make a container of it
    /// or waive this. `docker image prune -a` on a timer keeps a host clean.
    ///
    /// ## References
    /// CIS Docker Benchmark 6.1. An image counts as used when a container, running or not, was made
    /// from it. When a container last used it, no engine records; shown is when it was built.
    id: "image-sprawl", title: "there are no images that nothing uses",
    severity: Low, area: Images, cis16: ["6.1"], cis18: ["6.1"], Engine: sprawl
}

/// How many images are named, in the evidence and in the command.
const MOST: usize = 20;

fn sprawl(snapshot: &Snapshot, engine: &Engine) -> Outcome {
    let images = match engine.images.get() {
        Some(images) => images,
        None if engine.images.fact.is_absent() => return none(),
        None => return Outcome::unread(&engine.images),
    };
    if engine.containers_listed.get() != Some(&true) {
        return Outcome::unread(&engine.containers_listed);
    }
    if let Some(unread) = engine.containers.iter().find(|c| c.image_id.fact.unknown().is_some()) {
        return Outcome::unread(&unread.image_id);
    }
    let used = with_ancestors(images::used(engine), images);
    let (kept, mut unused): (Vec<&Image>, Vec<&Image>) =
        images.iter().partition(|image| used.contains(&image.id));
    if unused.is_empty() {
        return if kept.is_empty() { none() } else { Outcome::Pass };
    }
    // What the classic builder made of another image has to go before that one.
    unused.sort_by_key(|image| (Reverse(image.created.get().copied()), &image.id));
    Outcome::Review(review(engine, &unused, &kept, snapshot.now))
}

/// What the classic builder made a used image of can't be removed either.
fn with_ancestors<'a>(
    mut used: BTreeSet<&'a ImageId>,
    images: &'a [Image],
) -> BTreeSet<&'a ImageId> {
    for image in images.iter().filter(|image| used.contains(&image.id)).collect::<Vec<_>>() {
        let steps = image.history.get().into_iter().flatten();
        used.extend(steps.filter_map(|step| step.image.as_ref()));
    }
    used
}

fn none() -> Outcome {
    Outcome::NotApplicable("the engine has no image".into())
}

fn review(engine: &Engine, unused: &[&Image], kept: &[&Image], now: Timestamp) -> Failure {
    let count = match unused.len() {
        1 => "1 image is".to_owned(),
        count => format!("{count} images are"),
    };
    let nameless = unused.iter().filter(|image| is_nameless(image)).count();
    let nameless =
        if nameless > 0 { format!(", {nameless} without a name") } else { String::new() };
    let freed = size::freed(unused, kept);
    let message = format!("{count} used by no container{nameless}; removing would free {freed}");
    let mut evidence = unused.iter().take(MOST).map(|image| told(image, now));
    let first = evidence.next().unwrap_or_else(|| Evidence::of(&engine.images, "", ""));
    let words: Vec<String> = unused.iter().flat_map(|image| removable(image)).collect();
    let fix = commands::command("docker image rm", &words, MOST)
        .unwrap_or_else(|| "remove what nobody needs".to_owned());
    Failure::new(message, first, fix).and(evidence).severity(Severity::Low)
}

fn is_nameless(image: &Image) -> bool {
    image.tags.is_empty() && image.digests.is_empty()
}

fn told(image: &Image, now: Timestamp) -> Evidence {
    let built = image.created.get().filter(|at| !age::is_made_up(**at));
    let built = built.map_or("at an unknown time".to_owned(), |at| age::since(*at, now));
    let size = image.size.get().map_or("of unknown size".to_owned(), |size| size::shown(*size));
    let id = commands::short(&image.id.0).unwrap_or_default();
    let name = if is_nameless(image) { "<none>" } else { images::name(image) };
    let seen = format!("{name} ({id}), {size}, built {built}");
    Evidence::of(&image.created, seen, "a container made from it")
}

/// The words that remove an image: its id, or where it has several names each of them, since the
/// engine refuses an id then (moby, `daemon/images/image_delete.go`).
fn removable(image: &Image) -> Vec<String> {
    if image.tags.len() > 1 && image.tags.iter().all(|tag| commands::is_plain(tag)) {
        return image.tags.clone();
    }
    commands::short(&image.id.0).map(str::to_owned).into_iter().collect()
}

#[cfg(test)]
mod tests;

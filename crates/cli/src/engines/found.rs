//! Which image or container a name means.

use std::collections::BTreeSet;

use dockward_model::facts::{Container, Engine, Image};

/// What a name is to be the name of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// An image, else a container.
    Any,
    /// An image.
    Image,
    /// A container.
    Container,
}

/// What has the name, and the engine that has it.
#[derive(Debug, Clone)]
pub(crate) enum Found<'a> {
    /// An image, and what people call it.
    Image(&'a Engine, &'a Image, String),
    /// A container.
    Container(&'a Engine, &'a Container),
}

impl Found<'_> {
    fn id(&self) -> &str {
        match self {
            Self::Image(_, image, _) => &image.id.0,
            Self::Container(_, container) => &container.id.0,
        }
    }
}

/// The shortest beginning of an id that counts, in digits: words can be hexadecimal, too.
const SHORTEST: usize = 4;

/// Finds what has a name: whole names come before beginnings of ids, images before containers.
///
/// # Errors
///
/// Nothing has it, or several things have.
pub(crate) fn find<'a>(engines: &'a [Engine], kind: Kind, name: &str) -> Result<Found<'a>, String> {
    let images = |fits: &dyn Fn(&Image) -> Option<String>| -> Vec<Found<'a>> {
        let one = |engine: &'a Engine| {
            let all = engine.images.get().into_iter().flatten();
            all.filter_map(|image| Some(Found::Image(engine, image, fits(image)?)))
                .collect::<Vec<_>>()
        };
        if kind == Kind::Container { Vec::new() } else { engines.iter().flat_map(one).collect() }
    };
    let containers = |fits: &dyn Fn(&Container) -> bool| -> Vec<Found<'a>> {
        let one = |engine: &'a Engine| {
            let all = engine.containers.iter().filter(|container| fits(container));
            all.map(|container| Found::Container(engine, container)).collect::<Vec<_>>()
        };
        if kind == Kind::Image { Vec::new() } else { engines.iter().flat_map(one).collect() }
    };
    let steps = [
        images(&|image| named(image, name)),
        containers(&|container| container.name == name.trim_start_matches('/')),
        images(&|image| begins(&image.id.0, name).then(|| called(image))),
        containers(&|container| begins(&container.id.0, name)),
    ];
    for step in steps {
        let ids: BTreeSet<&str> = step.iter().map(Found::id).collect();
        if ids.len() > 1 {
            let ids = ids.into_iter().collect::<Vec<_>>().join(", ");
            return Err(format!("it is a name of more than one: {ids}"));
        }
        if let Some(found) = step.into_iter().next() {
            return Ok(found);
        }
    }
    Err(nothing(engines, kind))
}

/// Why nothing was found; where lists could not be read, that it may be there.
fn nothing(engines: &[Engine], kind: Kind) -> String {
    let what = match kind {
        Kind::Any => "no file, image or container",
        Kind::Image => "no image",
        Kind::Container => "no container",
    };
    let images = engines.iter().filter_map(|engine| engine.images.fact.unknown());
    let containers = engines.iter().filter_map(|engine| engine.containers_listed.fact.unknown());
    let images = images.filter(|_| kind != Kind::Container);
    let containers = containers.filter(|_| kind != Kind::Image);
    let whys: Vec<_> = images.chain(containers).collect();
    let but = if whys.is_empty() { String::new() } else { format!(", but {}", whys.join(", ")) };
    format!("{what} has this name{but}")
}

/// What people call an image.
pub(super) fn called(image: &Image) -> String {
    let name = image.tags.first().or_else(|| image.digests.first());
    name.unwrap_or(&image.id.0).clone()
}

/// The image's name that is meant, if one is.
fn named(image: &Image, name: &str) -> Option<String> {
    let wanted = whole(name);
    let mut names = image.tags.iter().chain(&image.digests);
    names.find(|known| whole(known) == wanted).cloned()
}

/// A name as the docker command completes it (the distribution project's `reference`, "familiar
/// names"): Docker's own registry goes without saying, and so does the tag `latest`. Beside a digest
/// the tag says nothing.
fn whole(name: &str) -> String {
    let hubs = ["docker.io/", "index.docker.io/"];
    let name = hubs.iter().find_map(|hub| name.strip_prefix(hub)).unwrap_or(name);
    let name = name.strip_prefix("library/").unwrap_or(name);
    let (name, digest) = match name.split_once('@') {
        Some((name, digest)) => (name, Some(digest)),
        None => (name, None),
    };
    // A colon before the last slash is that of a port.
    let base = name.rfind('/').map_or(0, |slash| slash.saturating_add(1));
    let tag = name.get(base..).and_then(|last| last.split_once(':')).map(|(_, tag)| tag);
    match (digest, tag) {
        (Some(digest), Some(tag)) => {
            let length = name.len().saturating_sub(tag.len().saturating_add(1));
            format!("{}@{digest}", name.get(..length).unwrap_or(name))
        }
        (Some(digest), None) => format!("{name}@{digest}"),
        (None, Some(_)) => name.to_owned(),
        (None, None) => format!("{name}:latest"),
    }
}

/// Whether an id begins so.
fn begins(id: &str, start: &str) -> bool {
    let digits = |text: &str| text.strip_prefix("sha256:").unwrap_or(text).to_owned();
    let (id, start) = (digits(id), digits(start));
    start.len() >= SHORTEST && id.starts_with(&start)
}

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use dockward_model::facts::{Engine, Image};
use dockward_model::verdict::{Evidence, Failure, Outcome, Severity};

use crate::Expectations;
use crate::images::{self, source, source::Source};

crate::check! {
    /// ## Why
    /// An image is somebody else's program. Names on a public registry cost nothing, look like those
    /// of well-known products, and change hands.
    ///
    /// ## Fix
    /// Decide which registries and repositories may be used, and write them down in `dockward.toml`;
    /// what comes from elsewhere then fails:
    ///
    /// ```text
    /// [images]
    /// trusted = ["docker.io/library/*", "registry.example.com/*"]
    /// ```
    ///
    /// ## References
    /// CIS Docker Benchmark 4.2. A source is told by the digests that the engine keeps of what it
    /// pulled; a tag proves nothing. What has come from no registry is named `localhost/NAME:TAG`.
    /// The base image is what the image's own label says (OCI image specification, annotations).
    id: "image-trusted-source", title: "images in use come from where the operators trust",
    severity: Medium, area: Images, cis16: ["4.2"], cis18: ["4.2"], HeldTo: trusted_source
}

/// How many images of a source, and how many base images, are named.
const MOST: usize = 8;

fn trusted_source(engine: &Engine, expectations: &Expectations<'_>) -> Outcome {
    images::those_in_use(engine, |list| match expectations.trusts_image {
        Some(trusts) => held_to(engine, list, trusts),
        None => listed(engine, list),
    })
}

/// Images from elsewhere fail.
fn held_to(engine: &Engine, list: &[&Image], trusts: &dyn Fn(&str) -> bool) -> Outcome {
    let trusted = |image: &Image| source::whole_names(image).iter().any(|name| trusts(name));
    let others: Vec<&Image> = list.iter().copied().filter(|image| !trusted(image)).collect();
    if others.is_empty() {
        return Outcome::Pass;
    }
    let evidence = others.iter().take(MOST).map(|image| {
        let names = source::whole_names(image);
        let name = names.last().map_or(images::name(image), String::as_str);
        let seen = format!("{name}, from {}", Source::of(image).describe());
        Evidence::of(&engine.images, seen, "a name that `trusted` in dockward.toml matches")
    });
    let mut evidence: Vec<Evidence> = evidence.collect();
    let first = evidence.remove(0);
    let message = match others.len() {
        1 => "1 image in use comes from elsewhere than dockward.toml trusts".to_owned(),
        count => format!("{count} images in use come from elsewhere than dockward.toml trusts"),
    };
    let fix = "use an image of a trusted source, or add its source to `[images] trusted`";
    Failure::new(message, first, fix).and(evidence).into()
}

/// Without a list, a person has to look at what there is.
fn listed(engine: &Engine, list: &[&Image]) -> Outcome {
    let mut by_source: BTreeMap<Source, Vec<&str>> = BTreeMap::new();
    for image in list {
        by_source.entry(Source::of(image)).or_default().push(images::name(image));
    }
    let told = |(source, names): (&Source, &Vec<&str>)| {
        let seen = format!("{}: {} ({})", source.describe(), names.len(), few(names));
        Evidence::of(&engine.images, seen, "a source that you trust")
    };
    let mut evidence: Vec<Evidence> = by_source.iter().map(told).chain(bases(list)).collect();
    if source::digests_are_local(&engine.daemon) {
        let driver = engine.daemon.storage_driver.get().map_or("", String::as_str);
        let seen = format!("{driver}: containerd's store gives digests to what was built here too");
        evidence.push(Evidence::of(
            &engine.daemon.storage_driver,
            seen,
            "to know which were pulled",
        ));
    }
    let first = evidence.remove(0);
    let unknown = by_source.get(&Source::Nowhere).map_or(0, Vec::len);
    let (count, sources) = (list.len(), by_source.len());
    let message = format!("images in use: {count}, from {sources} kinds of source: trusted?");
    let severity = if unknown > 0 { Severity::Medium } else { Severity::Low };
    let fix = "name the sources that you trust in dockward.toml: `[images] trusted = [\"…/*\"]`";
    Outcome::Review(Failure::new(message, first, fix).and(evidence).severity(severity))
}

/// What the images say that they were built on.
fn bases(list: &[&Image]) -> Option<Evidence> {
    const NAME: &str = "org.opencontainers.image.base.name";
    let mut names: Vec<&str> =
        list.iter().filter_map(|image| image.config.labels.get(NAME)).map(String::as_str).collect();
    names.sort_unstable();
    names.dedup();
    let origin = &list.first()?.history.origin;
    let seen = format!("by their labels built on {}", few(&names));
    (!names.is_empty()).then(|| Evidence::at(origin, seen, "base images that you trust"))
}

fn few(names: &[&str]) -> String {
    let shown = names.get(..MOST).unwrap_or(names).join(", ");
    match names.len().saturating_sub(MOST) {
        0 => shown,
        more => format!("{shown} and {more} more"),
    }
}

#[cfg(test)]
mod tests;

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
mod tests {
    use super::*;
    use crate::judged::*;
    use dockward_model::facts::sample;

    fn pulled(name: &str) -> Engine {
        let digest =
            format!("{}@sha256:{}", name.split(':').next().unwrap_or(name), "0".repeat(64));
        with_image(|image| {
            image.tags = vec![name.to_owned()];
            image.digests = vec![digest];
        })
    }

    fn held(engine: &Engine) -> Outcome {
        let trusts = |name: &str| name.starts_with("docker.io/library/");
        trusted_source(
            engine,
            &Expectations { trusts_image: Some(&trusts), ..Expectations::default() },
        )
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
}

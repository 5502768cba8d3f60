use std::collections::BTreeMap;

use dockward_model::facts::{Container, Engine, Image, SignaturePolicy, Snapshot};
use dockward_model::verdict::{Evidence, Failure, Outcome, Severity};

use crate::images::reference::Reference;

crate::check! {
    /// ## Why
    /// What a tag means is decided by whoever can write to the registry, at every pull. A digest
    /// means one content for ever: what was looked at is what runs.
    ///
    /// ## Fix
    /// Name images with their digest, `nginx:1.29@sha256:…`, and let a tool propose the new one
    /// when there is one. Under Podman, ask for signatures in `/etc/containers/policy.json`.
    ///
    /// ## References
    /// CIS Docker Benchmark 4.5, which asks for Docker Content Trust: a variable of whoever calls
    /// the docker command, never of the engine, and its service, notary.docker.io, ends on
    /// 2026-12-08 (docs.docker.com, "Content trust in Docker"). Nothing in the Docker engine makes
    /// it refuse an unsigned image. So this judges what is in force: whether containers run what a
    /// digest names. The environment of the caller is not looked at.
    id: "image-digest-pinned", title: "containers name their images by digest",
    severity: Low, area: Images, cis16: ["4.5"], cis18: ["4.5"], Engine: digest_pinned
}

/// How many images are named.
const MOST: usize = 12;

fn digest_pinned(snapshot: &Snapshot, engine: &Engine) -> Outcome {
    if engine.daemon.is_podman() {
        return if engine.daemon.elsewhere { elsewhere() } else { by_policy(snapshot) };
    }
    if engine.containers_listed.get() != Some(&true) {
        return Outcome::unread(&engine.containers_listed);
    }
    let images = match engine.images.get() {
        Some(images) => images,
        None if engine.images.fact.is_absent() => return none(),
        None => return Outcome::unread(&engine.images),
    };
    if engine.containers.is_empty() {
        return none();
    }
    by_containers(engine, images)
}

fn none() -> Outcome {
    Outcome::NotApplicable("the engine has no container".into())
}

fn elsewhere() -> Outcome {
    Outcome::Unknown("the engine's host, whose policy decides, is another one".into())
}

/// Podman refuses what its policy asks it to refuse.
fn by_policy(snapshot: &Snapshot) -> Outcome {
    let field = &snapshot.host.signature_policy;
    let wanted = "signedBy, sigstoreSigned or reject";
    let fix =
        "set `\"default\": [{\"type\": \"reject\"}]` and a `sigstoreSigned` for each registry";
    let evidence = Evidence::of(field, "no such file", wanted);
    let missing = Failure::new("has no policy for signatures in /etc", evidence, fix);
    field.judge(Outcome::Review(missing), |policy| {
        let open: Vec<&str> = [("the default", &policy.default)]
            .into_iter()
            .chain(policy.scopes.iter().map(|(scope, list)| (scope.as_str(), list)))
            .filter(|(scope, _)| *scope == "the default" || scope.starts_with("docker "))
            .filter(|(_, list)| SignaturePolicy::accepts_anything(list))
            .map(|(scope, _)| scope)
            .collect();
        if open.is_empty() {
            return Outcome::Pass;
        }
        let seen = format!("{} for {}", SignaturePolicy::ACCEPTS_ANYTHING, open.join(", "));
        let message = "accepts images without any signature";
        Failure::new(message, Evidence::of(field, seen, wanted), fix).into()
    })
}

/// What a container's image is called by, apart from those that are called by a digest.
struct Unpinned<'a> {
    containers: usize,
    image: Option<&'a Image>,
}

fn by_containers(engine: &Engine, images: &[Image]) -> Outcome {
    let by_id: BTreeMap<_, &Image> = images.iter().map(|image| (&image.id, image)).collect();
    let mut unpinned: BTreeMap<&str, Unpinned<'_>> = BTreeMap::new();
    for container in engine.containers.iter().filter(|c| !is_pinned(c)) {
        let image = container.image_id.get().and_then(|id| by_id.get(id).copied());
        let entry = unpinned.entry(&container.image).or_insert(Unpinned { containers: 0, image });
        entry.containers += 1;
    }
    if unpinned.is_empty() {
        return Outcome::Pass;
    }
    let is_local = |one: &Unpinned<'_>| one.image.is_some_and(|image| image.digests.is_empty());
    let count = |local: bool| -> usize {
        unpinned.values().filter(|one| is_local(one) == local).map(|one| one.containers).sum()
    };
    let (pulled, local) = (count(false), count(true));
    let mut evidence: Vec<Evidence> =
        unpinned.iter().take(MOST).map(|(name, one)| told(engine, name, one)).collect();
    let first = evidence.remove(0);
    let all = engine.containers.len();
    let fix = "name the digest too, as is shown for each image: `image: nginx:1.29@sha256:…`";
    if pulled == 0 {
        let message = format!(
            "{local} of {all} containers run images of no registry: who made them, and from what?"
        );
        let failure =
            Failure::new(message, first, "push them to a registry, and run them by digest");
        return Outcome::Review(failure.and(evidence).severity(Severity::Info));
    }
    let message = format!("{pulled} of {all} containers run an image by a name that can change");
    Failure::new(message, first, fix).and(evidence).into()
}

/// By digest, or by the image's own id.
fn is_pinned(container: &Container) -> bool {
    let id = container.image_id.get().map(|id| id.0.strip_prefix("sha256:").unwrap_or(&id.0));
    let is_id = container.image.len() >= 12
        && id.is_some_and(|id| id.starts_with(container.image.trim_start_matches("sha256:")));
    is_id || Reference::parse(&container.image).is_none_or(|name| name.digest.is_some())
}

fn told(engine: &Engine, name: &str, one: &Unpinned<'_>) -> Evidence {
    let containers = match one.containers {
        1 => "1 container".to_owned(),
        count => format!("{count} containers"),
    };
    let expected = match one.image.map(|image| digest_of(name, image)) {
        Some(Some(digest)) => format!("{name}@{digest}"),
        Some(None) => format!("{name} by a digest: it has come from no registry"),
        None => format!("{name} by a digest"),
    };
    Evidence::of(&engine.containers_listed, format!("{name} in {containers}"), expected)
}

/// The digest under which the image's own repository has it.
fn digest_of<'a>(name: &str, image: &'a Image) -> Option<&'a str> {
    let repository = Reference::parse(name)?.whole();
    let mut known = image.digests.iter().filter_map(|digest| Reference::parse(digest));
    known.find(|digest| digest.whole() == repository)?.digest
}

#[cfg(test)]
mod tests;

use dockward_model::facts::{Case, Fact, Place};
use dockward_model::verdict::{Evidence, Failure, Outcome, Severity};

crate::rule! {
    /// ## Why
    /// `docker pull` changes what a name like `nginx:1.29` means, but not the containers that were
    /// made from it before: they go on with the old files and their known holes until they are
    /// made anew. A name without a version (`latest`) can't even say what should be running.
    ///
    /// ## Fix
    /// Make the container anew: `docker compose up -d`, or `docker rm` and `docker run`. Name a
    /// version, or best a digest (`nginx:1.29@sha256:…`), and change it where you can see the change.
    ///
    /// ## References
    /// CIS Docker Benchmark 5.28; OCI distribution specification on tags and digests.
    id: "container-image-stale", title: "it runs the image that its name means today",
    severity: Medium, cis16: ["5.28"], cis18: ["5.28"], judge: image_stale
}

fn image_stale(case: &Case<'_>) -> Outcome {
    let container = case.container;
    if is_pinned(&container.image) {
        return Outcome::Pass;
    }
    match (&container.image_id.fact, &container.image_now.fact) {
        (Fact::Unknown(_), _) => Outcome::unread(&container.image_id),
        (_, Fact::Unknown(_)) => Outcome::unread(&container.image_now),
        (Fact::Known(made_from), Fact::Known(now)) if made_from != now => stale(case),
        (_, Fact::Absent) if case.place == Place::Record => review(case),
        _ if has_no_version(&container.image) => unversioned(case),
        _ => Outcome::Pass,
    }
}

/// A digest, or an image's own id: it means the same for ever.
fn is_pinned(image: &str) -> bool {
    let is_hex = |text: &str| text.bytes().all(|byte| byte.is_ascii_hexdigit());
    image.contains("@sha256:")
        || image.starts_with("sha256:")
        || (matches!(image.len(), 12 | 64) && is_hex(image))
}

/// `nginx` and `nginx:latest`; the colon of `registry:5000/nginx` is a port's.
fn has_no_version(image: &str) -> bool {
    let name = image.rsplit('/').next().unwrap_or(image);
    name.split_once(':').is_none_or(|(_, tag)| tag == "latest")
}

fn stale(case: &Case<'_>) -> Outcome {
    let container = case.container;
    let (from, now) = (&container.image_id, &container.image_now);
    let short = |id: &dockward_model::ImageId| id.0.chars().take(19).collect::<String>();
    let seen = from.get().map(short).unwrap_or_default();
    let expected = now.get().map(short).unwrap_or_default();
    let failure = Failure::new(
        format!("runs an older image than {} means on this host today", container.image),
        Evidence::of(from, seen, expected).effective(),
        "make it anew: `docker compose up -d`, or `docker rm` and `docker run`",
    );
    let runs = container.may_run();
    failure.severity(if runs { Severity::Medium } else { Severity::Low }).into()
}

fn review(case: &Case<'_>) -> Outcome {
    let message = "its image's name is no longer on this host: is there a newer one?";
    let evidence = Evidence::of(&case.container.image_now, "no such image", &case.container.image);
    let fix = "`docker pull` the image and make the container anew";
    Outcome::Review(Failure::new(message, evidence, fix).severity(Severity::Low))
}

fn unversioned(case: &Case<'_>) -> Outcome {
    let image = &case.container.image;
    let message = "names its image without a version: what runs changes with every pull";
    let evidence = Evidence::of(&case.container.image_id, image, "a version or a digest");
    let fix = "name a version or a digest, such as `nginx:1.29` (`image: nginx:1.29`)";
    Failure::new(message, evidence, fix).severity(Severity::Info).into()
}

#[cfg(test)]
mod tests;

use dockward_model::facts::{Engine, Image, SignaturePolicy, Snapshot};
use dockward_model::verdict::{Evidence, Failure, Outcome, Severity};

use crate::images;

crate::check! {
    /// ## Why
    /// A signature helps only where somebody refuses what has none or a wrong one, before it runs.
    ///
    /// ## Fix
    /// Verify before running: `cosign verify` or `notation verify` where images are rolled out, an
    /// authorization plugin on the engine, or under Podman a policy in
    /// `/etc/containers/policy.json`.
    ///
    /// ## References
    /// CIS Docker Benchmark 4.12; containers-policy.json(5); docs.sigstore.dev, "Verifying
    /// signatures". The Docker engine verifies no signature itself, so that someone does so before
    /// an image gets here is for a person to know. Shown is what speaks for it on this host.
    id: "image-signature-verification", title: "signatures of images are verified before they run",
    severity: Low, area: Images, cis16: ["4.12"], cis18: ["4.12"], Engine: verification
}

fn verification(snapshot: &Snapshot, engine: &Engine) -> Outcome {
    let policy = &snapshot.host.signature_policy;
    images::those_in_use(engine, |list| {
        if engine.daemon.is_podman() && !engine.daemon.elsewhere {
            match &policy.get() {
                Some(policy) if asks_always(policy) => return Outcome::Pass,
                None if !policy.fact.is_absent() => return Outcome::unread(policy),
                _ => {}
            }
        }
        let fix = "verify signatures where images are rolled out, and write down where that is";
        let message = "who verifies the signatures of what runs here? The engine does not";
        let first = told_artifacts(engine, list);
        let here = (!engine.daemon.elsewhere).then(|| told_policy(snapshot));
        let evidence = std::iter::once(told_plugins(engine)).chain(here);
        Outcome::Review(Failure::new(message, first, fix).and(evidence).severity(Severity::Low))
    })
}

/// Whether each image of a registry needs a signature.
fn asks_always(policy: &SignaturePolicy) -> bool {
    let of_registries = policy.scopes.iter().filter(|(scope, _)| scope.starts_with("docker "));
    let mut all = of_registries.map(|(_, list)| list).chain([&policy.default]);
    all.all(|list| !SignaturePolicy::accepts_anything(list))
}

fn told_policy(snapshot: &Snapshot) -> Evidence {
    let field = &snapshot.host.signature_policy;
    let seen = match field.get() {
        Some(policy) => {
            format!("default {}, scopes: {}", policy.default.join(" and "), policy.scopes.len())
        }
        None => field.fact.unknown().unwrap_or("no such file").to_owned(),
    };
    Evidence::of(field, seen, "a policy, which Podman obeys and Docker does not")
}

fn told_plugins(engine: &Engine) -> Evidence {
    let field = &engine.daemon.authorization_plugins;
    let seen = match field.get() {
        Some(plugins) => format!("authorization plugins: {}", plugins.join(", ")),
        None => field.fact.unknown().unwrap_or("no authorization plugin").to_owned(),
    };
    Evidence::of(field, seen, "a plugin that refuses images without a signature")
}

/// Signatures that cosign stores as images of their own: `sha256-DIGEST.sig`.
fn told_artifacts(engine: &Engine, list: &[&Image]) -> Evidence {
    let is_artifact = |tag: &&String| {
        let tag = tag.rsplit(':').next().unwrap_or_default();
        tag.starts_with("sha256-") && (tag.ends_with(".sig") || tag.ends_with(".att"))
    };
    let stored = engine.images.get().into_iter().flatten().flat_map(|image| &image.tags);
    let artifacts = stored.filter(is_artifact).count();
    let nameless = list.iter().filter(|image| image.digests.is_empty()).count();
    let seen = format!(
        "images in use: {}, without a digest to verify: {nameless}; signatures in the store: {artifacts}",
        list.len()
    );
    Evidence::of(&engine.images, seen, "a signature for each digest")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::judged::*;
    use dockward_model::facts::{Field, Flavour, sample};

    fn podman_with(policy: Field<SignaturePolicy>) -> Outcome {
        let mut engine = with_image(|_| {});
        engine.daemon.flavour = sample::known(Flavour::Podman, "Libpod");
        verification(&snapshot_with(|s| s.host.signature_policy = policy), &engine)
    }

    fn policy(default: &str) -> Field<SignaturePolicy> {
        let default = vec![default.to_owned()];
        sample::known(SignaturePolicy { default, ..SignaturePolicy::default() }, "policy.json")
    }

    #[test]
    fn a_docker_engine_verifies_nothing_and_what_there_is_is_listed() {
        let engine = with_image(|image| image.tags.push("a:sha256-00.sig".into()));
        let review = assert_needs_a_look(verification(&snapshot(), &engine));
        let seen: Vec<_> = review.evidence.iter().map(|e| e.seen.as_str()).collect();
        assert_eq!(seen[2], "no such file");
        assert_eq!(
            seen[0],
            "images in use: 1, without a digest to verify: 1; signatures in the store: 1"
        );
    }

    #[test]
    fn a_policy_that_asks_for_signatures_passes_under_podman_only() {
        assert_passes(podman_with(policy("sigstoreSigned")));
        assert_needs_a_look(podman_with(policy("insecureAcceptAnything")));
        let docker = with_image(|_| {});
        let strict = snapshot_with(|s| s.host.signature_policy = policy("reject"));
        assert_needs_a_look(verification(&strict, &docker));
    }

    #[test]
    fn an_unread_policy_or_list_is_unknown_and_no_image_is_nothing_to_judge() {
        assert_unknown(podman_with(sample::unknown("policy.json")));
        let unread = engine_with(|e| e.images = sample::unknown("images"));
        assert_unknown(verification(&snapshot(), &unread));
        assert_not_applicable(verification(&snapshot(), &engine_with(|_| {})));
    }
}

use dockward_model::facts::{Engine, Layer, SecretKind, Snapshot};
use dockward_model::verdict::{Evidence, Failure, Outcome, Severity, Subject};

use crate::images;

crate::check! {
    /// ## Why
    /// The history of an image keeps every instruction with its arguments. A token given with
    /// `ARG` or written into a `RUN` line is there for whoever pulls the image, also when a later
    /// layer removed the file.
    ///
    /// ## Fix
    /// Revoke the secret: it is out. Give it to the build as `RUN --mount=type=secret,id=…`,
    /// rebuild, and delete the old tags where they were pushed.
    ///
    /// ## References
    /// CIS Docker Benchmark 4.10; docs.docker.com, "Build secrets". Reports show what kind of
    /// secret it looks like and its length, never the value.
    id: "image-secret-in-history", title: "no secret stands in an image's history",
    severity: High, area: Images, cis16: ["4.10"], cis18: ["4.10"], Each: secret_in_history
}

fn secret_in_history(_: &Snapshot, engine: &Engine) -> Vec<(Subject, Outcome)> {
    images::each(engine, |image| {
        let field = &image.history;
        field.judge(Outcome::unread(field), |layers| {
            let with_secret = |layer: &Layer| layer.secret.clone();
            let found: Vec<_> = layers.iter().filter_map(with_secret).collect();
            let Some(first) = found.first() else { return Outcome::Pass };
            let guessed = found.iter().all(|secret| secret.kind == SecretKind::NamedSecret);
            let seen = |secret: &dockward_model::facts::Sighting| {
                let seen = format!("{}, {} bytes", secret.kind.describe(), secret.length);
                Evidence::of(field, seen, "no secret")
            };
            Failure::new(
                format!("its history holds {}", first.kind.describe()),
                seen(first),
                "revoke it, pass it with `RUN --mount=type=secret`, rebuild",
            )
            .and(found.iter().skip(1).map(seen))
            .severity(if guessed { Severity::Medium } else { Severity::High })
            .into()
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::judged::{
        assert_fails, assert_not_applicable, assert_passes, assert_unknown, engine_with, snapshot,
        with_image,
    };
    use dockward_model::facts::{Field, Sighting, sample};

    fn with(history: Field<Vec<Layer>>) -> Outcome {
        let engine = with_image(|image| image.history = history);
        secret_in_history(&snapshot(), &engine).remove(0).1
    }

    fn layers(kinds: &[Option<SecretKind>]) -> Field<Vec<Layer>> {
        let layer = |kind: &Option<SecretKind>| Layer {
            created_by: "RUN make".into(),
            secret: kind.map(|kind| Sighting { kind, length: 40, entropy_centibits: 480 }),
            ..Layer::default()
        };
        sample::known(kinds.iter().map(layer).collect(), "history")
    }

    #[test]
    fn a_secret_in_any_layer_fails_with_evidence_of_each() {
        let kinds = [None, Some(SecretKind::Token), Some(SecretKind::NamedSecret)];
        let failure = assert_fails(with(layers(&kinds)));
        assert_eq!((failure.evidence.len(), failure.severity), (2, Some(Severity::High)));
    }

    #[test]
    fn a_name_alone_is_less_certain() {
        let failure = assert_fails(with(layers(&[Some(SecretKind::NamedSecret)])));
        assert_eq!(failure.severity, Some(Severity::Medium));
    }

    #[test]
    fn a_clean_history_passes() {
        assert_passes(with(layers(&[None, None])));
    }

    #[test]
    fn an_unread_or_missing_history_is_unknown_and_no_image_is_no_pass() {
        assert_unknown(with(sample::unknown("history")));
        assert_unknown(with(sample::absent("history")));
        assert_not_applicable(secret_in_history(&snapshot(), &engine_with(|_| {})).remove(0).1);
    }
}

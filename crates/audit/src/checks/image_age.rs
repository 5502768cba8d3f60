use dockward_model::facts::{Engine, Image, Snapshot};
use dockward_model::verdict::{Evidence, Failure, Outcome, Severity, Subject};
use jiff::Timestamp;

use crate::images::{self, age};

crate::check! {
    /// ## Why
    /// An image holds the packages of the day on which it was built. Fixes that came out since are
    /// not in it, however new the host is.
    ///
    /// ## Fix
    /// Build it anew on a current base, `docker build --pull --no-cache`, at least once a month and
    /// after each notice about what it contains, and make its containers anew.
    ///
    /// ## References
    /// CIS Docker Benchmark 4.4, its half about rebuilding; NIST SP 800-190, 4.1.1. Only images that
    /// a container was made from are judged. A build time of 1970 or 1980 was set by a builder that
    /// makes the same image twice, and tells nothing.
    id: "image-age", title: "images were built within the last 90 days",
    severity: Low, area: Images, cis16: ["4.4"], cis18: ["4.4"], Each: image_age
}

/// How many days an image may be old.
const MOST_DAYS: i64 = 90;

fn image_age(snapshot: &Snapshot, engine: &Engine) -> Vec<(Subject, Outcome)> {
    images::in_use(engine, |image| {
        let undated = || review(image, "says no time");
        image.created.judge(undated(), |&created| judge(image, created, snapshot.now))
    })
}

fn judge(image: &Image, created: Timestamp, now: Timestamp) -> Outcome {
    match age::days(created, now) {
        _ if age::is_made_up(created) => review(image, &age::date(created)),
        ..0 => Outcome::Unknown(format!("it was built on {}: in the future", age::date(created))),
        0..=MOST_DAYS => Outcome::Pass,
        days => {
            let seen = format!("{days} days, built on {}", age::date(created));
            let expected = format!("at most {MOST_DAYS} days");
            let evidence = Evidence::of(&image.created, seen, expected);
            let fix = "build it anew: `docker build --pull --no-cache`, or pull a newer release";
            let failure = Failure::new(format!("was built {days} days ago"), evidence, fix);
            failure.and(base(image, created)).into()
        }
    }
}

/// The first layer's time, where it is another day's: the base image is older than the image.
fn base(image: &Image, created: Timestamp) -> Option<Evidence> {
    let first = image.history.get()?.iter().find_map(|layer| layer.created)?;
    (!age::is_made_up(first) && age::days(first, created) > 0).then(|| {
        let seen = format!("its base layer is of {}", age::date(first));
        Evidence::of(&image.history, seen, "a base image of this month")
    })
}

fn review(image: &Image, seen: &str) -> Outcome {
    let message = "does not say when it was built: how old are its packages?";
    let evidence = Evidence::of(&image.created, seen, "the time of the build");
    let fix = "ask who builds it, and note the day in a label (`org.opencontainers.image.created`)";
    let label = image.config.labels.get("org.opencontainers.image.created");
    let labelled = label.map(|at| {
        let seen = format!("its label says {at}, which anyone can write");
        Evidence::of(&image.created, seen, "the time of the build")
    });
    Outcome::Review(Failure::new(message, evidence, fix).and(labelled).severity(Severity::Info))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::judged::*;
    use dockward_model::facts::{Field, Layer, sample};

    fn of(created: Field<Timestamp>, base: Option<&str>) -> Outcome {
        let layer = Layer { created: base.map(at), ..Layer::default() };
        let engine = with_image(|image| {
            image.created = created;
            image.history = sample::known(vec![layer], "history");
        });
        let now = snapshot_with(|s| s.now = at("2026-11-22"));
        image_age(&now, &engine).remove(0).1
    }

    fn at(day: &str) -> Timestamp {
        format!("{day}T12:00:00Z").parse().unwrap()
    }

    fn built(day: &str) -> Field<Timestamp> {
        sample::known(at(day), "Created")
    }

    #[test]
    fn ninety_days_pass_and_ninety_one_fail_with_their_number() {
        assert_passes(of(built("2026-08-24"), None));
        let failure = assert_fails(of(built("2026-08-23"), Some("2025-01-02")));
        assert_eq!(failure.message, "was built 91 days ago");
        assert_eq!(failure.evidence[1].seen, "its base layer is of 2025-01-02");
    }

    #[test]
    fn a_time_that_a_builder_made_up_is_for_a_person_to_look_at() {
        assert_needs_a_look(of(built("1970-01-01"), None));
        assert_needs_a_look(of(sample::absent("Created"), None));
    }

    #[test]
    fn the_future_and_what_was_not_read_are_unknown() {
        assert_unknown(of(built("2026-11-24"), None));
        assert_unknown(of(sample::unknown("Created"), None));
        assert_not_applicable(image_age(&snapshot(), &engine_with(|_| {})).remove(0).1);
    }
}

use dockward_model::facts::{Engine, Field, Image, Snapshot};
use dockward_model::verdict::{Evidence, Failure, Outcome, Severity};
use jiff::Timestamp;

use crate::images::{self, age};

crate::check! {
    /// ## Why
    /// Which packages of an image have known holes can only be told by reading its packages and
    /// comparing them with advisories. A young image can be full of holes, too.
    ///
    /// ## Fix
    /// Scan each image in use when it is built, and every day after that, with `dockward scan` or a
    /// scanner of your choice, and keep the reports: an auditor will ask for them.
    ///
    /// ## References
    /// CIS Docker Benchmark 4.4, its half about scanning; NIST SP 800-190, 4.1.1. Where this
    /// host has advisories, `dockward check` scans images in use itself and this passes; else it
    /// lists what has to be scanned, the oldest first.
    id: "image-scanned", title: "images in use are scanned for known holes",
    severity: Low, area: Images, cis16: ["4.4"], cis18: ["4.4"], Engine: image_scanned
}

/// How many images are named.
const MOST: usize = 20;

fn image_scanned(snapshot: &Snapshot, engine: &Engine) -> Outcome {
    images::those_in_use(engine, |list| {
        let mut list: Vec<_> = list.iter().filter(|image| !is_scanned(image)).collect();
        list.sort_by_key(|image| (image.created.get().copied(), images::name(image)));
        let mut evidence = list.iter().take(MOST).map(|image| told(image, snapshot.now));
        let Some(first) = evidence.next() else { return Outcome::Pass };
        let count = list.len();
        let message = match count {
            1 => "1 image is in use, and no scan of it is known here".to_owned(),
            _ => format!("{count} images are in use, and no scan of them is known here"),
        };
        let fix = "`dockward db update`, then every run of `dockward check` scans them";
        let failure = Failure::new(message, first, fix).and(evidence);
        Outcome::Review(failure.severity(Severity::Low))
    })
}

/// Whether it was looked into just now, and all of it could be compared.
fn is_scanned(image: &Image) -> bool {
    let inspection = image.inspection.as_ref().and_then(Field::get);
    inspection.is_some_and(|found| found.unmatched.is_empty() && found.problems.is_empty())
}

fn told(image: &Image, now: Timestamp) -> Evidence {
    let built = image.created.get().filter(|at| !age::is_made_up(**at));
    let built = built.map_or("at an unknown time".to_owned(), |at| age::since(*at, now));
    let seen = format!("{}, built {built}", images::name(image));
    Evidence::of(&image.created, seen, "a report of a scan")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::judged::*;
    use dockward_model::facts::{Inspection, sample};
    use dockward_model::inventory::Problem;

    #[test]
    fn a_young_image_is_not_said_to_be_scanned() {
        let now: Timestamp = "2026-11-22T12:00:00Z".parse().unwrap();
        let engine = with_image(|image| image.created = sample::known(now, "Created"));
        let review = assert_needs_a_look(image_scanned(&snapshot_with(|s| s.now = now), &engine));
        assert_eq!(review.evidence[0].seen, "nginx:1.29, built 2026-11-22 (today)");
    }

    #[test]
    fn one_that_was_compared_with_advisories_is_scanned_and_one_that_was_not_whole_is_not() {
        let inspected = |inspection| {
            let field = sample::known(inspection, "layers");
            let engine = with_image(|image| image.inspection = Some(field));
            image_scanned(&snapshot(), &engine)
        };
        assert_passes(inspected(Inspection::default()));
        let problems = vec![Problem::default()];
        assert_needs_a_look(inspected(Inspection { problems, ..Inspection::default() }));
    }

    #[test]
    fn without_a_time_it_is_listed_all_the_same() {
        let engine = with_image(|image| image.created = sample::unknown("Created"));
        assert_needs_a_look(image_scanned(&snapshot(), &engine));
    }

    #[test]
    fn no_image_in_use_is_nothing_to_scan_and_an_unread_list_is_unknown() {
        assert_not_applicable(image_scanned(&snapshot(), &engine_with(|_| {})));
        let engine = engine_with(|e| e.images = sample::unknown("images"));
        assert_unknown(image_scanned(&snapshot(), &engine));
    }
}

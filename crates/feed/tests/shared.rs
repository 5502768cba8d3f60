//! The real records of `../shared/advisories`, from feeds to a database.

use std::path::{Path, PathBuf};

use dockward_feed::{Mapped, Options, build};
use jiff::Timestamp;

fn shared() -> Option<PathBuf> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/advisories");
    if !path.is_dir() {
        eprintln!("skipped: there is no ../shared/advisories");
        return None;
    }
    Some(path)
}

fn now() -> Timestamp {
    "2026-11-28T00:00:00Z".parse().unwrap()
}

#[test]
fn every_real_record_is_in_the_database_or_counted() {
    let Some(shared) = shared() else { return };
    let folder = tempfile::tempdir().unwrap();
    let target = folder.path().join("advisories.db");
    let feeds = ["osv", "kev", "epss", "wolfi-false-positives.json"].map(|name| shared.join(name));
    let summary = build(&feeds, &target, Options::new(now())).unwrap();
    println!("{summary:#?}");
    assert_eq!(summary.problems.count, 0, "{:?}", summary.problems.first);
    let database = Mapped::open(&target).unwrap();
    let database = database.database().unwrap();
    database.verify().unwrap();
    assert_eq!(database.built().unwrap(), summary.built);
    let records: u64 = summary.built.sources.iter().map(|s| s.records + s.withdrawn).sum();
    // 63,404 records, 2,095 statements of which 49 are overridden, KEV and EPSS.
    println!("{records} {}", summary.no_weakness);
    assert_eq!(records + summary.repeated + summary.no_weakness, 63_404 + 2_095 - 49 + 1_404 + 29);
}

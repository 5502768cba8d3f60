//! The real records of `../shared/advisories`, from feeds to a database, built once for all tests.

#![allow(clippy::unwrap_used, reason = "a test may panic, in its helping functions too")]

mod made;

use std::path::{Path, PathBuf};
use std::sync::LazyLock;
use std::thread;

use dockward_advisory::{Settings, explain, matches};
use dockward_feed::{Mapped, Options, Summary, build};
use dockward_model::inventory::{FixState, Inventory};
use made::{apk, deb, inventory, now, rpm};
use tempfile::TempDir;

struct Built {
    summary: Summary,
    target: PathBuf,
    _folder: TempDir,
}

static BUILT: LazyLock<Option<Built>> = LazyLock::new(|| {
    let shared = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/advisories");
    if !shared.is_dir() {
        return None;
    }
    let folder = tempfile::tempdir().unwrap();
    let target = folder.path().join("advisories.db");
    let feeds = ["osv", "kev", "epss", "wolfi-false-positives.json"].map(|name| shared.join(name));
    // So little memory that every sort goes through its file.
    let options = Options { memory: 8 << 20, ..Options::new(now()) };
    let summary = build(&feeds, &target, options).unwrap();
    Some(Built { summary, target, _folder: folder })
});

#[allow(clippy::print_stderr, reason = "what is skipped is said by name")]
fn built(test: &str) -> Option<&'static Built> {
    let built = BUILT.as_ref();
    if built.is_none() {
        eprintln!("skipped: {test}: there is no ../shared/advisories");
    }
    built
}

/// Weaknesses and first fixes of an inventory.
fn found(built: &Built, inventory: &Inventory) -> Vec<(usize, String, FixState, Option<String>)> {
    let mapped = Mapped::open(&built.target).unwrap();
    let found = matches(inventory, &mapped.database().unwrap(), &Settings::new(now()));
    assert_eq!(found.unmatched, []);
    let one = |m: dockward_model::inventory::Match| {
        (m.package, m.id, m.state, m.fixes.into_iter().next())
    };
    found.matches.into_iter().map(one).collect()
}

#[test]
fn every_real_record_is_in_the_database_or_counted() {
    let Some(built) = built("every_real_record_is_in_the_database_or_counted") else { return };
    let summary = &built.summary;
    assert_eq!(summary.problems.count, 0, "{:?}", summary.problems.first);
    let mapped = Mapped::open(&built.target).unwrap();
    let database = mapped.database().unwrap();
    database.verify().unwrap();
    assert_eq!(database.built().unwrap(), summary.built);
    let records: u64 = summary.built.sources.iter().map(|s| s.records + s.withdrawn).sum();
    // 63,404 records, 2,095 statements of which 49 are overridden, KEV and EPSS.
    assert_eq!(records + summary.repeated + summary.no_weakness, 63_404 + 2_095 - 49 + 1_404 + 29);
    assert_eq!(summary.unusable, 0);
    let withdrawn: u64 = summary.built.sources.iter().map(|source| source.withdrawn).sum();
    assert_eq!(withdrawn, 17 + 10 + 13, "Go, PyPI, crates.io");
    let debian = database.ecosystems().map(Result::unwrap).find(|one| one.name == "Debian:11");
    assert_eq!(debian.map(|one| one.rows), Some(410));
}

#[test]
fn packages_of_each_distribution_have_the_weaknesses_that_their_advisories_say() {
    let name = "packages_of_each_distribution_have_the_weaknesses_that_their_advisories_say";
    let Some(built) = built(name) else { return };
    let has = |inventory: &Inventory, cve: &str, fix: &str| {
        let found = found(built, inventory);
        assert!(
            found.iter().any(|(_, id, state, first)| id == cve
                && *state == FixState::FixAvailable
                && first.as_deref() == Some(fix)),
            "{cve} {fix} is not in {found:?}"
        );
    };
    let debian = |version| inventory("debian", "11", vec![deb("libssl1.1", version, "openssl")]);
    has(&debian("1.1.1n-0+deb11u3"), "CVE-2023-0286", "1.1.1n-0+deb11u4");
    assert!(found(built, &debian("1.1.1n-0+deb11u4")).iter().all(|m| m.1 != "CVE-2023-0286"));
    let ubuntu = inventory(
        "ubuntu",
        "16.04",
        vec![deb("linux-image-4.4.0-1-generic", "3.13.0-1.1", "linux")],
    );
    assert!(found(built, &ubuntu).len() > 500);
    let alpine = inventory("alpine", "3.11.3", vec![apk("tshark", "3.0.7-r1", "wireshark")]);
    has(&alpine, "CVE-2020-7045", "3.0.8-r0");
    let wolfi = inventory("wolfi", "20230201", vec![apk("glab", "1.52.0-r0", "")]);
    has(&wolfi, "CVE-2025-22869", "1.53.0-r2");
    let alma =
        |version, module| inventory("almalinux", "9.4", vec![rpm("nodejs", version, module)]);
    let twenty = Some("nodejs:20:9040020240801:rhel9");
    let old = alma("1:20.9.0-1.module_el9.3.0+55+aa", twenty);
    assert!(
        found(built, &old)
            .iter()
            .all(|m| m.3.as_deref().is_some_and(|fix| fix.starts_with("1:20.")))
    );
    assert!(!found(built, &old).is_empty());
}

#[test]
fn a_weakness_is_explained_by_its_rows() {
    let Some(built) = built("a_weakness_is_explained_by_its_rows") else { return };
    let mapped = Mapped::open(&built.target).unwrap();
    let root = inventory("debian", "11", vec![deb("libssl1.1", "1.1.1n-0+deb11u4", "openssl")]);
    let database = mapped.database().unwrap();
    let found = explain(&root, &database, "CVE-2023-0286", &Settings::new(now()));
    assert!(found.advisories.iter().any(|one| one.id == "DSA-5343-1"), "{:?}", found.advisories);
    let [row] = found.rows.as_slice() else { panic!("{:?}", found.rows) };
    assert_eq!(row.state, Some(FixState::Fixed));
    assert!(
        row.elsewhere.iter().any(|why| why.contains("without a new upstream version")),
        "{row:?}"
    );
    assert!(row.elsewhere.iter().any(|why| why.contains("they name the source")), "{row:?}");
}

#[test]
fn a_hundred_threads_read_one_file_and_a_new_one_takes_its_place_meanwhile() {
    let name = "a_hundred_threads_read_one_file_and_a_new_one_takes_its_place_meanwhile";
    let Some(built) = built(name) else { return };
    let folder = tempfile::tempdir().unwrap();
    let target = folder.path().join("advisories.db");
    std::fs::copy(&built.target, &target).unwrap();
    let root = inventory("debian", "11", vec![deb("libssl1.1", "1.1.1k-1", "openssl")]);
    let wanted = found(built, &root);
    assert!(!wanted.is_empty());
    let mapped = Mapped::open(&target).unwrap();
    thread::scope(|scope| {
        let threads: Vec<_> = (0..100)
            .map(|_| {
                scope.spawn(|| {
                    let database = mapped.database().unwrap();
                    (0..20).all(|_| {
                        let found = matches(&root, &database, &Settings::new(now()));
                        found.matches.len() == wanted.len()
                    })
                })
            })
            .collect();
        let other = folder.path().join("other");
        std::fs::write(&other, b"no database").unwrap();
        std::fs::rename(&other, &target).unwrap();
        assert!(threads.into_iter().all(|thread| thread.join().unwrap()));
    });
    assert!(Mapped::open(&target).is_err(), "the new one is seen when it is opened");
}

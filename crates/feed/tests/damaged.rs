//! Files that were damaged, cut or swapped, and files that are not ours to trust.

#![allow(clippy::unwrap_used, reason = "a test may panic, in its helping functions too")]

mod made;

use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use dockward_advisory::database::Database;
use dockward_advisory::{Settings, explain, matches};
use dockward_feed::{BuildError, Mapped, OpenError, Options, build};
use made::{Made, deb, fixed, inventory, now, record, unfixed};

const HEADER: usize = 32;
const SECTION: usize = 32;
const SECTIONS: usize = 10;
const CVE: &str = "CVE-2023-0286";

fn made() -> Made {
    let kev = r#"{"catalogVersion":"1","dateReleased":"2025-08-25T17:04:19Z","vulnerabilities":[
        {"cveID":"CVE-2023-0286","dateAdded":"2023-02-01"}]}"#;
    let epss = "#model_version:v1,score_date:2024-10-25T00:00:00+0000\ncve,epss,percentile\nCVE-2023-0286,0.5,0.7\n";
    let records = [
        record("DSA-1", &[CVE, "CVE-2023-0001"], "Debian:11", "x", fixed("2")),
        record("DSA-2", &[CVE], "Debian:11", "x", unfixed()),
        record("DSA-3", &[], "Debian:11", "y", fixed("2")),
    ];
    Made::with(&records, &[("kev.json", kev), ("epss.csv", epss)])
}

/// Everything that a reader can ask, whatever comes of it.
fn read_all(bytes: &[u8]) -> bool {
    let Ok(database) = Database::read(bytes) else { return false };
    let root =
        inventory("debian", "11", vec![deb("x", "1", ""), deb("y", "1", ""), deb("z", "1", "")]);
    let settings = Settings { all: true, ..Settings::new(now()) };
    let _ = matches(&root, &database, &settings);
    for name in [CVE, "DSA-1", "nothing"] {
        let _ = explain(&root, &database, name, &settings);
    }
    let _ = database.built();
    database.verify().is_ok()
}

#[test]
fn every_changed_byte_of_header_and_table_is_seen_when_it_is_opened() {
    let bytes = std::fs::read(made().path()).unwrap();
    assert!(read_all(&bytes));
    for at in 0..HEADER + SECTIONS * SECTION {
        for bit in [1, 0x80, 0xff] {
            let mut bent = bytes.clone();
            bent[at] ^= bit;
            assert!(Database::read(&bent).is_err(), "byte {at}");
        }
    }
}

#[test]
fn a_file_that_is_cut_or_longer_is_none() {
    let bytes = std::fs::read(made().path()).unwrap();
    for length in 0..bytes.len() {
        assert!(Database::read(&bytes[..length]).is_err(), "{length}");
    }
    let mut longer = bytes;
    longer.push(0);
    assert!(Database::read(&longer).is_err());
}

#[test]
fn every_other_changed_byte_is_found_by_a_check_and_does_no_harm_before() {
    let bytes = std::fs::read(made().path()).unwrap();
    let mut padding = 0;
    for at in HEADER + SECTIONS * SECTION..bytes.len() {
        for bit in [1, 0x7f, 0x80, 0xff] {
            let mut bent = bytes.clone();
            bent[at] ^= bit;
            // Between sections there are a few bytes of nothing.
            padding += usize::from(read_all(&bent));
        }
    }
    assert!(padding <= SECTIONS * 7 * 4, "{padding}");
}

#[test]
fn only_files_of_ours_that_nobody_else_writes_to_are_opened() {
    let made = made();
    let path = made.path();
    for (mode, good) in [(0o644, true), (0o600, true), (0o664, false), (0o646, false)] {
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).unwrap();
        match Mapped::open(&path) {
            Ok(_) => assert!(good, "{mode:o}"),
            Err(error) => assert!(matches!(error, OpenError::NotOurs(_)) && !good, "{mode:o}"),
        }
    }
    assert!(matches!(Mapped::open(Path::new("/dev/null")), Err(OpenError::NoFile(_))));
    assert!(matches!(
        Mapped::open(path.parent().unwrap()),
        Err(OpenError::NoFile(_) | OpenError::Io { .. })
    ));
    assert!(matches!(Mapped::open(&path.with_extension("none")), Err(OpenError::Io { .. })));
    std::fs::write(&path, b"no database").unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
    assert!(matches!(Mapped::open(&path), Err(OpenError::NoDatabase { .. })));
}

#[test]
fn a_database_does_not_go_back_in_time_unless_told() {
    let folder = tempfile::tempdir().unwrap();
    let target = folder.path().join("advisories.db");
    let feed = |name: &str, modified: &str, ecosystem: &str| {
        let mut one = record("X-1", &[CVE], ecosystem, "x", fixed("2"));
        one["modified"] = modified.into();
        let path = folder.path().join(name);
        std::fs::write(&path, one.to_string()).unwrap();
        path
    };
    let new = feed("new.json", "2024-02-01T00:00:00.5Z", "Debian:11");
    let old = feed("old.json", "2024-01-31T00:00:00Z", "Debian:11");
    let other = feed("other.json", "2024-03-01T00:00:00Z", "Alpine:v3.11");
    let options = Options::new(now());
    build(std::slice::from_ref(&new), &target, options).unwrap();
    let before = std::fs::read(&target).unwrap();
    for feeds in [vec![old.clone()], vec![other.clone()], vec![old.clone(), other.clone()]] {
        let error = build(&feeds, &target, options).unwrap_err();
        assert!(
            matches!(&error, BuildError::BackInTime { source_name, .. } if source_name == "Debian")
        );
        assert!(error.hint().is_some());
        assert_eq!(std::fs::read(&target).unwrap(), before, "what was there is as it was");
    }
    build(&[new.clone(), other], &target, options).unwrap();
    build(&[new, old.clone()], &target, Options { allow_older: true, ..options }).unwrap();
    build(&[old], &target, Options { allow_older: true, ..options }).unwrap();
    let names: Vec<_> =
        std::fs::read_dir(folder.path()).unwrap().map(|e| e.unwrap().file_name()).collect();
    assert_eq!(names.len(), 4, "nothing temporary is left: {names:?}");
}

#[test]
fn a_record_of_a_time_to_come_is_refused_and_what_is_no_feed_is_said() {
    let mut ahead = record("X-1", &[CVE], "Debian:11", "x", fixed("2"));
    ahead["modified"] = "2027-01-01T00:00:00Z".into();
    let good = record("X-2", &[CVE], "Debian:11", "x", fixed("2"));
    let made = Made::of(&[ahead, good, serde_json::json!({"id": "X-3"}), serde_json::json!(7)]);
    assert_eq!((made.summary.advisories, made.summary.problems.count), (1, 3));
    assert!(made.summary.problems.first[0].place.ends_with("element 1"));
    let folder = made.path().parent().unwrap().to_owned();
    let odd = folder.join("odd.txt");
    std::fs::write(&odd, "hello").unwrap();
    assert!(matches!(
        build(&[odd], &made.path(), Options::new(now())),
        Err(BuildError::NotAFeed(_))
    ));
    let none = folder.join("none");
    assert!(matches!(
        build(&[none], &made.path(), Options::new(now())),
        Err(BuildError::Feed { .. })
    ));
}

#[test]
fn the_order_of_feeds_and_the_memory_make_no_difference() {
    let records: Vec<_> = (0..300)
        .map(|i| {
            record(
                &format!("DSA-{i}"),
                &[&format!("CVE-2023-{i:04}")],
                "Debian:11",
                &format!("p{}", i % 7),
                fixed("2"),
            )
        })
        .collect();
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, records: &[serde_json::Value]| {
        let path = folder.path().join(name);
        std::fs::write(&path, serde_json::to_vec(records).unwrap()).unwrap();
        path
    };
    let mut turned = records.clone();
    turned.reverse();
    let path = write("records.json", &records);
    let make = |memory| {
        let target = folder.path().join("advisories.db");
        build(std::slice::from_ref(&path), &target, Options { memory, ..Options::new(now()) })
            .unwrap();
        std::fs::read(target).unwrap()
    };
    let first = make(64 << 20);
    assert!(first == make(1));
    write("records.json", &turned);
    assert!(first == make(64 << 20));
}

/// The corpus of the reader's fuzz target is such a file: `UPDATE_CORPUS=1` writes it anew.
#[test]
fn the_fuzz_corpus_is_what_is_written_today() {
    let path =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/corpus/advisory_database/small.db");
    // The feed's folder stands in a database, and is another each time: its length as well.
    let bytes = std::fs::read(made().path()).unwrap();
    if std::env::var_os("UPDATE_CORPUS").is_some() {
        std::fs::write(&path, &bytes).unwrap();
    }
    let there = std::fs::read(&path).unwrap();
    let advisory = |bytes: &[u8]| {
        let database = Database::read(bytes).unwrap();
        let found = database.named("DSA-1").next().unwrap().unwrap().facts();
        (found, database.rows("Debian:11", "x").count())
    };
    assert_eq!(advisory(&there), advisory(&bytes));
}

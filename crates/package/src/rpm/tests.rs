use std::collections::BTreeSet;
use std::io::Read;

use dockward_model::inventory::Package;

use super::*;

fn fixture(name: &str) -> Vec<u8> {
    let path = format!("{}/fixtures/rpm/{name}.gz", env!("CARGO_MANIFEST_DIR"));
    let file = std::fs::File::open(&path).unwrap_or_else(|error| panic!("{path}: {error}"));
    let mut bytes = Vec::new();
    flate2::read::GzDecoder::new(file).read_to_end(&mut bytes).unwrap();
    bytes
}

/// As `rpm -qa` printed it: see the fixtures' README.
fn recorded(name: &str) -> Vec<String> {
    let path = format!("{}/fixtures/rpm/{name}.txt", env!("CARGO_MANIFEST_DIR"));
    std::fs::read_to_string(path).unwrap().lines().map(str::to_owned).collect()
}

fn or_none(text: &str) -> &str {
    if text.is_empty() { "(none)" } else { text }
}

/// A package as the recorded lines have it, but for the source rpm, which is told apart.
fn line(package: &Package) -> String {
    let source_version = package.source_version();
    let source_version = source_version.split_once(':').map_or(source_version, |(_, v)| v);
    [
        &package.name,
        &package.version,
        &package.architecture,
        &*format!("{}-{source_version}.src.rpm", package.source_name()),
        &package.licences.join(" "),
        or_none(&package.vendor),
        or_none(package.module.as_deref().unwrap_or_default()),
    ]
    .join("|")
}

fn lines(found: &Cataloged) -> Vec<String> {
    let mut lines: Vec<String> = found.packages.iter().map(line).collect();
    lines.sort();
    lines
}

fn holds(name: &str, database: &[u8], wal: Option<&[u8]>, expected: &str) {
    let found = read("var/lib/rpm/x", database, wal);
    assert_eq!(found.problems, [], "{name}");
    let mut expected = recorded(expected);
    expected.sort();
    assert_eq!(lines(&found), expected, "{name}");
}

#[test]
fn each_format_holds_what_rpm_says_that_it_holds() {
    for name in [
        "small.sqlite",
        "small-512.sqlite",
        "small-1024-utf16be.sqlite",
        "small-65536.sqlite",
        "small.ndb",
        "small.bdb",
        "small-512.bdb",
        "small-big-endian.bdb",
    ] {
        holds(name, &fixture(name), None, "small");
    }
    for name in ["large-512-reserved.sqlite", "large.ndb", "large.bdb", "large-65536.bdb"] {
        holds(name, &fixture(name), None, "large");
    }
}

#[test]
fn a_subpackage_of_another_version_names_its_source() {
    let found = read("var/lib/rpm/Packages.db", &fixture("small.ndb"), None);
    let of = |name: &str| found.packages.iter().find(|package| package.name == name).unwrap();
    let tools = of("openssl-tools");
    assert_eq!((tools.source_name(), tools.source_version()), ("openssl", "1:3.2.2-6.el9_5.1"));
    let libs = of("openssl-libs").source.clone().unwrap();
    assert_eq!((&*libs.name, libs.version), ("openssl", None));
    assert_eq!(of("bash").source, None);
    assert_eq!(of("bash").origin.to_string(), "/var/lib/rpm/Packages.db");
}

#[test]
fn the_log_beside_a_database_counts_as_far_as_it_is_committed() {
    let database = fixture("wal.sqlite");
    let without = read("p", &database, None);
    assert_eq!((without.packages.len(), without.problems.len()), (6, 0));
    assert_eq!(read("p", &database, Some(&[])), without, "an empty log is none");
    let wal = fixture("wal.sqlite-wal");
    holds("committed", &database, Some(&wal), "small");
    let more = fixture("wal-uncommitted.sqlite-wal");
    assert!(more.len() > 10 * wal.len(), "pages that were written before the commit");
    holds("uncommitted", &database, Some(&more), "small");
    // What is cut or changed in the second of two frames takes the second commit with it.
    let one = read("p", &database, Some(&wal[..wal.len() - 1]));
    assert_eq!((one.packages.len(), one.problems.len()), (7, 0));
    let odd = read("p", &database, Some(b"no log"));
    assert_eq!(
        (odd.packages.len(), odd.problems.len()),
        (6, 1),
        "the database is read all the same"
    );
}

#[test]
fn files_and_changelogs_are_in_the_header() {
    let database = fixture("small.sqlite");
    let mut seen = false;
    headers(&database, None, &mut |header| {
        let header = header.unwrap();
        if package::package("p", &header).unwrap().is_none_or(|package| package.name != "runc") {
            return;
        }
        seen = true;
        let files = files(&header).map(|(folder, name)| [folder, name].concat());
        let recorded = include_bytes!("../../fixtures/rpm/runc.files");
        let recorded = recorded.split(|b| *b == b'\n').filter(|line| !line.is_empty());
        assert!(files.eq(recorded.map(<[u8]>::to_vec)));
        let log: Vec<_> = changelog(&header).collect();
        let versions: Vec<_> = log.iter().map(Entry::version).collect();
        assert_eq!(versions, [Some("1.2.5-2.el9"), Some("1.1.9-2"), Some("1.1.9-1")]);
        assert_eq!(log[0].text, b"- Fix CVE-2025-31133, CVE-2025-52565\n- rebuilt");
    });
    assert!(seen);
}

/// Cuts at each of many places: what is read is a part of what there is, in its order, and where
/// something is missing a problem says so.
#[test]
fn a_database_that_is_cut_anywhere_keeps_what_came_before_and_says_so() {
    for (name, step) in
        [("small.ndb", 61), ("small-512.bdb", 67), ("small-512.sqlite", 101), ("small.bdb", 499)]
    {
        let whole = fixture(name);
        let all: BTreeSet<String> = lines(&read("p", &whole, None)).into_iter().collect();
        let (mut least, mut some) = (0, false);
        for cut in (0..whole.len()).step_by(step).chain([whole.len() - 1]) {
            let found = read("p", &whole[..cut], None);
            let kept = lines(&found);
            assert!(kept.iter().all(|line| all.contains(line)), "{name} {cut}");
            let is_told = !found.problems.is_empty() || kept.len() == all.len();
            assert!(is_told, "{name} {cut}: what is missing is told");
            if !name.ends_with("sqlite") {
                assert!(kept.len() >= least, "{name} {cut}: a longer piece holds no less");
                least = kept.len();
            }
            some |= !kept.is_empty() && kept.len() < all.len();
        }
        assert!(some, "{name}: some cut keeps some");
    }
}

#[test]
fn a_log_that_is_cut_anywhere_loses_no_package_of_the_database() {
    let (database, wal) = (fixture("wal.sqlite"), fixture("wal.sqlite-wal"));
    for cut in (1..wal.len()).step_by(37) {
        let found = read("p", &database, Some(&wal[..cut]));
        assert!((6..=8).contains(&found.packages.len()), "{cut}: {found:?}");
    }
}

/// Every byte set to each of some values: nothing panics, and what is read stays small.
#[test]
fn lies_do_no_harm() {
    for (name, step) in [("small.ndb", 61), ("small-512.bdb", 61), ("small-512.sqlite", 131)] {
        let mut bytes = fixture(name);
        for at in (0..bytes.len()).step_by(step).chain(0..128) {
            for value in [0, 1, 0xff] {
                let kept = std::mem::replace(&mut bytes[at], value);
                let found = read("p", &bytes, None);
                assert!(found.packages.len() <= 9 && found.problems.len() <= 101, "{name} {at}");
                bytes[at] = kept;
            }
        }
    }
}

fn put(bytes: &mut [u8], at: usize, number: u32) {
    bytes[at..at + 4].copy_from_slice(&number.to_be_bytes());
}

#[test]
fn pages_that_go_in_circles_are_told_and_left() {
    // A table of tables that is an inner page over itself.
    let mut sqlite = fixture("small-512.sqlite")[..512 * 2].to_vec();
    sqlite[100] = 5;
    put(&mut sqlite, 108, 1);
    let found = read("p", &sqlite, None);
    assert!(found.problems.iter().any(|p| p.why == "page 1 is in two places"), "{found:?}");
    // A large value whose pages lead back to its first.
    let mut bdb = fixture("small-512.bdb");
    for page in bdb.chunks_mut(512).filter(|page| page[25] == 7) {
        let own: [u8; 4] = page[8..12].try_into().unwrap();
        page[16..20].copy_from_slice(&own);
    }
    let found = read("p", &bdb, None);
    assert!(found.problems.iter().any(|p| p.why.contains("or twice in one")), "{found:?}");
    // Slots that share the same blocks without end.
    let mut ndb = fixture("small.ndb");
    let slot: Vec<u8> = ndb[48..64].to_vec();
    for at in (64..4096).step_by(16) {
        ndb[at..at + 16].copy_from_slice(&slot);
    }
    let found = read("p", &ndb, None);
    assert!(
        found.problems.iter().any(|p| p.why.contains("more blocks than there are")),
        "{found:?}"
    );
}

#[test]
fn headers_that_lie_are_told() {
    let of = |entries: u32, length: u32, rest: &[u8]| {
        let mut blob = [entries.to_be_bytes(), length.to_be_bytes()].concat();
        blob.extend(rest);
        Header::parse(&blob)
            .map(|header| package::package("p", &header).map(|_| ()))
            .unwrap_or_else(Err)
    };
    assert!(Header::parse(b"").is_err() && Header::parse(b"1234567").is_err());
    for (entries, length) in [(0, 0), (u32::MAX, 0), (1, u32::MAX), (0xffff, 0x0fff_ffff), (1, 1)] {
        assert!(of(entries, length, &[0; 16]).is_err(), "{entries} {length}");
    }
    // A name that begins beyond the data, one without an end, and one of more strings than there are.
    for (kind, offset, count) in [(6, u32::MAX, 1), (6, 0, 1), (8, 0, u32::MAX), (4, 0, u32::MAX)] {
        let entry: Vec<u8> =
            [1000, kind, offset, count].into_iter().flat_map(u32::to_be_bytes).collect();
        let found = of(1, 4, &[&*entry, b"bash"].concat());
        assert_eq!(found, Err("a package without a name".to_owned()), "{kind} {offset} {count}");
    }
}

#[test]
fn what_is_no_database_is_told() {
    for bytes in [&b""[..], b"x", &[0; 4096], b"SQLite format 3\0", b"RpmP", b"Rpm"] {
        let found = read("var/lib/rpm/Packages", bytes, None);
        assert_eq!((found.packages.len(), found.problems.len()), (0, 1), "{bytes:?}");
    }
}

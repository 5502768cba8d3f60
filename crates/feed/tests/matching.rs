//! What is made of packages, rule by rule, over databases of made-up records.

#![allow(clippy::unwrap_used, reason = "a test may panic, in its helping functions too")]

mod made;

use dockward_advisory::{Settings, matches};
use dockward_model::inventory::{
    FixState, InstallState, Inventory, Match, MatchedName, Package, SourcePackage, UnmatchedWhy,
};
use dockward_model::verdict::Severity;
use jiff::SignedDuration;
use made::{Made, affected, apk, deb, fixed, inventory, now, record, rpm, unfixed};
use serde_json::{Value, json};

/// What was found: the weakness, its state, the fixes.
fn found(made: &Made, inventory: &Inventory, settings: Settings) -> Vec<Match> {
    let mapped = made.open();
    let found = matches(inventory, &mapped.database().unwrap(), &settings);
    assert_eq!(found.unmatched, []);
    found.matches
}

fn states(matches: &[Match]) -> Vec<(&str, FixState, Vec<&str>)> {
    matches
        .iter()
        .map(|m| (m.id.as_str(), m.state, m.fixes.iter().map(String::as_str).collect()))
        .collect()
}

fn all() -> Settings {
    Settings { all: true, ..Settings::new(now()) }
}

fn debian(packages: Vec<Package>) -> Inventory {
    inventory("debian", "11", packages)
}

const CVE: &str = "CVE-2023-0286";

#[test]
fn a_package_is_matched_by_its_sources_name_and_version() {
    let made = Made::of(&[
        record("DSA-1", &[CVE], "Debian:11", "openssl", fixed("1.1.1n-0+deb11u4")),
        record("DSA-2", &["CVE-2023-9999"], "Debian:11", "libssl1.1", fixed("9")),
    ]);
    let packages = vec![
        deb("libssl1.1", "1.1.1n-0+deb11u3", "openssl"),
        deb("openssl", "1.1.1n-0+deb11u4", ""),
        Package { state: InstallState::Removed, ..deb("openssl", "1", "") },
        Package {
            state: InstallState::Incomplete,
            ..deb("libssl-dev", "1.1.1n-0+deb11u3", "openssl")
        },
    ];
    let found = found(&made, &debian(packages), Settings::new(now()));
    assert_eq!(found.iter().map(|m| m.package).collect::<Vec<_>>(), [0, 3]);
    let [first, second] = found.as_slice() else { panic!() };
    assert_eq!((first.id.as_str(), first.advisory.id.as_str()), (CVE, "DSA-1"));
    assert_eq!((first.state, &*first.fixes[0]), (FixState::FixAvailable, "1.1.1n-0+deb11u4"));
    assert_eq!((first.compared.name.as_str(), first.compared.by), ("openssl", MatchedName::Source));
    assert_eq!(first.compared.range, ">= 0, < 1.1.1n-0+deb11u4");
    assert_eq!(first.compared.ecosystem, "Debian:11");
    assert!(std::sync::Arc::ptr_eq(&first.advisory, &second.advisory), "read once");
}

#[test]
fn a_rebuild_and_an_epoch_are_compared_as_the_source_has_them() {
    let made = Made::of(&[
        record("DSA-1", &[CVE], "Debian:11", "lvm2", fixed("2.03.11-2.2")),
        record("DSA-2", &[CVE], "Debian:11", "vim", fixed("2:8.2.2434-3+deb11u1")),
        json!({"id": "DSA-3", "modified": "2024-01-01T00:00:00Z", "upstream": [CVE], "affected": [
            {"package": {"ecosystem": "Debian:11", "name": "runc"}, "versions": ["1.0-1"]}]}),
    ]);
    let mut dmsetup = deb("dmsetup", "2:1.02.175-2.1", "lvm2");
    dmsetup.source =
        Some(SourcePackage { name: "lvm2".into(), version: Some("2.03.11-2.1".into()) });
    let packages = vec![
        dmsetup,
        deb("vim", "2:8.2.2434-3", ""),
        deb("vim", "3:1", ""),
        deb("runc", "1.0-1+b6", ""),
        deb("runc", "1.0-2", ""),
    ];
    let found = found(&made, &debian(packages), Settings::new(now()));
    assert_eq!(found.iter().map(|m| m.package).collect::<Vec<_>>(), [0, 1, 3]);
    assert_eq!(found[2].compared.range, "= 1.0-1");
    assert_eq!((found[2].state, found[2].fixes.len()), (FixState::Affected, 0));
}

#[test]
fn two_advisories_about_one_weakness_are_one_match_mended_by_the_version_that_mends_both() {
    let made = Made::of(&[
        record("DSA-1", &[CVE], "Debian:11", "x", fixed("1-2")),
        record("DSA-2", &[CVE], "Debian:11", "x", fixed("1-3")),
        json!({"id": "DEBIAN-CVE", "modified": "2024-01-01T00:00:00Z", "upstream": [CVE],
            "severity": [{"type": "Ubuntu", "score": "low"}],
            "affected": [affected("Debian:11", "x", fixed("1-2"))]}),
    ]);
    let found =
        found(&made, &debian(vec![deb("x", "1-1", ""), deb("x", "1-2", "")]), Settings::new(now()));
    let one = (CVE, FixState::FixAvailable, vec!["1-3"]);
    assert_eq!(states(&found), [one.clone(), one]);
    assert_eq!(found[0].advisory.id, "DSA-2");
    assert_eq!(found[0].also, ["DEBIAN-CVE", "DSA-1"]);
    assert_eq!(
        found[0].advisory.rating.severity,
        Some(Severity::Low),
        "the rating of another of them"
    );
    assert_eq!(found[1].also, ["DEBIAN-CVE", "DSA-1"], "those that are mended are about it too");
}

#[test]
fn what_its_own_source_does_not_rate_is_rated_by_another_sources_record_of_it_alone() {
    let rated = |id: &str, cves: &[&str], vector: &str| {
        let mut one = record(id, cves, "Bitnami", "openssl", fixed("9"));
        one["severity"] = json!([{"type": "CVSS_V3", "score": vector}]);
        one
    };
    let medium = "CVSS:3.1/AV:N/AC:H/PR:N/UI:N/S:U/C:N/I:N/A:H";
    let critical = "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H";
    let mut word = record("USN-1", &[CVE], "Ubuntu:22.04:LTS", "openssl", fixed("9"));
    word["affected"][0]["ecosystem_specific"] = json!({"ubuntu_priority": "critical"});
    let made = Made::of(&[
        record("DSA-1", &[CVE, "CVE-2023-1111"], "Debian:11", "openssl", fixed("2")),
        rated("BIT-1", &[CVE], medium),
        rated("BIT-2", &[CVE, "CVE-2023-2222"], critical),
        rated("BIT-3", &["CVE-2023-1112"], critical),
        word,
    ]);
    let found = found(&made, &debian(vec![deb("openssl", "1", "")]), Settings::new(now()));
    let rating = |id: &str| {
        let rating = &found.iter().find(|m| m.id == id).unwrap().advisory.rating;
        (rating.severity, rating.borrowed.as_deref())
    };
    assert_eq!(rating(CVE), (Some(Severity::Medium), Some("BIT-1")), "a score before a word");
    assert_eq!(rating("CVE-2023-1111"), (None, None), "nobody rates this one");
}

#[test]
fn an_advisory_about_several_weaknesses_makes_several_matches_and_one_without_any_its_own() {
    let made = Made::of(&[
        record("DSA-1", &["CVE-2023-0002", "CVE-2023-0001"], "Debian:11", "x", fixed("2")),
        record("DSA-2", &[], "Debian:11", "x", fixed("2")),
    ]);
    let found = found(&made, &debian(vec![deb("x", "1", "")]), Settings::new(now()));
    let ids: Vec<_> = found.iter().map(Match::name).collect();
    assert_eq!(ids, ["CVE-2023-0001", "CVE-2023-0002", "DSA-2"]);
}

#[test]
fn ranges_end_and_begin_again_and_the_fix_is_that_of_the_own_branch() {
    let branches =
        json!([{"introduced": "1.0"}, {"fixed": "1.5"}, {"introduced": "2.0"}, {"fixed": "2.5"}]);
    let last = json!([{"introduced": "0"}, {"last_affected": "1.5"}]);
    let limit = json!([{"introduced": "0"}, {"limit": "2"}]);
    let unordered =
        json!([{"fixed": "2.5"}, {"introduced": "2.0"}, {"fixed": "1.5"}, {"introduced": "1.0"}]);
    let many = json!([{"introduced": "0"}, {"fixed": "1.5"}, {"fixed": "1.7"}]);
    for (events, version, wanted) in [
        (&branches, "0.9", None),
        (&branches, "1.0", Some(vec!["1.5", "2.5"])),
        (&branches, "1.5", None),
        (&branches, "2.0", Some(vec!["2.5"])),
        (&branches, "2.5", None),
        (&unordered, "1.2", Some(vec!["1.5", "2.5"])),
        (&unordered, "1.7", None),
        (&unordered, "2.2", Some(vec!["2.5"])),
        (&last, "1.5", Some(vec![])),
        (&last, "1.6", None),
        (&limit, "1", Some(vec![])),
        (&limit, "2", None),
        (&many, "1.6", None),
        (&many, "1.4", Some(vec!["1.5", "1.7"])),
    ] {
        let made = Made::of(&[record("DSA-1", &[CVE], "Debian:11", "x", events.clone())]);
        let found = found(&made, &debian(vec![deb("x", version, "")]), Settings::new(now()));
        let fixes = found.first().map(|m| m.fixes.iter().map(String::as_str).collect());
        assert_eq!(fixes, wanted, "{version} in {events}");
    }
}

#[test]
fn statuses_are_those_that_the_source_says() {
    let with = |id: &str, cve: &str, words: Value| {
        let mut record = record(id, &[cve], "Ubuntu:18.04:LTS", "x", unfixed());
        record["affected"][0]["database_specific"] = words;
        record
    };
    let made = Made::of(&[
        with("U-1", "CVE-2023-0001", json!({"ubuntu_status": "needed"})),
        with("U-2", "CVE-2023-0002", json!({"ubuntu_status": "deferred", "note": "2019-01-01"})),
        with("U-3", "CVE-2023-0003", json!({"ubuntu_status": "ignored"})),
        record("U-4", &["CVE-2023-0004"], "Ubuntu:18.04:LTS", "x", fixed("1")),
        record("U-5", &["CVE-2023-0005"], "Ubuntu:18.04:LTS", "x", fixed("0")),
        json!({"id": "U-6", "modified": "2024-01-01T00:00:00Z", "upstream": ["CVE-2023-0006"], "affected": [],
            "database_specific": {"untriaged": ["Ubuntu:18.04:LTS/x"]}}),
        json!({"id": "U-7", "modified": "2024-01-01T00:00:00Z", "upstream": ["CVE-2023-0001"], "withdrawn": "2024-01-01T00:00:00Z",
            "affected": [affected("Ubuntu:18.04:LTS", "x", unfixed())]}),
    ]);
    let root = inventory("ubuntu", "18.04", vec![deb("x", "1", "")]);
    let told = found(&made, &root, Settings::new(now()));
    let wanted = [
        ("CVE-2023-0001", FixState::Affected, vec![]),
        ("CVE-2023-0002", FixState::Deferred, vec![]),
        ("CVE-2023-0003", FixState::WillNotFix, vec![]),
        ("CVE-2023-0006", FixState::Unknown, vec![]),
    ];
    assert_eq!(states(&told), wanted);
    assert_eq!(told[1].note, "2019-01-01");
    let asked = found(&made, &root, all());
    assert_eq!(asked.len(), 6);
    assert_eq!((asked[3].state, asked[4].state), (FixState::Fixed, FixState::NotAffected));
}

#[test]
fn a_statement_that_a_package_is_not_affected_takes_back_what_an_advisory_says() {
    let statement = |cve: &str, latest: bool| {
        json!({"package": "x", "id": format!("CGA-{cve}"), "aliases": [cve, "GHSA-1"], "latest": latest,
            "timestamp": "2024-01-01T00:00:00Z", "type": "vulnerable-code-not-included-in-package", "note": "Only Windows"})
    };
    let made = Made::of(&[
        record("CGA-1", &["CVE-2023-0001"], "Wolfi", "x", unfixed()),
        record("CGA-2", &["CVE-2023-0002"], "Wolfi", "x", unfixed()),
        statement("CVE-2023-0001", true),
        statement("CVE-2023-0002", false),
    ]);
    let root = inventory("wolfi", "20230201", vec![apk("x-dev", "1-r0", "x")]);
    let told = found(&made, &root, Settings::new(now()));
    assert_eq!(states(&told), [("CVE-2023-0002", FixState::Affected, vec![])]);
    let asked = found(&made, &root, all());
    assert_eq!(asked[0].state, FixState::NotAffected);
    assert_eq!(asked[0].note, "vulnerable-code-not-included-in-package: Only Windows");
}

#[test]
fn what_can_be_bought_is_no_fix_for_those_who_did_not_buy_it() {
    let two = |id: &str, cve: &str, free: Value, paid: Value| {
        json!({"id": id, "modified": "2024-01-01T00:00:00Z", "upstream": [cve], "affected": [
            affected("Ubuntu:16.04:LTS", "x", free), affected("Ubuntu:Pro:16.04:LTS", "x", paid)]})
    };
    let made = Made::of(&[
        two("U-1", "CVE-2023-0001", unfixed(), fixed("1-2+esm1")),
        two("U-2", "CVE-2023-0002", fixed("1-1"), fixed("1-1")),
        two("U-3", "CVE-2023-0003", fixed("1-1"), fixed("1-2+esm1")),
        record("U-4", &["CVE-2023-0004"], "Ubuntu:Pro:16.04:LTS", "x", fixed("1-2+esm1")),
    ]);
    let root = |version| inventory("ubuntu", "16.04", vec![deb("x", version, "")]);
    let free = found(&made, &root("1-1"), Settings::new(now()));
    let wanted = [
        ("CVE-2023-0001", FixState::Affected, vec![]),
        ("CVE-2023-0004", FixState::Affected, vec![]),
    ];
    assert_eq!(states(&free), wanted);
    assert!(free.iter().all(|m| m.note == "mended in 1-2+esm1 with Ubuntu Pro"));
    let pro = found(&made, &root("1-1"), Settings { ubuntu_pro: true, ..Settings::new(now()) });
    assert_eq!(pro.iter().filter(|m| m.state == FixState::FixAvailable).count(), 3);
    assert_eq!(found(&made, &root("1-2+esm1"), Settings::new(now())), []);
}

#[test]
fn a_fix_in_one_module_stream_says_nothing_of_another() {
    let modular = |id: &str, stream: &str, fix: &str| {
        let mut record = record(id, &[], "AlmaLinux:9", "nodejs", fixed(fix));
        record["related"] = json!([format!("CVE-2024-{}", id.rsplit(':').next().unwrap())]);
        record["summary"] = format!("Important: {stream} security update").into();
        record
    };
    let made = Made::of(&[
        modular("ALSA-2024:1018", "nodejs:18", "1:18.20.8-1.module_el9.5.0+1+aa"),
        modular("ALSA-2024:1020", "nodejs:20", "1:20.20.0-1.module_el9.7.0+2+bb"),
        modular("ALSA-2024:1000", "nodejs", "1:16.20.3-1.el9"),
    ]);
    let own = |version: &str, module: Option<&str>| {
        let root = inventory("almalinux", "9.4", vec![rpm("nodejs", version, module)]);
        let found = found(&made, &root, Settings::new(now()));
        assert!(found.iter().all(|m| m.compared.by == MatchedName::Binary));
        assert!(found.iter().all(|m| m.advisory.rating.severity == Some(Severity::High)));
        found.into_iter().map(|m| m.id).collect::<Vec<_>>()
    };
    let build = "1:18.20.4-1.module_el9.4.0+150+ec8fcd53";
    assert_eq!(own(build, Some("nodejs:18:9040020240801:rhel9")), ["CVE-2024-1018"]);
    assert_eq!(own(build, None), ["CVE-2024-1018"]);
    assert_eq!(own("1:16.20.2-8.el9", None), ["CVE-2024-1000"]);
    assert_eq!(own("1:20.20.0-1.module_el9.7.0+2+bb", Some("nodejs:20:1:2")), [""; 0]);
}

#[test]
fn rows_for_another_architecture_are_not_about_this_package() {
    let mut only = record("DSA-1", &[CVE], "Debian:11", "x", fixed("2"));
    only["affected"][0]["package"]["purl"] = "pkg:deb/debian/x?arch=s390x".into();
    let mut source = record("DSA-2", &["CVE-2023-0002"], "Debian:11", "x", fixed("2"));
    source["affected"][0]["package"]["purl"] =
        "pkg:deb/debian/x?arch=source&distro=bullseye".into();
    let made = Made::of(&[only, source]);
    let found = found(&made, &debian(vec![deb("x", "1", "")]), Settings::new(now()));
    assert_eq!(found.iter().map(Match::name).collect::<Vec<_>>(), ["CVE-2023-0002"]);
}

#[test]
fn kernels_are_matched_by_the_source_that_was_signed_and_headers_are_said_to_be_no_kernel() {
    let made = Made::of(&[record("DSA-1", &[CVE], "Debian:11", "linux", fixed("5.10.70-1"))]);
    let mut image = deb("linux-image-5.10.0-8-amd64", "5.10.46-4", "linux-signed-amd64");
    image.source = Some(SourcePackage {
        name: "linux-signed-amd64".into(),
        version: Some("5.10.46+4".into()),
    });
    let packages = vec![image, deb("linux-libc-dev", "5.10.46-4", "linux")];
    let found = found(&made, &debian(packages), Settings::new(now()));
    assert_eq!(found.iter().map(|m| m.headers_only).collect::<Vec<_>>(), [false, true]);
}

#[test]
fn what_is_said_of_the_number_alone_is_beside_the_match() {
    let kev = json!({"catalogVersion": "1", "dateReleased": "2025-08-25T17:04:19Z", "vulnerabilities": [
        {"cveID": CVE, "dateAdded": "2023-02-01", "dueDate": "2023-03-01", "knownRansomwareCampaignUse": "Known"},
        {"cveID": "odd", "dateAdded": "2023-02-01"}]});
    let epss = format!(
        "#model_version:v2023.03.01,score_date:2024-10-25T00:00:00+0000\ncve,epss,percentile\n{CVE},0.5,0.75\nodd\n"
    );
    let records = [record("DSA-1", &[CVE], "Debian:11", "x", fixed("2"))];
    let made = Made::with(&records, &[("kev.json", &kev.to_string()), ("epss.csv", &epss)]);
    assert_eq!(made.summary.problems.count, 2, "{:?}", made.summary.problems);
    let found = found(&made, &debian(vec![deb("x", "1", "")]), Settings::new(now()));
    let exploited = found[0].exploited.as_ref().unwrap();
    assert_eq!((exploited.added.to_string(), exploited.ransomware), ("2023-02-01".into(), true));
    let likely = found[0].likelihood.unwrap();
    assert_eq!((likely.probability, likely.percentile), (0.5, 0.75));
    assert_eq!(likely.day.map(|day| day.to_string()).as_deref(), Some("2024-10-25"));
}

#[test]
fn what_cannot_be_compared_is_said_and_never_clean() {
    let made = Made::of(&[record("DSA-1", &[CVE], "Debian:11", "x", fixed("2"))]);
    let mapped = made.open();
    let database = mapped.database().unwrap();
    let why = |root: &Inventory, settings: Settings| {
        let found = matches(root, &database, &settings);
        assert_eq!(found.matches, []);
        found.unmatched.into_iter().map(|one| (one.packages, one.why)).collect::<Vec<_>>()
    };
    let one = || vec![deb("y", "1", "")];
    let plain = Settings::new(now());
    let found = why(&inventory("debian", "12", one()), plain);
    assert_eq!(found, [(1, UnmatchedWhy::NoSource("Debian:12".into()))]);
    assert!(matches!(
        &*why(&inventory("arch", "", one()), plain),
        [(1, UnmatchedWhy::UnknownDistribution(_))]
    ));
    let mut nameless = debian(one());
    nameless.contents.distribution = dockward_model::facts::Field::absent(
        dockward_model::facts::Origin::file("/etc/os-release", None),
    );
    assert!(matches!(&*why(&nameless, plain), [(1, UnmatchedWhy::NoDistribution(_))]));
    nameless.contents.packages.clear();
    assert_eq!(why(&nameless, plain), [], "nothing is there to be compared");
    let odd = debian(vec![deb("y", "1", ""), rpm("x", "1", None)]);
    assert!(matches!(&*why(&odd, plain), [(1, UnmatchedWhy::OtherKind(_))]));
    let stale = Settings { stale_after: Some(SignedDuration::from_hours(24)), ..plain };
    assert!(matches!(&*why(&debian(one()), stale), [(1, UnmatchedWhy::Stale { .. })]));
    let fresh = Settings { stale_after: Some(SignedDuration::from_hours(24 * 5_000)), ..plain };
    assert_eq!(why(&debian(one()), fresh), []);
}

use dockward_advisory::database::write::{NewEvent, NewRow};
use dockward_advisory::database::{RangeKind, Status};
use dockward_model::inventory::RatedBy;
use dockward_model::verdict::Severity;

use super::{is_no_weakness, line, understand};

fn rows(json: &str) -> Vec<NewRow> {
    understand(json.as_bytes()).unwrap().rows
}

fn record(rest: &str) -> String {
    format!(r#"{{"id":"X-1","modified":"2024-01-02T03:04:05Z",{rest}}}"#)
}

fn affected(rest: &str) -> String {
    let package = r#""package":{"ecosystem":"Debian:11","name":"x"}"#;
    let range = r#""ranges":[{"type":"ECOSYSTEM","events":[{"introduced":"0"}]}]"#;
    record(&format!(r#""affected":[{{{package},{range}{rest}}}]"#))
}

#[test]
fn every_event_is_kept_in_order_and_commits_are_not() {
    let json = record(
        r#""affected":[{"package":{"ecosystem":"PyPI","name":"x"},"versions":["1","2"],"ranges":[
        {"type":"GIT","events":[{"introduced":"0"},{"fixed":"abc"}]},
        {"type":"SEMVER","events":[{"introduced":"1"},{"last_affected":"2"},{"introduced":"3"},{"fixed":"4"},{"limit":"*"},{"limit":"9"}]}]},
        {"package":{"ecosystem":"PyPI","name":"git"},"ranges":[{"type":"GIT","events":[{"introduced":"0"}]}]}]"#,
    );
    let understood = understand(json.as_bytes()).unwrap();
    assert_eq!(understood.unusable, 1);
    let [row] = understood.rows.as_slice() else { panic!() };
    let [range] = row.ranges.as_slice() else { panic!() };
    assert_eq!(range.kind, RangeKind::Semver);
    let wanted = [
        NewEvent::Introduced("1".into()),
        NewEvent::LastAffected("2".into()),
        NewEvent::Introduced("3".into()),
        NewEvent::Fixed("4".into()),
        NewEvent::Limit("9".into()),
    ];
    assert_eq!(range.events, wanted);
    assert_eq!(row.versions, ["1", "2"]);
}

#[test]
fn the_words_of_each_export_say_what_will_become_of_it() {
    for (word, status, note) in [
        (r#""debian_status":"unfixed""#, Status::Affected, ""),
        (r#""debian_status":"end-of-life""#, Status::WillNotFix, "end-of-life"),
        (r#""ubuntu_status":"deferred","note":"2019-01-01""#, Status::Deferred, "2019-01-01"),
        (r#""ubuntu_status":"pending","note":"1.2""#, Status::Affected, "pending: 1.2"),
        (r#""ubuntu_status":"needed""#, Status::Affected, ""),
        (
            r#""advisory_status":"fix-not-planned","note":"old\nstuff""#,
            Status::WillNotFix,
            "fix-not-planned: old stuff",
        ),
        (r#""urgency":"end-of-life""#, Status::WillNotFix, "end-of-life"),
        (r#""urgency":"low""#, Status::Affected, ""),
        (r#""ubuntu_status":7"#, Status::Affected, ""),
    ] {
        for place in ["database_specific", "ecosystem_specific"] {
            let rows = rows(&affected(&format!(r#","{place}":{{{word}}}"#)));
            assert_eq!((rows[0].status, rows[0].note.as_str()), (status, note), "{word}");
        }
    }
}

#[test]
fn what_is_not_affected_or_not_decided_is_a_row_too() {
    let json = record(
        r#""affected":[],"database_specific":{
        "not_affected":[{"ecosystem":"Debian:3.0","name":"vlc"}],
        "untriaged":["Ubuntu:16.04:LTS/dcraw"]}"#,
    );
    let rows = rows(&json);
    let facts: Vec<_> = rows.iter().map(|r| (&*r.ecosystem, &*r.name, r.status)).collect();
    let wanted = [
        ("Debian:3.0", "vlc", Status::NotAffected),
        ("Ubuntu:16.04:LTS", "dcraw", Status::Undecided),
    ];
    assert_eq!(facts, wanted);
}

#[test]
fn cve_numbers_come_from_what_a_record_is_about() {
    let with = |rest: &str| {
        let json = affected("").replace(r#""affected""#, &format!(r#"{rest},"affected""#));
        understand(json.as_bytes()).unwrap().advisory.cves
    };
    assert_eq!(understand(affected("").as_bytes()).unwrap().advisory.cves, [""; 0]);
    assert_eq!(
        with(
            r#""upstream":["CVE-2021-0002"],"aliases":["CVE-2021-0001","GHSA-1"],"related":["CVE-2021-0003"]"#
        ),
        ["CVE-2021-0001", "CVE-2021-0002"]
    );
    assert_eq!(with(r#""aliases":["GHSA-1"],"related":["CVE-2021-0003"]"#), ["CVE-2021-0003"]);
    let json = affected("").replace("X-1", "ALPINE-CVE-2021-0004");
    assert_eq!(understand(json.as_bytes()).unwrap().advisory.cves, ["CVE-2021-0004"]);
}

#[test]
fn the_vendors_word_comes_before_a_score_and_nothing_stays_nothing() {
    let rated = |rest: &str| {
        let json = affected("").replace(r#""affected""#, &format!(r#"{rest},"affected""#));
        let rating = understand(json.as_bytes()).unwrap().advisory.rating;
        (rating.severity, rating.by)
    };
    let vector = r#"{"type":"CVSS_V3","score":"CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"}"#;
    let four = r#"{"type":"CVSS_V4","score":"CVSS:4.0/AV:P/AC:H/AT:P/PR:H/UI:A/VC:L/VI:N/VA:N/SC:N/SI:N/SA:N"}"#;
    let two = r#"{"type":"CVSS_V2","score":"AV:N/AC:L/Au:N/C:C/I:C/A:C"}"#;
    let word = r#"{"type":"Ubuntu","score":"negligible"}"#;
    assert_eq!(
        rated(&format!(r#""severity":[{vector},{word}]"#)),
        (Some(Severity::Info), RatedBy::Vendor)
    );
    assert_eq!(
        rated(&format!(r#""severity":[{vector}]"#)),
        (Some(Severity::Critical), RatedBy::Cvss)
    );
    assert_eq!(
        rated(&format!(r#""severity":[{vector},{four}]"#)),
        (Some(Severity::Low), RatedBy::Cvss)
    );
    assert_eq!(rated(&format!(r#""severity":[{two}]"#)), (Some(Severity::High), RatedBy::Cvss));
    assert_eq!(rated(r#""severity":[{"type":"CVSS_V3","score":"odd"}]"#), (None, RatedBy::Nobody));
    assert_eq!(rated(r#""summary":"Important: x""#), (Some(Severity::High), RatedBy::Vendor));
    assert_eq!(
        rated(r#""database_specific":{"severity":"MODERATE"}"#),
        (Some(Severity::Medium), RatedBy::Vendor)
    );
    assert_eq!(rated(r#""summary":"x: y""#), (None, RatedBy::Nobody));
    let urgent =
        understand(affected(r#","ecosystem_specific":{"urgency":"low**"}"#).as_bytes()).unwrap();
    assert_eq!(urgent.advisory.rating.severity, Some(Severity::Low));
}

#[test]
fn a_module_build_keeps_the_streams_that_the_summary_names() {
    let module = |summary: &str, fixed: &str| {
        let json = affected("")
            .replace(
                r#"{"introduced":"0"}"#,
                &format!(r#"{{"introduced":"0"}},{{"fixed":"{fixed}"}}"#),
            )
            .replace(r#""affected""#, &format!(r#""summary":"{summary}","affected""#));
        rows(&json)[0].module.clone()
    };
    let build = "1:20.20.0-1.module_el9.7.0+207+84573810";
    assert_eq!(module("Important: nodejs:20 security update", build), "nodejs:20");
    assert_eq!(module("virt:rhel and virt-devel:rhel update", build), "virt:rhel virt-devel:rhel");
    assert_eq!(module("container-tools bug fix update", build), "*");
    assert_eq!(module("Important: nodejs:20 security update", "20.1-1.el9"), "");
}

#[test]
fn an_architecture_is_that_of_the_package_url() {
    let of = |purl: &str| {
        let json = affected("").replace(r#""name":"x""#, &format!(r#""name":"x","purl":"{purl}""#));
        rows(&json)[0].architecture.clone()
    };
    assert_eq!(of("pkg:rpm/redhat/x?arch=s390x&epoch=1"), "s390x");
    assert_eq!(of("pkg:deb/debian/x?arch=source&distro=sarge"), "");
    assert_eq!(of("pkg:deb/debian/x"), "");
}

#[test]
fn withdrawn_records_say_nothing_and_bug_fixes_are_no_weakness() {
    let json =
        affected("").replace(r#""affected""#, r#""withdrawn":"2024-02-01T00:00:00Z","affected""#);
    let understood = understand(json.as_bytes()).unwrap();
    assert!(understood.withdrawn && understood.rows.is_empty());
    let bugs = understand(affected("").replace("X-1", "ALBA-2021:1").as_bytes()).unwrap();
    assert!(is_no_weakness(&bugs.advisory));
    assert!(!is_no_weakness(&understood.advisory));
}

#[test]
fn what_is_not_understood_is_an_error_and_null_is_absent() {
    for odd in [
        "",
        "[]",
        "7",
        r#"{"id":"x"}"#,
        r#"{"id":"","modified":"2024-01-02T03:04:05Z"}"#,
        r#"{"id":"x","modified":"2024-01-02T03:04:05Z"}"#,
        r#"{"id":"x","modified":"yesterday","affected":[{"package":{"ecosystem":"A","name":"x"}}]}"#,
        r#"{"id":"x","modified":"2024-01-02T03:04:05Z","affected":[{"package":{"ecosystem":"A","name":"x"},"ranges":[{"type":"ECOSYSTEM","events":[{"fixed":"1"}]}]}]}"#,
    ] {
        assert!(understand(odd.as_bytes()).is_err(), "{odd}");
    }
    let json = affected(r#","versions":null,"database_specific":null,"severity":null"#);
    assert_eq!(rows(&json).len(), 1);
}

#[test]
fn texts_are_one_short_line_without_control_characters() {
    assert_eq!(line("a\n\tb\u{1b}[31m  c "), "a b\u{fffd}[31m c");
    assert_eq!(line(&"ä".repeat(1_000)).chars().count(), 300);
}

//! What `dockward scan` reads only where it is of use or asked for: changelogs, licences, every digest.

use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};

use crate::scan::{Place, archive};

#[test]
fn a_packages_own_changelog_is_evidence_and_no_verdict() {
    let place = Place::new();
    let text =
        "openssl (1.1.1n-0+deb11u3) bullseye; urgency=high\n\n  * CVE-2023-0286: backport.\n";
    place.write("root/usr/share/doc/openssl/changelog.Debian", text);
    let file = place.path("root/usr/share/doc/openssl/changelog.Debian");
    assert!(Command::new("gzip").arg(&file).status().unwrap().success());
    let says = "its changelog names CVE-2023-0286 in the entry of 1.1.1n-0+deb11u3 \
                (/usr/share/doc/openssl/changelog.Debian.gz:3)";
    let report = place.scan(&["root", "--format", "json"]);
    assert_eq!(report.code, 1, "whoever makes an image may write into its changelogs");
    let report = report.json();
    let all = report["targets"][0]["vulnerabilities"].as_array().unwrap();
    let against = |package: &str, id: &str| {
        let is_it = |v: &&Value| v["package"]["name"] == package && v["id"] == id;
        all.iter().find(is_it).unwrap()["against"].clone()
    };
    assert_eq!(against("openssl", "CVE-2023-0286"), json!([says]));
    assert_eq!(against("openssl", "CVE-2023-0215"), json!([]));
    assert_eq!(against("libssl1.1", "CVE-2023-0286"), json!([]), "it has no changelog");
    let explained = place.run(&["explain", "CVE-2023-0286", "root", "--db", "a.db"]);
    let line: String = explained.out.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(line.contains(&format!("Against it: {says}")), "{}", explained.out);
}

#[test]
fn licences_of_debians_packages_are_read_on_demand() {
    let place = Place::new();
    let text = "Format: https://example.org/1.0/\n\nFiles: *\nLicense: Apache-2.0\n";
    place.write("root/usr/share/doc/openssl/copyright", text);
    let licences = |more: &[&str]| {
        let run = place.scan(&[&["root", "--format", "cyclonedx"], more].concat());
        let bill = run.json();
        let all = bill["components"].as_array().unwrap().clone();
        let openssl = all.into_iter().find(|one| one["name"] == "openssl").unwrap();
        openssl["licenses"][0]["license"]["id"].clone()
    };
    assert_eq!(licences(&[]), Value::Null);
    assert_eq!(licences(&["--licences"]), "Apache-2.0");
    let twice = place.scan(&["-", "--licences"]);
    assert_eq!(twice.code, 2, "{}", twice.out);
}

#[test]
fn every_digest_is_checked_where_that_is_asked_for() {
    let place = Place::new();
    archive(&place);
    let bent = |path: &Path| {
        let mut bytes = fs::read(path).unwrap();
        let at = bytes.windows(7).rposition(|some| some == b"openssl").unwrap();
        bytes[at] = b'O';
        fs::write(path, bytes).unwrap();
    };
    let sound = place.scan(&["image.tar", "--verify", "--fail-on", "never"]);
    assert_eq!(sound.code, 0, "{}{}", sound.out, sound.err);
    bent(&place.path("image.tar"));
    let told = place.scan(&["image.tar", "--verify", "--fail-on", "never"]);
    assert_eq!(told.code, 3, "{}", told.out);
    let text = told.out.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(text.contains("its digest is sha256:"), "{text}");
    assert_eq!(place.scan(&["image.tar", "--fail-on", "never"]).code, 0, "walked over");
}

//! `dockward scan` and `dockward db`, from feeds and roots on disk to what is printed.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::{Value, json};

use crate::run::{Run, command};

const OS_RELEASE: &str = "ID=debian\nVERSION_ID=\"11\"\nPRETTY_NAME=\"Debian GNU/Linux 11\"\n";

/// Two packages of one source and one that no advisory names.
const STATUS: &str = "\
Package: libssl1.1
Status: install ok installed
Architecture: amd64
Source: openssl
Version: 1.1.1n-0+deb11u3

Package: openssl
Status: install ok installed
Architecture: amd64
Version: 1.1.1n-0+deb11u3

Package: tzdata
Status: install ok installed
Architecture: all
Version: 2021a-1
";

/// A folder with feeds, a database of them and a root.
pub(crate) struct Place {
    folder: tempfile::TempDir,
}

impl Place {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let place = Self { folder };
        place.write("root/etc/os-release", OS_RELEASE);
        place.write("root/var/lib/dpkg/status", STATUS);
        place.write("feeds/DSA-5343-1.json", &advisory().to_string());
        place.write("feeds/kev.json", &catalogue().to_string());
        let built = place.run(&["db", "build", "feeds", "-o", "a.db"]);
        assert_eq!(built.code, 0, "{}{}", built.out, built.err);
        place
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn write(&self, name: &str, text: &str) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    pub(crate) fn run(&self, words: &[&str]) -> Run {
        let mut command = command(self.folder.path());
        command.env("XDG_CACHE_HOME", self.path("cache"));
        Run::new(&command.args(words).stdin(Stdio::null()).output().unwrap())
    }

    pub(crate) fn scan(&self, more: &[&str]) -> Run {
        let mut words = vec!["scan", "--db", "a.db", "--no-store"];
        words.extend(more);
        self.run(&words)
    }

    /// Which weaknesses of which packages, and what they are said to be.
    fn matches(&self, target: &str) -> Vec<(String, String, String)> {
        let report = self.scan(&[target, "--format", "json"]).json();
        let all = report["targets"][0]["vulnerabilities"].as_array().unwrap();
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let of = |v: &Value| (text(&v["id"]), text(&v["package"]["name"]), text(&v["state"]));
        all.iter().map(of).collect()
    }
}

/// An advisory of today, so that the source is not too old.
pub(crate) fn advisory() -> Value {
    let now = jiff::Timestamp::now().strftime("%Y-%m-%dT00:00:00Z").to_string();
    json!({
        "schema_version": "1.7.0", "id": "DSA-5343-1", "modified": now, "published": now,
        "upstream": ["CVE-2023-0286", "CVE-2023-0215"],
        "summary": "openssl - security update",
        "affected": [{
            "package": {"ecosystem": "Debian:11", "name": "openssl"},
            "ranges": [{"type": "ECOSYSTEM",
                "events": [{"introduced": "0"}, {"fixed": "1.1.1n-0+deb11u4"}]}],
        }],
    })
}

fn catalogue() -> Value {
    let day = jiff::Timestamp::now().strftime("%Y-%m-%d").to_string();
    let at = jiff::Timestamp::now().strftime("%Y-%m-%dT00:00:00.0000Z").to_string();
    json!({
        "title": "CISA Catalog of Known Exploited Vulnerabilities",
        "catalogVersion": "2026.01.01", "dateReleased": at, "count": 1,
        "vulnerabilities": [{
            "cveID": "CVE-2023-0286", "vendorProject": "OpenSSL", "product": "OpenSSL",
            "vulnerabilityName": "OpenSSL", "dateAdded": day, "shortDescription": "x",
            "requiredAction": "Update.", "dueDate": day,
            "knownRansomwareCampaignUse": "Unknown", "notes": "",
        }],
    })
}

#[test]
fn a_root_is_scanned_and_what_is_exploited_comes_first() {
    let place = Place::new();
    let run = place.scan(&["root"]);
    assert_eq!(run.code, 1, "{}{}", run.out, run.err);
    assert!(
        run.out.contains("openssl 1.1.1n-0+deb11u3 → 1.1.1n-0+deb11u4 · mends 2"),
        "{}",
        run.out
    );
    let report = place.scan(&["root", "--format", "json"]).json();
    let first = &report["targets"][0]["vulnerabilities"][0];
    assert_eq!(
        (&first["id"], first["exploited_since"].is_string()),
        (&json!("CVE-2023-0286"), true)
    );
    assert_eq!(report["targets"][0]["packages"], 3);
    let expected = [("CVE-2023-0215", "libssl1.1"), ("CVE-2023-0215", "openssl")];
    let found = place.matches("root");
    for (id, name) in expected {
        assert!(found.contains(&(id.into(), name.into(), "fix available".into())), "{found:?}");
    }
    assert_eq!(found.len(), 4);
}

#[test]
fn a_root_and_its_own_bills_give_the_same_matches() {
    let place = Place::new();
    let outputs = ["cyclonedx=a.cdx.json", "spdx=a.spdx.json"];
    let run = place.scan(&["root", "--output", outputs[0], "--output", outputs[1]]);
    assert_eq!(run.code, 1, "{}", run.err);
    let direct = place.matches("root");
    assert_eq!(place.matches("a.cdx.json"), direct);
    assert_eq!(place.matches("a.spdx.json"), direct);
}

#[test]
fn one_run_gives_the_gate_and_every_output() {
    let place = Place::new();
    let forms = ["json", "sarif", "cyclonedx", "spdx", "junit", "markdown", "html"];
    let mut words = vec!["root".to_owned(), "--fail-on".to_owned(), "never".to_owned()];
    for form in forms {
        words.extend(["--output".to_owned(), format!("{form}=out.{form}")]);
    }
    let run = place.scan(&words.iter().map(String::as_str).collect::<Vec<_>>());
    assert_eq!(run.code, 0, "{}{}", run.out, run.err);
    for form in forms {
        let text = fs::read_to_string(place.path(&format!("out.{form}"))).unwrap();
        assert!(text.contains("openssl") || text.contains("libssl1.1"), "{form}: {text}");
    }
}

#[test]
fn the_gate_is_what_was_asked_for() {
    let place = Place::new();
    for (gate, code) in [("exploited", 1), ("critical", 0), ("fixable+critical,exploited", 1)] {
        let run = place.scan(&["root", "--fail-on", gate]);
        assert_eq!(run.code, code, "{gate}: {}", run.out);
    }
    let wrong = place.scan(&["root", "--fail-on", "hihg"]);
    assert_eq!(wrong.code, 2);
    assert!(wrong.err.contains("`hihg` is none of"), "{}", wrong.err);
}

#[test]
fn waivers_and_other_tools_ignore_files_hold_and_unused_ones_are_told() {
    let place = Place::new();
    let waiver = "[[waiver]]\nrule = \"package-vulnerability\"\npackage = \"openssl\"\n\
        vulnerability = \"CVE-2023-0286\"\nowner = \"ops\"\nreason = \"planned\"\npermanent = true\n";
    place.write("dockward.toml", waiver);
    place.write(".trivyignore", "CVE-2023-0215\nCVE-1999-1\n");
    let run = place.scan(&["root"]);
    assert_eq!(run.code, 0, "{}{}", run.out, run.err);
    assert!(
        run.out.contains(".trivyignore:2: the waiver for package-vulnerability covers nothing")
    );
    assert!(!run.out.contains("dockward.toml:1: "), "{}", run.out);
    place.write(".grype.yaml", "ignore:\n  - {vulnerability: CVE-1, namespace: nvd}\n");
    assert!(place.scan(&["root"]).err.contains("`namespace` can't be looked at here"));
}

#[test]
fn without_advisories_nothing_is_called_clean() {
    let place = Place::new();
    let run = place.run(&["scan", "root"]);
    assert_eq!(run.code, 3, "{}{}", run.out, run.err);
    assert!(run.err.contains("there are no advisories"), "{}", run.err);
    assert!(!run.out.contains("No known weakness counts."), "{}", run.out);
    let named = place.run(&["scan", "root", "--db", "gone.db"]);
    assert_eq!(named.code, 2);
    assert_eq!(place.run(&["db", "status"]).code, 3);
}

#[test]
fn a_distribution_without_advisories_is_incomplete_and_named() {
    let place = Place::new();
    place.write("root/etc/os-release", &OS_RELEASE.replace("11", "12"));
    let run = place.scan(&["root"]);
    assert_eq!(run.code, 3, "{}", run.out);
    assert!(run.out.contains("no advisories of Debian:12"), "{}", run.out);
}

#[test]
fn what_cannot_be_read_is_told_and_the_rest_is_scanned() {
    let place = Place::new();
    place.write("noise.tar", &"x".repeat(4096));
    let run = place.scan(&["noise.tar", "gone", "root"]);
    assert_eq!(run.code, 1, "{}", run.out);
    for name in ["noise.tar: ", "gone: "] {
        assert!(run.out.contains(&format!(" - {name}")), "{name} {}", run.out);
    }
    let only = place.scan(&["gone"]);
    assert_eq!(only.code, 3, "{}", only.out);
}

#[test]
fn a_weakness_is_explained_with_what_was_compared() {
    let place = Place::new();
    let run = place.run(&["explain", "CVE-2023-0286", "root", "--db", "a.db"]);
    assert_eq!(run.code, 0, "{}{}", run.out, run.err);
    for words in [
        "DSA-5343-1 of Debian:11: openssl 1.1.1n-0+deb11u3 in >= 0, < 1.1.1n-0+deb11u4",
        "/var/lib/dpkg/status:1",
        "It is exploited",
    ] {
        assert!(run.out.contains(words), "{words}: {}", run.out);
    }
    let none = place.run(&["explain", "CVE-1999-1", "root", "--db", "a.db"]);
    assert!(none.out.contains("no advisory of this name"), "{}", none.out);
}

/// An archive of `docker save` with two layers, the upper one without tzdata and with an openssl
/// that is mended.
/// An image of two layers as `image.tar`; the second mends the first.
pub(crate) fn archive(place: &Place) {
    let mended = STATUS.replace("deb11u3", "deb11u4");
    place.write("1/etc/os-release", OS_RELEASE);
    place.write("1/var/lib/dpkg/status", STATUS);
    let (without_tzdata, _) = mended.split_once("\nPackage: tzdata").unwrap();
    place.write("2/var/lib/dpkg/status", without_tzdata);
    for layer in ["1", "2"] {
        tar(&place.path(layer), &place.path(&format!("image/{layer}/layer.tar")));
    }
    let digest = |layer: &str| {
        let path = place.path(&format!("image/{layer}/layer.tar"));
        let out = Command::new("sha256sum").arg(path).output().unwrap();
        let text = String::from_utf8(out.stdout).unwrap();
        format!("sha256:{}", text.split(' ').next().unwrap())
    };
    let config = json!({
        "architecture": "amd64", "os": "linux",
        "rootfs": {"type": "layers", "diff_ids": [digest("1"), digest("2")]},
        "history": [
            {"created_by": "ADD rootfs.tar /"},
            {"created_by": "ENV A=b", "empty_layer": true},
            {"created_by": "RUN apt-get upgrade"},
        ],
    });
    place.write("image/config.json", &config.to_string());
    let manifest = json!([{"Config": "config.json", "RepoTags": ["shop:1"],
        "Layers": ["1/layer.tar", "2/layer.tar"]}]);
    place.write("image/manifest.json", &manifest.to_string());
    tar(&place.path("image"), &place.path("image.tar"));
}

fn tar(folder: &Path, into: &Path) {
    fs::create_dir_all(into.parent().unwrap()).unwrap();
    let mut command = Command::new("tar");
    command.arg("-C").arg(folder).arg("-cf").arg(into).arg(".");
    assert!(command.status().unwrap().success());
}

#[test]
fn an_archive_is_scanned_with_its_uppermost_records_also_from_standard_input() {
    let place = Place::new();
    archive(&place);
    let run = place.scan(&["image.tar", "--format", "json"]);
    assert_eq!(run.code, 0, "{}{}", run.out, run.err);
    let report = run.json();
    let target = &report["targets"][0];
    assert_eq!((&target["name"], &target["packages"]), (&json!("shop:1"), &json!(2)));
    assert_eq!(target["layers"][1]["created_by"], "RUN apt-get upgrade");
    let mut command = command(place.folder.path());
    command.args(["scan", "--db", "a.db", "--no-store", "-", "--format", "json"]);
    let stdin = fs::File::open(place.path("image.tar")).unwrap();
    let piped = Run::new(&command.stdin(stdin).output().unwrap());
    assert_eq!(piped.code, 0, "{}{}", piped.out, piped.err);
    assert_eq!(piped.json()["targets"][0]["packages"], 2);
}

#[test]
fn a_database_never_goes_back_in_time_unless_told() {
    let place = Place::new();
    let mut old = advisory();
    old["modified"] = json!("2023-02-07T00:00:00Z");
    place.write("feeds/DSA-5343-1.json", &old.to_string());
    let refused = place.run(&["db", "build", "feeds", "-o", "a.db"]);
    assert_eq!(refused.code, 2, "{}{}", refused.out, refused.err);
    assert_eq!(place.run(&["db", "build", "feeds", "-o", "a.db", "--allow-older"]).code, 0);
    let stale = place.scan(&["root", "--fail-on", "never"]);
    assert_eq!(stale.code, 3, "{}", stale.out);
    assert!(stale.out.contains("too old"), "{}", stale.out);
}

/// The real records beside the checkout, where they are; else says that `test` is skipped.
pub(crate) fn shared(test: &str) -> Option<PathBuf> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/advisories");
    if path.is_dir() {
        return Some(path);
    }
    dockward_testbed::Skip::because("there is no ../shared/advisories").announce(test);
    None
}

#[test]
fn a_database_is_brought_up_to_date_and_a_source_that_fails_leaves_the_others() {
    let name = "a_database_is_brought_up_to_date_and_a_source_that_fails_leaves_the_others";
    let Some(shared) = shared(name) else { return };
    let place = Place::new();
    let of = |name: &str| shared.join(name).display().to_string();
    let (osv, epss) = (of("osv"), of("epss/epss_scores-sample.csv.gz"));
    let kev = of("kev/known_exploited_vulnerabilities.json");
    let words = ["db", "update", "--ecosystem", "Debian", "--db", "u.db", "--osv", &osv];
    let words: Vec<&str> = words.into_iter().chain(["--epss", &epss, "--kev"]).collect();
    let first = place.run(&[&words[..], &[kev.as_str()]].concat());
    assert_eq!(first.code, 0, "{}{}", first.out, first.err);
    assert!(first.out.contains("fetched whole"), "{}", first.out);
    let again = place.run(&[&words[..], &[kev.as_str()]].concat());
    assert!(again.code == 0 && !again.out.contains("fetched whole"), "{}", again.out);
    let partly = place.run(&[&words[..], &["/nowhere/kev.json"]].concat());
    assert_eq!(partly.code, 3, "{}", partly.out);
    assert!(partly.out.contains("KEV                  FAILED"), "{}", partly.out);
    let report = place.run(&["scan", "root", "--db", "u.db", "--no-store", "-f", "json"]).json();
    let found = report["targets"][0]["vulnerabilities"].as_array().unwrap();
    assert!(found.iter().any(|v| v["id"] == "CVE-2023-0286"), "{found:?}");
}

#[test]
fn a_site_signs_its_database_and_others_take_it_only_as_it_was_signed() {
    let place = Place::new();
    let key = place.run(&["db", "key", "secret.key"]);
    assert_eq!(key.code, 0, "{}", key.err);
    let public = key.out.trim();
    let signed = place.run(&["db", "sign", "a.db", "--key", "secret.key"]);
    assert_eq!(signed.code, 0, "{}", signed.err);
    let taken = place.run(&["db", "install", "a.db", "--key", public, "--db", "mine.db"]);
    assert_eq!(taken.code, 0, "{}{}", taken.out, taken.err);
    assert_eq!(place.run(&["scan", "root", "--db", "mine.db", "--no-store"]).code, 1);
    let unsigned = place.run(&["db", "install", "a.db", "--db", "other.db"]);
    assert_eq!(unsigned.code, 2, "{}", unsigned.out);
    let mut bytes = fs::read(place.path("a.db")).unwrap();
    *bytes.last_mut().unwrap() ^= 1;
    fs::write(place.path("a.db"), bytes).unwrap();
    let bent = place.run(&["db", "install", "a.db", "--key", public, "--db", "other.db"]);
    assert_eq!(bent.code, 2, "{}", bent.out);
    assert!(!place.path("other.db").exists());
}

#[test]
fn check_compares_this_hosts_packages_where_there_are_advisories() {
    let place = Place::new();
    let of = |words: &[&str]| {
        let engine = ["check", "-H", "unix:///nowhere.sock", "--format", "json"];
        let report = place.run(&[&engine[..], words].concat()).json();
        let all = report["findings"].as_array().unwrap().clone();
        let known = all.into_iter().filter(|f| f["rule"] == "package-vulnerability");
        known.map(|f| f["subject"]["kind"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(of(&[]), [""; 0], "without advisories nothing is asked");
    // The database knows one release of one distribution: this host's packages have what that says,
    // or could not be compared. Either is a finding.
    assert_eq!(of(&["--db", "a.db"]), ["host"]);
}

#[test]
fn without_an_engine_no_image_is_called_clean() {
    let place = Place::new();
    let run = place.scan(&["--all", "-H", "unix:///nowhere.sock"]);
    assert_eq!(run.code, 3, "{}{}", run.out, run.err);
    assert!(run.out.contains("no engine listens at /nowhere.sock"), "{}", run.out);
    assert!(run.out.contains("name it with -H"), "{}", run.out);
    let named = place.scan(&["shop:1", "root", "-H", "unix:///nowhere.sock", "--format", "json"]);
    assert_eq!(named.code, 1, "{}", named.err);
    assert_eq!(named.json()["complete"], false);
    assert!(named.out.contains("no file, image or container has this name"), "{}", named.out);
}

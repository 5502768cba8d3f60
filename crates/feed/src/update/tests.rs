use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use dockward_testbed::{Answer, Asked, FileServer, Skip};
use dockward_web::{Client, Limits};

mod bucket;

use super::*;
use crate::mapped::Mapped;
use crate::repack::{held, repack};

use bucket::Bucket;

fn now() -> Timestamp {
    "2026-11-28T12:00:00Z".parse().unwrap()
}

fn client() -> Client {
    let limits = Limits {
        idle: Duration::from_secs(10),
        whole: Duration::from_secs(60),
        pauses: vec![Duration::from_millis(1); 2],
    };
    Client::with("0.1.0", limits, &[], &|_| None).unwrap()
}

fn record(ecosystem: &str, id: &str, day: u8) -> Vec<u8> {
    format!(
        r#"{{"id":"{id}","modified":"2026-01-{day:02}T00:00:00.5Z","affected":[{{"package":{{"ecosystem":"{ecosystem}:12","name":"p"}},"ranges":[{{"type":"ECOSYSTEM","events":[{{"introduced":"0"}},{{"fixed":"{day}"}}]}}]}}]}}"#
    )
    .into_bytes()
}

fn change(updated: &Updated, name: &str) -> Change {
    *of(updated, name).change.as_ref().unwrap()
}

fn error<'a>(updated: &'a Updated, name: &str) -> &'a UpdateError {
    of(updated, name).change.as_ref().unwrap_err()
}

fn of<'a>(updated: &'a Updated, name: &str) -> &'a Outcome {
    updated.outcomes.iter().find(|one| one.source == name).unwrap()
}

fn paths(asked: &[Asked]) -> Vec<&str> {
    asked.iter().map(|asked| asked.path.as_str()).collect()
}

#[test]
fn all_is_had_once_and_then_only_asked_for() {
    let bucket = Bucket::new();
    let server = bucket.serve();
    let first = bucket.update(&server.url(""));
    assert!(first.complete());
    assert_eq!(change(&first, "Debian"), Change::Whole);
    assert_eq!(first.built.as_ref().unwrap().advisories, 5);
    let before = server.asked().len();
    let second = bucket.update(&server.url(""));
    assert!(second.complete() && second.built.is_none());
    let asked = &server.asked()[before..];
    assert_eq!(paths(asked), ["/Alpine/modified_id.csv", "/Debian/modified_id.csv", "/kev.json"]);
    assert!(asked.iter().all(|asked| !asked.header("if-none-match").is_empty()));
}

#[test]
fn a_few_changed_records_are_had_one_by_one_and_what_is_gone_goes() {
    let bucket = Bucket::new();
    let server = bucket.serve();
    bucket.update(&server.url(""));
    bucket.publish("Debian", &[("D-1", 1), ("D-3", 9), ("D-4", 8)]);
    let before = server.asked().len();
    let updated = bucket.update(&server.url(""));
    assert_eq!(change(&updated, "Debian"), Change::Records { changed: 2, gone: 1 });
    assert_eq!(change(&updated, "Alpine"), Change::Same);
    assert_eq!(bucket.here("Debian"), ["D-1 01", "D-3 09", "D-4 08"]);
    let asked = server.asked();
    assert!(!paths(&asked[before..]).contains(&"/Debian/all.zip"), "{asked:?}");
    let built = updated.built.unwrap().built;
    let debian = built.sources.iter().find(|source| source.name == "Debian").unwrap();
    assert_eq!(debian.records, 3);
}

#[test]
fn a_zip_that_is_behind_its_list_is_completed() {
    let bucket = Bucket::new();
    bucket.publish("Debian", &[("D-1", 1), ("D-2", 2), ("D-3", 9)]);
    bucket.zip("Debian", &[("D-1", 1), ("D-3", 3)]);
    let server = bucket.serve();
    let updated = bucket.update(&server.url(""));
    assert!(updated.complete());
    assert_eq!(bucket.here("Debian"), ["D-1 01", "D-2 02", "D-3 09"]);
}

#[test]
fn without_records_of_their_own_the_zip_is_had() {
    let bucket = Bucket::new();
    let server = bucket.serve();
    bucket.update(&server.url(""));
    bucket.publish("Debian", &[("D-1", 1), ("D-2", 2), ("D-3", 9)]);
    fs::remove_file(bucket.osv().join("Debian/D-3.json")).unwrap();
    let updated = bucket.update(&server.url(""));
    assert_eq!(change(&updated, "Debian"), Change::Whole);
    assert_eq!(bucket.here("Debian"), ["D-1 01", "D-2 02", "D-3 09"]);
    // And with neither: what is here stays.
    bucket.list("Debian", &[("D-1", 1), ("D-2", 2), ("D-3", 10)]);
    let updated = bucket.update(&server.url(""));
    assert!(error(&updated, "Debian").to_string().contains("D-3"), "{updated:?}");
    assert_eq!(bucket.here("Debian"), ["D-1 01", "D-2 02", "D-3 09"]);
}

#[test]
fn without_a_list_the_zip_is_had_when_it_is_another() {
    let bucket = Bucket::new();
    fs::remove_file(bucket.osv().join("Debian/modified_id.csv")).unwrap();
    let server = bucket.serve();
    assert_eq!(change(&bucket.update(&server.url("")), "Debian"), Change::Whole);
    assert_eq!(change(&bucket.update(&server.url("")), "Debian"), Change::Same);
    bucket.zip("Debian", &[("D-1", 1), ("D-2", 4)]);
    assert_eq!(change(&bucket.update(&server.url("")), "Debian"), Change::Whole);
    assert_eq!(bucket.here("Debian"), ["D-1 01", "D-2 04"]);
    bucket.zip("Debian", &[("D-1", 1), ("D-2", 3)]);
    assert!(matches!(error(&bucket.update(&server.url("")), "Debian"), UpdateError::Older { .. }));
}

#[test]
fn nothing_goes_back_in_time_unless_that_is_wanted() {
    let bucket = Bucket::new();
    let server = bucket.serve();
    bucket.update(&server.url(""));
    bucket.publish("Debian", &[("D-1", 1), ("D-2", 2)]);
    bucket.kev(4);
    let updated = bucket.update(&server.url(""));
    assert!(!updated.complete());
    let told = error(&updated, "Debian").to_string();
    assert!(
        told.contains("2026-01-02T00:00:00Z") && told.contains("2026-01-03T00:00:00Z"),
        "{told}"
    );
    assert!(matches!(error(&updated, "KEV"), UpdateError::Older { .. }));
    assert_eq!(bucket.here("Debian").len(), 3);
    let mut plan = bucket.plan(&server.url(""));
    plan.allow_older = true;
    let updated = update(&plan, &bucket.client, &mut |_| ()).unwrap();
    assert!(updated.complete(), "{updated:?}");
    assert_eq!(bucket.here("Debian"), ["D-1 01", "D-2 02"]);
}

#[test]
fn most_records_gone_at_once_are_not_believed() {
    let bucket = Bucket::new();
    let server = bucket.serve();
    bucket.update(&server.url(""));
    let many: Vec<String> = (0..9).map(|at| format!("D-{at}")).collect();
    let many: Vec<(&str, u8)> = many.iter().map(|id| (id.as_str(), 4)).collect();
    bucket.publish("Debian", &many);
    assert!(bucket.update(&server.url("")).complete());
    bucket.publish("Debian", &many[..3]);
    let updated = bucket.update(&server.url(""));
    assert!(matches!(error(&updated, "Debian"), UpdateError::Shrunk { had: 9, has: 3, .. }));
    assert_eq!(bucket.here("Debian").len(), 9);
    bucket.publish("Alpine", &[]);
    let updated = bucket.update(&server.url(""));
    assert!(matches!(error(&updated, "Alpine"), UpdateError::Content { .. }), "{updated:?}");
    assert_eq!(bucket.here("Alpine").len(), 2);
}

#[test]
fn a_source_that_fails_loses_neither_itself_nor_the_others() {
    let bucket = Bucket::new();
    let server = bucket.serve();
    bucket.update(&server.url(""));
    bucket.publish("Debian", &[("D-1", 1), ("D-2", 2), ("D-3", 9)]);
    let folder = bucket.osv();
    let broken = FileServer::start(move |asked| match asked.path.as_str() {
        path if path.starts_with("/Alpine") => Answer::status(500),
        "/kev.json" => Answer::content(asked, b"<html>sign in</html>"),
        _ => Answer::file(asked, &folder),
    })
    .unwrap();
    let updated = bucket.update(&broken.url(""));
    let failed: Vec<&str> = updated.failed().map(|(name, _)| name).collect();
    assert_eq!(failed, ["Alpine", "KEV"]);
    let sources: Vec<_> =
        updated.built.unwrap().built.sources.into_iter().map(|s| (s.name, s.records)).collect();
    assert_eq!(sources, [("Alpine".into(), 2), ("Debian".into(), 3), ("KEV".into(), 1)]);
    let status = status(&bucket.database()).unwrap();
    let alpine = status.iter().find(|one| one.name == "Alpine").unwrap();
    assert!(alpine.failed.as_ref().unwrap().contains("HTTP 500"), "{alpine:?}");
    assert_eq!(alpine.records, Some(2));
    assert!(
        alpine.is_stale(now() + Duration::from_secs(7_200), jiff::SignedDuration::from_hours(1))
    );
    assert!(!alpine.is_stale(now(), jiff::SignedDuration::from_hours(1)));
}

#[test]
fn a_zip_that_breaks_off_is_gone_on_with_and_one_that_is_none_is_not_taken() {
    let bucket = Bucket::new();
    let folder = bucket.osv();
    let cut = Arc::new(Mutex::new(true));
    let server = FileServer::start(move |asked| {
        let mut answer = Answer::file(asked, &folder);
        if asked.path == "/Debian/all.zip" && std::mem::take(&mut *cut.lock().unwrap()) {
            answer.cut = Some(answer.body.len() / 2);
        }
        if asked.path == "/Alpine/all.zip" && answer.body.len() > 60 {
            answer.body[60] ^= 0xff;
        }
        answer
    })
    .unwrap();
    let updated = bucket.update(&server.url(""));
    assert_eq!(bucket.here("Debian").len(), 3);
    let zips = server.asked().into_iter().filter(|asked| asked.path == "/Debian/all.zip");
    assert!(zips.skip(1).any(|asked| asked.header("range").starts_with("bytes=")));
    assert!(matches!(error(&updated, "Alpine"), UpdateError::Content { .. }), "{updated:?}");
    assert!(updated.built.is_some());
}

#[test]
fn records_that_are_others_or_older_than_listed_are_not_taken() {
    for (body, why) in [
        (record("Debian", "D-2", 9), "it is another record"),
        (record("Debian", "D-3", 3), "it is older than it is listed"),
        (b"{}".to_vec(), "it is no record"),
    ] {
        let bucket = Bucket::new();
        let server = bucket.serve();
        bucket.update(&server.url(""));
        bucket.publish("Debian", &[("D-1", 1), ("D-2", 2), ("D-3", 9)]);
        fs::write(bucket.osv().join("Debian/D-3.json"), body).unwrap();
        let updated = bucket.update(&server.url(""));
        assert!(error(&updated, "Debian").to_string().ends_with(why), "{updated:?}");
        assert_eq!(bucket.here("Debian"), ["D-1 01", "D-2 02", "D-3 03"]);
    }
}

#[test]
fn a_folder_serves_as_well() {
    let bucket = Bucket::new();
    let base = bucket.osv().display().to_string();
    assert!(bucket.update(&base).complete());
    let again = bucket.update(&base);
    assert!(again.complete() && again.built.is_none());
    bucket.publish("Debian", &[("D-1", 1), ("D-2", 2), ("D-3", 3), ("D-4", 4)]);
    let updated = bucket.update(&base);
    assert_eq!(change(&updated, "Debian"), Change::Records { changed: 1, gone: 0 });
}

#[test]
fn nothing_that_was_had_and_a_name_that_leads_elsewhere() {
    let bucket = Bucket::new();
    let server = FileServer::start(|_| Answer::status(503)).unwrap();
    let updated = bucket.update(&server.url(""));
    assert!(updated.built.is_none() && updated.failed().count() == 3);
    assert!(!bucket.database().exists());
    let mut plan = bucket.plan(&bucket.serve().url(""));
    plan.ecosystems = ["../up", "/etc", "", "a/b", "."].map(str::to_owned).to_vec();
    let updated = update(&plan, &bucket.client, &mut |_| ()).unwrap();
    let named = updated.failed().filter(|(_, error)| matches!(error, UpdateError::Name(_)));
    assert_eq!(named.count(), 5);
    assert!(!bucket.folder.path().join("here/up").exists());
}

#[test]
fn two_updates_at_once_are_one_and_an_error() {
    let bucket = Bucket::new();
    fs::create_dir_all(bucket.folder.path().join("here")).unwrap();
    let _first = Mirror::open(mirror::folder_of(&bucket.database())).unwrap();
    let base = bucket.osv().display().to_string();
    let second = update(&bucket.plan(&base), &bucket.client, &mut |_| ());
    assert!(matches!(second, Err(UpdateError::Busy(_))));
}

#[test]
fn what_is_known_and_cannot_be_read_is_not_forgotten() {
    let bucket = Bucket::new();
    let base = bucket.osv().display().to_string();
    bucket.update(&base);
    let path = mirror::folder_of(&bucket.database()).join("state.json");
    fs::write(&path, "{").unwrap();
    let refused = update(&bucket.plan(&base), &bucket.client, &mut |_| ());
    assert!(matches!(refused, Err(UpdateError::Folder { .. })));
    assert_eq!(fs::read_to_string(&path).unwrap(), "{");
    assert!(status(&bucket.database()).is_err());
}

#[test]
fn a_folder_that_others_may_write_to_is_not_used() {
    use std::os::unix::fs::PermissionsExt as _;
    let bucket = Bucket::new();
    let folder = mirror::folder_of(&bucket.database());
    fs::create_dir_all(&folder).unwrap();
    fs::set_permissions(&folder, fs::Permissions::from_mode(0o777)).unwrap();
    let base = bucket.osv().display().to_string();
    let refused = update(&bucket.plan(&base), &bucket.client, &mut |_| ());
    assert!(matches!(refused, Err(UpdateError::NotOurs(_))));
}

#[test]
fn real_feeds_are_had_from_a_static_server() {
    let shared = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/advisories");
    if !shared.join("osv/RubyGems/all.zip").is_file() {
        return Skip::because("../shared/advisories is not here")
            .announce("real_feeds_are_had_from_a_static_server");
    }
    let server = FileServer::start(move |asked| Answer::file(asked, &shared)).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let plan = Plan {
        ecosystems: vec!["RubyGems".into(), "Alpine".into()],
        osv: Place::of(&server.url("/osv")),
        kev: Some(Place::of(&server.url("/kev/known_exploited_vulnerabilities.json"))),
        epss: Some(Place::of(&server.url("/epss/epss_scores-sample.csv.gz"))),
        database: folder.path().join("advisories.db"),
        allow_older: false,
        now: now(),
    };
    let updated = update(&plan, &client(), &mut |_| ()).unwrap();
    assert!(updated.complete(), "{updated:?}");
    let built = updated.built.unwrap();
    let records: Vec<_> =
        built.built.sources.iter().map(|s| (s.name.as_str(), s.records)).collect();
    assert_eq!(records, [("Alpine", 2_431), ("EPSS", 29), ("KEV", 1_404), ("RubyGems", 1_161)]);
    assert!(Mapped::open(&plan.database).is_ok());
    let again = update(&plan, &client(), &mut |_| ()).unwrap();
    assert!(again.complete() && again.built.is_none());
}

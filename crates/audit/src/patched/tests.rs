use dockward_model::facts::{Change, Engine, Origin, sample};
use dockward_model::verdict::Foothold;

use super::*;
use crate::judged::{
    assert_fails, assert_needs_a_look, assert_passes, assert_unknown, dpkg_package, engine_with,
    snapshot_with,
};

/// The day of the table, and days far behind it.
const THEN: &str = "2026-08-21T00:00:00Z";
const NOVEMBER: &str = "2026-11-22T00:00:00Z";
const NEXT_YEAR: &str = "2027-08-21T00:00:00Z";

fn at(now: &str) -> Snapshot {
    snapshot_with(|s| s.now = now.parse().unwrap())
}

/// An engine of this version, its dockerd in this package.
fn engine(version: &str, owner: Field<Owner>) -> Engine {
    engine_with(|e| {
        e.daemon.version = sample::known(version.into(), "Version");
        e.daemon.programs.engine = owner;
        e.daemon.programs.distribution = sample::known(debian("12"), "os-release");
    })
}

fn debian(version: &str) -> Distribution {
    let name = format!("Debian GNU/Linux {version}");
    Distribution { id: "debian".into(), version: version.into(), name }
}

fn judged(now: &str, engine: &Engine) -> Outcome {
    of_engine(&at(now), engine, Program::Engine, engine.daemon.version.clone())
}

fn docker_ce(version: &str) -> Field<Owner> {
    sample::known(dpkg_package("docker-ce", &format!("5:{version}-1~debian.12~bookworm"), &[]), "")
}

fn docker_io(version: &str, mended: &[(&str, &str)]) -> Field<Owner> {
    sample::known(dpkg_package("docker.io", version, mended), "")
}

#[test]
fn dockers_own_packages_are_judged_by_their_release() {
    assert_passes(judged(NOVEMBER, &engine("29.7.2", docker_ce("29.7.2"))));
    let failure = assert_fails(judged(NOVEMBER, &engine("28.5.2", docker_ce("28.5.2"))));
    assert_eq!(failure.severity, Some(Severity::High));
    assert!(failure.message.contains("CVE-2026-41567 (high)"), "{}", failure.message);
    assert!(failure.message.contains("known up to 2026-08-21"), "{}", failure.message);
    assert!(failure.fix.contains("29.5.1 or later"), "{}", failure.fix);
    assert!(failure.fix.contains("install --only-upgrade docker-ce"), "{}", failure.fix);
}

#[test]
fn an_engine_of_2023_does_not_pass_in_2026() {
    let by_hand = engine("20.10.24", sample::absent("dockerd"));
    assert_fails(judged(NOVEMBER, &by_hand));
    let packed = docker_io("20.10.24+dfsg1-1+deb12u1", &[]);
    assert_needs_a_look(judged(NOVEMBER, &engine("20.10.24+dfsg1", packed)));
}

#[test]
fn a_line_that_gets_no_fixes_fails_even_without_a_known_weakness() {
    let last = |now| judged(now, &engine("25.0.17", docker_ce("25.0.17")));
    assert_passes(last(NOVEMBER));
    let failure = assert_fails(last("2026-12-05T00:00:00Z"));
    assert_eq!(failure.severity, Some(Severity::Medium));
    assert!(failure.message.contains("2026-12-04"), "{}", failure.message);
}

#[test]
fn what_a_changelog_names_is_mended_and_the_rest_needs_a_look() {
    let open = |mended: &[(&str, &str)]| {
        let version = "26.1.5+dfsg1-9+deb13u1";
        judged(NOVEMBER, &engine("26.1.5+dfsg1", docker_io(version, mended)))
    };
    let entry = "26.1.5+dfsg1-9+deb13u1";
    let six = [
        "CVE-2026-41568",
        "CVE-2026-42306",
        "CVE-2026-34040",
        "CVE-2026-33997",
        "CVE-2026-33747",
        "CVE-2026-33748",
    ];
    let mut mended: Vec<_> = six.iter().map(|id| (*id, entry)).collect();
    let review = assert_needs_a_look(open(&mended));
    assert!(review.message.contains("CVE-2026-41567"), "{}", review.message);
    assert!(!review.message.contains("CVE-2026-41568"), "{}", review.message);
    assert!(review.openings.is_empty(), "a doubt opens nothing");
    assert!(review.evidence.iter().any(|e| e.origin.to_string().contains("changelog")));
    mended.extend([("CVE-2026-41567", entry), ("CVE-2025-54410", entry)]);
    assert_passes(open(&mended));
}

#[test]
fn an_entry_above_what_is_installed_or_in_doubt_mends_nothing() {
    let weak = ["CVE-2026-41579"];
    let judged = |entry: &str, doubtful| {
        let mut owner = dpkg_package("runc", "1.3.5+ds1-1", &[(weak[0], entry)]);
        if let Owner::Package(package) = &mut owner
            && let Fact::Known(changes) = &mut package.changes.fact
        {
            changes.values_mut().for_each(|change: &mut Change| change.doubtful = doubtful);
        }
        let engine = engine_with(|e| {
            let components = [("runc".to_owned(), "1.3.5+ds1".to_owned())].into();
            e.daemon.components = sample::known(components, "Components");
            e.daemon.programs.runc = sample::known(owner, "");
        });
        of_component(&at(NOVEMBER), &engine, Program::Runc)
    };
    assert_passes(judged("1.3.5+ds1-1", false));
    assert_needs_a_look(judged("1.3.5+ds1-2", false));
    assert_needs_a_look(judged("1.3.5+ds1-1", true));
}

#[test]
fn a_distribution_without_fixes_fails() {
    let old = |mended: &[(&str, &str)]| {
        let mut engine = engine("29.7.2", docker_io("29.7.2-1", mended));
        engine.daemon.programs.distribution = sample::known(debian("11"), "os-release");
        engine
    };
    let failure = assert_fails(judged(NOVEMBER, &old(&[])));
    assert!(failure.message.contains("Debian GNU/Linux 11"), "{}", failure.message);
    assert_passes(judged(THEN, &old(&[])));
    let mut weak = old(&[]);
    weak.daemon.version = sample::known("20.10.5+dfsg1".into(), "Version");
    assert_eq!(assert_fails(judged(NOVEMBER, &weak)).severity, Some(Severity::High));
}

#[test]
fn records_that_were_not_read_leave_it_to_a_person() {
    let unread = |version| engine(version, sample::known(Owner::Unread(Manager::Rpm), "rpm"));
    assert!(assert_needs_a_look(judged(NOVEMBER, &unread("28.5.2"))).fix.contains("dnf"));
    assert_passes(judged(NOVEMBER, &unread("29.7.2")));
}

#[test]
fn an_unknown_package_is_unknown_where_it_matters() {
    assert_unknown(judged(NOVEMBER, &engine("28.5.2", sample::unknown("package"))));
    assert_passes(judged(NOVEMBER, &engine("29.7.2", sample::unknown("package"))));
}

#[test]
fn what_is_known_grows_too_old_to_pass_by() {
    let engine = engine("29.7.2", docker_ce("29.7.2"));
    let review = assert_needs_a_look(judged(NEXT_YEAR, &engine));
    assert!(review.message.contains("365 days ago"), "{}", review.message);
}

#[test]
fn runc_by_hand_opens_a_way_out() {
    let engine = engine_with(|e| {
        let components = [("runc".to_owned(), "1.1.5".to_owned())].into();
        e.daemon.components = sample::known(components, "Components");
        e.daemon.programs.runc = Field::absent(Origin::file("/usr/local/bin/runc", None));
    });
    let failure = assert_fails(of_component(&at(NOVEMBER), &engine, Program::Runc));
    let way = Opening { gain: Gain::HostRoot, needs: Foothold::InContainer };
    assert_eq!(failure.openings, [way]);
    assert!(failure.fix.contains("/usr/local/bin/runc"), "{}", failure.fix);
}

#[test]
fn an_rpms_changelog_is_read_in_the_order_of_rpm() {
    // To rpm a plus and a dot only separate; to dpkg they are themselves in order.
    let judged = |manager| {
        let mut owner = dpkg_package("runc", "1.3.5+1-1", &[("CVE-2026-41579", "1.3.5.1-1")]);
        if let Owner::Package(package) = &mut owner {
            package.manager = manager;
        }
        let engine = engine_with(|e| {
            let components = [("runc".to_owned(), "1.3.5".to_owned())].into();
            e.daemon.components = sample::known(components, "Components");
            e.daemon.programs.runc = sample::known(owner, "");
        });
        of_component(&at(NOVEMBER), &engine, Program::Runc)
    };
    assert_passes(judged(Manager::Rpm));
    assert_needs_a_look(judged(Manager::Dpkg));
}

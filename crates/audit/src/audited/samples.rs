//! Audit rules and places for tests, and how each check must end in four cases.

use dockward_model::facts::{
    AuditList, AuditPermissions, AuditRule, AuditRules, AuditSwitch, AuditWatch, Fact, Field,
    Origin, RealPath, Snapshot, Unit, WrittenRules,
};
use dockward_model::verdict::{Failure, Outcome};

use crate::judged::{assert_fails, assert_not_applicable, assert_unknown, snapshot_with};

/// `-w PATH -k docker` on a folder, where the path ends in a slash, or else on a file.
pub(crate) fn watch(path: &str) -> AuditRule {
    let real = path.trim_end_matches('/');
    AuditRule {
        list: AuditList::Exit,
        always: true,
        watch: Some(AuditWatch {
            recursive: path.ends_with('/'),
            path: real.into(),
            real: Fact::Known(real.into()),
            is_link: false,
        }),
        permissions: AuditPermissions::ALL,
        width: None,
        calls: None,
        filters: Vec::new(),
        keys: vec!["docker".into()],
        origin: Origin::file("/etc/audit/rules.d/docker.rules", Some(3)),
    }
}

/// What stands at a path: a folder, where it ends in a slash.
pub(crate) fn place(path: &str) -> (String, Field<RealPath>) {
    let real = path.trim_end_matches('/');
    let node = if path.ends_with('/') { "dir" } else { "file" };
    let place = RealPath { path: real.into(), node: node.into() };
    (real.to_owned(), Field::known(place, Origin::file(real, None)))
}

/// The unit that a path defines, if it does.
fn unit(path: &str) -> Option<(String, Field<Unit>)> {
    let name = path.rsplit('/').next().filter(|_| path.contains("/systemd/system/"))?;
    let unit = Unit { fragment: path.into(), ..Unit::default() };
    Some((name.to_owned(), Field::known(unit, Origin::file(path, None))))
}

/// A host on which these stand and these rules are in force.
pub(crate) fn host(places: &[&str], rules: Vec<AuditRule>) -> Snapshot {
    snapshot_with(|s| {
        s.host.audit = AuditRules {
            switch: Field::known(AuditSwitch::On, kernel()),
            loaded: Field::known(rules, kernel()),
            written: Field::known(WrittenRules::default(), Origin::file("/etc/audit", None)),
            paths: places.iter().map(|path| place(path)).collect(),
        };
        s.host.units = places.iter().filter_map(|path| unit(path)).collect();
    })
}

fn kernel() -> Origin {
    Origin::kernel("the kernel's audit", "")
}

/// The place, of which nothing but this is known.
fn at(path: &str, fact: Fact<RealPath>) -> Snapshot {
    let mut snapshot = host(&[path], Vec::new());
    for field in snapshot.host.audit.paths.values_mut() {
        field.fact = fact.clone();
    }
    for field in snapshot.host.units.values_mut().filter(|_| fact.is_absent()) {
        field.fact = Fact::Absent;
    }
    snapshot
}

/// Judged with a rule for it in force it passes, without it fails; where it doesn't exist there is
/// nothing to judge; and whoever could not look knows nothing.
#[track_caller]
pub(crate) fn judged_four_ways(judge: fn(&Snapshot) -> Outcome, path: &str) {
    assert_eq!(judge(&host(&[path], vec![watch(path)])), Outcome::Pass);
    let failure = assert_fails(judge(&host(&[path], Vec::new())));
    let real = path.trim_end_matches('/');
    assert!(failure.message.contains(real), "{}", failure.message);
    assert!(failure.fix.contains(&format!("-w {real} ")), "{}", failure.fix);
    assert_not_applicable(judge(&at(path, Fact::Absent)));
    assert_unknown(judge(&at(path, Fact::Unknown("permission denied".into()))));
    assert_unknown(judge(&snapshot_with(|s| s.host.audit = AuditRules::default())));
    let mut blind = host(&[path], Vec::new());
    blind.host.audit.loaded = Field::unknown("only root may ask", kernel());
    blind.host.audit.written = Field::unknown("permission denied", Origin::Nowhere);
    assert_unknown(judge(&blind));
}

/// How it ends where another file is watched in its stead.
#[track_caller]
pub(crate) fn fails_with(judge: fn(&Snapshot) -> Outcome, path: &str, watched: &str) -> Failure {
    assert_fails(judge(&host(&[path], vec![watch(watched)])))
}

use super::samples::{host, watch};
use super::*;
use crate::judged::{
    assert_fails, assert_needs_a_look, assert_not_applicable, assert_passes, assert_unknown,
};
use dockward_model::facts::{AuditCalls, AuditList, AuditWidth, Origin, RefusedLine};

const FILE: &str = "/etc/docker/daemon.json";

fn of(rules: Vec<AuditRule>) -> Outcome {
    one(&host(&[FILE], rules), FILE, CHANGES)
}

fn changed(path: &str, change: impl FnOnce(&mut AuditRule)) -> AuditRule {
    let mut rule = watch(path);
    change(&mut rule);
    rule
}

fn with_letters(letters: &str) -> AuditRule {
    changed(FILE, |r| r.permissions = AuditPermissions::from_letters(letters).unwrap())
}

fn never(path: Option<&str>, change: impl FnOnce(&mut AuditRule)) -> AuditRule {
    changed(path.unwrap_or("/"), |rule| {
        rule.always = false;
        if path.is_none() {
            rule.watch = None;
        }
        change(rule);
    })
}

fn opening() -> Option<AuditCalls> {
    let (names, whole) = (vec!["openat".into()], Fact::Known(AuditPermissions::NONE));
    Some(AuditCalls { names, whole, touches_files: true })
}

fn why(outcome: Outcome) -> String {
    assert_fails(outcome).evidence[0].seen.clone()
}

#[test]
fn the_file_itself_or_a_folder_above_it_is_watched() {
    for path in [FILE, "/etc/docker/", "/etc/", "/"] {
        assert_passes(of(vec![watch(path)]));
    }
    for path in ["/etc/docker/daemon.json.bak", "/etc/dock/", "/etc/docker/daemon.js"] {
        assert_fails(of(vec![watch(path)]));
    }
}

#[test]
fn a_path_rule_on_a_folder_is_about_the_folder_alone() {
    let folder = host(&["/etc/docker/"], vec![watch("/etc/docker")]);
    assert!(why(one(&folder, "/etc/docker", CHANGES)).contains("not what is in it"));
    assert_fails(of(vec![watch("/etc/docker")]));
}

#[test]
fn writing_and_changing_of_attributes_are_both_needed_and_two_rules_may_share_the_work() {
    assert_passes(of(vec![with_letters("wa")]));
    assert!(why(of(vec![with_letters("rw")])).contains("leaves out a of wa"));
    assert_passes(of(vec![with_letters("w"), with_letters("a")]));
    let program = host(&[FILE], vec![with_letters("wa")]);
    assert_fails(one(&program, FILE, CHANGES_AND_RUNS));
}

#[test]
fn programs_of_both_widths_are_needed() {
    let of_width = |width| changed(FILE, |r| r.width = Some(width));
    let (narrow, wide) = (of_width(AuditWidth::Bits32), of_width(AuditWidth::Bits64));
    assert_passes(of(vec![narrow, wide.clone()]));
    assert!(why(of(vec![wide])).contains("32-bit programs"));
}

#[test]
fn a_rule_that_is_narrowed_or_names_some_calls_only_does_not_do() {
    let narrowed = changed(FILE, |r| r.filters = vec!["auid>=1000".into()]);
    assert!(why(of(vec![narrowed])).contains("only where auid>=1000"));
    assert!(why(of(vec![changed(FILE, |r| r.calls = opening())])).contains("leaves out calls"));
    let all_that_change = changed(FILE, |r| {
        r.calls = opening().map(|calls| AuditCalls { whole: Fact::Known(CHANGES), ..calls });
    });
    assert_passes(of(vec![all_that_change]));
    let unknown = changed(FILE, |r| {
        r.calls = opening().map(|calls| AuditCalls { whole: Fact::Unknown("?".into()), ..calls });
    });
    assert_unknown(of(vec![unknown]));
}

#[test]
fn a_link_is_watched_itself_and_not_what_it_leads_to() {
    let mut snapshot = host(&["/opt/bin/runc"], Vec::new());
    let place = snapshot.host.audit.paths.remove("/opt/bin/runc").unwrap();
    snapshot.host.audit.paths.insert("/usr/bin/runc".into(), place);
    let link = changed("/usr/bin/runc", |r| r.watch.as_mut().unwrap().is_link = true);
    snapshot.host.audit.loaded = Field::known(vec![link], Origin::Nowhere);
    let outcome = one(&snapshot, "/usr/bin/runc", CHANGES_AND_RUNS);
    assert!(why(outcome).contains("the symbolic link, not /opt/bin/runc"));
}

#[test]
fn what_an_earlier_rule_lets_pass_is_not_recorded() {
    let before = |rule| of(vec![rule, watch(FILE)]);
    let failure = assert_fails(before(never(Some("/etc/"), |_| {})));
    assert!(failure.evidence[0].seen.contains("-a never,exit -F dir=/etc"));
    assert_fails(before(never(None, |_| {})));
    assert_fails(before(never(None, |r| r.width = Some(AuditWidth::Bits32))));
    assert_passes(of(vec![watch(FILE), never(None, |_| {})]));
    assert_passes(before(never(Some("/var/"), |_| {})));
    assert_passes(before(never(None, |r| r.permissions = AuditPermissions::READ)));
}

#[test]
fn exceptions_before_are_for_a_person_to_decide() {
    let before = |rule| of(vec![rule, watch(FILE)]);
    assert_needs_a_look(before(never(None, |r| r.filters = vec!["auid=0".into()])));
    assert_needs_a_look(before(never(Some(FILE), |r| r.calls = opening())));
    let harmless = AuditCalls { touches_files: false, ..opening().unwrap() };
    assert_passes(before(never(None, |r| {
        (r.calls, r.filters) = (Some(harmless), vec!["uid=chrony".into()]);
    })));
}

#[test]
fn new_processes_that_are_not_audited_record_nothing() {
    let task = |always, filter: Option<&str>| {
        never(None, |r| {
            (r.list, r.always) = (AuditList::Task, always);
            r.filters = filter.map(str::to_owned).into_iter().collect();
        })
    };
    assert_fails(of(vec![watch(FILE), task(false, None)]));
    assert_needs_a_look(of(vec![watch(FILE), task(false, Some("uid=0"))]));
    assert_passes(of(vec![watch(FILE), task(true, None), task(false, None)]));
}

#[test]
fn dropped_records_count_where_they_tell_who_did_it() {
    let drops = |filters: &[&str]| {
        let rule = never(None, |r| {
            r.list = AuditList::Exclude;
            r.filters = filters.iter().map(|f| (*f).to_owned()).collect();
        });
        of(vec![watch(FILE), rule])
    };
    assert_fails(drops(&["msgtype=SYSCALL"]));
    assert_passes(drops(&["msgtype=CWD"]));
    assert_needs_a_look(drops(&["msgtype=SYSCALL", "auid=0"]));
    assert_needs_a_look(drops(&["exe=/usr/bin/x"]));
}

/// The kernel did not answer, and this is written down.
fn written(written: WrittenRules) -> Outcome {
    let mut snapshot = host(&[FILE], Vec::new());
    snapshot.host.audit.loaded = Field::unknown("only root may ask", Origin::Nowhere);
    snapshot.host.audit.switch = Field::unknown("only root may ask", Origin::Nowhere);
    snapshot.host.audit.written = Field::known(written, Origin::file("/etc/audit/rules.d", None));
    one(&snapshot, FILE, CHANGES)
}

fn stop(certain: bool) -> Option<RefusedLine> {
    let origin = Origin::file("/etc/audit/rules.d/a.rules", Some(9));
    Some(RefusedLine { origin, why: "the same rule stands before it".into(), certain })
}

#[test]
fn what_is_written_down_decides_where_the_kernel_did_not_answer() {
    let rules = || vec![watch(FILE)];
    assert_passes(written(WrittenRules { rules: rules(), ..WrittenRules::default() }));
    let failure = assert_fails(written(WrittenRules::default()));
    assert!(failure.evidence[0].origin.to_string().contains("rules.d"));
    let switch = Some((AuditSwitch::Off, Origin::file("/etc/audit/rules.d/z.rules", Some(1))));
    assert_fails(written(WrittenRules { rules: rules(), switch, ..WrittenRules::default() }));
}

#[test]
fn a_rule_behind_the_line_at_which_auditctl_stops_is_not_loaded() {
    let behind = |certain| WrittenRules {
        behind: vec![watch(FILE)],
        stops_at: stop(certain),
        ..WrittenRules::default()
    };
    let failure = assert_fails(written(behind(true)));
    assert!(failure.message.contains("stops before") && failure.fix.contains("a.rules:9"));
    assert_unknown(written(behind(false)));
    let before = WrittenRules { rules: vec![watch(FILE)], ..behind(true) };
    assert_passes(written(before));
    let neither = WrittenRules { behind: Vec::new(), ..behind(true) };
    assert!(assert_fails(written(neither)).message.contains("is not watched"));
}

#[test]
fn a_rule_that_is_written_and_not_loaded_is_none() {
    let mut snapshot = host(&[FILE], vec![watch("/etc/passwd")]);
    let rules = WrittenRules { rules: vec![watch(FILE)], ..WrittenRules::default() };
    snapshot.host.audit.written = Field::known(rules, Origin::Nowhere);
    let failure = assert_fails(one(&snapshot, FILE, CHANGES));
    assert!(failure.message.contains("written, but not loaded"));
    assert_eq!(failure.evidence[1].origin.to_string(), "/etc/audit/rules.d/docker.rules:3");
    assert!(failure.fix.contains("augenrules --load"));
    snapshot.host.audit.switch = Field::known(AuditSwitch::Locked, Origin::Nowhere);
    assert!(assert_fails(one(&snapshot, FILE, CHANGES)).fix.contains("restart"));
}

#[test]
fn audit_that_is_off_records_nothing_and_a_kernel_without_it_can_not() {
    let mut snapshot = host(&[FILE], vec![watch(FILE)]);
    snapshot.host.audit.switch = Field::known(AuditSwitch::Off, Origin::Nowhere);
    assert!(assert_fails(one(&snapshot, FILE, CHANGES)).message.contains("nobody records"));
    snapshot.host.audit.loaded = Field::known(Vec::new(), Origin::Nowhere);
    assert!(assert_fails(one(&snapshot, FILE, CHANGES)).fix.contains("/etc/audit/rules.d"));
    snapshot.host.audit.switch = Field::absent(Origin::Nowhere);
    snapshot.host.audit.loaded = Field::absent(Origin::Nowhere);
    assert_not_applicable(one(&snapshot, FILE, CHANGES));
}

#[test]
fn where_nothing_is_written_nothing_is_configured_and_what_could_not_be_read_is_unknown() {
    let mut snapshot = host(&[FILE], Vec::new());
    snapshot.host.audit.loaded = Field::unknown("only root may ask", Origin::Nowhere);
    snapshot.host.audit.written = Field::absent(Origin::file("/etc/audit/audit.rules", None));
    let failure = assert_fails(one(&snapshot, FILE, CHANGES));
    assert_eq!(failure.evidence[0].seen, "it is not there");
    assert!(failure.fix.starts_with("install auditd"));
    snapshot.host.audit.written = Field::unknown("permission denied", Origin::Nowhere);
    assert_unknown(one(&snapshot, FILE, CHANGES));
}

#[test]
fn a_rule_whose_path_could_not_be_resolved_leaves_a_failure_open() {
    let rule = || {
        changed("/srv/x", |r| {
            r.watch.as_mut().unwrap().real = Fact::Unknown("permission denied".into());
        })
    };
    assert_unknown(of(vec![rule()]));
    assert_passes(of(vec![rule(), watch(FILE)]));
}

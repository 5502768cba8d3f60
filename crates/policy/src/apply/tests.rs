//! What waivers accept, when, and what is said of them.

use std::sync::Arc;

use dockward_model::facts::Origin;
use dockward_model::verdict::{Severity, Status, Subject, Waived};
use jiff::civil::date;
use proptest::prelude::*;

use super::*;
use crate::sample::*;
use crate::{Exit, FailOn, exit};

/// Applies the text of a file to findings, all rules being judged.
fn applied(text: &str, findings: Vec<Finding>, today: Date) -> Applied {
    let config = config(text);
    let selection = Selection::new(&[], &[], &config, &RULES).unwrap();
    apply(findings, &config, &selection, today)
}

/// Whether a waiver with these lines accepts what `container-root-user` found in `subject`.
fn accepts(lines: &str, subject: Subject) -> bool {
    let text = waiver(&format!("rule = \"container-root-user\"\n{lines}"));
    let applied = applied(&text, vec![failure("container-root-user", subject)], TODAY);
    assert_eq!(applied.findings.len(), 1);
    applied.findings[0].waived.is_some()
}

/// How a run ends with these findings, from `high` on.
fn end(applied: &Applied) -> Exit {
    exit(&applied.findings, &applied.notes, true, FailOn::default())
}

#[test]
fn a_waiver_for_a_container_accepts_it_by_its_name() {
    assert!(accepts("container = \"web\"", container("web")));
    assert!(accepts("container = \"we?\"", container("web")));
    assert!(!accepts("container = \"web\"", container("web-2")));
    assert!(!accepts("container = \"web\"", volume("web")));
    assert!(!accepts("container = \"web\"", image("web")));
}

#[test]
fn a_waiver_for_a_label_accepts_by_key_and_value() {
    assert!(accepts("label = \"tier\"", container("web")));
    assert!(accepts("label = \"tier=front-1\"", container("web")));
    assert!(accepts("label = \"tier=front-*\"", container("web")));
    assert!(!accepts("label = \"tier=\"", container("web")));
    assert!(!accepts("label = \"tie\"", container("web")));
    assert!(!accepts("label = \"tier\"", bare("web")));
}

#[test]
fn a_waiver_for_an_image_accepts_its_containers_and_the_image() {
    assert!(accepts("image = \"registry.example/nginx:*\"", container("web")));
    assert!(accepts("image = \"nginx:1\"", image("nginx:1")));
    assert!(!accepts("image = \"nginx:*\"", container("web")));
    assert!(!accepts("image = \"*\"", host()));
}

#[test]
fn a_waiver_for_a_compose_service_accepts_by_project_and_service() {
    assert!(accepts("compose = \"shop/web\"", container("shop-web-1")));
    assert!(accepts("compose = \"web\"", container("shop-web-1")));
    assert!(accepts("compose = \"sh*/w??\"", container("shop-web-1")));
    assert!(!accepts("compose = \"web/shop\"", container("shop-web-1")));
    assert!(!accepts("compose = \"blog/web\"", container("shop-web-1")));
    assert!(!accepts("compose = \"*/*\"", bare("shop-web-1")));
}

#[test]
fn waivers_for_resources_the_host_and_the_daemon_accept_nothing_else() {
    let subjects = [host(), daemon(), volume("data"), image("data"), container("data")];
    for (lines, expected) in [
        ("host = true", [true, false, false, false, false]),
        ("daemon = true", [false, true, false, false, false]),
        ("resource = \"da*\"", [false, false, true, false, false]),
    ] {
        assert_eq!(subjects.clone().map(|subject| accepts(lines, subject)), expected, "{lines}");
    }
}

#[test]
fn a_swarms_service_is_accepted_as_a_resource_by_its_labels_and_by_its_image() {
    for lines in
        ["resource = \"shop_*\"", "label = \"team=shop\"", "image = \"*/nginx:1.27@sha256:*\""]
    {
        assert!(accepts(lines, service("shop_web")), "{lines}");
    }
    assert!(accepts("resource = \"shop_web\"\nlabel = \"team\"", service("shop_web")));
    assert!(accepts("resource = \"shop_web\"\nimage = \"*nginx*\"", service("shop_web")));
    for lines in ["container = \"shop_web\"", "label = \"tier\"", "compose = \"*\""] {
        assert!(!accepts(lines, service("shop_web")), "{lines}");
    }
}

#[test]
fn all_selectors_of_a_waiver_have_to_match() {
    assert!(accepts("container = \"web\"\nlabel = \"tier\"", container("web")));
    assert!(!accepts("container = \"web\"\nlabel = \"tier\"", bare("web")));
    assert!(!accepts("container = \"db\"\nlabel = \"tier\"", container("web")));
}

#[test]
fn a_waiver_is_for_its_own_rules_only() {
    let text = waiver("rule = \"container-*-limit\"\ncontainer = \"*\"");
    let findings = ["container-io-limit", "container-memory-limit", "container-root-user"]
        .map(|rule| failure(rule, container("web")));
    let applied = applied(&text, findings.to_vec(), TODAY);
    let waived: Vec<bool> = applied.findings.iter().map(|f| f.waived.is_some()).collect();
    assert_eq!(waived, [true, true, false]);
}

#[test]
fn a_finding_says_which_waiver_accepts_it_and_the_first_one_is_named() {
    let text = waiver("rule = \"daemon-tls\"\ndaemon = true")
        + &waiver("rule = \"daemon-*\"\ndaemon = true").replace("ops", "others");
    let applied = applied(&text, vec![failure("daemon-tls", daemon())], TODAY);
    let expected = Waived {
        owner: "ops".to_owned(),
        reason: "planned".to_owned(),
        until: Some("2027-12-31".to_owned()),
        origin: Origin::file("dockward.toml", Some(1)),
    };
    assert_eq!(applied.findings[0].waived, Some(expected));
    assert_eq!(applied.notes, [], "the second one is used as well");
}

#[test]
fn a_waiver_holds_on_its_last_day_and_not_on_the_next() {
    let text = waiver("rule = \"daemon-tls\"\ndaemon = true");
    let on = |today| applied(&text, vec![failure("daemon-tls", daemon())], today);
    let last = on(date(2027, 12, 31));
    assert!(last.findings[0].waived.is_some());
    assert_eq!((end(&last), last.expired()), (Exit::Clean, 0));
    let next = on(date(2028, 1, 1));
    assert_eq!(next.findings[0].waived, None);
    assert_eq!((end(&next), next.expired()), (Exit::Findings, 1));
    assert_eq!(
        next.notes,
        [WaiverNote::Expired {
            at: "dockward.toml:1".to_owned(),
            rule: "daemon-tls".to_owned(),
            until: "2027-12-31".to_owned(),
        }]
    );
}

#[test]
fn an_expired_waiver_fails_the_run_though_it_matches_nothing() {
    let text = waiver("rule = \"daemon-tls\"\ndaemon = true");
    let applied = applied(&text, Vec::new(), date(2028, 1, 1));
    assert_eq!((end(&applied), applied.notes.len()), (Exit::Findings, 1));
}

#[test]
fn a_waiver_that_accepts_nothing_is_reported_and_fails_nothing() {
    let text = "\n".to_owned() + &waiver("rule = \"daemon-*\"\ncontainer = \"gone\"");
    let applied = applied(&text, vec![failure("container-io-limit", bare("gone"))], TODAY);
    assert_eq!(
        applied.notes,
        [WaiverNote::Unused { at: "dockward.toml:2".to_owned(), rule: "daemon-*".to_owned() }]
    );
    assert_eq!(exit(&[], &applied.notes, true, FailOn::default()), Exit::Clean);
}

#[test]
fn a_waiver_is_spoken_of_from_fourteen_days_before_its_end() {
    let text = waiver("rule = \"daemon-tls\"\ndaemon = true");
    let notes = |today| applied(&text, vec![failure("daemon-tls", daemon())], today).notes;
    assert_eq!(notes(date(2027, 12, 16)), []);
    let soon = WaiverNote::EndsSoon {
        at: "dockward.toml:1".to_owned(),
        rule: "daemon-tls".to_owned(),
        until: "2027-12-31".to_owned(),
    };
    assert_eq!(notes(date(2027, 12, 17)), std::slice::from_ref(&soon));
    assert_eq!(notes(date(2027, 12, 31)), [soon]);
}

#[test]
fn a_permanent_waiver_never_ends() {
    let text = waiver("rule = \"daemon-tls\"\ndaemon = true")
        .replace("until = 2027-12-31", "permanent = true");
    let applied = applied(&text, vec![failure("daemon-tls", daemon())], Date::MAX);
    assert_eq!(applied.findings[0].waived.as_ref().map(|w| w.until.clone()), Some(None));
    assert_eq!(applied.notes, []);
}

#[test]
fn what_needs_a_look_or_is_unknown_can_be_accepted_too() {
    for status in [Status::Review, Status::Unknown] {
        let finding = Finding { status, ..failure("daemon-tls", daemon()) };
        let text = waiver("rule = \"daemon-tls\"\ndaemon = true");
        let applied = applied(&text, vec![finding], TODAY);
        assert!(applied.findings[0].waived.is_some());
        assert_eq!(end(&applied), Exit::Clean);
    }
}

#[test]
fn nothing_is_said_of_waivers_for_rules_that_are_not_judged() {
    let config = config(
        &(waiver("rule = \"daemon-*\"\ndaemon = true") + &waiver("rule = \"host-*\"\nhost = true")),
    );
    let only = |word: &str| Selection::new(&[word.to_owned()], &[], &config, &RULES).unwrap();
    let notes = |word| apply(Vec::new(), &config, &only(word), date(2028, 1, 1)).notes.len();
    assert_eq!([notes("container-*"), notes("daemon-tls"), notes("*")], [0, 1, 2]);
}

#[test]
fn the_files_severity_replaces_that_of_a_finding() {
    let text = "[severity]\ndaemon-tls = \"low\"\nhost-kernel = \"critical\"\n";
    let findings = vec![
        failure("daemon-tls", daemon()),
        failure("host-kernel", host()),
        failure("container-io-limit", bare("web")),
    ];
    let applied = applied(text, findings, TODAY);
    let severities: Vec<Severity> = applied.findings.iter().map(|f| f.severity).collect();
    assert_eq!(severities, [Severity::Low, Severity::Critical, Severity::High]);
}

#[test]
fn a_subjects_own_wildcards_are_ordinary_text() {
    assert!(!accepts("container = \"web\"", bare("*")));
    assert!(accepts("container = \"\\u001b[2J*\"", bare("\u{1b}[2J*")));
}

proptest! {
    #[test]
    fn waivers_change_nothing_but_the_mark_and_only_where_they_cover(
        names in proptest::collection::vec("[ab]{0,3}", 0..20),
        patterns in proptest::collection::btree_set("[ab*?]{1,3}", 0..5),
        days in -30_i32..30,
    ) {
        let text: String = patterns
            .iter()
            .map(|p| waiver(&format!("rule = \"container-root-user\"\ncontainer = \"{p}\"")))
            .collect();
        let before: Vec<Finding> =
            names.iter().map(|name| failure("container-root-user", bare(name))).collect();
        let today = date(2027, 12, 31).saturating_sub(days.days());
        let applied = applied(&text, before.clone(), today);
        prop_assert_eq!(applied.findings.len(), before.len());
        for (after, before) in applied.findings.iter().zip(&before) {
            let covered = config(&text).waivers.iter().any(|w| w.covers(before));
            prop_assert_eq!(after.waived.is_some(), covered && days >= 0);
            prop_assert_eq!(&Finding { waived: None, ..after.clone() }, before);
            prop_assert!(Arc::ptr_eq(&after.subject, &before.subject));
        }
        prop_assert_eq!(applied.expired(), if days < 0 { patterns.len() } else { 0 });
    }
}

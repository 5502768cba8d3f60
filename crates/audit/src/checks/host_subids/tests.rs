use super::*;
use crate::judged::{
    assert_fails, assert_not_applicable, assert_passes, assert_unknown, configured, snapshot,
    snapshot_with,
};
use dockward_model::facts::{Origin, User, sample};
use serde_json::json;

fn ranges(path: &str, lines: &[(&str, u64, u64)]) -> Field<Vec<SubordinateRange>> {
    let range = |((owner, start, count), line): (&(&str, u64, u64), u32)| SubordinateRange {
        owner: (*owner).to_owned(),
        start: *start,
        count: *count,
        line,
    };
    Field::known(lines.iter().zip(1..).map(range).collect(), Origin::file(path, None))
}

fn host(lines: &[(&str, u64, u64)]) -> Snapshot {
    snapshot_with(|s| {
        let user = |name: &str, uid| User { name: name.into(), uid, gid: uid, shell: "sh".into() };
        let users =
            vec![user("root", 0), user("ann", 1000), user("bob", 1001), user("far", 500_000)];
        s.host.users = sample::known(users, "passwd");
        s.host.groups = sample::known(Vec::new(), "group");
        s.host.subuids = ranges("/etc/subuid", lines);
    })
}

#[test]
fn ranges_side_by_side_pass() {
    let lines = [("bob", 165_536, 65_536), ("ann", 100_000, 65_536), ("root", 0, 1)];
    assert_passes(subids(&host(&lines)));
}

#[test]
fn two_users_with_shared_ids_fail_with_both_lines() {
    let lines = [("ann", 100_000, 65_536), ("bob", 165_535, 65_536)];
    let failure = assert_fails(subids(&host(&lines)));
    assert_eq!(failure.message, "ann and bob share uids");
    let seen: Vec<_> = failure.evidence.iter().map(|e| e.origin.to_string()).collect();
    assert_eq!(seen, ["/etc/subuid:1", "/etc/subuid:2"]);
}

#[test]
fn an_overlap_is_seen_across_ranges_of_the_same_owner_between() {
    let lines = [
        ("bob", 100_000, 400_000),
        ("ann", 600_000, 400_000),
        ("1000", 600_000, 10),
        ("ann", 700_000, 10),
        ("bob", 800_000, 10),
    ];
    let failure = assert_fails(subids(&host(&lines)));
    assert_eq!(failure.message, "ann and bob share uids", "by name and by uid it is one ann");
}

#[test]
fn an_accounts_own_id_in_a_range_fails_and_roots_is_high() {
    let failure = assert_fails(subids(&host(&[("ann", 1001, 1)])));
    assert!(failure.message.contains("ann may become uid 1001, bob"), "{}", failure.message);
    let failure = assert_fails(subids(&host(&[("ann", 400_000, 200_000)])));
    assert!(failure.message.contains("uid 500000, far"), "{}", failure.message);
    let failure = assert_fails(subids(&host(&[("ann", 0, 65_536)])));
    assert_eq!(failure.severity, Some(Severity::High));
    let failure = assert_fails(subids(&host(&[("ann", 61_184, 10)])));
    assert!(failure.message.contains("below 65536"), "{}", failure.message);
    assert_passes(subids(&host(&[("ann", 1000, 1)])));
}

#[test]
fn an_engine_that_maps_to_a_user_without_a_range_fails() {
    let with = |lines: &[(&str, u64, u64)], subgids: Field<Vec<SubordinateRange>>| {
        let mut engine = configured(&json!({"userns-remap": "default"}));
        let options = vec!["name=userns".into()];
        engine.daemon.security_options = sample::known(options, "SecurityOptions");
        let mut snapshot = host(lines);
        (snapshot.host.subgids, snapshot.engines) = (subgids, vec![engine]);
        subids(&snapshot)
    };
    let remap = [("dockremap", 100_000, 65_536)];
    assert_passes(with(&remap, ranges("/etc/subgid", &remap)));
    assert_fails(with(&[("ann", 100_000, 65_536)], ranges("/etc/subgid", &remap)));
    assert_fails(with(&remap, sample::absent("/etc/subgid")));
}

#[test]
fn no_range_is_nothing_to_judge_and_an_unread_file_is_unknown() {
    assert_not_applicable(subids(&snapshot()));
    assert_not_applicable(subids(&host(&[])));
    assert_unknown(subids(&snapshot_with(|s| s.host.subgids = sample::unknown("/etc/subgid"))));
}

#[test]
fn a_file_full_of_ranges_is_judged_in_no_time() {
    let lines: Vec<_> = (0..100_000_u64).map(|n| ("ann", 100_000 + n, 1)).collect();
    let failure = assert_fails(subids(&host(&[&lines[..], &[("bob", 100_000, 9)]].concat())));
    assert!(failure.evidence.len() <= 2 * MOST, "{}", failure.evidence.len());
}

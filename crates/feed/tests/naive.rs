//! A database answers as the records themselves do, read one by one as OSV's own evaluation is
//! written: events in order, each turning the state.

#![allow(clippy::unwrap_used, reason = "a test may panic, in its helping functions too")]

mod made;

use std::collections::BTreeMap;

use dockward_advisory::{Settings, dpkg, matches};
use made::{Made, deb, inventory, now};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use serde_json::{Value, json};

const PACKAGES: [&str; 3] = ["a", "b", "c"];
const VERSIONS: [&str; 7] =
    ["0.9-1", "1.0~rc1-1", "1.0-1", "1.0-1+deb11u1", "1:0.5-1", "2.0-1", "10-1"];

fn version() -> impl Strategy<Value = &'static str> {
    proptest::sample::select(&VERSIONS[..])
}

fn event() -> impl Strategy<Value = Value> {
    (proptest::sample::select(&["introduced", "fixed", "last_affected"][..]), version())
        .prop_map(|(kind, version)| json!({ kind: version }))
}

fn affected() -> impl Strategy<Value = Value> {
    let ranges = proptest::collection::vec(proptest::collection::vec(event(), 0..4), 0..3);
    let versions = proptest::collection::vec(version(), 0..2);
    (proptest::sample::select(&PACKAGES[..]), ranges, versions, any::<bool>()).prop_map(
        |(name, ranges, versions, zero)| {
            let range = |mut events: Vec<Value>| {
                if zero || !events.iter().any(|event| event.get("introduced").is_some()) {
                    events.insert(0, json!({"introduced": "0"}));
                }
                json!({"type": "ECOSYSTEM", "events": events})
            };
            let ranges: Vec<Value> = ranges.into_iter().map(range).collect();
            json!({"package": {"ecosystem": "Debian:11", "name": name}, "ranges": ranges, "versions": versions})
        },
    )
}

fn records() -> impl Strategy<Value = Vec<Value>> {
    let one = (0..4_u32, proptest::collection::vec(affected(), 1..4), any::<bool>());
    proptest::collection::vec(one, 1..8).prop_map(|all| {
        let numbered = all.into_iter().zip(0..);
        numbered
            .map(|((cve, affected, withdrawn), id)| {
                let withdrawn = (withdrawn && id % 3 == 0).then_some("2024-01-01T00:00:00Z");
                json!({"id": format!("DSA-{id}"), "modified": "2024-01-01T00:00:00Z", "withdrawn": withdrawn,
                    "upstream": [format!("CVE-2024-000{cve}")], "affected": affected})
            })
            .collect()
    })
}

/// OSV's evaluation of one `affected` entry, as its page has it.
fn is_affected(entry: &Value, version: &str) -> bool {
    let texts = |value: &Value| -> Vec<String> {
        value.as_array().unwrap().iter().map(|v| v.as_str().unwrap().to_owned()).collect()
    };
    let listed = texts(&entry["versions"]);
    if listed.iter().any(|listed| dpkg::compare(listed, version).is_eq()) {
        return true;
    }
    entry["ranges"].as_array().unwrap().iter().any(|range| {
        let mut events: Vec<(&str, &str)> = range["events"]
            .as_array()
            .unwrap()
            .iter()
            .map(|event| event.as_object().unwrap().iter().next().unwrap())
            .map(|(kind, version)| (kind.as_str(), version.as_str().unwrap()))
            .collect();
        // By version; where two are at one, what ends comes last.
        let rank =
            |kind: &str| ["introduced", "last_affected", "fixed"].iter().position(|k| *k == kind);
        events.sort_by(|(kind_a, a), (kind_b, b)| {
            let zero = (*b == "0").cmp(&(*a == "0"));
            zero.then_with(|| dpkg::compare(a, b)).then_with(|| rank(kind_a).cmp(&rank(kind_b)))
        });
        let mut vulnerable = false;
        for (kind, at) in events {
            let reached = at == "0" || dpkg::compare(version, at).is_ge();
            let after = at != "0" && dpkg::compare(version, at).is_gt();
            match kind {
                "introduced" if reached => vulnerable = true,
                "fixed" if reached => vulnerable = false,
                "last_affected" if after => vulnerable = false,
                _ => {}
            }
        }
        vulnerable
    })
}

/// Package and weakness, and the versions that mend it.
type Answer = BTreeMap<(usize, String), Vec<String>>;

fn naive(records: &[Value], installed: &[(&str, &str)]) -> Answer {
    let mut answer = Answer::new();
    for ((name, version), at) in installed.iter().zip(0..) {
        let mut entries: BTreeMap<&str, Vec<&Value>> = BTreeMap::new();
        for record in records.iter().filter(|record| record["withdrawn"].is_null()) {
            let named = record["affected"].as_array().unwrap().iter();
            let named = named.filter(|entry| entry["package"]["name"] == *name);
            entries.entry(record["upstream"][0].as_str().unwrap()).or_default().extend(named);
        }
        for (cve, entries) in entries {
            if !entries.iter().any(|entry| is_affected(entry, version)) {
                continue;
            }
            let mends = |fix: &&&str| {
                let said = entries
                    .iter()
                    .any(|entry| entry.to_string().contains(&format!("{{\"fixed\":\"{fix}\"}}")));
                said && dpkg::compare(fix, version).is_gt()
                    && !entries.iter().any(|entry| is_affected(entry, fix))
            };
            let mut fixes: Vec<String> =
                VERSIONS.iter().filter(mends).map(|v| (*v).to_owned()).collect();
            fixes.sort_by(|a, b| dpkg::compare(a, b));
            answer.insert((at, cve.to_owned()), fixes);
        }
    }
    answer
}

#[test]
fn a_database_answers_as_a_look_at_each_record_does() {
    let config = Config { cases: 128, failure_persistence: None, ..Config::default() };
    let law = |records: Vec<Value>| {
        let installed: Vec<(&str, &str)> = PACKAGES
            .iter()
            .flat_map(|name| VERSIONS.iter().map(|version| (*name, *version)))
            .collect();
        let packages = installed.iter().map(|(name, version)| deb(name, version, "")).collect();
        let made = Made::of(&records);
        let mapped = made.open();
        let root = inventory("debian", "11", packages);
        let found = matches(&root, &mapped.database().unwrap(), &Settings::new(now()));
        let answer: Answer =
            found.matches.into_iter().map(|m| ((m.package, m.id), m.fixes)).collect();
        prop_assert_eq!(answer, naive(&records, &installed));
        Ok(())
    };
    TestRunner::new(config).run(&records(), law).unwrap();
}

//! Where docker-bench-security errs: each row of `docs/docker-bench-cases.toml` is a test here, by the number of its
//! recommendation. The situation is built with what misleads the script, and once more without: the auditor's table
//! has the right answer to both.

mod audited;
mod confinement;
mod containers;
mod daemon;
mod images;
mod ports;
mod situation;

use std::collections::BTreeSet;
use std::path::Path;

use dockward_audit::{Expectations, benchmark::Profile, evaluate};
use dockward_model::facts::Snapshot;
use dockward_model::verdict::{Answer, Finding};
use serde::Deserialize;

/// A host on which the script errs, in one way or several, and its counterpart.
pub(super) struct Situation {
    /// What misleads the script.
    pub(super) misleading: Vec<Snapshot>,
    /// What must stand in the findings wherever the answer is no pass: they are about this and nothing else.
    pub(super) shows: &'static str,
    /// The same without it.
    pub(super) counterpart: Snapshot,
}

/// Tests of these names, each of a benchmark, a number and a function that makes the situation.
macro_rules! cases {
    ($($test:ident: $benchmark:literal $number:literal $build:path;)*) => {
        pub(super) const BUILT: &[(&str, &str)] = &[$(($benchmark, $number)),*];
        $(#[test]
        fn $test() {
            crate::docker_bench::assert_right($benchmark, $number, &$build());
        })*
    };
}
use cases;

#[derive(Deserialize)]
struct Table {
    case: Vec<Row>,
}

/// What a test needs of a row; the rest is for the page.
#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
struct Row {
    number: String,
    #[serde(default = "oldest")]
    benchmark: String,
    answer: String,
    counter_answer: String,
}

fn oldest() -> String {
    "1.6".to_owned()
}

fn rows() -> Vec<Row> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/docker-bench-cases.toml");
    let text = std::fs::read_to_string(path).unwrap();
    toml::from_str::<Table>(&text).unwrap().case
}

/// How the auditor's table answers a number, and the findings that made it do so.
fn answer(benchmark: &str, number: &str, snapshot: &Snapshot) -> (Answer, Vec<Finding>) {
    let audit = evaluate(snapshot, &Expectations::default(), &|_| true);
    let profile = Profile::named(&format!("cis-{benchmark}-l2")).unwrap();
    let table = profile.table(&audit.findings, &audit.counts, &audit.rules);
    let row = table.rows.into_iter().find(|row| row.recommendation.number == number).unwrap();
    let its = |finding: &Finding| row.rules.contains(&finding.rule.as_str());
    (row.answer, audit.findings.into_iter().filter(its).collect())
}

pub(super) fn assert_right(benchmark: &str, number: &str, situation: &Situation) {
    let row = rows().into_iter().find(|row| row.number == number && row.benchmark == benchmark);
    let row = row.unwrap();
    assert!(!situation.misleading.is_empty() && row.answer != row.counter_answer);
    for (nth, snapshot) in situation.misleading.iter().enumerate() {
        assert_answer(&format!("{number}, way {nth}"), &row.answer, snapshot, situation, &row);
    }
    let name = format!("{number}, counterpart");
    assert_answer(&name, &row.counter_answer, &situation.counterpart, situation, &row);
}

fn assert_answer(name: &str, wanted: &str, snapshot: &Snapshot, of: &Situation, row: &Row) {
    let (answer, findings) = answer(&row.benchmark, &row.number, snapshot);
    assert_eq!(answer.name(), wanted, "{name}: {findings:#?}");
    let told = findings.iter().any(|finding| {
        let seen = finding.evidence.iter().map(|evidence| &evidence.seen);
        seen.chain([&finding.message]).any(|text| text.contains(of.shows))
    });
    let quiet = matches!(answer, Answer::Pass | Answer::NotApplicable);
    assert!(quiet || told || wanted == row.counter_answer, "{name}: {findings:#?}");
}

#[test]
fn every_row_has_its_test_and_every_test_its_row() {
    let built = [
        audited::BUILT,
        confinement::BUILT,
        containers::BUILT,
        daemon::BUILT,
        images::BUILT,
        ports::BUILT,
    ];
    let built: Vec<(String, String)> =
        built.concat().iter().map(|(a, b)| ((*a).into(), (*b).into())).collect();
    let rows: Vec<_> = rows().into_iter().map(|row| (row.benchmark, row.number)).collect();
    let set = |list: &[(String, String)]| list.iter().cloned().collect::<BTreeSet<_>>();
    assert_eq!(set(&built), set(&rows));
    assert_eq!((built.len(), rows.len()), (set(&rows).len(), set(&rows).len()), "each but once");
}

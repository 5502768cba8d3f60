use super::*;
use crate::sample;

fn json(report: &Report) -> serde_json::Value {
    let mut out = Vec::new();
    write(report, &mut out).unwrap();
    serde_json::from_slice(&out).unwrap()
}

fn schema() -> serde_json::Value {
    serde_json::to_value(schemars::schema_for!(ReportV1<'_>)).unwrap()
}

/// The published file is made here: run with `UPDATE_SCHEMAS=1` after a change that is meant.
#[test]
fn the_published_schema_is_the_one_of_the_structs() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../schemas/report-v1.schema.json");
    published(path, &schemars::schema_for!(ReportV1<'_>));
}

pub(crate) fn published(path: &str, schema: &schemars::Schema) {
    let text = format!("{:#}\n", serde_json::to_value(schema).unwrap());
    if std::env::var_os("UPDATE_SCHEMAS").is_some() {
        std::fs::write(path, &text).unwrap();
    }
    let published = std::fs::read_to_string(path).unwrap();
    assert!(published == text, "{path} is stale: run this test with UPDATE_SCHEMAS=1");
}

#[test]
fn reports_are_valid_against_the_published_schema() {
    let validator = jsonschema::validator_for(&schema()).unwrap();
    for report in [sample::report(), sample::hostile(), sample::nothing_found()] {
        let json = json(&report);
        let errors: Vec<_> = validator.iter_errors(&json).map(|e| e.to_string()).collect();
        assert!(errors.is_empty(), "{errors:?}");
    }
}

#[test]
fn the_sample_reads_so() {
    insta::assert_json_snapshot!(json(&sample::report()));
}

#[test]
fn hostile_names_come_through_whole_and_escaped() {
    let mut out = Vec::new();
    write(&sample::hostile(), &mut out).unwrap();
    assert!(!out.iter().any(|b| *b < 0x20 && *b != b'\n'), "a raw control character");
    let name = &json(&sample::hostile())["findings"][0]["subject"]["name"];
    assert_eq!(name, sample::HOSTILE, "a machine gets the name as it is");
}

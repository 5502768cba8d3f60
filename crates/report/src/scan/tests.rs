//! Every form is given the same scan, the same hostile scan and the same empty one.

use super::sample::{hostile, nothing_found, scan};
use super::*;

const FORMATS: [ScanFormat; 6] = [
    ScanFormat::Text,
    ScanFormat::Json,
    ScanFormat::Sarif,
    ScanFormat::Junit,
    ScanFormat::Markdown,
    ScanFormat::Html,
];

fn written(scan: &Scan, format: ScanFormat, style: Style) -> String {
    let mut out = Vec::new();
    write_scan(scan, format, style, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

fn json(scan: &Scan, format: ScanFormat) -> serde_json::Value {
    serde_json::from_str(&written(scan, format, Style::default())).unwrap()
}

#[test]
fn the_sample_reads_so() {
    let text = |style| written(&scan(), ScanFormat::Text, style);
    insta::assert_snapshot!("text", text(Style::default()));
    insta::assert_snapshot!("text_of_every_match", text(Style { all: true, ..Style::default() }));
    for (name, format) in
        [("json", ScanFormat::Json), ("sarif", ScanFormat::Sarif), ("junit", ScanFormat::Junit)]
    {
        insta::assert_snapshot!(name, written(&scan(), format, Style::default()));
    }
    insta::assert_snapshot!("markdown", written(&scan(), ScanFormat::Markdown, Style::default()));
    let html = written(&scan(), ScanFormat::Html, Style::default());
    insta::assert_snapshot!("html", without_style(&html));
}

/// The style is no text that a scan decides on.
fn without_style(page: &str) -> String {
    let (before, rest) = page.split_once("<style>").unwrap();
    let (_, after) = rest.split_once("</style>").unwrap();
    format!("{before}<style></style>{after}").replace("><", ">\n<")
}

#[test]
fn nothing_hostile_reaches_a_terminal_a_page_or_a_ci_system() {
    for format in FORMATS {
        for style in [Style::default(), Style { all: true, ..Style::default() }] {
            let text = written(&hostile(), format, style);
            let control = |c: char| c.is_control() && c != '\n';
            assert!(!text.chars().any(control), "{format:?}: a control character");
            assert!(!text.lines().any(|line| line.trim_start().starts_with("::")), "{format:?}");
            if !matches!(format, ScanFormat::Json | ScanFormat::Sarif) {
                assert!(!text.contains('\u{202e}'), "{format:?}: a direction mark");
            }
        }
    }
    for format in [ScanFormat::Html, ScanFormat::Junit] {
        let text = written(&hostile(), format, Style::default());
        assert!(!text.contains("<script"), "{format:?}");
    }
    let outside: String =
        written(&hostile(), ScanFormat::Markdown, Style::default()).split('`').step_by(2).collect();
    assert!(!outside.contains("<script") && !outside.contains("]("), "{outside}");
}

#[test]
fn what_is_missing_is_said_in_every_form() {
    for format in FORMATS {
        let text = written(&scan(), format, Style { width: 140, ..Style::default() });
        let said = text.contains("no engine has it") && text.contains("it has no version");
        assert!(said, "{format:?}: {text}");
    }
}

#[test]
fn sarif_is_valid_against_the_schema_of_oasis() {
    let schema = include_str!("../../tests/schemas/sarif-2.1.0.json");
    // Its pattern for languages has a stray bracket, which is no regular expression.
    let schema = schema.replace("{2}]?$", "{2}$");
    let validator = jsonschema::validator_for(&serde_json::from_str(&schema).unwrap()).unwrap();
    for scan in [scan(), hostile(), nothing_found()] {
        let sarif = json(&scan, ScanFormat::Sarif);
        let errors: Vec<_> = validator.iter_errors(&sarif).map(|e| e.to_string()).collect();
        assert!(errors.is_empty(), "{errors:#?}");
    }
}

#[test]
fn json_is_valid_against_its_published_schema() {
    let schema = schemars::schema_for!(json_v1::ScanV1<'_>);
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../schemas/scan-v1.schema.json");
    crate::json_v1::tests::published(path, &schema);
    let validator = jsonschema::validator_for(&serde_json::to_value(&schema).unwrap()).unwrap();
    for scan in [scan(), hostile(), nothing_found()] {
        let errors: Vec<_> =
            validator.iter_errors(&json(&scan, ScanFormat::Json)).map(|e| e.to_string()).collect();
        assert!(errors.is_empty(), "{errors:?}");
    }
}

#[test]
fn a_junit_file_has_as_many_closing_tags_as_opening_ones() {
    for scan in [scan(), hostile(), nothing_found()] {
        let xml = written(&scan, ScanFormat::Junit, Style::default());
        for tag in ["testsuites", "testsuite", "testcase", "failure"] {
            let opened =
                xml.matches(&format!("<{tag} ")).count() + xml.matches(&format!("<{tag}>")).count();
            assert_eq!(opened, xml.matches(&format!("</{tag}>")).count(), "{tag}: {xml}");
        }
    }
}

#[test]
fn a_clean_scan_says_so_only_where_all_was_compared() {
    let clean = written(&nothing_found(), ScanFormat::Text, Style::default());
    assert!(clean.contains("No known weakness counts."), "{clean}");
    let mut scan = nothing_found();
    scan.scanned[0].unmatched = super::sample::scan().scanned[0].unmatched.clone();
    let unsure = written(&scan, ScanFormat::Text, Style::default());
    assert!(!unsure.contains("No known weakness counts."), "{unsure}");
}

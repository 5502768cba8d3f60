//! SARIF 2.1.0 (OASIS), for code scanning: failures and reviews as results, the rules with their
//! pages, and what could not be judged as notifications of the run.

use std::io::{self, Write};

use dockward_model::facts::Origin;
use dockward_model::verdict::{Finding, Meta, Report, Severity, Status};
use serde_json::{Value, json};

/// Writes a report.
pub(crate) fn write(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    let log = json!({
        "$schema": "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json",
        "version": "2.1.0",
        "runs": [run(report)],
    });
    serde_json::to_writer_pretty(&mut *out, &log)?;
    writeln!(out)
}

fn run(report: &Report) -> Value {
    let judged = report.findings.iter().filter(|f| f.status != Status::Unknown);
    json!({
        "tool": { "driver": {
            "name": "Dockward",
            "semanticVersion": report.version,
            "rules": report.rules.iter().map(rule).collect::<Vec<_>>(),
        }},
        "automationDetails": { "id": format!("dockward/check/{}", report.host.name) },
        "invocations": [{
            "executionSuccessful": true,
            "endTimeUtc": report.now.to_string(),
            "toolExecutionNotifications": notifications(report),
            "properties": { "complete": report.complete, "example": report.example },
        }],
        "results": judged.map(|f| result(f, &report.rules)).collect::<Vec<_>>(),
    })
}

fn rule(meta: &Meta) -> Value {
    let tags = meta.maps.iter().map(|map| format!("{} {}", map.framework.name(), map.number));
    json!({
        "id": meta.id,
        "name": meta.id,
        "shortDescription": { "text": meta.title },
        "help": { "text": meta.doc, "markdown": meta.doc },
        "defaultConfiguration": { "level": level(meta.severity) },
        "properties": {
            "security-severity": score(meta.severity),
            "tags": tags.chain(["security".to_owned()]).collect::<Vec<_>>(),
        },
    })
}

fn result(f: &Finding, rules: &[Meta]) -> Value {
    let fix = if f.fix.is_empty() { String::new() } else { format!(" Fix: {}.", f.fix) };
    let subject = format!("{} {}", f.subject.kind(), f.subject.title());
    let mut result = json!({
        "ruleId": f.rule.as_str(),
        "kind": if f.status == Status::Review { "review" } else { "fail" },
        "level": if f.status == Status::Review { "none" } else { level(f.severity) },
        "message": { "text": format!("{subject}: {}.{fix}", f.message) },
        "locations": [location(f, &subject)],
        "partialFingerprints": { "dockward/v1": fingerprint(f) },
        "properties": {
            "security-severity": score(f.severity),
            "evidence": f.evidence.iter().map(evidence).collect::<Vec<_>>(),
        },
    });
    if let Some(index) = rules.iter().position(|meta| meta.id == f.rule.as_str()) {
        result["ruleIndex"] = json!(index);
    }
    if let Some(waived) = &f.waived {
        let justification = format!("{} ({})", waived.reason, waived.owner);
        result["suppressions"] = json!([{ "kind": "external", "justification": justification }]);
    }
    result
}

/// Stable from run to run: the rule and what it is about, not how the message is worded.
fn fingerprint(f: &Finding) -> String {
    format!("{}/{}/{}", f.rule, f.subject.kind(), f.subject.title())
}

fn location(f: &Finding, subject: &str) -> Value {
    let logical = json!([{ "name": f.subject.title(), "fullyQualifiedName": subject }]);
    let file = f.evidence.iter().find_map(|e| match &e.origin {
        Origin::File { path, line } => Some((path, *line)),
        _ => None,
    });
    // Code scanning refuses a result without a file: what is read elsewhere is filed under its kind.
    let (path, line) = match file {
        Some((path, line)) => (uri(path), line.unwrap_or(1).max(1)),
        None => (uri(&format!("{}/{}", f.subject.kind(), f.subject.title())), 1),
    };
    json!({
        "logicalLocations": logical,
        "physicalLocation": {
            "artifactLocation": { "uri": path },
            "region": { "startLine": line },
        },
    })
}

/// A path as a URI reference (RFC 3986): what is not unreserved or a slash is percent-encoded.
pub(crate) fn uri(path: &str) -> String {
    let mut uri = String::from(if path.starts_with('/') { "file://" } else { "" });
    for byte in path.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => {
                uri.push(char::from(byte));
            }
            _ => uri.push_str(&format!("%{byte:02X}")),
        }
    }
    uri
}

fn evidence(e: &dockward_model::verdict::Evidence) -> Value {
    json!({ "where": e.origin.to_string(), "seen": e.seen, "expected": e.expected })
}

fn notifications(report: &Report) -> Vec<Value> {
    let unknown = report.findings.iter().filter(|f| f.status == Status::Unknown).map(|f| {
        let text = format!("{} {}: {}", f.subject.kind(), f.subject.title(), f.message);
        json!({
            "level": "warning",
            "message": { "text": text },
            "associatedRule": { "id": f.rule.as_str() },
        })
    });
    let unseen = report.unseen.iter().map(
        |u| json!({ "level": "warning", "message": { "text": format!("{}: {}", u.what, u.why) } }),
    );
    unknown.chain(unseen).collect()
}

pub(crate) const fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical | Severity::High => "error",
        Severity::Medium => "warning",
        Severity::Low | Severity::Info => "note",
    }
}

/// The number by which code scanning sorts: the middle of the severity's band in CVSS 3.1.
pub(crate) const fn score(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical => "9.5",
        Severity::High => "8.0",
        Severity::Medium => "5.5",
        Severity::Low => "2.0",
        Severity::Info => "0.0",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample;

    fn sarif(report: &Report) -> Value {
        let mut out = Vec::new();
        write(report, &mut out).unwrap();
        serde_json::from_slice(&out).unwrap()
    }

    #[test]
    fn reports_are_valid_against_the_schema_of_oasis() {
        let schema = include_str!("../tests/schemas/sarif-2.1.0.json");
        // Its pattern for languages has a stray bracket, which is no regular expression.
        let schema = schema.replace("{2}]?$", "{2}$");
        let schema: Value = serde_json::from_str(&schema).unwrap();
        let validator = jsonschema::validator_for(&schema).unwrap();
        for report in [sample::report(), sample::hostile(), sample::nothing_found()] {
            let sarif = sarif(&report);
            let errors: Vec<_> = validator.iter_errors(&sarif).map(|e| e.to_string()).collect();
            assert!(errors.is_empty(), "{errors:#?}");
        }
    }

    #[test]
    fn the_sample_reads_so() {
        insta::assert_json_snapshot!(sarif(&sample::report()));
    }

    #[test]
    fn every_result_has_a_place_and_a_rule_of_the_table() {
        let sarif = sarif(&sample::hostile());
        for result in sarif["runs"][0]["results"].as_array().unwrap() {
            let place = &result["locations"][0];
            assert!(place["logicalLocations"].is_array());
            assert!(place["physicalLocation"]["artifactLocation"]["uri"].is_string());
            assert!(result["ruleIndex"].is_u64());
        }
    }

    #[test]
    fn what_could_not_be_judged_is_a_notification_not_a_result() {
        let sarif = sarif(&sample::report());
        let run = &sarif["runs"][0];
        assert_eq!(run["invocations"][0]["properties"]["complete"], false);
        let notes = run["invocations"][0]["toolExecutionNotifications"].as_array().unwrap();
        assert_eq!(notes.len(), 2);
    }

    #[test]
    fn a_hostile_path_is_a_uri_still() {
        assert_eq!(uri("/a b\n\u{202e}"), "file:///a%20b%0A%E2%80%AE");
        assert_eq!(uri("compose.yaml"), "compose.yaml");
    }
}

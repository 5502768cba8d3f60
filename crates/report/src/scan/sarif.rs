//! SARIF 2.1.0 (OASIS): a rule for each weakness, a result for each package that has it.

use std::collections::BTreeMap;
use std::io::{self, Write};

use dockward_model::facts::Origin;
use dockward_model::inventory::Package;
use dockward_model::verdict::{Scan, Scanned, Vulnerability};
use serde_json::{Value, json};

use super::told;
use crate::sarif::{level, score, uri};

pub(super) fn write(scan: &Scan, out: &mut dyn Write) -> io::Result<()> {
    let log = json!({
        "$schema": "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json",
        "version": "2.1.0",
        "runs": scan.scanned.iter().map(|one| run(scan, one)).collect::<Vec<_>>(),
    });
    serde_json::to_writer_pretty(&mut *out, &log)?;
    writeln!(out)
}

/// A run a target, so that each replaces its own results where they are kept.
fn run(scan: &Scan, one: &Scanned) -> Value {
    let mut rules: BTreeMap<&str, (usize, Value)> = BTreeMap::new();
    let counted = one.vulnerabilities.iter().filter(|v| v.counts() || v.waived.is_some());
    let results: Vec<_> = counted
        .filter_map(|found| {
            let next = rules.len();
            let rule = rules.entry(&found.matched.id).or_insert_with(|| (next, rule(found)));
            Some(result(one, found, one.package(found)?, rule.0))
        })
        .collect();
    let mut rules: Vec<_> = rules.into_values().collect();
    rules.sort_by_key(|(index, _)| *index);
    let missing = told::missing(scan).into_iter();
    let missing = missing.map(|text| json!({ "level": "warning", "message": { "text": text } }));
    json!({
        "tool": { "driver": {
            "name": "Dockward",
            "semanticVersion": scan.version,
            "rules": rules.into_iter().map(|(_, rule)| rule).collect::<Vec<_>>(),
        }},
        "automationDetails": { "id": format!("dockward/scan/{}", one.inventory.target.name) },
        "invocations": [{
            "executionSuccessful": true,
            "endTimeUtc": scan.now.to_string(),
            "toolExecutionNotifications": missing.collect::<Vec<_>>(),
            "properties": { "complete": scan.complete },
        }],
        "results": results,
    })
}

fn rule(found: &Vulnerability) -> Value {
    let advisory = &found.matched.advisory;
    let summary = if advisory.summary.is_empty() { &found.matched.id } else { &advisory.summary };
    let mut rule = json!({
        "id": found.matched.id,
        "name": found.matched.id,
        "shortDescription": { "text": summary },
        "help": { "text": format!("{}, {}", told::rated(found), advisory.id) },
        "defaultConfiguration": { "level": level(found.severity) },
        "properties": {
            "security-severity": score(found.severity),
            "tags": ["security", "vulnerability"],
        },
    });
    if advisory.url.starts_with("https://") || advisory.url.starts_with("http://") {
        rule["helpUri"] = json!(uri_of(&advisory.url));
    }
    rule
}

/// An address that others wrote, with nothing in it that an address can't hold (RFC 3986).
fn uri_of(url: &str) -> String {
    let (scheme, rest) = url.split_once("://").unwrap_or(("https", url));
    format!("{scheme}://{}", uri(rest.trim_start_matches('/')))
}

fn result(one: &Scanned, found: &Vulnerability, package: &Package, rule: usize) -> Value {
    let matched = &found.matched;
    let name = &one.inventory.target.name;
    let fix = match matched.fixes.first() {
        Some(fix) => format!("mended in {fix}"),
        None => matched.state.name().to_owned(),
    };
    let mut words = vec![told::rated(found), fix];
    words.extend(told::urgent(found));
    let text = format!(
        "{} {} in {name}: {}: {}",
        package.name,
        package.version,
        matched.id,
        words.join(", ")
    );
    let (path, line) = match &package.origin {
        Origin::File { path, line } => (uri(path), line.unwrap_or(1).max(1)),
        _ => (uri(name), 1),
    };
    let mut result = json!({
        "ruleId": matched.id,
        "ruleIndex": rule,
        "level": if found.waived.is_some() { "note" } else { level(found.severity) },
        "message": { "text": text },
        "locations": [{
            "logicalLocations": [{
                "name": package.name,
                "fullyQualifiedName": format!("{name}/{}", package.name),
                "kind": "package",
            }],
            "physicalLocation": {
                "artifactLocation": { "uri": path },
                "region": { "startLine": line },
            },
        }],
        "partialFingerprints": {
            "dockward/v1": format!("{}/{}/{}", matched.id, package.name, name),
        },
        "properties": {
            "security-severity": score(found.severity),
            "compared": told::compared(matched),
            "advisory": matched.advisory.id,
        },
    });
    if let Some(waived) = &found.waived {
        let justification = format!("{} ({})", waived.reason, waived.owner);
        result["suppressions"] = json!([{ "kind": "external", "justification": justification }]);
    }
    result
}

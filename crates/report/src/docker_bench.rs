//! JSON in the shape of docker-bench-security (its `functions/output_lib.sh`), for tools that import
//! that: numbers of CIS 1.6, results PASS, WARN, NOTE and INFO.

use std::io::{self, Write};

use dockward_model::verdict::{Answer, Finding, Report, Row, Status, Table};
use serde_json::{Value, json};

/// How many items a result names.
const ITEMS: usize = 1000;

const SECTIONS: [(&str, &str); 7] = [
    ("1", "Host"),
    ("2", "Daemon"),
    ("3", "Files of the daemon"),
    ("4", "Images"),
    ("5", "Containers"),
    ("6", "Operations"),
    ("7", "Swarm"),
];

/// Writes a report; without a table, which the caller makes, there are no tests in it.
pub(crate) fn write(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    let empty = Vec::new();
    let rows = report.docker_bench.as_ref().map_or(&empty, |table: &Table| &table.rows);
    let section = |(id, desc): (&str, &str)| {
        let of = rows.iter().filter(|row| row.recommendation.number.split('.').next() == Some(id));
        json!({ "id": id, "desc": desc, "results": of.map(|row| result(row, report)).collect::<Vec<_>>() })
    };
    let count = |answer| rows.iter().filter(|row| row.answer == answer).count() as i64;
    let at = report.now.as_second();
    let log = json!({
        "dockerbenchsecurity": format!("dockward {}", report.version),
        "start": at,
        "tests": SECTIONS.map(section),
        "checks": rows.len(),
        "score": count(Answer::Pass) - count(Answer::Fail),
        "end": at,
    });
    serde_json::to_writer_pretty(&mut *out, &log)?;
    writeln!(out)
}

fn result(row: &Row, report: &Report) -> Value {
    let of = report.findings.iter().filter(|f| row.rules.contains(&f.rule.as_str()));
    let telling: Vec<&Finding> = of.filter(|finding| tells(finding, row.answer)).collect();
    let mut result = json!({
        "id": row.recommendation.number,
        "desc": row.recommendation.title,
        "result": word(row.answer),
    });
    let Some(first) = telling.first() else {
        if matches!(row.answer, Answer::NotApplicable | Answer::NotJudged) {
            result["details"] = json!(row.answer.name());
        }
        return result;
    };
    result["details"] = json!(format!("{}: {}", row.answer.name(), first.message));
    let names = telling.iter().take(ITEMS).map(|f| f.subject.name());
    result["items"] = json!(names.collect::<Vec<_>>());
    if !first.fix.is_empty() {
        result["remediation"] = json!(first.fix);
    }
    result
}

/// Whether this finding is why the row is answered so.
const fn tells(finding: &Finding, answer: Answer) -> bool {
    match (answer, finding.waived.is_some()) {
        (Answer::Waived, waived) => waived,
        (Answer::Fail, false) => matches!(finding.status, Status::Fail),
        (Answer::Unknown, false) => matches!(finding.status, Status::Unknown),
        (Answer::Review, false) => matches!(finding.status, Status::Review),
        _ => false,
    }
}

const fn word(answer: Answer) -> &'static str {
    match answer {
        Answer::Pass => "PASS",
        Answer::Fail => "WARN",
        Answer::Review => "NOTE",
        Answer::Unknown | Answer::Waived | Answer::NotApplicable | Answer::NotJudged => "INFO",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample;

    fn bench(report: &Report) -> Value {
        let mut out = Vec::new();
        write(report, &mut out).unwrap();
        serde_json::from_slice(&out).unwrap()
    }

    #[test]
    fn the_sample_reads_so() {
        insta::assert_json_snapshot!(bench(&sample::audited()));
    }

    #[test]
    fn hostile_names_are_values_and_nothing_else() {
        let log = bench(&sample::hostile());
        assert_eq!(log["tests"].as_array().map(Vec::len), Some(7));
        let text = log.to_string();
        assert!(!text.contains('\u{1b}'), "JSON escapes it");
    }

    #[test]
    fn the_score_is_passes_less_failures() {
        let log = bench(&sample::audited());
        assert_eq!((log["checks"].as_i64(), log["score"].as_i64()), (Some(7), Some(0)));
    }
}

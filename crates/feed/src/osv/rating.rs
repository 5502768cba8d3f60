//! How bad a weakness is: the vendor's words first, since it knows how its package is built; then a
//! CVSS vector. What nobody rated stays unrated.

use std::str::FromStr;

use dockward_model::inventory::{RatedBy, Rating};
use dockward_model::verdict::Severity;
use serde_json::Value;

use super::line;
use super::record::{Affected, Record, Score};

/// Of the record as a whole.
pub(super) fn of(record: &Record) -> Rating {
    let own = record.database_specific.severity.as_str();
    let words = priority(&record.severity).into_iter().chain(own);
    let vendor = words.chain(first_word(&record.summary)).find_map(by_word);
    let only = match record.affected.as_slice() {
        [affected] => of_package(affected),
        _ => None,
    };
    vendor.or_else(|| by_score(&record.severity)).or(only).unwrap_or_default()
}

/// Of one package, where the record rates it apart.
pub(super) fn of_package(affected: &Affected) -> Option<Rating> {
    let specific = [&affected.ecosystem_specific, &affected.database_specific];
    let words = specific.into_iter().flat_map(|words| {
        [&words.ubuntu_priority, &words.urgency, &words.severity].map(Value::as_str)
    });
    let vendor = priority(&affected.severity).into_iter().chain(words.flatten()).find_map(by_word);
    vendor.or_else(|| by_score(&affected.severity))
}

/// Ubuntu's priority (OSV 1.7, `severity[].type`).
fn priority(scores: &[Score]) -> Option<&str> {
    scores.iter().find(|score| score.kind == "Ubuntu").map(|score| score.score.as_str())
}

/// `Important: firefox security update` of Red Hat and its kin.
fn first_word(summary: &str) -> Option<&str> {
    summary.split_once(':').map(|(word, _)| word)
}

/// The words of Ubuntu's priorities, of Debian's urgencies (`**` is an old mark of theirs), of Red
/// Hat's and GitHub's ratings.
fn by_word(word: &str) -> Option<Rating> {
    let plain = word.trim_end_matches('*').to_ascii_lowercase();
    let severity = match plain.as_str() {
        "critical" => Severity::Critical,
        "high" | "important" => Severity::High,
        "medium" | "moderate" => Severity::Medium,
        "low" => Severity::Low,
        "negligible" | "unimportant" => Severity::Info,
        _ => return None,
    };
    Some(Rating {
        severity: Some(severity),
        by: RatedBy::Vendor,
        written: line(word),
        ..Rating::default()
    })
}

/// The newest version of CVSS that is there.
fn by_score(scores: &[Score]) -> Option<Rating> {
    ["CVSS_V4", "CVSS_V3", "CVSS_V2"].into_iter().find_map(|kind| {
        let vector = scores.iter().find(|score| score.kind == kind)?.score.as_str();
        let severity = cvss(kind, vector)?;
        let written = line(vector);
        Some(Rating { severity: Some(severity), by: RatedBy::Cvss, written, ..Rating::default() })
    })
}

fn cvss(kind: &str, vector: &str) -> Option<Severity> {
    if vector.len() > super::LONGEST_TEXT {
        return None;
    }
    let score = match kind {
        "CVSS_V4" => cvss::v4::Vector::from_str(vector).ok()?.score().value(),
        "CVSS_V3" => cvss::v3::Vector::from_str(vector).ok()?.base_score().value(),
        _ => cvss::v2::Vector::from_str(vector).ok()?.score().value(),
    };
    // The qualitative scale of CVSS 3.1 and 4.0; NVD uses it for 2.0 as well, but for `critical`.
    Some(match score {
        score if score >= 9.0 && kind != "CVSS_V2" => Severity::Critical,
        score if score >= 7.0 => Severity::High,
        score if score >= 4.0 => Severity::Medium,
        score if score > 0.0 => Severity::Low,
        _ => Severity::Info,
    })
}

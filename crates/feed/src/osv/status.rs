//! What an export's own words make of a package.

use dockward_advisory::database::Status;
use serde_json::Value;

use super::line;
use super::record::PackageWords;

/// Status and note. Words that are not known are kept in the note, and the ranges decide.
pub(super) fn of(specific: [&PackageWords; 2]) -> (Status, String) {
    let words = specific.iter().flat_map(|words| {
        [&words.debian_status, &words.ubuntu_status, &words.advisory_status, &words.status]
    });
    let mut words = words.filter_map(Value::as_str);
    let mut urgency = specific.iter().filter_map(|words| words.urgency.as_str());
    let ended = urgency.find(|urgency| *urgency == "end-of-life");
    let Some(word) = words.next().or(ended) else {
        return (Status::Affected, note(specific, ""));
    };
    let (status, plain) = meaning(word);
    (status, note(specific, if plain { "" } else { word }))
}

/// What a word means, and whether the status says all of it.
fn meaning(word: &str) -> (Status, bool) {
    match word {
        "fixed" | "needed" | "active" | "unfixed" | "affected" => (Status::Affected, true),
        "deferred" | "postponed" => (Status::Deferred, true),
        "end-of-life" | "fix-not-planned" | "ignored" | "wont-fix" | "will-not-fix" | "no-dsa" => {
            (Status::WillNotFix, false)
        }
        "needs-triage" | "under-investigation" | "undetermined" => (Status::Undecided, false),
        "not-affected" | "not_affected" | "DNE" => (Status::NotAffected, false),
        // `pending`, `pending-upstream-fix`, `true-positive-determination`, and what is to come.
        _ => (Status::Affected, false),
    }
}

fn note(specific: [&PackageWords; 2], word: &str) -> String {
    let own = specific.iter().find_map(|words| words.note.as_str()).unwrap_or_default();
    let joint = if word.is_empty() || own.is_empty() { "" } else { ": " };
    line(&format!("{word}{joint}{own}"))
}

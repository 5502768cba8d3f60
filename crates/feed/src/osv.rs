//! A record of OSV (ossf.github.io/osv-schema, 1.7), and what is understood of it.
//!
//! Beside the schema, each export has words of its own in `database_specific` and
//! `ecosystem_specific`; those that decide are read in `status` and `rating`.

mod rating;
mod record;
mod rows;
mod status;

use dockward_advisory::database::write::NewRow;
use dockward_model::inventory::AdvisoryFacts;
use jiff::Timestamp;

pub(crate) use record::Record;

/// The longest text that is kept of a record, in characters.
pub(crate) const LONGEST_TEXT: usize = 300;
/// How many names are kept of one advisory.
const MOST_NAMES: usize = 10_000;

/// What is understood of a record.
#[derive(Debug, Clone, PartialEq)]
pub struct Understood {
    /// The advisory. Its source is the ecosystem without a release.
    pub advisory: AdvisoryFacts,
    /// What it says of packages; none where it was withdrawn.
    pub rows: Vec<NewRow>,
    /// How many packages it names without versions that could be compared (commits only).
    pub unusable: u64,
    /// Whether it was withdrawn: it takes the place of an older form of itself, and says nothing.
    pub withdrawn: bool,
}

/// Reads a record.
///
/// # Errors
/// In a person's words, when it is not OSV, or says nothing that a database needs.
pub fn understand(json: &[u8]) -> Result<Understood, String> {
    let record: Record = serde_json::from_slice(json).map_err(|error| error.to_string())?;
    if record.id.is_empty() || record.id.len() > LONGEST_TEXT {
        return Err("it has no id".to_owned());
    }
    let modified: Timestamp = record
        .modified
        .parse()
        .map_err(|_| format!("`modified` is no time: {}", line(&record.modified)))?;
    let (mut rows, mut unusable) = (Vec::new(), 0);
    let withdrawn = record.withdrawn.is_some();
    if !withdrawn {
        rows::of(&record, &mut rows, &mut unusable)?;
    }
    let source = record.source(&rows).ok_or("it names no package")?;
    let advisory = AdvisoryFacts {
        id: record.id.clone(),
        cves: cves(&record),
        aliases: aliases(&record),
        summary: summary(&record),
        rating: rating::of(&record),
        published: record.published.as_deref().and_then(|time| time.parse().ok()),
        modified: Some(modified),
        url: url(&record),
        source,
    };
    Ok(Understood { advisory, rows, unusable, withdrawn })
}

/// Whether it is an update of a distribution's that mends no weakness: Alma, Rocky and Red Hat
/// number bug fixes and enhancements as they do security updates.
pub(crate) fn is_no_weakness(advisory: &AdvisoryFacts) -> bool {
    let kind = advisory.id.get(..4).unwrap_or_default();
    advisory.cves.is_empty() && ["ALBA", "ALEA", "RLBA", "RLEA", "RHBA", "RHEA"].contains(&kind)
}

/// `upstream` and `aliases` say what a record is about; `related` may only be near it, but is where
/// Alma and SUSE have the CVE numbers. Where none has one, the record's own id may.
fn cves(record: &Record) -> Vec<String> {
    let is_cve = |name: &&String| dockward_advisory::database::cve_number(name).is_some();
    let mut found: Vec<String> =
        record.upstream.iter().chain(&record.aliases).filter(is_cve).cloned().collect();
    if found.is_empty() {
        found = record.related.iter().filter(is_cve).cloned().collect();
    }
    if found.is_empty() {
        let own = record.id.find("CVE-").and_then(|at| record.id.get(at..)).map(str::to_owned);
        found.extend(own.filter(|own| is_cve(&own)));
    }
    in_order(found)
}

fn aliases(record: &Record) -> Vec<String> {
    let is_cve = |name: &String| dockward_advisory::database::cve_number(name).is_some();
    let all = record.aliases.iter().chain(&record.upstream);
    in_order(all.filter(|name| !is_cve(name) && **name != record.id).cloned().collect())
}

fn in_order(mut names: Vec<String>) -> Vec<String> {
    names.retain(|name| !name.is_empty() && name.len() <= LONGEST_TEXT);
    names.sort_unstable();
    names.dedup();
    names.truncate(MOST_NAMES);
    names
}

/// The record's own line, else the first sentence of its text.
fn summary(record: &Record) -> String {
    let own = record.summary.trim();
    if !own.is_empty() {
        return line(own);
    }
    let text = record.details.trim();
    let paragraph = text.split("\n\n").next().unwrap_or_default();
    line(paragraph.split_inclusive(". ").next().unwrap_or_default().trim())
}

/// The advisory's own page, else the first address.
fn url(record: &Record) -> String {
    let is_page = |url: &str| url.starts_with("https://") || url.starts_with("http://");
    let pages = || record.references.iter().filter(|reference| is_page(&reference.url));
    let own = pages().find(|reference| reference.kind == "ADVISORY").or_else(|| pages().next());
    own.map(|reference| line(&reference.url)).unwrap_or_default()
}

/// A text as one line without control characters, cut where it is long.
pub(crate) fn line(text: &str) -> String {
    let clean = text.split_whitespace().flat_map(|word| [" ", word]).skip(1).flat_map(str::chars);
    let clean = clean.map(|c| if c.is_control() { '\u{fffd}' } else { c });
    let mut out: String = clean.take(LONGEST_TEXT + 1).collect();
    if out.chars().count() > LONGEST_TEXT {
        out = out.chars().take(LONGEST_TEXT - 1).chain(['…']).collect();
    }
    out
}

#[cfg(test)]
mod tests;

//! What a record says of packages.

use dockward_advisory::database::write::{NewEvent, NewRange, NewRow};
use dockward_advisory::database::{RangeKind, Status};
use serde_json::Value;

use super::record::{Affected, Event, Range, Record};
use super::{LONGEST_TEXT, line, rating, status};

/// How many packages one record may name. The kernel's have some thousands.
const MOST: usize = 100_000;

/// Adds a row for each package, and counts those without versions that could be compared.
pub(super) fn of(
    record: &Record,
    rows: &mut Vec<NewRow>,
    unusable: &mut u64,
) -> Result<(), String> {
    if record.affected.len() > MOST {
        return Err(format!("it names more than {MOST} packages"));
    }
    let streams = streams(&record.summary);
    let apart = record.affected.len() > 1;
    for affected in &record.affected {
        let (ecosystem, name) = (&affected.package.ecosystem, &affected.package.name);
        if name.is_empty() || ecosystem.is_empty() {
            *unusable += 1;
            continue;
        }
        if name.len().max(ecosystem.len()) > LONGEST_TEXT {
            return Err("a package's name is too long".to_owned());
        }
        match row(affected, &streams, apart)? {
            Some(row) => rows.push(row),
            None => *unusable += 1,
        }
    }
    statements(record, rows);
    Ok(())
}

fn row(affected: &Affected, streams: &str, apart: bool) -> Result<Option<NewRow>, String> {
    let (status, note) = status::of([&affected.database_specific, &affected.ecosystem_specific]);
    let usable = |range: &&Range| range.kind == "ECOSYSTEM" || range.kind == "SEMVER";
    let ranges: Vec<NewRange> =
        affected.ranges.iter().filter(usable).map(range).collect::<Result<_, _>>()?;
    let says_nothing = ranges.iter().all(|range| range.events.is_empty());
    let by_ranges = !matches!(status, Status::NotAffected | Status::Undecided);
    if says_nothing && affected.versions.is_empty() && by_ranges {
        return Ok(None);
    }
    let modular = ranges.iter().flat_map(|range| &range.events).any(is_modular);
    Ok(Some(NewRow {
        ecosystem: affected.package.ecosystem.clone(),
        name: affected.package.name.clone(),
        status,
        note,
        architecture: architecture(&affected.package.purl),
        module: if modular { streams.to_owned() } else { String::new() },
        rating: if apart { rating::of_package(affected) } else { None },
        ranges,
        versions: affected.versions.clone(),
    }))
}

fn range(range: &Range) -> Result<NewRange, String> {
    let kind = if range.kind == "SEMVER" { RangeKind::Semver } else { RangeKind::Ecosystem };
    let mut events = Vec::new();
    for Event { introduced, fixed, last_affected, limit } in &range.events {
        events.extend(introduced.clone().map(NewEvent::Introduced));
        events.extend(fixed.clone().map(NewEvent::Fixed));
        events.extend(last_affected.clone().map(NewEvent::LastAffected));
        // `*` is no limit at all.
        events.extend(limit.clone().filter(|limit| limit != "*").map(NewEvent::Limit));
    }
    if !events.is_empty() && !events.iter().any(|event| matches!(event, NewEvent::Introduced(_))) {
        return Err("a range does not say where it begins".to_owned());
    }
    Ok(NewRange { kind, events })
}

/// A build of a module: `1.2-3.module_el9…` of Alma, `.module+el8…` of the others.
fn is_modular(event: &NewEvent) -> bool {
    let NewEvent::Fixed(version) = event else { return false };
    version.contains(".module")
}

/// The streams that a summary names (`nodejs:20 security update`), or `*` where it names none.
fn streams(summary: &str) -> String {
    let good = |text: &str| {
        !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"._-".contains(&b))
    };
    let is_stream =
        |word: &&str| word.split_once(':').is_some_and(|(name, stream)| good(name) && good(stream));
    let is_id = |word: &&str| word.get(2..5) == Some("SA-");
    let found: Vec<&str> =
        summary.split_whitespace().filter(is_stream).filter(|word| !is_id(word)).collect();
    if found.is_empty() { "*".to_owned() } else { line(&found.join(" ")) }
}

/// The `arch` of a package URL; a source's is none.
fn architecture(purl: &str) -> String {
    let qualifiers = purl.split_once('?').map(|(_, rest)| rest).unwrap_or_default();
    let qualifiers = qualifiers.split('#').next().unwrap_or_default();
    let arch = qualifiers.split('&').find_map(|pair| pair.strip_prefix("arch="));
    let of_source = |arch: &&str| ["source", "src", "all", "noarch", "any"].contains(arch);
    arch.filter(|arch| !of_source(arch)).map(line).unwrap_or_default()
}

/// What is said of packages beside `affected`.
fn statements(record: &Record, rows: &mut Vec<NewRow>) {
    let words = &record.database_specific;
    let list = |value: &Value| value.as_array().cloned().unwrap_or_default();
    for one in list(&words.not_affected) {
        let text = |key: &str| one.get(key).and_then(Value::as_str).map(line);
        if let (Some(ecosystem), Some(name)) = (text("ecosystem"), text("name")) {
            let note = "the advisory says that it is not affected".to_owned();
            rows.push(NewRow {
                ecosystem,
                name,
                status: Status::NotAffected,
                note,
                ..NewRow::default()
            });
        }
    }
    for one in list(&words.untriaged) {
        if let Some((ecosystem, name)) = one.as_str().and_then(|text| text.rsplit_once('/')) {
            let (ecosystem, name) = (line(ecosystem), line(name));
            let note = "not looked into yet".to_owned();
            rows.push(NewRow {
                ecosystem,
                name,
                status: Status::Undecided,
                note,
                ..NewRow::default()
            });
        }
    }
}

//! Whether a version lies in what a row says, as OSV's own evaluation has it (ossf.github.io/osv-schema,
//! "Evaluation"), and what mends it. Nothing is allocated to find that it does not.

use std::fmt::Write as _;

use crate::database::{Damaged, Event, Range, Row};

pub(crate) use crate::order::Compare;

/// Where a version lies in a row.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Place<'a> {
    /// In none of its ranges and lists.
    Outside,
    /// In this range.
    In(Range<'a>),
    /// It is listed.
    Listed,
}

/// Where `version` lies.
pub(crate) fn place<'a>(
    row: &Row<'a>,
    version: &str,
    compare: Compare,
) -> Result<Place<'a>, Damaged> {
    for range in row.ranges() {
        let range = range?;
        if lies_in(&range, version, compare)? {
            return Ok(Place::In(range));
        }
    }
    for listed in row.versions() {
        if compare(listed?, version).is_eq() {
            return Ok(Place::Listed);
        }
    }
    Ok(Place::Outside)
}

/// The last version at or before this one in which the weakness came, if it did not go since.
fn lies_in(range: &Range<'_>, version: &str, compare: Compare) -> Result<bool, Damaged> {
    let Some(since) = introduced(range, version, compare)? else { return Ok(false) };
    let (mut limits, mut below) = (false, false);
    for event in range.events() {
        let gone = match event? {
            Event::Introduced(_) => false,
            Event::Fixed(fixed) => {
                at_or_before(fixed, version, compare) && from(since, fixed, compare)
            }
            Event::LastAffected(last) => {
                compare(last, version).is_lt() && from(since, last, compare)
            }
            Event::Limit(limit) => {
                limits = true;
                below |= compare(version, limit).is_lt();
                false
            }
        };
        if gone {
            return Ok(false);
        }
    }
    Ok(!limits || below)
}

fn introduced<'a>(
    range: &Range<'a>,
    version: &str,
    compare: Compare,
) -> Result<Option<&'a str>, Damaged> {
    let mut last = None;
    for event in range.events() {
        let Event::Introduced(since) = event? else { continue };
        let here = since == "0" || compare(since, version).is_le();
        if here && last.is_none_or(|last| from(last, since, compare)) {
            last = Some(since);
        }
    }
    Ok(last)
}

/// Whether `later` is at or after `since`; `0` is before everything.
fn from(since: &str, later: &str, compare: Compare) -> bool {
    since == "0" || (later != "0" && compare(since, later).is_le())
}

/// `0` as a fix: no version ever had it.
fn at_or_before(fixed: &str, version: &str, compare: Compare) -> bool {
    fixed == "0" || compare(fixed, version).is_le()
}

/// Whether a row says that no version ever had the weakness: it is fixed in `0`.
pub(crate) fn never(row: &Row<'_>) -> bool {
    let events = row.ranges().flatten().flat_map(|range| range.events().flatten());
    let mut fixes = events.filter_map(|event| match event {
        Event::Fixed(fixed) => Some(fixed),
        _ => None,
    });
    fixes.next() == Some("0") && fixes.next().is_none() && row.versions().next().is_none()
}

/// The versions of a row's `fixed` events that are after `version`.
pub(crate) fn fixes<'a>(
    row: &Row<'a>,
    version: &'a str,
    compare: Compare,
) -> impl Iterator<Item = &'a str> {
    let events = row.ranges().flatten().flat_map(|range| range.events().flatten());
    events.filter_map(move |event| match event {
        Event::Fixed(fixed) if compare(fixed, version).is_gt() => Some(fixed),
        _ => None,
    })
}

/// A range as people write it: `>= 0, < 1.18.0-6.1+deb11u3`.
pub(crate) fn written(place: &Place<'_>, row: &Row<'_>, version: &str) -> String {
    match place {
        Place::Listed => format!("= {version}"),
        Place::In(range) => events(*range),
        Place::Outside => {
            let all: Vec<String> = row.ranges().flatten().map(events).collect();
            all.join(" or ")
        }
    }
}

fn events(range: Range<'_>) -> String {
    let mut out = String::new();
    for event in range.events().flatten() {
        let (joint, sign, version) = match event {
            Event::Introduced(version) => (" or ", ">= ", version),
            Event::Fixed(version) => (", ", "< ", version),
            Event::LastAffected(version) => (", ", "<= ", version),
            Event::Limit(version) => (", ", "up to ", version),
        };
        let joint = if out.is_empty() { "" } else { joint };
        // Writing to a string cannot fail.
        let _ = write!(out, "{joint}{sign}{version}");
    }
    out
}

//! Waivers: findings that somebody accepts, for a reason and mostly for a time.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use dockward_model::facts::Origin;
use dockward_model::verdict::{Finding, Subject, Waived};
use jiff::civil::Date;

use crate::config::rule_pattern;
use crate::glob::Glob;
use crate::problems::{Found, Kind};
use crate::raw::{RawDate, RawWaiver, Slot, Span};
use crate::selector::{Selector, selectors};
use crate::shown::shown;

/// How many waivers a file may have.
pub const MAX_WAIVERS: usize = 1000;

/// A finding that somebody accepts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Waiver {
    /// The rules that it is for.
    pub rule: Glob,
    /// What it is for: all of these have to match. Never empty.
    pub selectors: Vec<Selector>,
    /// Who answers for it.
    pub owner: String,
    /// Why it is accepted.
    pub reason: String,
    /// The last day on which it holds; absent where it is permanent.
    pub until: Option<Date>,
    /// Its line in the file.
    pub origin: Origin,
}

impl Waiver {
    /// Whether it is for what was found, expired or not.
    #[must_use]
    pub fn covers(&self, finding: &Finding) -> bool {
        self.rule.matches(finding.rule.as_str()) && self.selects(&finding.subject)
    }

    /// Whether it is for this subject, whatever the rule, expired or not.
    #[must_use]
    pub fn selects(&self, subject: &Subject) -> bool {
        !self.selectors.is_empty() && self.selectors.iter().all(|s| s.matches(subject))
    }

    /// Whether its last day is over.
    #[must_use]
    pub fn expired(&self, today: Date) -> bool {
        self.until.is_some_and(|until| until < today)
    }

    pub(crate) fn mark(&self) -> Waived {
        Waived {
            owner: self.owner.clone(),
            reason: self.reason.clone(),
            until: self.until.map(|day| day.to_string()),
            origin: self.origin.clone(),
        }
    }
}

/// Reads all waivers of a file, and says what is wrong with them.
pub(crate) fn waivers(
    raw: &[RawWaiver<'_>],
    file: &str,
    known: &[&str],
    found: &mut Found<'_>,
) -> Vec<Waiver> {
    if let Some(first_too_many) = raw.get(MAX_WAIVERS) {
        let message = format!("there are more than {MAX_WAIVERS} waivers");
        found.add(Kind::TooMuch, first_too_many.header.clone(), message, || {
            Some("one waiver with patterns can stand for many".to_owned())
        });
    }
    let mut lines = BTreeMap::new();
    let mut all = Vec::new();
    for raw in raw.iter().take(MAX_WAIVERS) {
        let line = found.source.line(raw.header.start);
        let Some(waiver) = read(raw, Origin::file(file, Some(line)), known, found) else {
            continue;
        };
        let same = (waiver.rule.clone(), waiver.selectors.clone());
        match lines.entry(same) {
            Entry::Vacant(free) => {
                free.insert(line);
            }
            Entry::Occupied(first) => duplicate(*first.get(), raw, found),
        }
        all.push(waiver);
    }
    all
}

fn duplicate(first: u32, raw: &RawWaiver<'_>, found: &mut Found<'_>) {
    let message = format!("this waiver is for the same as the one in line {first}");
    found.add(Kind::Duplicate, raw.header.clone(), message, || {
        Some("keep one of them, with the later day".to_owned())
    });
}

fn read(
    raw: &RawWaiver<'_>,
    origin: Origin,
    known: &[&str],
    found: &mut Found<'_>,
) -> Option<Waiver> {
    let header = &raw.header;
    let rule = required("rule", "the id of a rule, or a pattern", &raw.rule, header, found);
    let rule = rule.and_then(|(span, text)| rule_pattern(text, span, known, found));
    let selectors = selectors(raw, found);
    let who = "who answers for it: a person, a team, an address";
    let owner = required("owner", who, &raw.owner, header, found);
    let reason = required("reason", "why it is accepted", &raw.reason, header, found);
    let until = until(raw, found);
    Some(Waiver {
        rule: rule?,
        selectors,
        owner: owner?.1.to_owned(),
        reason: reason?.1.to_owned(),
        until: until?,
        origin,
    })
}

/// The text of a field that has to be there and to say something.
fn required<'a>(
    field: &str,
    what: &str,
    slot: &Slot<&'a str>,
    header: &Span,
    found: &mut Found<'_>,
) -> Option<(Span, &'a str)> {
    if slot.is_absent() {
        let message = format!("this waiver has no `{field}`");
        found.add(Kind::Missing, header.clone(), message, || {
            Some(format!("add `{field} = \"…\"`: {what}"))
        });
    }
    let value = slot.there()?;
    if value.get_ref().trim().is_empty() {
        let message = format!("`{field}` is empty");
        found.add(Kind::Empty, value.span(), message, || Some(format!("say {what}")));
        return None;
    }
    Some((value.span(), value.get_ref()))
}

/// The last day, or none of a permanent waiver; nothing where that isn't clear.
fn until(raw: &RawWaiver<'_>, found: &mut Found<'_>) -> Option<Option<Date>> {
    let permanent = raw.permanent.there().filter(|on| *on.get_ref());
    match (&raw.until, permanent) {
        (Slot::Absent, Some(_)) => Some(None),
        (Slot::Absent, None) => {
            found.add(Kind::Missing, raw.header.clone(), "this waiver has no `until`", || {
                let day = "add the last day on which it holds, such as `until = 2027-03-31`";
                Some(format!("{day}, or `permanent = true`"))
            });
            None
        }
        (Slot::Wrong, _) => None,
        (Slot::There(date), Some(permanent)) => {
            let message = "a waiver that has `until` is not permanent";
            found.add(Kind::Conflict, permanent.span(), message, || {
                Some("leave out one of the two".to_owned())
            });
            day(date.get_ref(), date.span(), found).map(Some)
        }
        (Slot::There(date), None) => day(date.get_ref(), date.span(), found).map(Some),
    }
}

fn day(date: &RawDate<'_>, span: Span, found: &mut Found<'_>) -> Option<Date> {
    let written = match date {
        RawDate::Text(text) => digits(text),
        RawDate::Toml(date) if date.time.is_some() || date.offset.is_some() => None,
        RawDate::Toml(date) => date.date.map(|d| (d.year, d.month, d.day)),
    };
    let shown = match date {
        RawDate::Text(text) => shown(text),
        RawDate::Toml(date) => date.to_string(),
    };
    let Some((year, month, day)) = written else {
        found.add(Kind::BadDate, span, format!("`{shown}` is not a day"), || {
            Some("write year, month and day: 2027-03-31".to_owned())
        });
        return None;
    };
    let date = i16::try_from(year).ok().zip(i8::try_from(month).ok().zip(i8::try_from(day).ok()));
    let date = date.and_then(|(year, (month, day))| Date::new(year, month, day).ok());
    if date.is_none() {
        found.add(Kind::BadDate, span, format!("the calendar has no day `{shown}`"), || None);
    }
    date
}

/// Year, month and day of `YYYY-MM-DD`, and of no other form.
fn digits(text: &str) -> Option<(u16, u8, u8)> {
    let mut parts = text.split('-');
    let (year, month, day) = (parts.next()?, parts.next()?, parts.next()?);
    let form = parts.next().is_none() && (year.len(), month.len(), day.len()) == (4, 2, 2);
    let plain = [year, month, day].iter().all(|part| part.bytes().all(|b| b.is_ascii_digit()));
    if !form || !plain {
        return None;
    }
    Some((year.parse().ok()?, month.parse().ok()?, day.parse().ok()?))
}

#[cfg(test)]
mod tests;

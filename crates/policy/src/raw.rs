//! The first of two steps: TOML to the settings as written, each with its place. Says what is
//! unknown or of the wrong type; what a value means is for the second step.

mod guard;
mod value;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::near;
use crate::problems::{Found, Kind};
use crate::shown::shown;
use crate::webhook;
pub(crate) use guard::{RawCaller, RawGuard};
pub(crate) use value::{RawDate, Slot, Span};
use value::{boolean, date, string, strings, wrong};

/// The settings of a file.
pub(crate) const SETTINGS: [&str; 9] =
    ["fail-on", "only", "skip", "severity", "images", "scan", "guard", "waiver", "webhook"];

/// The fields of a webhook.
pub(crate) const WEBHOOK: [&str; 3] = ["url", "secret-file", "always"];

/// The fields of `[scan]`.
pub(crate) const SCAN: [&str; 3] = ["fail-on", "unrated", "stale-after"];

/// The fields of a waiver.
const FIELDS: [&str; 14] = [
    "rule",
    "container",
    "label",
    "image",
    "compose",
    "resource",
    "package",
    "vulnerability",
    "host",
    "daemon",
    "owner",
    "reason",
    "until",
    "permanent",
];

/// A file as written.
#[derive(Default)]
pub(crate) struct RawConfig<'a> {
    pub(crate) fail_on: Slot<&'a str>,
    pub(crate) only: Slot<Vec<Spanned<&'a str>>>,
    pub(crate) skip: Slot<Vec<Spanned<&'a str>>>,
    pub(crate) severity: Vec<(Spanned<&'a str>, Spanned<&'a str>)>,
    /// `trusted` of `[images]`.
    pub(crate) trusted: Slot<Vec<Spanned<&'a str>>>,
    pub(crate) scan: RawScan<'a>,
    pub(crate) guard: RawGuard<'a>,
    pub(crate) waivers: Vec<RawWaiver<'a>>,
    pub(crate) webhook: Option<RawWebhook<'a>>,
}

/// `[scan]` as written.
#[derive(Default)]
pub(crate) struct RawScan<'a> {
    pub(crate) fail_on: Slot<&'a str>,
    pub(crate) unrated: Slot<&'a str>,
    pub(crate) stale_after: Slot<&'a str>,
}

/// A webhook as written.
#[derive(Default)]
pub(crate) struct RawWebhook<'a> {
    /// Its `[webhook]`.
    pub(crate) header: Span,
    pub(crate) url: Slot<&'a str>,
    pub(crate) secret_file: Slot<&'a str>,
    pub(crate) always: Slot<bool>,
}

/// A waiver as written.
#[derive(Default)]
pub(crate) struct RawWaiver<'a> {
    /// Its `[[waiver]]`.
    pub(crate) header: Span,
    pub(crate) rule: Slot<&'a str>,
    pub(crate) container: Slot<&'a str>,
    pub(crate) label: Slot<&'a str>,
    pub(crate) image: Slot<&'a str>,
    pub(crate) compose: Slot<&'a str>,
    pub(crate) resource: Slot<&'a str>,
    pub(crate) package: Slot<&'a str>,
    pub(crate) vulnerability: Slot<&'a str>,
    pub(crate) host: Slot<bool>,
    pub(crate) daemon: Slot<bool>,
    pub(crate) owner: Slot<&'a str>,
    pub(crate) reason: Slot<&'a str>,
    pub(crate) until: Slot<RawDate<'a>>,
    pub(crate) permanent: Slot<bool>,
}

type Entry<'a> = (&'a str, Span, &'a Spanned<DeValue<'a>>);

impl<'a> RawConfig<'a> {
    pub(crate) fn read(table: &'a DeTable<'a>, found: &mut Found<'_>) -> Self {
        let mut raw = Self::default();
        for (key, span, value) in in_order(table) {
            match key {
                "fail-on" => raw.fail_on = string(key, value, found),
                "only" => raw.only = strings(key, value, found),
                "skip" => raw.skip = strings(key, value, found),
                "severity" => raw.severity = severities(value, found),
                "images" => raw.trusted = images(value, found),
                "scan" => raw.scan = RawScan::read(value, found),
                "guard" => raw.guard = RawGuard::read(value, found),
                "waiver" => raw.waivers = waivers(value, found),
                "webhook" => raw.webhook = RawWebhook::read(value, found),
                _ => unknown_setting(key, span, found),
            }
        }
        raw
    }
}

impl<'a> RawWaiver<'a> {
    fn read(header: Span, table: &'a DeTable<'a>, found: &mut Found<'_>) -> Self {
        let mut raw = Self { header, ..Self::default() };
        for (key, span, value) in in_order(table) {
            match key {
                "rule" => raw.rule = string(key, value, found),
                "container" => raw.container = string(key, value, found),
                "label" => raw.label = string(key, value, found),
                "image" => raw.image = string(key, value, found),
                "compose" => raw.compose = string(key, value, found),
                "resource" => raw.resource = string(key, value, found),
                "package" => raw.package = string(key, value, found),
                "vulnerability" => raw.vulnerability = string(key, value, found),
                "host" => raw.host = boolean(key, value, found),
                "daemon" => raw.daemon = boolean(key, value, found),
                "owner" => raw.owner = string(key, value, found),
                "reason" => raw.reason = string(key, value, found),
                "until" => raw.until = date(key, value, found),
                "permanent" => raw.permanent = boolean(key, value, found),
                _ => unknown_field(key, span, found),
            }
        }
        raw
    }
}

impl<'a> RawScan<'a> {
    fn read(value: &'a Spanned<DeValue<'a>>, found: &mut Found<'_>) -> Self {
        let mut raw = Self::default();
        let DeValue::Table(table) = value.get_ref() else {
            let hint = "write `[scan]` on a line of its own, and `fail-on = \"…\"` below it";
            wrong("`scan`", "a table", value, Some(hint), found);
            return raw;
        };
        for (key, span, value) in in_order(table) {
            match key {
                "fail-on" => raw.fail_on = string(key, value, found),
                "unrated" => raw.unrated = string(key, value, found),
                "stale-after" => raw.stale_after = string(key, value, found),
                _ => {
                    let message = format!("`{}` is no setting of `[scan]`", shown(key));
                    found.add(Kind::UnknownKey, span, message, || {
                        near::question(key, SCAN).or_else(|| Some(list("`[scan]` has", &SCAN)))
                    });
                }
            }
        }
        raw
    }
}

impl<'a> RawWebhook<'a> {
    fn read(value: &'a Spanned<DeValue<'a>>, found: &mut Found<'_>) -> Option<Self> {
        let DeValue::Table(table) = value.get_ref() else {
            let hint = "write `[webhook]` on a line of its own, and `url = \"https://…\"` below it";
            wrong("`webhook`", "a table", value, Some(hint), found);
            return None;
        };
        let mut raw = Self { header: value.span(), ..Self::default() };
        for (key, span, value) in in_order(table) {
            match key {
                "url" => raw.url = string(key, value, found),
                "secret-file" => raw.secret_file = string(key, value, found),
                "always" => raw.always = boolean(key, value, found),
                _ => {
                    let message = format!("`{}` is no field of a webhook", shown(key));
                    found.add(Kind::UnknownKey, span, message, || webhook::unknown(key));
                }
            }
        }
        Some(raw)
    }
}

/// A table's entries as they stand in the file; the table itself has them by name.
fn in_order<'a>(table: &'a DeTable<'a>) -> Vec<Entry<'a>> {
    let entry = |(key, value): (&'a Spanned<_>, _)| -> Entry<'a> {
        let name: &std::borrow::Cow<'a, str> = key.get_ref();
        (name.as_ref(), key.span(), value)
    };
    let mut entries: Vec<Entry<'a>> = table.iter().map(entry).collect();
    entries.sort_by_key(|(_, span, _)| span.start);
    entries
}

fn severities<'a>(
    value: &'a Spanned<DeValue<'a>>,
    found: &mut Found<'_>,
) -> Vec<(Spanned<&'a str>, Spanned<&'a str>)> {
    let DeValue::Table(table) = value.get_ref() else {
        let hint = "write `[severity]` on a line of its own, and `\"RULE\" = \"low\"` below it";
        wrong("`severity`", "a table of rules", value, Some(hint), found);
        return Vec::new();
    };
    let mut all = Vec::new();
    for (key, span, value) in in_order(table) {
        if let Slot::There(severity) = string(key, value, found) {
            all.push((Spanned::new(span, key), severity));
        }
    }
    all
}

fn images<'a>(
    value: &'a Spanned<DeValue<'a>>,
    found: &mut Found<'_>,
) -> Slot<Vec<Spanned<&'a str>>> {
    let DeValue::Table(table) = value.get_ref() else {
        let hint = "write `[images]` on a line of its own, and `trusted = [\"…\"]` below it";
        wrong("`images`", "a table", value, Some(hint), found);
        return Slot::Wrong;
    };
    let mut trusted = Slot::Absent;
    for (key, span, value) in in_order(table) {
        match key {
            "trusted" => trusted = strings(key, value, found),
            _ => found.add(
                Kind::UnknownKey,
                span,
                format!("`{}` is no setting of `[images]`", shown(key)),
                || {
                    let above = SETTINGS.contains(&key).then(|| above_tables(key));
                    above.or_else(|| Some("`[images]` has `trusted`".to_owned()))
                },
            ),
        }
    }
    trusted
}

fn waivers<'a>(value: &'a Spanned<DeValue<'a>>, found: &mut Found<'_>) -> Vec<RawWaiver<'a>> {
    let hint = Some("write `[[waiver]]` on a line of its own above each waiver");
    let DeValue::Array(array) = value.get_ref() else {
        wrong("`waiver`", "a list of tables", value, hint, found);
        return Vec::new();
    };
    let mut all = Vec::new();
    for value in array.iter() {
        match value.get_ref() {
            DeValue::Table(table) => all.push(RawWaiver::read(value.span(), table, found)),
            _ => wrong("a waiver", "a table", value, hint, found),
        }
    }
    all
}

fn unknown_setting(key: &str, span: Span, found: &mut Found<'_>) {
    found.add(Kind::UnknownKey, span, format!("`{}` is no setting", shown(key)), || {
        if FIELDS.contains(&key) {
            return Some(format!("`{key}` belongs below a `[[waiver]]` line"));
        }
        near::question(key, SETTINGS).or_else(|| Some(list("the settings are", &SETTINGS)))
    });
}

fn unknown_field(key: &str, span: Span, found: &mut Found<'_>) {
    found.add(Kind::UnknownKey, span, format!("`{}` is no field of a waiver", shown(key)), || {
        if SETTINGS.contains(&key) {
            return Some(above_tables(key));
        }
        near::question(key, FIELDS).or_else(|| Some(list("a waiver has", &FIELDS)))
    });
}

/// TOML counts every line below a `[table]` to that table, which surprises people.
pub(crate) fn above_tables(setting: &str) -> String {
    format!("the setting `{setting}` has to stand above the first line in brackets")
}

fn list(what: &str, names: &[&str]) -> String {
    let names: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    format!("{what} {}", names.join(", "))
}

//! `[guard]` as written.

use toml::Spanned;
use toml::de::DeValue;

use super::value::{Slot, Span, boolean, string, strings, wrong};
use super::{in_order, list};
use crate::near;
use crate::problems::{Found, Kind};
use crate::shown::shown;

const GUARD: [&str; 4] = ["profile", "bind-roots", "rules", "caller"];

const CALLER: [&str; 16] = [
    "user",
    "group",
    "container",
    "certificate",
    "anyone",
    "preset",
    "profile",
    "allow",
    "only-name",
    "only-label",
    "only-image",
    "own",
    "hide",
    "waivers",
    "reserved-names",
    "bind-roots",
];

/// `[guard]` as written.
#[derive(Default)]
pub(crate) struct RawGuard<'a> {
    pub(crate) profile: Slot<&'a str>,
    pub(crate) bind_roots: Slot<Vec<Spanned<&'a str>>>,
    pub(crate) rules: Vec<(Spanned<&'a str>, Spanned<&'a str>)>,
    pub(crate) callers: Vec<RawCaller<'a>>,
}

/// A `[[guard.caller]]` as written.
#[derive(Default)]
pub(crate) struct RawCaller<'a> {
    pub(crate) header: Span,
    pub(crate) user: Slot<&'a str>,
    pub(crate) group: Slot<&'a str>,
    pub(crate) container: Slot<&'a str>,
    pub(crate) certificate: Slot<&'a str>,
    pub(crate) anyone: Slot<bool>,
    pub(crate) preset: Slot<&'a str>,
    pub(crate) profile: Slot<&'a str>,
    pub(crate) allow: Slot<Vec<Spanned<&'a str>>>,
    pub(crate) only_name: Slot<&'a str>,
    pub(crate) only_label: Slot<&'a str>,
    pub(crate) only_image: Slot<&'a str>,
    pub(crate) own: Slot<bool>,
    pub(crate) hide: Slot<Vec<Spanned<&'a str>>>,
    pub(crate) waivers: Slot<bool>,
    pub(crate) reserved_names: Slot<bool>,
    pub(crate) bind_roots: Slot<Vec<Spanned<&'a str>>>,
}

impl<'a> RawGuard<'a> {
    pub(super) fn read(value: &'a Spanned<DeValue<'a>>, found: &mut Found<'_>) -> Self {
        let mut raw = Self::default();
        let DeValue::Table(table) = value.get_ref() else {
            let hint = "write `[guard]` on a line of its own, and `profile = \"…\"` below it";
            wrong("`guard`", "a table", value, Some(hint), found);
            return raw;
        };
        for (key, span, value) in in_order(table) {
            match key {
                "profile" => raw.profile = string(key, value, found),
                "bind-roots" => raw.bind_roots = strings(key, value, found),
                "rules" => raw.rules = rules(value, found),
                "caller" => raw.callers = callers(value, found),
                _ => unknown("setting of `[guard]`", "`[guard]` has", key, &GUARD, span, found),
            }
        }
        raw
    }
}

impl<'a> RawCaller<'a> {
    fn read(value: &'a Spanned<DeValue<'a>>, found: &mut Found<'_>) -> Option<Self> {
        let DeValue::Table(table) = value.get_ref() else {
            let hint = "write `[[guard.caller]]` on a line of its own above each caller";
            wrong("a caller", "a table", value, Some(hint), found);
            return None;
        };
        let mut raw = Self { header: value.span(), ..Self::default() };
        for (key, span, value) in in_order(table) {
            match key {
                "user" => raw.user = string(key, value, found),
                "group" => raw.group = string(key, value, found),
                "container" => raw.container = string(key, value, found),
                "certificate" => raw.certificate = string(key, value, found),
                "anyone" => raw.anyone = boolean(key, value, found),
                "preset" => raw.preset = string(key, value, found),
                "profile" => raw.profile = string(key, value, found),
                "allow" => raw.allow = strings(key, value, found),
                "only-name" => raw.only_name = string(key, value, found),
                "only-label" => raw.only_label = string(key, value, found),
                "only-image" => raw.only_image = string(key, value, found),
                "own" => raw.own = boolean(key, value, found),
                "hide" => raw.hide = strings(key, value, found),
                "waivers" => raw.waivers = boolean(key, value, found),
                "reserved-names" => raw.reserved_names = boolean(key, value, found),
                "bind-roots" => raw.bind_roots = strings(key, value, found),
                _ => unknown("field of a caller", "a caller has", key, &CALLER, span, found),
            }
        }
        Some(raw)
    }
}

fn rules<'a>(
    value: &'a Spanned<DeValue<'a>>,
    found: &mut Found<'_>,
) -> Vec<(Spanned<&'a str>, Spanned<&'a str>)> {
    let DeValue::Table(table) = value.get_ref() else {
        let hint = "write `[guard.rules]` on a line of its own, and `\"RULE\" = \"deny\"` below it";
        wrong("`rules`", "a table of rules", value, Some(hint), found);
        return Vec::new();
    };
    let entries = in_order(table).into_iter().filter_map(|(key, span, value)| {
        match string(key, value, found) {
            Slot::There(word) => Some((Spanned::new(span, key), word)),
            Slot::Absent | Slot::Wrong => None,
        }
    });
    entries.collect()
}

fn callers<'a>(value: &'a Spanned<DeValue<'a>>, found: &mut Found<'_>) -> Vec<RawCaller<'a>> {
    let DeValue::Array(array) = value.get_ref() else {
        let hint = "write `[[guard.caller]]` on a line of its own above each caller";
        wrong("`caller`", "a list of tables", value, Some(hint), found);
        return Vec::new();
    };
    array.iter().filter_map(|value| RawCaller::read(value, found)).collect()
}

fn unknown(what: &str, has: &str, key: &str, names: &[&str], span: Span, found: &mut Found<'_>) {
    found.add(Kind::UnknownKey, span, format!("`{}` is no {what}", shown(key)), || {
        near::question(key, names.iter().copied()).or_else(|| Some(list(has, names)))
    });
}

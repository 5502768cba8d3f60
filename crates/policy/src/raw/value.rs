//! One value of the type that its key wants, or a word on why not.

use std::ops::Range;

use toml::Spanned;
use toml::de::DeValue;
use toml::value::Datetime;

use crate::problems::{Found, Kind};
use crate::shown::shown;

/// Bytes of the file.
pub(crate) type Span = Range<usize>;

/// What there is of a key.
#[derive(Default)]
pub(crate) enum Slot<T> {
    /// The key isn't there.
    #[default]
    Absent,
    /// It is there with a value of the wrong type, which has been said.
    Wrong,
    /// It is there.
    There(Spanned<T>),
}

impl<T> Slot<T> {
    pub(crate) const fn is_absent(&self) -> bool {
        matches!(self, Self::Absent)
    }

    pub(crate) const fn there(&self) -> Option<&Spanned<T>> {
        match self {
            Self::There(value) => Some(value),
            Self::Absent | Self::Wrong => None,
        }
    }
}

/// A date as written: TOML has them bare, and people put them in quotes.
pub(crate) enum RawDate<'a> {
    Toml(Datetime),
    Text(&'a str),
}

type Value<'a> = Spanned<DeValue<'a>>;

pub(crate) fn string<'a>(key: &str, value: &'a Value<'a>, found: &mut Found<'_>) -> Slot<&'a str> {
    text(&format!("`{}`", shown(key)), value, found)
}

fn text<'a>(what: &str, value: &'a Value<'a>, found: &mut Found<'_>) -> Slot<&'a str> {
    let hint = match value.get_ref() {
        DeValue::String(text) => return Slot::There(Spanned::new(value.span(), text.as_ref())),
        DeValue::Array(_) | DeValue::Table(_) => None,
        _ => Some("put it in quotes"),
    };
    wrong(what, "a string", value, hint, found);
    Slot::Wrong
}

pub(crate) fn strings<'a>(
    key: &str,
    value: &'a Value<'a>,
    found: &mut Found<'_>,
) -> Slot<Vec<Spanned<&'a str>>> {
    let DeValue::Array(array) = value.get_ref() else {
        let hint = "put it in brackets: `[\"container-*\"]`";
        wrong(&format!("`{key}`"), "a list of strings", value, Some(hint), found);
        return Slot::Wrong;
    };
    let what = format!("a pattern in `{key}`");
    let mut all = Vec::new();
    for value in array.iter() {
        if let Slot::There(pattern) = text(&what, value, found) {
            all.push(pattern);
        }
    }
    Slot::There(Spanned::new(value.span(), all))
}

pub(crate) fn boolean(key: &str, value: &Value<'_>, found: &mut Found<'_>) -> Slot<bool> {
    let hint = match value.get_ref() {
        DeValue::Boolean(on) => return Slot::There(Spanned::new(value.span(), *on)),
        DeValue::String(text) if matches!(text.as_ref(), "true" | "false") => {
            Some("leave out the quotes")
        }
        _ => None,
    };
    wrong(&format!("`{key}`"), "true or false", value, hint, found);
    Slot::Wrong
}

pub(crate) fn date<'a>(
    key: &str,
    value: &'a Value<'a>,
    found: &mut Found<'_>,
) -> Slot<RawDate<'a>> {
    let date = match value.get_ref() {
        DeValue::Datetime(date) => RawDate::Toml(*date),
        DeValue::String(text) => RawDate::Text(text),
        _ => {
            let hint = Some("write year, month and day: 2027-03-31");
            wrong(&format!("`{key}`"), "a date", value, hint, found);
            return Slot::Wrong;
        }
    };
    Slot::There(Spanned::new(value.span(), date))
}

/// Notes a value of the wrong type.
pub(crate) fn wrong(
    what: &str,
    expected: &str,
    value: &Value<'_>,
    hint: Option<&str>,
    found: &mut Found<'_>,
) {
    let is = match value.get_ref() {
        DeValue::String(_) => "a string",
        DeValue::Integer(_) | DeValue::Float(_) => "a number",
        DeValue::Boolean(_) => "true or false",
        DeValue::Datetime(_) => "a date",
        DeValue::Array(_) => "a list",
        DeValue::Table(_) => "a table",
    };
    let message = format!("{what} is {is}, but has to be {expected}");
    found.add(Kind::WrongType, value.span(), message, || hint.map(str::to_owned));
}

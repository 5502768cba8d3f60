//! Texts by name, without the secrets that stood in them.

use std::collections::BTreeMap;

use dockward_model::facts::Sighting;

/// What stands where a secret stood.
const REPLACED: &str = "[redacted]";

/// Texts with secrets replaced, and the secrets that were seen, by name.
pub(crate) fn texts(
    all: &BTreeMap<String, String>,
) -> (BTreeMap<String, String>, Vec<(String, Sighting)>) {
    let mut seen = Vec::new();
    let mut kept = BTreeMap::new();
    for (name, value) in all {
        let (text, secret) = value_of(name, value);
        kept.insert(name.clone(), text);
        seen.extend(secret.map(|secret| (name.clone(), secret)));
    }
    (kept, seen)
}

/// A value under its name: replaced as a whole where the name says that it is a secret.
pub(crate) fn value_of(name: &str, value: &str) -> (String, Option<Sighting>) {
    let found = dockward_secret::redact(value);
    let by_name = dockward_secret::in_value(name, value);
    match found.secrets.into_iter().next() {
        Some(secret) => (found.text, Some(secret)),
        None if by_name.is_some() => (REPLACED.to_owned(), by_name),
        None => (value.to_owned(), None),
    }
}

/// A free text, and the first secret that stood in it.
pub(crate) fn text(text: &str) -> (String, Option<Sighting>) {
    let found = dockward_secret::redact(text);
    (found.text, found.secrets.into_iter().next())
}

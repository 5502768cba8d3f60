//! Texts by name, without the secrets that stood in them.

use std::collections::BTreeMap;

use dockward_model::facts::Sighting;

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
    let found = dockward_secret::redact_value(name, value);
    (found.text, found.secrets.into_iter().next())
}

/// A free text, and the first secret that stood in it.
pub(crate) fn text(text: &str) -> (String, Option<Sighting>) {
    let found = dockward_secret::redact(text);
    (found.text, found.secrets.into_iter().next())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_that_is_named_as_a_secret_goes_whole_even_where_a_part_is_a_known_token() {
        let token = format!("ghp_{}", "a1B2".repeat(9));
        let (text, seen) = value_of("api.token", &format!("{token} and then hunter2"));
        assert!(seen.is_some());
        assert!(!text.contains("hunter2"), "{text}");
    }
}

//! What callers are told of the versions of the API that the engine speaks: never more than what is
//! understood here. A client that took the engine's word would be refused all it asks.

use dockward_request::Version;
use serde_json::Value;

/// The header by which an engine says its newest version, in each of its answers.
const HEADER: &str = "api-version";

/// What is told in place of a version; none where it stays.
type Cap = fn(&str) -> Option<String>;

/// What is told in place of a header of the engine's.
pub(crate) fn header(name: &str, value: &[u8]) -> Option<String> {
    if name != HEADER { None } else { newest(str::from_utf8(value).unwrap_or_default()) }
}

/// What is told in place of the answer to `/version`; none where it goes on as it came.
///
/// # Errors
/// Where it is no JSON, and so can't be looked into.
pub(crate) fn document(text: &[u8]) -> Result<Option<Vec<u8>>, serde_json::Error> {
    let mut answer: Value = serde_json::from_slice(text)?;
    let mut changed = cap(&mut answer);
    let components = answer.get_mut("Components").and_then(Value::as_array_mut);
    for component in components.into_iter().flatten() {
        // The engine is one of its own components, and says it there again.
        changed |= component.get_mut("Details").is_some_and(cap);
    }
    if changed { serde_json::to_vec(&answer).map(Some) } else { Ok(None) }
}

/// Caps what these fields say. Whether it changed any.
fn cap(fields: &mut Value) -> bool {
    let Some(fields) = fields.as_object_mut() else { return false };
    let caps: [(&str, Cap); 2] = [("apiversion", newest), ("minapiversion", oldest)];
    let mut changed = false;
    for (name, value) in fields.iter_mut() {
        // Go's clients read a field by its name in any case.
        let cap = caps.iter().find(|(known, _)| name.eq_ignore_ascii_case(known));
        let told = cap.and_then(|(_, cap)| cap(value.as_str()?));
        if let Some(told) = told {
            *value = Value::String(told);
            changed = true;
        }
    }
    changed
}

/// What is told in place of the engine's newest version. What is no version could be any.
fn newest(said: &str) -> Option<String> {
    let stays = Version::parse(said).is_some_and(|version| version <= Version::NEWEST);
    (!stays && !said.is_empty()).then(|| Version::NEWEST.to_string())
}

/// What is told in place of the engine's oldest version.
fn oldest(said: &str) -> Option<String> {
    let stays = Version::parse(said).is_none_or(|version| version >= Version::OLDEST);
    (!stays).then(|| Version::OLDEST.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_header_never_says_more_than_is_understood() {
        for (said, told) in [
            ("1.41", None),
            ("1.51", None),
            ("", None),
            ("1.52", Some("1.51")),
            ("1.99999999", Some("1.51")),
            ("2.1", Some("1.51")),
            ("v1.41", Some("1.51")),
        ] {
            assert_eq!(header("api-version", said.as_bytes()).as_deref(), told, "{said}");
        }
        assert_eq!(header("server", b"Docker/99 (1.99)"), None);
    }

    #[test]
    fn a_version_never_says_more_than_is_understood() {
        let told = |answer: &Value| {
            let told = document(answer.to_string().as_bytes()).unwrap();
            told.map(|text| serde_json::from_slice::<Value>(&text).unwrap())
        };
        let of = |newest: &str, oldest: &str| {
            json!({"Version": "99.0", "ApiVersion": newest, "MinAPIVersion": oldest, "Components": [
                {"Name": "Engine", "Details": {"ApiVersion": newest, "MinAPIVersion": oldest}},
                {"Name": "runc", "Version": "1.99", "Details": {"GitCommit": "1.99"}},
                {"Name": "odd", "Details": null}]})
        };
        assert_eq!(told(&of("1.51", "1.24")), None);
        assert_eq!(told(&of("1.99", "1.44")), Some(of("1.51", "1.44")));
        assert_eq!(told(&of("1.41", "1.12")), Some(of("1.41", "1.24")));
        assert_eq!(told(&json!({"aPIvERSION": "1.99"})), Some(json!({"aPIvERSION": "1.51"})));
        assert_eq!(told(&json!([1])), None);
        assert!(document(b"<html>").is_err());
    }
}

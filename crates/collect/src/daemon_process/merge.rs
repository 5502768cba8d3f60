//! Flags and daemon.json as one set of settings, without secrets.

use std::collections::BTreeMap;

use dockward_model::facts::{Configured, Origin, Sighting};
use dockward_secret::{in_value, redact};
use serde_json::Value;

use super::argv::Said;
use super::file::Content;

/// What stands in the place of a secret that its name gave away.
const REPLACED: &str = "[secret]";

/// Both sources by daemon.json's keys. Dockerd refuses to start where both say the same thing; a
/// file changed since may, and then the flag is what is in force.
pub(super) fn merge(pid: i32, said: Said, content: &Content) -> BTreeMap<String, Configured> {
    let mut settings = BTreeMap::new();
    for (key, value) in &content.settings {
        let origin = Origin::file(content.path.as_str(), content.lines.of(key));
        settings.insert(key.clone(), configured(key, value.clone(), origin));
    }
    for (key, (value, flag)) in said {
        let origin = Origin::Argv { pid, flag: flag.into() };
        settings.insert(key.to_owned(), configured(key, value, origin));
    }
    settings
}

fn configured(key: &str, mut value: Value, origin: Origin) -> Configured {
    let mut secret = None;
    clean(key, &mut value, &mut secret);
    Configured { value, secret, origin }
}

/// Takes the secrets out of a value. Nesting is as deep as the JSON parser allows, 128 levels.
fn clean(name: &str, value: &mut Value, seen: &mut Option<Sighting>) {
    match value {
        Value::String(text) => clean_text(name, text, seen),
        Value::Array(entries) => entries.iter_mut().for_each(|entry| clean(name, entry, seen)),
        Value::Object(members) => {
            members.iter_mut().for_each(|(name, value)| clean(name, value, seen));
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

fn clean_text(name: &str, text: &mut String, seen: &mut Option<Sighting>) {
    let redacted = redact(text);
    if let Some(sighting) = redacted.secrets.into_iter().next() {
        *text = redacted.text;
        seen.get_or_insert(sighting);
    }
    if let Some(sighting) = in_value(name, text) {
        REPLACED.clone_into(text);
        seen.get_or_insert(sighting);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::daemon_process::{argv, lines};
    use serde_json::json;

    fn merged(argv_line: &[&str], json: &str) -> BTreeMap<String, Configured> {
        let settings = serde_json::from_str(json).unwrap();
        let content =
            Content { path: "/etc/docker/daemon.json".into(), settings, lines: lines::scan(json) };
        merge(812, argv::read(argv_line), &content)
    }

    #[test]
    fn every_setting_has_its_flag_or_its_line() {
        let settings =
            merged(&["dockerd", "-D", "--icc=false"], "{\n\"icc\": true,\n\"mtu\": 1400}");
        assert_eq!(settings["icc"].value, json!(false));
        assert_eq!(settings["icc"].origin.to_string(), "/proc/812/cmdline --icc");
        assert_eq!(settings["debug"].origin.to_string(), "/proc/812/cmdline --debug");
        assert_eq!(settings["mtu"].origin.to_string(), "/etc/docker/daemon.json:3");
    }

    #[test]
    fn no_secret_stays_in_a_setting() {
        let settings = merged(
            &["dockerd", "--http-proxy", "http://ann:hunter2-and-more@proxy:3128"],
            r#"{"log-opts": {"splunk-token": "176FCEBF-4CF5-4EDF-91BC-703796522D20", "tag": "web"}}"#,
        );
        let text = format!("{settings:?}");
        assert!(!text.contains("hunter2") && !text.contains("176FCEBF"), "{text}");
        assert!(settings["proxies"].secret.is_some() && settings["log-opts"].secret.is_some());
        assert_eq!(settings["log-opts"].value["tag"], json!("web"));
    }
}

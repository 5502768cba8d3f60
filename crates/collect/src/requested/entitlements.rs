//! What of the host the engine grants builds: `builder.entitlements` of its settings.

use dockward_model::facts::Fact;
use serde_json::{Map, Value};

use crate::tree::{SMALL, Tree};

const USUAL_SETTINGS: &str = "/etc/docker/daemon.json";

/// The engine's own defaults (moby `builder/builder-next/controller.go`).
const ENTITLED: [(&str, bool); 2] = [("network-host", true), ("security-insecure", false)];

/// What builds are granted by the daemon whose process that is.
pub(super) fn of(process: Option<i32>, files: &dyn Tree) -> Fact<Vec<&'static str>> {
    let path = match settings(process) {
        Ok(path) => path,
        Err(why) => return Fact::Unknown(why),
    };
    let text = match files.read_text(&path, SMALL) {
        Fact::Known(text) => text,
        Fact::Absent => "{}".to_owned(),
        Fact::Unknown(why) => return Fact::Unknown(why),
    };
    granted(&text).map_or_else(|why| Fact::Unknown(format!("{path}: {why}")), Fact::Known)
}

/// The settings file: as the daemon's command line says, which anyone may read, or the usual one.
fn settings(process: Option<i32>) -> Result<String, String> {
    let Some(pid) = process else { return Ok(USUAL_SETTINGS.to_owned()) };
    let words = std::fs::read(format!("/proc/{pid}/cmdline"))
        .map_err(|error| format!("the daemon's command line can't be read: {error}"))?;
    let words: Vec<_> = words.split(|b| *b == 0).map(String::from_utf8_lossy).collect();
    Ok(named(&words).unwrap_or_else(|| USUAL_SETTINGS.to_owned()))
}

/// Go's pflag takes the value behind an equals sign or as the next word.
fn named(words: &[impl AsRef<str>]) -> Option<String> {
    let mut words = words.iter().map(AsRef::as_ref);
    while let Some(word) = words.next() {
        match word.strip_prefix("--config-file") {
            Some("") => return words.next().map(str::to_owned),
            Some(rest) if rest.starts_with('=') => return rest.get(1..).map(str::to_owned),
            _ => {}
        }
    }
    None
}

/// The engine would take keys in any case; one that is written otherwise than documented is not
/// understood here, and so the answer is unknown.
fn granted(text: &str) -> Result<Vec<&'static str>, String> {
    let settings: Value = serde_json::from_str(text).map_err(|error| error.to_string())?;
    let builder = field(&settings, "builder")?.unwrap_or_else(|| Value::Object(Map::new()));
    let lent = field(&builder, "entitlements")?.unwrap_or_else(|| Value::Object(Map::new()));
    let mut granted = Vec::new();
    for (name, usual) in ENTITLED {
        match field(&lent, name)? {
            Some(Value::Bool(false)) => {}
            None if !usual => {}
            _ => granted.push(name),
        }
    }
    Ok(granted)
}

fn field(value: &Value, key: &str) -> Result<Option<Value>, String> {
    let fields = value.as_object().ok_or("it is no object")?;
    let alike: Vec<_> = fields.iter().filter(|(name, _)| name.eq_ignore_ascii_case(key)).collect();
    match alike.as_slice() {
        [] => Ok(None),
        [(name, value)] if *name == key => Ok(Some((*value).clone())),
        _ => Err(format!("`{key}` is written in another way")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn builds_are_granted_what_the_settings_leave_them() {
        assert_eq!(granted("{}"), Ok(vec!["network-host"]));
        let all = r#"{"builder":{"entitlements":{"network-host":true,"security-insecure":true}}}"#;
        assert_eq!(granted(all), Ok(vec!["network-host", "security-insecure"]));
        let none = r#"{"builder":{"entitlements":{"network-host":false}}}"#;
        assert_eq!(granted(none), Ok(vec![]));
        for odd in [r#"{"Builder":{}}"#, "[]", "{", r#"{"builder":{"entitlements":[]}}"#] {
            assert!(granted(odd).is_err(), "{odd}");
        }
    }

    #[test]
    fn the_settings_file_is_the_one_that_the_command_line_names() {
        assert_eq!(named(&["dockerd", "--config-file", "/a"]), Some("/a".into()));
        assert_eq!(named(&["dockerd", "--debug", "--config-file=/b"]), Some("/b".into()));
        assert_eq!(named(&["dockerd"]), None);
    }
}

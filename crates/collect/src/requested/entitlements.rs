//! What of the host the engine grants builds: `builder.entitlements` of its settings.

use dockward_model::facts::{Fact, build_entitlements};
use serde_json::{Map, Value};

use crate::tree::{SMALL, Tree};

const USUAL_SETTINGS: &str = "/etc/docker/daemon.json";

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

fn granted(text: &str) -> Result<Vec<&'static str>, String> {
    let settings: Value = serde_json::from_str(text).map_err(|error| error.to_string())?;
    let settings = settings.as_object().ok_or("it is no object")?;
    let mut alike = settings.iter().filter(|(name, _)| name.eq_ignore_ascii_case("builder"));
    match (alike.next(), alike.next()) {
        (None, _) => build_entitlements(&Value::Object(Map::new())),
        (Some((name, builder)), None) if name == "builder" => build_entitlements(builder),
        _ => Err("`builder` is written in another way".to_owned()),
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

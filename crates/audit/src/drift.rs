//! Settings that both daemon.json and the engine tell of, put side by side.

use dockward_model::facts::{Configured, Daemon, Fact, Field, Origin};
use dockward_model::verdict::Evidence;
use serde_json::Value;

use crate::lookup;

/// A setting that the engine shows as well.
struct Shown {
    /// Its name in daemon.json.
    key: &'static str,
    /// What the engine does where nobody set it.
    default: &'static str,
    /// What is in force, in one word.
    in_force: fn(&Daemon) -> Field<String>,
}

const SHOWN: [Shown; 8] = [
    Shown { key: "icc", default: "true", in_force: |d| d.icc.map(bool::to_string) },
    Shown {
        key: "live-restore",
        default: "false",
        in_force: |d| d.live_restore.map(bool::to_string),
    },
    Shown {
        key: "experimental",
        default: "false",
        in_force: |d| d.experimental.map(bool::to_string),
    },
    Shown { key: "log-driver", default: "json-file", in_force: |d| d.logging_driver.clone() },
    Shown { key: "default-runtime", default: "runc", in_force: |d| d.default_runtime.clone() },
    Shown { key: "ip", default: "0.0.0.0", in_force: |d| d.default_binding.clone() },
    Shown { key: "userns-remap", default: "off", in_force: |d| listed(d, "userns", "on", "off") },
    Shown { key: "no-new-privileges", default: "false", in_force: no_new_privileges },
];

fn listed(daemon: &Daemon, option: &str, there: &str, missing: &str) -> Field<String> {
    let field = daemon.security_option(option);
    let word = match &field.fact {
        Fact::Known(_) => there,
        Fact::Absent => missing,
        Fact::Unknown(why) => return Field::unknown(why.clone(), field.origin),
    };
    Field::known(word.to_owned(), field.origin)
}

/// Engines before 24 don't list it.
fn no_new_privileges(daemon: &Daemon) -> Field<String> {
    if lookup::major_version(daemon).is_none_or(|major| major < 24) {
        return Field::absent(daemon.security_options.origin.clone());
    }
    listed(daemon, "no-new-privileges", "true", "false")
}

/// A setting that is one thing in daemon.json and another in force.
pub(crate) struct Difference {
    /// Its name in daemon.json.
    pub(crate) key: &'static str,
    /// The line, and what is in force.
    pub(crate) evidence: [Evidence; 2],
}

/// What differs. Settings that were taken out of the file count only where it is newer than the
/// process (`removed`): else argv or the engine's packager may have set them.
pub(crate) fn differences(daemon: &Daemon, file: &Origin, removed: bool) -> Vec<Difference> {
    let Some(config) = daemon.config.known() else { return Vec::new() };
    SHOWN
        .iter()
        .filter_map(|shown| difference(daemon, shown, config.get(shown.key), file, removed))
        .collect()
}

fn difference(
    daemon: &Daemon,
    shown: &Shown,
    written: Option<&Configured>,
    file: &Origin,
    removed: bool,
) -> Option<Difference> {
    let in_force = (shown.in_force)(daemon);
    let real = in_force.get()?;
    let (word, origin) = match written {
        Some(setting) if matches!(setting.origin, Origin::File { .. }) => {
            (word_of(shown.key, &setting.value)?, &setting.origin)
        }
        None if removed => (shown.default.to_owned(), file),
        Some(_) | None => return None,
    };
    if word == *real {
        return None;
    }
    let named = |value: &str| format!("{}: {value}", shown.key);
    let line = Evidence::at(origin, named(&word), "the same as in force");
    let effective = Evidence::of(&in_force, named(real), "the same as in the file").effective();
    Some(Difference { key: shown.key, evidence: [line, effective] })
}

fn word_of(key: &str, value: &Value) -> Option<String> {
    match (key, value) {
        ("userns-remap", Value::String(text)) => {
            Some(if text.is_empty() { "off" } else { "on" }.to_owned())
        }
        // The bridge's option holds the IPv4 address alone.
        ("ip", Value::String(text)) if text.contains(':') => None,
        (_, Value::String(text)) => Some(text.clone()),
        (_, Value::Bool(on)) => Some(on.to_string()),
        _ => None,
    }
}

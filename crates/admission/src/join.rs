//! Other containers that one joins: their namespaces become its own, and their mounts too.

use dockward_engine::Ask;
use serde_json::Value;

use crate::engine::{Engine, Unasked};

/// A chain of joins longer than this is no honest one.
const LONGEST: usize = 8;

const MODES: [&str; 3] = ["NetworkMode", "PidMode", "IpcMode"];

/// What is known of those that are joined.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Joined {
    /// Their full ids.
    pub(crate) ids: Vec<String>,
    /// One that isn't there, by the name that was said.
    pub(crate) missing: Option<String>,
}

/// Resolves joins in a record: where a namespace is the host's in the end, it says so, and what
/// comes along with `VolumesFrom` is among the mounts.
pub(crate) fn resolve(record: &mut Value, engine: &dyn Engine) -> Result<Joined, Unasked> {
    let mut joined = Joined { ids: Vec::new(), missing: None };
    for mode in MODES {
        let Some(mut at) = record["HostConfig"].get(mode).and_then(joins) else { continue };
        for step in 0.. {
            let Some(other) = inspected(engine, &at, &mut joined)? else { break };
            match other["HostConfig"].get(mode) {
                Some(value) if value == "host" => record["HostConfig"][mode] = "host".into(),
                Some(value) => match joins(value) {
                    Some(next) if step < LONGEST => {
                        at = next;
                        continue;
                    }
                    // Nobody knows where this ends.
                    Some(_) => record["HostConfig"][mode] = "host".into(),
                    None => {}
                },
                None => {}
            }
            break;
        }
    }
    // A link hands over the environment of the container that it names.
    let links = record["HostConfig"]["Links"].as_array().cloned().unwrap_or_default();
    for text in links.iter().filter_map(Value::as_str) {
        let name = text.split(':').next().unwrap_or_default().trim_start_matches('/');
        inspected(engine, name, &mut joined)?;
    }
    let from = record["HostConfig"]["VolumesFrom"].as_array().cloned().unwrap_or_default();
    for text in from.iter().filter_map(Value::as_str) {
        let (name, mode) = text.split_once(':').unwrap_or((text, ""));
        let Some(other) = inspected(engine, name, &mut joined)? else { continue };
        let mounts = other["Mounts"].as_array().cloned().unwrap_or_default();
        let mounts = mounts.into_iter().map(|mut mount| {
            if mode.split(',').any(|word| word == "ro") {
                mount["RW"] = false.into();
            }
            mount
        });
        if let Some(all) = record["Mounts"].as_array_mut() {
            all.extend(mounts);
        }
    }
    Ok(joined)
}

fn joins(mode: &Value) -> Option<String> {
    mode.as_str()?.strip_prefix("container:").map(str::to_owned)
}

fn inspected(
    engine: &dyn Engine,
    name: &str,
    joined: &mut Joined,
) -> Result<Option<Value>, Unasked> {
    let Some(text) = engine.ask(&Ask::Container(name.to_owned()))? else {
        joined.missing.get_or_insert_with(|| name.to_owned());
        return Ok(None);
    };
    let other: Value = serde_json::from_str(&text)
        .map_err(|error| Unasked(format!("its record of {name}: {error}")))?;
    joined.ids.extend(other["Id"].as_str().map(str::to_owned));
    Ok(Some(other))
}

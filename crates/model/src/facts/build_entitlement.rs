//! What of the host an engine grants builds.

use serde_json::{Map, Value};

use super::{Daemon, Fact, Field};

/// The engine's own defaults (moby `builder/builder-next/controller.go`).
const USUAL: [(&str, bool); 2] = [("network-host", true), ("security-insecure", false)];

/// What BuildKit is granted by the engine's setting `builder` (daemon.json): `network-host`, which
/// builds get where nothing is said, and `security-insecure`, which is every capability. `builder` is
/// that setting's value, `{}` where there is none.
///
/// # Errors
/// Where it can't be told for sure. The engine takes keys in any case; one that is written otherwise
/// than documented is not understood here.
pub fn build_entitlements(builder: &Value) -> Result<Vec<&'static str>, String> {
    let lent = field(builder, "entitlements")?.unwrap_or_else(|| Value::Object(Map::new()));
    let mut granted = Vec::new();
    for (name, usual) in USUAL {
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

impl Daemon {
    /// What of the host builds are granted ([`build_entitlements`]).
    #[must_use]
    pub fn build_entitlements(&self) -> Field<Vec<&'static str>> {
        let setting = self.configured("builder");
        let granted = match setting.fact {
            Fact::Unknown(why) => Err(why),
            Fact::Known(value) => build_entitlements(value),
            Fact::Absent => build_entitlements(&Value::Object(Map::new())),
        };
        match granted {
            Ok(granted) => Field::known(granted, setting.origin),
            Err(why) => Field::unknown(why, setting.origin),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn builds_are_granted_what_the_settings_leave_them() {
        assert_eq!(build_entitlements(&json!({})), Ok(vec!["network-host"]));
        let all = json!({"entitlements": {"network-host": true, "security-insecure": true}});
        assert_eq!(build_entitlements(&all), Ok(vec!["network-host", "security-insecure"]));
        let none = json!({"entitlements": {"network-host": false}});
        assert_eq!(build_entitlements(&none), Ok(vec![]));
        for odd in [json!([]), json!({"Entitlements": {}}), json!({"entitlements": []})] {
            assert!(build_entitlements(&odd).is_err(), "{odd}");
        }
    }
}

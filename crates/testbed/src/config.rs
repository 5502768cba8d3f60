//! How an engine is configured.

use serde_json::{Map, Value, json};

/// A daemon's configuration; the default is a stock one: no `daemon.json`, no arguments.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct DaemonConfig {
    /// The text of `/etc/docker/daemon.json`, written as it is; empty means that there is no such file. A `hosts`
    /// entry must keep `unix:///var/run/docker.sock`, which the test bed waits for.
    pub json: String,
    /// What follows `dockerd` on its command line.
    pub args: Vec<String>,
    /// Variables in the daemon's environment, besides `PATH` and `HOME`.
    pub env: Vec<(String, String)>,
    /// Use containerd's image store (from 26.1 on) by adding its feature flag to `json`.
    pub containerd_store: bool,
}

impl DaemonConfig {
    /// A configuration of a `daemon.json` alone.
    pub fn json(text: impl Into<String>) -> Self {
        Self { json: text.into(), ..Self::default() }
    }

    /// The file's text with the image store's flag; text that is no JSON object stays as it is, for the daemon to
    /// refuse.
    pub(crate) fn daemon_json(&self) -> String {
        if !self.containerd_store {
            return self.json.clone();
        }
        let object =
            if self.json.is_empty() { Ok(Map::new()) } else { serde_json::from_str(&self.json) };
        let Ok(mut object) = object else { return self.json.clone() };
        let features = object.entry("features").or_insert_with(|| Value::Object(Map::new()));
        if let Value::Object(features) = features {
            features.insert("containerd-snapshotter".into(), json!(true));
        }
        Value::Object(object).to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_image_store_is_added_beside_the_features_that_are_there() {
        let text = r#"{"icc":false,"features":{"buildkit":true}}"#;
        let config = DaemonConfig { containerd_store: true, ..DaemonConfig::json(text) };
        let value: Value = serde_json::from_str(&config.daemon_json()).unwrap();
        let want =
            json!({"icc": false, "features": {"buildkit": true, "containerd-snapshotter": true}});
        assert_eq!(value, want);
    }

    #[test]
    fn broken_json_reaches_the_daemon_as_it_was_written() {
        let config = DaemonConfig { containerd_store: true, ..DaemonConfig::json("{oops") };
        assert_eq!(config.daemon_json(), "{oops");
    }
}

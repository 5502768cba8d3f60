//! A request in the form of a record: what the engine would have of the container that is asked for.

use dockward_request::{Value as Body, Version};
use serde_json::{Map, Value, json};

/// Fields of a body that belong to the host's half of a record, or to neither.
const NOT_CONFIG: [&str; 2] = ["HostConfig", "NetworkingConfig"];

/// Lists of words that Go also takes as one text (`strslice.StrSlice`).
const WORDS: [&str; 5] = ["Cmd", "Entrypoint", "Shell", "CapAdd", "CapDrop"];

/// Fields for which the engine tells what is false, zero or empty from what is left out: pointers, and
/// lists that it compares with `nil`.
const NULLABLE: [&str; 7] = [
    "Init",
    "MaskedPaths",
    "MemorySwappiness",
    "OomKillDisable",
    "PidsLimit",
    "ReadonlyPaths",
    "StopTimeout",
];

/// The record of a container that is asked for under this name. Nothing of its image is in it, and
/// nothing that says no more than if it were left out: clients send every field.
pub(crate) fn of_create(name: &str, body: &Body, version: Version) -> Value {
    let mut config = said(body);
    let mut host = body.get("HostConfig").map(said).unwrap_or_default();
    listed(&mut config);
    listed(&mut host);
    defaults_of(version, &mut host);
    let networks = body.at(&["NetworkingConfig", "EndpointsConfig"]).map(Body::entries);
    let networks = networks.unwrap_or_default().iter();
    let networks = networks.map(|(name, endpoint)| {
        let said =
            if *endpoint == Body::Null { Value::Null } else { Value::Object(said(endpoint)) };
        (name.to_string(), said)
    });
    let mut record = json!({
        "Id": "", "Name": format!("/{name}"), "ExecIDs": null, "Mounts": [],
        "State": { "Status": "created", "Running": false, "Restarting": false, "Pid": 0 },
    });
    // Moved, not written by the macro, which would copy them.
    record["Config"] = Value::Object(config);
    record["HostConfig"] = Value::Object(host);
    record["NetworkSettings"] = json!({});
    record["NetworkSettings"]["Networks"] = Value::Object(map(networks));
    record
}

/// The fields of a struct that say something.
fn said(body: &Body) -> Map<String, Value> {
    let fields = body.entries().iter().filter(|(name, value)| {
        let name = &&**name;
        let empty = match value {
            Body::Null => true,
            _ if NULLABLE.contains(name) || WORDS.contains(name) => false,
            Body::List(items) => items.is_empty(),
            value => value.says_nothing(),
        };
        !empty && !NOT_CONFIG.contains(name)
    });
    map(fields.map(|(name, value)| (name.to_string(), json(value))))
}

fn object(body: &Body) -> Map<String, Value> {
    map(body.entries().iter().map(|(name, value)| (name.to_string(), json(value))))
}

/// One after another: to collect sorts them first, which takes longer for so few.
fn map(entries: impl Iterator<Item = (String, Value)>) -> Map<String, Value> {
    let mut map = Map::new();
    for (name, value) in entries {
        map.insert(name, value);
    }
    map
}

fn json(body: &Body) -> Value {
    match body {
        Body::Null => Value::Null,
        Body::Flag(on) => Value::Bool(*on),
        Body::Number(number) => Value::Number(number.clone()),
        Body::Text(text) => Value::String(text.clone()),
        Body::List(items) => Value::Array(items.iter().map(json).collect()),
        Body::Object(_) => Value::Object(object(body)),
    }
}

fn listed(fields: &mut Map<String, Value>) {
    for field in WORDS {
        if let Some(text @ Value::String(_)) = fields.get_mut(field) {
            *text = Value::Array(vec![text.take()]);
        }
    }
}

/// What older versions of the API mean by saying nothing (moby `postContainersCreate`). Before 1.41
/// that was the host's cgroup namespace under version 1 of cgroups, which is the default there anyway.
fn defaults_of(version: Version, host: &mut Map<String, Value>) {
    let says = |host: &Map<String, Value>, field: &str| {
        host.get(field).and_then(Value::as_str).is_some_and(|text| !text.is_empty())
    };
    if !version.has(40) && !says(host, "IpcMode") {
        host.insert("IpcMode".to_owned(), json!("shareable"));
    }
}

/// Puts what the image says under what the request leaves out (moby `runconfig.Merge`).
pub(crate) fn under(record: &mut Value, image: &Value) {
    let Some(config) = record.get_mut("Config").and_then(Value::as_object_mut) else { return };
    let of_image = |field: &str| image.get("Config").and_then(|config| config.get(field));
    let is_empty = |value: Option<&Value>| match value {
        None | Some(Value::Null) => true,
        Some(Value::String(text)) => text.is_empty(),
        Some(Value::Array(list)) => list.is_empty(),
        Some(_) => false,
    };
    let no_entrypoint = is_empty(config.get("Entrypoint"));
    // An empty list is an entrypoint: none.
    if config.get("Entrypoint").is_none_or(Value::is_null)
        && let Some(theirs) = of_image("Entrypoint")
    {
        config.insert("Entrypoint".to_owned(), theirs.clone());
    }
    for field in ["User", "Healthcheck", "WorkingDir", "StopSignal"] {
        if let Some(value) = of_image(field).filter(|_| is_empty(config.get(field))) {
            config.insert(field.to_owned(), value.clone());
        }
    }
    if let Some(value) = of_image("Cmd").filter(|_| no_entrypoint && is_empty(config.get("Cmd"))) {
        config.insert("Cmd".to_owned(), value.clone());
    }
    for field in ["ExposedPorts", "Volumes", "Labels"] {
        merge(config, field, of_image(field));
    }
    if let Some(Value::Array(theirs)) = of_image("Env") {
        let env = config.entry("Env").or_insert(Value::Null);
        let ours = env.as_array().cloned().unwrap_or_default();
        *env = Value::Array(theirs.iter().cloned().chain(ours).collect());
    }
}

fn merge(config: &mut Map<String, Value>, field: &str, theirs: Option<&Value>) {
    let Some(theirs) = theirs.and_then(Value::as_object) else { return };
    let mut all = theirs.clone();
    if let Some(ours) = config.get(field).and_then(Value::as_object) {
        all.extend(ours.clone());
    }
    config.insert(field.to_owned(), Value::Object(all));
}

/// A record with what an update sets (moby `UpdateContainer`): what it leaves at zero stays.
pub(crate) fn updated(record: &mut Value, body: &Body) {
    let Some(host) = record.get_mut("HostConfig").and_then(Value::as_object_mut) else { return };
    for (name, value) in body.entries().iter().filter(|(_, value)| !value.says_nothing()) {
        if let Ok(value) = serde_json::to_value(value) {
            host.insert(name.to_string(), value);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use dockward_request::{decode, route};

    fn body(json: &str) -> Body {
        let routed = route("POST", b"/containers/create").unwrap();
        decode(&routed, Version::NEWEST, json.as_bytes()).unwrap().unwrap()
    }

    #[test]
    fn a_request_becomes_a_record() {
        let body = body(
            r#"{"Image":"a","cmd":"sh","HostConfig":{"CapAdd":"ALL"},"NetworkingConfig":{"EndpointsConfig":{"n":{}}}}"#,
        );
        let record = of_create("web", &body, Version::NEWEST);
        assert_eq!(record["Config"], json!({"Image": "a", "Cmd": ["sh"]}));
        assert_eq!(record["HostConfig"], json!({"CapAdd": ["ALL"]}));
        assert_eq!(record["NetworkSettings"]["Networks"], json!({"n": {}}));
        assert_eq!(record["Name"], "/web");
    }

    #[test]
    fn what_says_nothing_is_not_on_record_where_the_engine_does_not_tell_it_from_silence() {
        let body = body(
            r#"{"Image":"a","Env":[],"User":"","Tty":false,"Labels":{},"Cmd":[],"Entrypoint":"",
                "StopTimeout":0,"HostConfig":{"Init":false,"Privileged":false,"Binds":null,"Memory":0,
                "MaskedPaths":[],"ReadonlyPaths":null,"PidsLimit":0,"Dns":[]}}"#,
        );
        let record = of_create("", &body, Version::NEWEST);
        let config = json!({"Image": "a", "Cmd": [], "Entrypoint": [""], "StopTimeout": 0});
        let host = json!({"Init": false, "MaskedPaths": [], "PidsLimit": 0});
        assert_eq!((&record["Config"], &record["HostConfig"]), (&config, &host));
    }

    #[test]
    fn an_empty_entrypoint_is_not_the_images() {
        let image = json!({"Config": {"Entrypoint": ["/init"], "Cmd": ["serve"]}});
        let mut record = of_create("", &body(r#"{"Image":"a","Entrypoint":[]}"#), Version::NEWEST);
        under(&mut record, &image);
        assert_eq!(record["Config"]["Entrypoint"], json!([]));
        assert_eq!(record["Config"]["Cmd"], json!(["serve"]));
    }

    #[test]
    fn old_versions_mean_more_by_saying_nothing() {
        let of = |version| of_create("", &body(r#"{"Image":"a"}"#), version);
        assert_eq!(of(Version::minor(39))["HostConfig"], json!({"IpcMode": "shareable"}));
        assert_eq!(of(Version::minor(41))["HostConfig"], json!({}));
    }

    #[test]
    fn an_image_fills_in_what_the_request_leaves_out() {
        let image = json!({"Config": {"User": "app", "Cmd": ["serve"], "Entrypoint": ["/init"],
            "Env": ["A=1"], "Labels": {"a": "image", "b": "image"}}});
        let mut plain = of_create(
            "",
            &body(r#"{"Image":"a","Labels":{"a":"mine"},"Env":["B=2"]}"#),
            Version::NEWEST,
        );
        under(&mut plain, &image);
        let config = &plain["Config"];
        assert_eq!((&config["User"], &config["Cmd"]), (&json!("app"), &json!(["serve"])));
        assert_eq!(config["Labels"], json!({"a": "mine", "b": "image"}));
        assert_eq!(config["Env"], json!(["A=1", "B=2"]));
        let mut own = of_create(
            "",
            &body(r#"{"Image":"a","User":"0","Entrypoint":["sh"]}"#),
            Version::NEWEST,
        );
        under(&mut own, &image);
        assert_eq!((&own["Config"]["User"], own["Config"].get("Cmd")), (&json!("0"), None));
    }
}

//! Answers without what a caller doesn't get to see.

use dockward_policy::{CallerSettings, Hidden};
use serde_json::Value;

use crate::scope::{Seen, is_limited};

/// What is taken out of answers to a caller.
#[derive(Debug, Clone)]
pub(crate) struct Filter {
    settings: CallerSettings,
    /// The caller's name, as containers carry it.
    owner: String,
    operation: &'static str,
}

impl Filter {
    /// None where everything may be seen.
    pub(crate) fn of(
        settings: &CallerSettings,
        owner: &str,
        operation: &'static str,
    ) -> Option<Self> {
        let limited =
            is_limited(settings) && matches!(operation, "container-list" | "system-events");
        let any = limited || !settings.hide.is_empty();
        any.then(|| Self { settings: settings.clone(), owner: owner.to_owned(), operation })
    }

    /// The answer, or one of its lines; nothing where a line is not for the caller. What is no JSON
    /// can't be looked into, and is an error.
    pub(crate) fn apply(&self, text: &[u8]) -> Result<Vec<u8>, serde_json::Error> {
        let mut value: Value = serde_json::from_slice(text)?;
        if is_limited(&self.settings) {
            match self.operation {
                "container-list" => self.listed(&mut value),
                "system-events" if !self.is_event_for_it(&value) => return Ok(Vec::new()),
                _ => {}
            }
        }
        if !self.settings.hide.is_empty() {
            self.hide(&mut value);
        }
        serde_json::to_vec(&value)
    }

    fn listed(&self, value: &mut Value) {
        let Some(list) = value.as_array_mut() else { return };
        list.retain(|one| {
            let names = one["Names"].as_array().into_iter().flatten().filter_map(Value::as_str);
            let seen = Seen {
                names: names.map(|name| name.trim_start_matches('/').to_owned()).collect(),
                image: one["Image"].as_str().unwrap_or_default(),
                labels: &one["Labels"],
            };
            seen.is_within(&self.settings, &self.owner)
        });
    }

    /// The attributes of a container's event are its labels, its name and its image.
    fn is_event_for_it(&self, event: &Value) -> bool {
        if event["Type"].as_str().is_none_or(|kind| kind != "container") {
            return event["Type"].is_string();
        }
        let attributes = &event["Actor"]["Attributes"];
        let seen = Seen {
            names: vec![attributes["name"].as_str().unwrap_or_default().to_owned()],
            image: attributes["image"].as_str().unwrap_or_default(),
            labels: attributes,
        };
        seen.is_within(&self.settings, &self.owner)
    }

    /// By the names of fields, wherever they stand: containers, services, tasks, images, events.
    fn hide(&self, value: &mut Value) {
        match value {
            Value::Array(list) => list.iter_mut().for_each(|one| self.hide(one)),
            Value::Object(fields) => {
                for (name, value) in fields.iter_mut() {
                    if self.settings.hide.iter().any(|hidden| is_hidden(*hidden, name)) {
                        blank(value);
                    } else {
                        self.hide(value);
                    }
                }
            }
            _ => {}
        }
    }
}

fn is_hidden(hidden: Hidden, name: &str) -> bool {
    let names: &[&str] = match hidden {
        Hidden::Env => &["Env"],
        Hidden::Argv => &[
            "Args",
            "Cmd",
            "Command",
            "Entrypoint",
            "Path",
            "Processes",
            "arguments",
            "entrypoint",
            "execCommand",
        ],
        Hidden::Labels => &["Labels", "Attributes"],
        Hidden::Mounts => &["Binds", "Mounts", "Mountpoint", "Tmpfs", "Volumes", "VolumesFrom"],
    };
    names.contains(&name)
}

/// Empty, of the same type: programs that read it expect that.
fn blank(value: &mut Value) {
    match value {
        Value::String(text) => text.clear(),
        Value::Array(list) => list.clear(),
        Value::Object(fields) => fields.clear(),
        other => *other = Value::Null,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use dockward_policy::{Glob, Only, Who};
    use serde_json::json;

    fn settings(own: bool, name: Option<&str>, hide: &[Hidden]) -> CallerSettings {
        CallerSettings {
            who: Who::Anyone,
            profile: None,
            allow: None,
            only: Only { name: name.map(Glob::new), ..Only::default() },
            own,
            hide: hide.to_vec(),
            waivers: false,
            reserved_names: false,
            bind_roots: Vec::new(),
        }
    }

    fn applied(settings: &CallerSettings, operation: &'static str, value: &Value) -> Value {
        let filter = Filter::of(settings, "user:a", operation).unwrap();
        let text = filter.apply(value.to_string().as_bytes()).unwrap();
        if text.is_empty() { Value::Null } else { serde_json::from_slice(&text).unwrap() }
    }

    #[test]
    fn a_list_has_the_callers_own_only() {
        let list = json!([
            {"Names": ["/a"], "Labels": {"dev.dockward.owner": "user:a"}},
            {"Names": ["/b"], "Labels": {"dev.dockward.owner": "user:b"}},
            {"Names": ["/c"], "Labels": null},
        ]);
        let left = applied(&settings(true, None, &[]), "container-list", &list);
        assert_eq!(left.as_array().unwrap().len(), 1);
        assert_eq!(left[0]["Names"], json!(["/a"]));
        let left = applied(&settings(false, Some("b*"), &[]), "container-list", &list);
        assert_eq!(left[0]["Names"], json!(["/b"]));
    }

    #[test]
    fn events_of_others_are_left_out() {
        let event =
            |name: &str| json!({"Type": "container", "Actor": {"Attributes": {"name": name}}});
        let settings = settings(false, Some("b*"), &[]);
        assert_eq!(applied(&settings, "system-events", &event("a")), Value::Null);
        assert_eq!(applied(&settings, "system-events", &event("b1")), event("b1"));
        assert_eq!(applied(&settings, "system-events", &json!({"x": 1})), Value::Null);
    }

    #[test]
    fn what_is_hidden_is_empty_wherever_it_stands() {
        let hide = settings(false, None, &[Hidden::Env, Hidden::Argv]);
        let shown = applied(
            &hide,
            "service-inspect",
            &json!({"Config": {"Env": ["A=secret"], "Cmd": null, "Image": "i"}, "Path": "sh",
                "PreviousSpec": {"TaskTemplate": {"ContainerSpec": {"Env": ["B=secret"]}}}}),
        );
        assert!(!shown.to_string().contains("secret"), "{shown}");
        assert_eq!((&shown["Config"]["Env"], &shown["Config"]["Image"]), (&json!([]), &json!("i")));
    }

    #[test]
    fn nothing_is_filtered_where_everything_may_be_seen() {
        assert!(Filter::of(&settings(false, None, &[]), "x", "container-list").is_none());
        assert!(Filter::of(&settings(true, None, &[]), "x", "image-list").is_none());
    }
}

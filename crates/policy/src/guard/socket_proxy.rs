//! The environment of docker-socket-proxy (Tecnativa), as an allow-list.

use super::{CallerSettings, Only, Who};
use crate::glob::Glob;

/// The first part of a path, and the variable that opens it. Facts of its `haproxy.cfg`.
const SECTIONS: &[(&str, &str)] = &[
    ("_ping", "PING"),
    ("auth", "AUTH"),
    ("build", "BUILD"),
    ("commit", "COMMIT"),
    ("configs", "CONFIGS"),
    ("containers", "CONTAINERS"),
    ("distribution", "DISTRIBUTION"),
    ("events", "EVENTS"),
    ("exec", "EXEC"),
    ("grpc", "GRPC"),
    ("images", "IMAGES"),
    ("info", "INFO"),
    ("networks", "NETWORKS"),
    ("nodes", "NODES"),
    ("plugins", "PLUGINS"),
    ("secrets", "SECRETS"),
    ("services", "SERVICES"),
    ("session", "SESSION"),
    ("swarm", "SWARM"),
    ("system", "SYSTEM"),
    ("tasks", "TASKS"),
    ("version", "VERSION"),
    ("volumes", "VOLUMES"),
];

/// What is open unless it is said to be shut.
const OPEN: [&str; 3] = ["EVENTS", "PING", "VERSION"];

/// Single operations that are open without `POST`.
const SINGLE: &[(&str, &[&str])] = &[
    ("ALLOW_START", &["container-start"]),
    ("ALLOW_STOP", &["container-stop"]),
    ("ALLOW_RESTARTS", &["container-stop", "container-restart", "container-kill"]),
    ("ALLOW_PAUSE", &["container-pause"]),
    ("ALLOW_UNPAUSE", &["container-unpause"]),
];

impl CallerSettings {
    /// What docker-socket-proxy lets everyone do under this environment: `variable` gives the value
    /// of a variable where it is set. Everything else of it (where it listens) is not for here.
    pub fn of_socket_proxy(variable: impl Fn(&str) -> Option<String>) -> Self {
        let on = |name: &str| match variable(name) {
            Some(value) => is_true(&value),
            None => OPEN.contains(&name),
        };
        let opened = |path: &str| {
            let first = path.split('/').nth(1).unwrap_or_default();
            SECTIONS.iter().any(|(section, name)| *section == first && on(name))
        };
        let reads = |method: &str| matches!(method, "GET" | "HEAD");
        let routes = dockward_request::routes();
        let sections =
            routes.filter(|route| opened(route.path) && (reads(route.method) || on("POST")));
        let single =
            SINGLE.iter().filter(|(name, _)| on(name)).flat_map(|(_, ids)| ids.iter().copied());
        let allow = sections.map(|route| route.id).chain(single).map(Glob::new).collect();
        Self {
            who: Who::Anyone,
            profile: None,
            allow: Some(allow),
            only: Only::default(),
            own: false,
            hide: Vec::new(),
            waivers: false,
            reserved_names: false,
            bind_roots: Vec::new(),
        }
    }
}

/// A Boolean as HAProxy's `-m bool` takes an environment variable: any number but zero.
fn is_true(value: &str) -> bool {
    value.trim().parse::<i64>().is_ok_and(|number| number != 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn allowed(variables: &[(&str, &str)]) -> impl Fn(&str) -> bool {
        let variables: Vec<(String, String)> = variables
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect();
        let settings = CallerSettings::of_socket_proxy(|name| {
            variables.iter().find(|(one, _)| one == name).map(|(_, value)| value.clone())
        });
        let allow = settings.allow.unwrap();
        move |id| allow.iter().any(|glob| glob.matches(id))
    }

    #[test]
    fn nothing_said_opens_events_ping_and_version() {
        let may = allowed(&[]);
        assert!(
            may("system-events")
                && may("system-ping")
                && may("system-ping-head")
                && may("system-version")
        );
        assert!(!may("container-list") && !may("system-info") && !may("container-start"));
        let may = allowed(&[("EVENTS", "0")]);
        assert!(!may("system-events"));
    }

    #[test]
    fn a_section_is_read_only_without_post() {
        let may = allowed(&[("CONTAINERS", "1")]);
        assert!(may("container-list") && may("container-inspect") && may("container-logs"));
        assert!(!may("container-create") && !may("container-start") && !may("image-list"));
        let may = allowed(&[("CONTAINERS", "1"), ("POST", "1")]);
        assert!(may("container-create") && may("container-remove") && !may("exec-start"));
    }

    #[test]
    fn single_operations_need_no_post() {
        let may = allowed(&[("ALLOW_RESTARTS", "1")]);
        assert!(may("container-restart") && may("container-kill") && !may("container-start"));
    }
}

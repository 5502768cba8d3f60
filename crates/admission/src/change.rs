//! Changes to a request for a container, as its user would make them.

use std::fmt;

use dockward_request::{Name, Value as Body};

/// More fields than these are not tried one by one.
const MOST: usize = 24;

/// A change.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Change {
    /// A field of the host's half is left out.
    Without(Name, Body),
    /// An item of a list of it is left out.
    WithoutItem(Name, usize, Body),
    /// Something is added.
    With(&'static Addition),
}

/// Something that is added.
#[derive(Debug, PartialEq)]
pub(crate) struct Addition {
    told: &'static str,
    host: bool,
    field: &'static str,
    /// A text, or a number where it is all digits.
    value: &'static str,
    /// Whether the field is a list of texts.
    listed: bool,
}

const ADDITIONS: &[Addition] = &[
    Addition {
        told: "`--cap-drop ALL` (`cap_drop: [ALL]`)",
        host: true,
        field: "CapDrop",
        value: "ALL",
        listed: true,
    },
    Addition {
        told: "`--security-opt no-new-privileges` (`security_opt:`)",
        host: true,
        field: "SecurityOpt",
        value: "no-new-privileges",
        listed: true,
    },
    Addition {
        told: "a user that is not root: `--user 65534` (`user:`)",
        host: false,
        field: "User",
        value: "65534",
        listed: false,
    },
    Addition {
        told: "a limit on memory: `--memory 512m` (`mem_limit:`)",
        host: true,
        field: "Memory",
        value: "536870912",
        listed: false,
    },
    Addition {
        told: "a limit on processes: `--pids-limit 200` (`pids_limit:`)",
        host: true,
        field: "PidsLimit",
        value: "200",
        listed: false,
    },
    Addition {
        told: "`--read-only` (`read_only: true`)",
        host: true,
        field: "ReadonlyRootfs",
        value: "true",
        listed: false,
    },
];

/// What can be changed of a request, in the order of its fields.
pub(crate) fn changes(body: &Body) -> Vec<Change> {
    let host = body.get("HostConfig").map_or(&[][..], Body::entries);
    let mut all = Vec::new();
    for (name, value) in host.iter().filter(|(_, value)| says_something(value)) {
        match value {
            Body::List(items) if items.len() > 1 => {
                let items = items.iter().enumerate();
                all.extend(
                    items.map(|(at, item)| Change::WithoutItem(name.clone(), at, item.clone())),
                );
            }
            value => all.push(Change::Without(name.clone(), value.clone())),
        }
    }
    all.truncate(MOST);
    all.extend(ADDITIONS.iter().map(Change::With));
    all
}

/// An empty list of masked paths says something.
fn says_something(value: &Body) -> bool {
    !value.says_nothing() || matches!(value, Body::List(_))
}

impl Change {
    pub(crate) fn make(&self, body: &mut Body) {
        match self {
            Self::Without(field, _) => in_host(body, |host| host.set(field, Body::Null)),
            Self::WithoutItem(field, at, _) => in_host(body, |host| {
                if let Some(Body::List(items)) = host.get(field) {
                    let left = items.iter().enumerate().filter(|(place, _)| place != at);
                    host.set(field, Body::List(left.map(|(_, item)| item.clone()).collect()));
                }
            }),
            Self::With(addition) if addition.host => in_host(body, |host| addition.make(host)),
            Self::With(addition) => addition.make(body),
        }
    }
}

fn in_host(body: &mut Body, change: impl FnOnce(&mut Body)) {
    let mut host = match body.get("HostConfig") {
        Some(host @ Body::Object(_)) => host.clone(),
        _ => Body::Object(Vec::new()),
    };
    change(&mut host);
    body.set("HostConfig", host);
}

impl Addition {
    fn make(&self, fields: &mut Body) {
        let value = match self.value {
            "true" => Body::Flag(true),
            digits if self.field != "User" && digits.bytes().all(|b| b.is_ascii_digit()) => {
                digits.parse::<u64>().map_or(Body::Null, |number| Body::Number(number.into()))
            }
            text => Body::Text(text.to_owned()),
        };
        if !self.listed {
            fields.set(self.field, value);
            return;
        }
        let mut items = fields.get(self.field).map_or(&[][..], Body::items).to_vec();
        items.push(value);
        fields.set(self.field, Body::List(items));
    }
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Without(field, value) | Self::WithoutItem(field, _, value) => {
                write!(f, "leave out HostConfig.{field} (`{}`)", brief(value))
            }
            Self::With(addition) => write!(f, "add {}", addition.told),
        }
    }
}

fn brief(value: &Body) -> String {
    let text = match value {
        Body::Text(text) => text.clone(),
        Body::List(items) if items.len() == 1 => {
            return items.first().map(brief).unwrap_or_default();
        }
        other => String::from_utf8_lossy(&other.encode()).into_owned(),
    };
    let shown: String = text.chars().filter(|c| !c.is_control()).take(60).collect();
    if shown.len() < text.len() { format!("{shown}…") } else { shown }
}

//! Which containers a caller may touch and see.

use dockward_policy::{CallerSettings, Only};
use serde_json::Value;

use crate::decide::{Asked, OWNER};
use crate::violation::Violation;

/// Whether a caller may touch some containers only.
pub(crate) const fn is_limited(settings: &CallerSettings) -> bool {
    settings.own || settings.only.says_something()
}

/// Why a container is none that the caller may touch. `record` is as inspect has it.
pub(crate) fn outside(asked: &Asked<'_>, record: &Value) -> Option<Violation> {
    let settings = asked.held.settings;
    let name = record["Name"].as_str().unwrap_or_default().trim_start_matches('/');
    let seen = Seen {
        names: vec![name.to_owned()],
        image: record["Config"]["Image"].as_str().unwrap_or_default(),
        labels: &record["Config"]["Labels"],
    };
    if seen.is_within(settings, &asked.principal.name) {
        return None;
    }
    let (rule, what) = if settings.own && !seen.is_owned(&asked.principal.name) {
        ("guard-owner", "made by somebody else")
    } else {
        ("guard-caller", "none of those that it may touch")
    };
    let message = format!("the container `{name}` is to {} {what}", asked.principal.name);
    Some(Violation::new(rule, message, ""))
}

/// What a container is chosen by.
pub(crate) struct Seen<'a> {
    /// Names without their slash.
    pub(crate) names: Vec<String>,
    pub(crate) image: &'a str,
    /// An object of texts.
    pub(crate) labels: &'a Value,
}

impl Seen<'_> {
    pub(crate) fn is_within(&self, settings: &CallerSettings, owner: &str) -> bool {
        (!settings.own || self.is_owned(owner)) && self.is_chosen(&settings.only)
    }

    fn is_owned(&self, owner: &str) -> bool {
        self.labels.get(OWNER).and_then(Value::as_str) == Some(owner)
    }

    fn is_chosen(&self, only: &Only) -> bool {
        let label = |(key, wanted): &(String, Option<dockward_policy::Glob>)| {
            let value = self.labels.get(key).and_then(Value::as_str);
            value.is_some_and(|value| wanted.as_ref().is_none_or(|glob| glob.matches(value)))
        };
        only.name.as_ref().is_none_or(|glob| self.names.iter().any(|name| glob.matches(name)))
            && only.label.as_ref().is_none_or(label)
            && only.image.as_ref().is_none_or(|glob| glob.matches(self.image))
    }
}

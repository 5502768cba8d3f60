//! What decides over requests, in words: to say what of it changed.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::guard::{CallerSettings, GuardSettings, Hidden, Only, Who};
use crate::selector::Selector;
use crate::{Config, Glob, Waiver};

/// What decides over requests, part by part. It can be kept, and compared with what came later.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct InForce {
    /// Profile, rules and folders of the host.
    pub policy: Items,
    /// What each caller may do, in the order in which they are looked for.
    pub roles: Items,
    /// Findings that are accepted.
    pub waivers: Items,
    /// Certificates that the guard shows, and that vouch for callers; none where nobody said which,
    /// since no settings file does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub keys: Option<Items>,
}

/// What a part consists of.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Items(Vec<Item>);

/// One thing, and what is said of it: field by field.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Item {
    name: String,
    said: BTreeMap<String, String>,
}

impl Item {
    fn new<const N: usize>(name: String, said: [(&str, Option<String>); N]) -> Self {
        let said = said.into_iter().filter_map(|(field, text)| Some((field.to_owned(), text?)));
        Self { name, said: said.collect() }
    }

    /// What is said of it, in one line.
    fn text(&self) -> String {
        let said = self.said.iter().map(|(field, text)| match field.is_empty() {
            true => text.clone(),
            false => format!("{field} {text}"),
        });
        said.collect::<Vec<_>>().join("; ")
    }
}

/// Things by their names, each with what is said of it.
impl FromIterator<(String, String)> for Items {
    fn from_iter<T: IntoIterator<Item = (String, String)>>(all: T) -> Self {
        let items = all.into_iter().map(|(name, said)| Item::new(name, [("", Some(said))]));
        Self(numbered(items))
    }
}

impl Items {
    /// One line each, in their order: what a digest is made of.
    #[must_use]
    pub fn text(&self) -> String {
        self.0.iter().map(|item| format!("{}: {}\n", item.name, item.text())).collect()
    }

    /// What is other than it was, a line each; nothing where all is the same.
    #[must_use]
    pub fn changes_since(&self, before: &Self) -> Vec<String> {
        let was: BTreeMap<_, _> = before.0.iter().map(|item| (&item.name, item)).collect();
        let is: BTreeMap<_, _> = self.0.iter().map(|item| (&item.name, item)).collect();
        let gone = before.0.iter().filter(|item| !is.contains_key(&item.name));
        let mut changes: Vec<_> = gone.map(|item| format!("{} removed", item.name)).collect();
        changes.extend(self.0.iter().filter_map(|item| match was.get(&item.name) {
            None => Some(format!("{} added: {}", item.name, item.text())),
            Some(was) if was.said == item.said => None,
            Some(was) => Some(format!("{}: {}", item.name, differences(was, item))),
        }));
        if self.0 != before.0 && changes.is_empty() {
            let names: Vec<_> = self.0.iter().map(|item| item.name.as_str()).collect();
            changes.push(format!("now in this order: {}", names.join(", ")));
        }
        changes
    }
}

/// Field by field, what it was and what it is.
fn differences(was: &Item, is: &Item) -> String {
    let mut fields: Vec<_> = was.said.keys().chain(is.said.keys()).collect();
    fields.sort_unstable();
    fields.dedup();
    let differs = fields.into_iter().filter(|field| was.said.get(*field) != is.said.get(*field));
    let told = differs.map(|field| {
        let of = |item: &Item| item.said.get(field).cloned().unwrap_or_else(|| "-".to_owned());
        let (was, is) = (of(was), of(is));
        if field.is_empty() { format!("{was} → {is}") } else { format!("{field} {was} → {is}") }
    });
    told.collect::<Vec<_>>().join("; ")
}

impl Config {
    /// What of it decides over requests. With `monitor` nothing is denied.
    #[must_use]
    pub fn in_force(&self, monitor: bool) -> InForce {
        InForce {
            policy: Items(policy(&self.guard, monitor)),
            roles: Items(numbered(self.guard.callers.iter().map(role))),
            waivers: Items(numbered(self.waivers.iter().map(waiver))),
            keys: None,
        }
    }
}

fn policy(guard: &GuardSettings, monitor: bool) -> Vec<Item> {
    let one = |name: &str, text: String| Item::new(name.to_owned(), [("", Some(text))]);
    let mut items = vec![one("profile", guard.profile.name().to_owned())];
    items.extend(monitor.then(|| one("monitor", "nothing is denied".to_owned())));
    items.extend(
        guard.bind_roots.iter().map(|root| one(&format!("bind-root {root}"), "yes".into())),
    );
    items.extend(guard.rules.iter().map(|(id, denies)| {
        one(&format!("rule {id}"), if *denies { "deny" } else { "allow" }.to_owned())
    }));
    items
}

/// Of several of one name, those after the first are told apart.
fn numbered(items: impl Iterator<Item = Item>) -> Vec<Item> {
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    let mut all: Vec<Item> = items.collect();
    for item in &mut all {
        let count = seen.entry(item.name.clone()).or_default();
        *count += 1;
        if *count > 1 {
            item.name = format!("{} ({count})", item.name);
        }
    }
    all
}

fn role(caller: &CallerSettings) -> Item {
    let who = match &caller.who {
        Who::User(name) => format!("user:{name}"),
        Who::Group(name) => format!("group:{name}"),
        Who::Container(glob) => format!("container:{}", glob.as_str()),
        Who::Certificate(glob) => format!("certificate:{}", glob.as_str()),
        Who::Anyone => "anyone".to_owned(),
    };
    let yes = |on: bool| on.then(|| "yes".to_owned());
    let Only { name, label, image } = &caller.only;
    let glob = |glob: &Option<Glob>| glob.as_ref().map(|glob| glob.as_str().to_owned());
    let allow = caller.allow.as_ref().map(|all| list(all.iter().map(Glob::as_str)));
    Item::new(
        format!("caller {who}"),
        [
            ("profile", caller.profile.map(|profile| profile.name().to_owned())),
            ("allow", Some(allow.unwrap_or_else(|| "what the profile lets".to_owned()))),
            ("only-name", glob(name)),
            ("only-label", label.as_ref().map(|(key, value)| labelled(key, value.as_ref()))),
            ("only-image", glob(image)),
            ("own", yes(caller.own)),
            ("hide", some(caller.hide.iter().map(|hidden| hidden_name(*hidden)))),
            ("waivers", yes(caller.waivers)),
            ("reserved-names", yes(caller.reserved_names)),
            ("bind-roots", some(caller.bind_roots.iter().map(String::as_str))),
        ],
    )
}

fn list<'a>(texts: impl Iterator<Item = &'a str>) -> String {
    let all: Vec<_> = texts.collect();
    if all.is_empty() { "nothing".to_owned() } else { all.join(", ") }
}

fn some<'a>(texts: impl Iterator<Item = &'a str>) -> Option<String> {
    let mut texts = texts.peekable();
    texts.peek()?;
    Some(list(texts))
}

fn labelled(key: &str, value: Option<&Glob>) -> String {
    value.map_or_else(|| key.to_owned(), |value| format!("{key}={}", value.as_str()))
}

const fn hidden_name(hidden: Hidden) -> &'static str {
    match hidden {
        Hidden::Env => "env",
        Hidden::Argv => "argv",
        Hidden::Labels => "labels",
        Hidden::Mounts => "mounts",
    }
}

fn waiver(waiver: &Waiver) -> Item {
    let selectors: Vec<_> = waiver.selectors.iter().map(selector).collect();
    Item::new(
        format!("waiver {} for {}", waiver.rule.as_str(), selectors.join(" and ")),
        [
            ("owner", Some(waiver.owner.clone())),
            ("reason", Some(waiver.reason.clone())),
            ("until", Some(waiver.until.map_or_else(|| "ever".to_owned(), |day| day.to_string()))),
        ],
    )
}

fn selector(selector: &Selector) -> String {
    let of = |kind: &str, glob: &Glob| format!("{kind} {}", glob.as_str());
    match selector {
        Selector::Container(glob) => of("container", glob),
        Selector::Label { key, value } => format!("label {}", labelled(key, value.as_ref())),
        Selector::Image(glob) => of("image", glob),
        Selector::Compose { project, service } => {
            let project = project.as_ref().map_or("*", Glob::as_str);
            format!("compose {project}/{}", service.as_str())
        }
        Selector::Resource(glob) => of("resource", glob),
        Selector::Package(glob) => of("package", glob),
        Selector::Vulnerability(glob) => of("vulnerability", glob),
        Selector::Version(glob) => of("version", glob),
        Selector::Kind(kind) => format!("kind {kind:?}"),
        Selector::Fix(states) => format!("fix {states:?}"),
        Selector::Host => "the host".to_owned(),
        Selector::Daemon => "the daemon".to_owned(),
    }
}

#[cfg(test)]
mod tests;

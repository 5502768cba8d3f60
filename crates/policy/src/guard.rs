//! What `[guard]` of `dockward.toml` says: what requests to the engine are held to, and what each
//! caller may do.

mod preset;
mod socket_proxy;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use toml::Spanned;

use crate::glob::Glob;
use crate::near;
use crate::problems::{Found, Kind};
use crate::raw::{RawCaller, RawGuard, Slot};
use crate::shown::shown;

pub use preset::Preset;

/// What the guard itself holds requests to, beside the rules over containers: id and title.
pub const GUARD_RULES: &[(&str, &str)] = &[
    ("guard-bind-root", "host folders are mounted only from roots that callers can't write"),
    ("guard-caller", "a caller does only what it may"),
    ("guard-field", "no field is set whose worth can't be judged"),
    ("guard-owner", "containers of others are left alone"),
    ("guard-plugin", "no plugin of the engine is added, changed or switched off"),
    ("guard-swarm", "the swarm itself is not changed"),
    ("guard-network-driver", "networks are bridges or overlays"),
    ("guard-build", "a build gets nothing of the host"),
    ("guard-reserved-name", "nobody takes the name of a caller that may more"),
    ("guard-checkpoint", "no checkpoint is read from or written to the host"),
];

/// A set of rules that denies, in the sense of Kubernetes' Pod Security Standards.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Profile {
    /// Nothing is denied that is understood; what would be is on record.
    Observe,
    /// What leads to the host is denied.
    #[default]
    Baseline,
    /// What a container can do without is denied too.
    Restricted,
}

impl Profile {
    /// Every profile, from the widest.
    pub const ALL: [Self; 3] = [Self::Observe, Self::Baseline, Self::Restricted];

    /// The word in settings.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Observe => "observe",
            Self::Baseline => "baseline",
            Self::Restricted => "restricted",
        }
    }
}

/// What requests are held to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct GuardSettings {
    /// The profile of everyone for whom nothing else is said.
    pub profile: Profile,
    /// Folders of the host below which containers may mount; none unless told.
    pub bind_roots: Vec<String>,
    /// Rules that deny (`true`) or don't, whatever the profile says.
    pub rules: BTreeMap<String, bool>,
    /// What is said of callers. The first that fits a caller holds.
    pub callers: Vec<CallerSettings>,
}

/// What one caller, or some, may do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CallerSettings {
    /// Whom it is about.
    pub who: Who,
    /// Its profile, where it has one of its own.
    pub profile: Option<Profile>,
    /// The operations that it may do, by their ids; all that the profile lets where nothing is said.
    pub allow: Option<Vec<Glob>>,
    /// What it may do them with.
    pub only: Only,
    /// Whether it sees and touches its own containers only.
    pub own: bool,
    /// What it doesn't get to see.
    pub hide: Vec<Hidden>,
    /// Whether waivers hold for it. They select by names and labels, which callers choose.
    pub waivers: bool,
    /// Whether it may give containers the names of callers.
    pub reserved_names: bool,
    /// More folders of the host below which it may mount.
    pub bind_roots: Vec<String>,
}

/// Whom a caller's settings are about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Who {
    /// A user of the host, by name or number.
    User(String),
    /// Members of a group of the host, by name or number.
    Group(String),
    /// A container, by its name.
    Container(Glob),
    /// A client, by a name in its certificate.
    Certificate(Glob),
    /// Everyone.
    Anyone,
}

/// What operations may be done with.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Only {
    /// Containers of this name.
    pub name: Option<Glob>,
    /// Containers with this label, of this value where one is said.
    pub label: Option<(String, Option<Glob>)>,
    /// Containers of this image.
    pub image: Option<Glob>,
}

impl Only {
    /// Whether anything is said.
    #[must_use]
    pub const fn says_something(&self) -> bool {
        self.name.is_some() || self.label.is_some() || self.image.is_some()
    }
}

/// What a caller doesn't get to see.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hidden {
    /// The environment of containers.
    Env,
    /// Their command lines.
    Argv,
    /// Labels.
    Labels,
    /// Mounts and volumes.
    Mounts,
}

const HIDDEN: [(&str, Hidden); 4] = [
    ("env", Hidden::Env),
    ("argv", Hidden::Argv),
    ("labels", Hidden::Labels),
    ("mounts", Hidden::Mounts),
];

pub(crate) fn guard(raw: &RawGuard<'_>, known: &[&str], found: &mut Found<'_>) -> GuardSettings {
    GuardSettings {
        profile: profile(&raw.profile, found).unwrap_or_default(),
        bind_roots: roots(&raw.bind_roots, found),
        rules: rules(raw, known, found),
        callers: raw.callers.iter().filter_map(|raw| caller(raw, found)).collect(),
    }
}

fn profile(slot: &Slot<&str>, found: &mut Found<'_>) -> Option<Profile> {
    let word = slot.there()?;
    let profile = Profile::ALL.into_iter().find(|one| one.name() == *word.get_ref());
    if profile.is_none() {
        none_of("profile", word, Profile::ALL.map(Profile::name), found);
    }
    profile
}

fn none_of<const N: usize>(
    what: &str,
    word: &Spanned<&str>,
    names: [&str; N],
    found: &mut Found<'_>,
) {
    let message = format!("`{}` is no {what}", shown(word.get_ref()));
    found.add(Kind::UnknownKey, word.span(), message, || {
        let all = || Some(format!("write one of {}", names.map(|n| format!("`{n}`")).join(", ")));
        near::question(word.get_ref(), names).or_else(all)
    });
}

/// Absolute, and without detours: they are compared with real paths.
fn roots(slot: &Slot<Vec<Spanned<&str>>>, found: &mut Found<'_>) -> Vec<String> {
    let all = slot.there().map(Spanned::get_ref).map_or(&[][..], Vec::as_slice);
    let plain = |path: &str| {
        path.starts_with('/')
            && path.split('/').skip(1).all(|part| !matches!(part, "" | "." | ".."))
    };
    let checked = all.iter().filter_map(|root| {
        let path = root.get_ref();
        if plain(path) {
            return Some((*path).to_owned());
        }
        let message = format!("`{}` is no plain absolute path", shown(path));
        found.add(Kind::Empty, root.span(), message, || {
            Some("write it from `/` on, without `..`, and not `/` itself".to_owned())
        });
        None
    });
    checked.collect()
}

fn rules(raw: &RawGuard<'_>, known: &[&str], found: &mut Found<'_>) -> BTreeMap<String, bool> {
    let mut rules = BTreeMap::new();
    for (id, word) in &raw.rules {
        let all = || known.iter().copied().chain(GUARD_RULES.iter().map(|(id, _)| *id));
        if !all().any(|one| one == *id.get_ref()) {
            let message = format!("no rule has the id `{}`", shown(id.get_ref()));
            found
                .add(Kind::UnknownRule, id.span(), message, || near::question(id.get_ref(), all()));
        }
        match *word.get_ref() {
            "deny" => rules.insert((*id.get_ref()).to_owned(), true),
            "allow" => rules.insert((*id.get_ref()).to_owned(), false),
            _ => {
                none_of("verdict of a rule", word, ["deny", "allow"], found);
                None
            }
        };
    }
    rules
}

fn caller(raw: &RawCaller<'_>, found: &mut Found<'_>) -> Option<CallerSettings> {
    let who = who(raw, found)?;
    let preset = preset(&raw.preset, found);
    let allow = operations(&raw.allow, found);
    let allow = match (preset, allow) {
        (Some(preset), more) => {
            Some(preset.operations().chain(more.into_iter().flatten()).collect())
        }
        (None, allow) => allow,
    };
    let mut hide = hidden(&raw.hide, found);
    hide.extend(preset.into_iter().flat_map(|preset| preset.hides().iter().copied()));
    Some(CallerSettings {
        who,
        profile: profile(&raw.profile, found),
        allow,
        only: Only {
            name: glob(&raw.only_name),
            label: raw.only_label.there().map(|label| label_of(label.get_ref())),
            image: glob(&raw.only_image),
        },
        own: set(&raw.own),
        hide,
        waivers: set(&raw.waivers),
        reserved_names: set(&raw.reserved_names),
        bind_roots: roots(&raw.bind_roots, found),
    })
}

fn set(slot: &Slot<bool>) -> bool {
    slot.there().is_some_and(|on| *on.get_ref())
}

fn glob(slot: &Slot<&str>) -> Option<Glob> {
    slot.there().map(|text| Glob::new(*text.get_ref()))
}

fn label_of(text: &str) -> (String, Option<Glob>) {
    match text.split_once('=') {
        Some((key, value)) => (key.to_owned(), Some(Glob::new(value))),
        None => (text.to_owned(), None),
    }
}

/// Exactly one of the fields that say whom it is about.
fn who(raw: &RawCaller<'_>, found: &mut Found<'_>) -> Option<Who> {
    let text = |slot: &Slot<&str>| slot.there().map(|text| (*text.get_ref()).to_owned());
    let all = [
        text(&raw.user).map(Who::User),
        text(&raw.group).map(Who::Group),
        glob(&raw.container).map(Who::Container),
        glob(&raw.certificate).map(Who::Certificate),
        set(&raw.anyone).then_some(Who::Anyone),
    ];
    let mut said = all.into_iter().flatten();
    match (said.next(), said.next()) {
        (Some(who), None) => Some(who),
        (first, _) => {
            let message =
                if first.is_some() { "a caller is one of several" } else { "nobody is named" };
            found.add(Kind::Missing, raw.header.clone(), message, || {
                let words = "`user`, `group`, `container`, `certificate` or `anyone = true`";
                Some(format!("write one of {words} below `[[guard.caller]]`"))
            });
            None
        }
    }
}

fn preset(slot: &Slot<&str>, found: &mut Found<'_>) -> Option<Preset> {
    let word = slot.there()?;
    let preset = Preset::ALL.into_iter().find(|one| one.name() == *word.get_ref());
    if preset.is_none() {
        none_of("preset", word, Preset::ALL.map(Preset::name), found);
    }
    preset
}

fn operations(slot: &Slot<Vec<Spanned<&str>>>, found: &mut Found<'_>) -> Option<Vec<Glob>> {
    let words = slot.there()?;
    let ids = || dockward_request::routes().map(|route| route.id);
    let known = words.get_ref().iter().filter_map(|word| {
        let glob = Glob::new(*word.get_ref());
        if ids().any(|id| glob.matches(id)) {
            return Some(glob);
        }
        let message = format!("no operation is called `{}`", shown(word.get_ref()));
        found.add(Kind::UnknownKey, word.span(), message, || near::question(word.get_ref(), ids()));
        None
    });
    Some(known.collect())
}

fn hidden(slot: &Slot<Vec<Spanned<&str>>>, found: &mut Found<'_>) -> Vec<Hidden> {
    let words = slot.there().map(Spanned::get_ref).map_or(&[][..], Vec::as_slice);
    let all = words.iter().filter_map(|word| {
        let hidden = HIDDEN.iter().find(|(name, _)| name == word.get_ref());
        if hidden.is_none() {
            none_of("thing that can be hidden", word, HIDDEN.map(|(name, _)| name), found);
        }
        hidden.map(|(_, hidden)| *hidden)
    });
    all.collect()
}

//! Who asks, by name, and what is said of them.

use dockward_collect::requested::Surroundings;
use dockward_engine::Ask;
use dockward_guard::{Caller, Process, Within};
use dockward_model::facts::Host;
use dockward_policy::{CallerSettings, GuardSettings, Only, Profile, Who};
use serde::Deserialize;

use crate::engine::{Engine, Unasked};

/// Who asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Principal {
    /// As people are told it and as containers carry it: `user:deploy`, `container:traefik`,
    /// `certificate:alice`, `nobody`.
    pub name: String,
    /// Whether it is root on the host, which can do all of this without the guard.
    pub root: bool,
    kind: Kind,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Kind {
    User { uid: u32, name: Option<String>, groups: Vec<u32>, group_names: Vec<String> },
    Container(String),
    Certificate(Vec<String>),
    Nobody,
}

#[derive(Deserialize)]
struct Named {
    #[serde(rename = "Name")]
    name: String,
}

impl Principal {
    /// Who a caller is. A process that is in a container is that container, and one that is
    /// elsewhere is nobody.
    pub(crate) fn of(caller: &Caller, engine: &dyn Engine) -> Result<Self, Unasked> {
        match caller {
            Caller::Certificate(certificate) => {
                let names: Vec<String> =
                    certificate.common_name.iter().chain(&certificate.names).cloned().collect();
                let name = names.first().map_or("?", String::as_str);
                let name = format!("certificate:{name}");
                Ok(Self { name, root: false, kind: Kind::Certificate(names) })
            }
            Caller::Process(process) => match &process.within {
                Within::Host => Ok(Self::user(process, &*engine.surroundings()?)),
                Within::Container(id) => Self::container(&id.0, engine),
                Within::Elsewhere(_) => Ok(Self::nobody()),
            },
        }
    }

    fn user(process: &Process, surroundings: &Surroundings) -> Self {
        let host = &surroundings.host;
        let user = user_name(host, process.uid);
        let mut groups = process.groups.clone();
        groups.push(process.gid);
        let group_names = group_names(host, &groups);
        let name = user.clone().unwrap_or_else(|| process.uid.to_string());
        let kind = Kind::User { uid: process.uid, name: user, groups, group_names };
        Self { name: format!("user:{name}"), root: process.uid == 0, kind }
    }

    /// A container that the engine doesn't know is nobody.
    fn container(id: &str, engine: &dyn Engine) -> Result<Self, Unasked> {
        let answer = engine.ask(&Ask::Container(id.to_owned()))?;
        let named = answer.and_then(|text| serde_json::from_str::<Named>(&text).ok());
        Ok(named.map_or_else(Self::nobody, |named| {
            let name = named.name.trim_start_matches('/').to_owned();
            Self { name: format!("container:{name}"), root: false, kind: Kind::Container(name) }
        }))
    }

    fn nobody() -> Self {
        Self { name: "nobody".to_owned(), root: false, kind: Kind::Nobody }
    }

    /// What is said of it: the first entry that fits.
    pub(crate) fn settings(&self, guard: &GuardSettings) -> CallerSettings {
        let first = guard.callers.iter().find(|entry| self.is(&entry.who));
        first.cloned().unwrap_or_else(|| unnamed(self.root))
    }

    fn is(&self, who: &Who) -> bool {
        match (who, &self.kind) {
            (Who::Anyone, _) => true,
            (Who::User(wanted), Kind::User { uid, name, .. }) => {
                name.as_ref() == Some(wanted) || wanted.parse() == Ok(*uid)
            }
            (Who::Group(wanted), Kind::User { groups, group_names, .. }) => {
                group_names.contains(wanted)
                    || wanted.parse().is_ok_and(|gid: u32| groups.contains(&gid))
            }
            (Who::Container(glob), Kind::Container(name)) => glob.matches(name),
            (Who::Certificate(glob), Kind::Certificate(names)) => {
                names.iter().any(|name| glob.matches(name))
            }
            _ => false,
        }
    }

    /// Somebody of whom nothing but the name is known.
    #[cfg(test)]
    pub(crate) fn named(name: &str) -> Self {
        Self { name: name.to_owned(), root: false, kind: Kind::Nobody }
    }
}

/// Those of whom nothing is said. Waivers and names of callers are root's alone.
fn unnamed(root: bool) -> CallerSettings {
    CallerSettings {
        who: Who::Anyone,
        profile: None::<Profile>,
        allow: None,
        only: Only::default(),
        own: false,
        hide: Vec::new(),
        waivers: root,
        reserved_names: root,
        bind_roots: Vec::new(),
    }
}

fn user_name(host: &Host, uid: u32) -> Option<String> {
    let users = host.users.get()?;
    users.iter().find(|user| user.uid == uid).map(|user| user.name.clone())
}

fn group_names(host: &Host, gids: &[u32]) -> Vec<String> {
    let groups = host.groups.get().map_or(&[][..], Vec::as_slice);
    groups
        .iter()
        .filter(|group| gids.contains(&group.gid))
        .map(|group| group.name.clone())
        .collect()
}

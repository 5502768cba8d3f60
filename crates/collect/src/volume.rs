//! Volumes: what the engine tells of them, and which paths of the host they are.

mod place;

use std::collections::BTreeMap;

use dockward_engine::Lenient;
use dockward_engine::api::{self, Texts};
use dockward_model::facts::{Fact, Field, Mount, Volume};

use crate::field::{Answered, Odd, text_part};
use crate::redacted;

pub(crate) use place::Place;

/// The engine's volumes by name, passwords in their options included: those stay in here.
#[derive(Debug, Default)]
pub(crate) struct Volumes {
    /// Whether one that is not in the list will be made, in the engine's own folder.
    makes_missing: bool,
    by_name: Fact<BTreeMap<String, Result<Told, Odd>>>,
}

#[derive(Debug)]
struct Told {
    driver: String,
    mountpoint: String,
    options: Texts,
}

impl Volumes {
    /// Of the answer to `/volumes`.
    pub(crate) fn of(list: &Lenient<Vec<api::Volume>>) -> Self {
        let named = |one: &api::Volume| Some((one.name.known()?.clone(), told(one)));
        let by_name = match list {
            Lenient::Known(list) => Fact::Known(list.iter().filter_map(named).collect()),
            Lenient::Missing | Lenient::Null => Fact::Known(BTreeMap::new()),
            Lenient::Odd(odd) => Fact::Unknown(format!("the engine's list of volumes: {odd}")),
        };
        Self { makes_missing: false, by_name }
    }

    /// The same for what is only asked for: the engine makes volumes that aren't there.
    pub(crate) fn and_made(self) -> Self {
        Self { makes_missing: true, ..self }
    }

    /// Which path of the host a mounted volume is; `brought` are the options that the container's
    /// own configuration gives it.
    pub(crate) fn place(&self, mount: &Mount, brought: Option<&Texts>) -> Place {
        let is_local = |driver: &str| driver.is_empty() || driver == "local";
        if !mount.driver.as_deref().is_none_or(is_local) {
            return Place::at(&mount.source);
        }
        let by_name = match &self.by_name {
            Fact::Known(by_name) => by_name,
            Fact::Absent => return Place::at(&mount.source),
            Fact::Unknown(why) => return Place::Unknown(why.clone()),
        };
        match (mount.volume.as_ref().and_then(|name| by_name.get(name)), brought) {
            (Some(Ok(told)), _) if !is_local(&told.driver) => Place::at(&told.mountpoint),
            (Some(Ok(told)), _) => place::of_options(&told.options, &told.mountpoint),
            (Some(Err(odd)), _) => Place::Unknown(format!("the volume {odd}")),
            (None, Some(options)) => place::of_options(options, &mount.source),
            (None, None) if self.makes_missing => Place::Nowhere,
            (None, None) => Place::Unknown("the volume is not in the engine's list".to_owned()),
        }
    }
}

fn told(one: &api::Volume) -> Result<Told, Odd> {
    let options = crate::field::part("Options", &one.options)?;
    Ok(Told {
        driver: text_part("Driver", &one.driver)?,
        mountpoint: text_part("Mountpoint", &one.mountpoint)?,
        options: options.cloned().unwrap_or_default(),
    })
}

/// The volumes as they go into a snapshot: no password in their options.
pub(crate) fn volumes(list: &Lenient<Vec<api::Volume>>) -> Field<Vec<Volume>> {
    Answered::new("/volumes").whole(list.as_ref(), |_, one| {
        let Told { driver, mountpoint, options } = told(one)?;
        let options = options.iter().map(|(name, value)| (name.clone(), option(name, value)));
        let name = text_part("Name", &one.name)?;
        Ok(Volume { name, driver, mountpoint, options: options.collect() })
    })
}

/// Mount options are a list of `name=value` in one text, as in `username=u,password=p`.
fn option(name: &str, value: &str) -> String {
    let one = |word: &str| match word.split_once('=') {
        Some((name, value)) => format!("{name}={}", redacted::value_of(name, value).0),
        None => redacted::text(word).0,
    };
    let words: Vec<String> = value.split(',').map(one).collect();
    let joined = words.join(",");
    if joined == value { redacted::value_of(name, value).0 } else { joined }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told_of(json: &str) -> Lenient<Vec<api::Volume>> {
        serde_json::from_str(json).unwrap()
    }

    #[test]
    fn a_password_among_mount_options_is_replaced_and_its_neighbours_stay() {
        let list = told_of(
            r#"[{"Name":"share","Driver":"local","Mountpoint":"/m","Options":{"type":"cifs",
                "o":"username=backup,password=Tr0ub4dor&3x,vers=3.0","device":"//nas/share"}}]"#,
        );
        let kept = serde_json::to_string(&volumes(&list)).unwrap();
        assert!(!kept.contains("Tr0ub4dor"), "{kept}");
        assert!(kept.contains("username=backup") && kept.contains("vers=3.0"), "{kept}");
    }

    #[test]
    fn an_odd_volume_leaves_the_list_unknown_and_its_own_place_only() {
        let list = told_of(r#"[{"Name":"a","Mountpoint":7},{"Name":"b","Mountpoint":"/m/b"}]"#);
        assert!(volumes(&list).fact.unknown().is_some());
        let known = Volumes::of(&list);
        assert!(matches!(known.place(&mount("a"), None), Place::Unknown(_)));
        assert_eq!(known.place(&mount("b"), None), Place::at("/m/b"));
    }

    #[test]
    fn a_volume_that_nobody_lists_has_no_known_place() {
        let none = Volumes::of(&told_of("null"));
        assert!(matches!(none.place(&mount("a"), None), Place::Unknown(_)));
        let unread = Volumes::of(&Lenient::Odd("timed out".into()));
        assert!(matches!(unread.place(&mount("a"), None), Place::Unknown(_)));
    }

    fn mount(name: &str) -> Mount {
        Mount {
            kind: dockward_model::facts::MountKind::Volume,
            volume: Some(name.to_owned()),
            driver: Some("local".into()),
            source: String::new(),
            host_path: Fact::Absent,
            node: Fact::Absent,
            target: "/data".into(),
            writable: true,
            propagation: String::new(),
            origin: dockward_model::facts::Origin::Nowhere,
        }
    }
}

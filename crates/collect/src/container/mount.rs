//! Mounts: what the engine mounts in fact, and what was asked for where it doesn't tell.

mod asked;

use dockward_engine::api::{MountPoint, Texts};
use dockward_model::facts::{Fact, Field, Mount, MountKind, Origin};

use super::{Around, Record};
use crate::field::{Odd, filled, not_empty, part, text_part};
use crate::volume::Place;

pub(crate) use asked::asked_mount;

/// A mount, and the options of its volume where the container itself brought them.
pub(crate) struct Asked {
    pub(crate) mount: Mount,
    options: Option<Texts>,
}

/// Why mounts are unknown, and where one would look for them.
type Unread = (String, Origin);

/// Every mount of a container, each once.
pub(super) fn mounts(r: &Record<'_>, around: Around<'_>) -> Field<Vec<Mount>> {
    match found(r) {
        Err((why, origin)) => Field::unknown(why, origin),
        Ok(found) => {
            let led = found.into_iter().flat_map(|one| on_the_host(one, around));
            let mut all: Vec<Mount> = led.collect();
            // The engine's own order changes from answer to answer.
            all.sort_by(|a, b| (&a.target, &a.source).cmp(&(&b.target, &b.source)));
            let fact = not_empty(all).map_or(Fact::Absent, Fact::Known);
            Field { fact, origin: r.answered.origin("Mounts") }
        }
    }
}

/// What is mounted in fact comes first; what was only asked for is added where nothing is mounted.
fn found(r: &Record<'_>) -> Result<Vec<Asked>, Unread> {
    let points = r.inspect.mounts.as_ref();
    let mut all = listed(r.answered.list("Mounts", points, |at, point| mounted(r, at, point)))?;
    for asked in asked::mounts(r)? {
        let place = asked.mount.target.trim_end_matches('/');
        match all.iter_mut().find(|one| one.mount.target.trim_end_matches('/') == place) {
            Some(mounted) => mounted.options = mounted.options.take().or(asked.options),
            None => all.push(asked),
        }
    }
    Ok(all)
}

/// A list that may be absent.
fn listed<T>(field: Field<Vec<T>>) -> Result<Vec<T>, Unread> {
    match field.fact {
        Fact::Known(list) => Ok(list),
        Fact::Absent => Ok(Vec::new()),
        Fact::Unknown(why) => Err((why, field.origin)),
    }
}

fn mounted(r: &Record<'_>, at: usize, point: &MountPoint) -> Result<Asked, Odd> {
    let mount = Mount {
        kind: kind(&text_part("Type", &point.kind)?),
        volume: filled(&text_part("Name", &point.name)?),
        driver: filled(&text_part("Driver", &point.driver)?),
        source: text_part("Source", &point.source)?,
        host_path: Fact::Absent,
        node: Fact::Absent,
        target: text_part("Destination", &point.destination)?,
        writable: part("RW", &point.rw)?.copied().unwrap_or(true),
        propagation: text_part("Propagation", &point.propagation)?,
        origin: r.answered.origin_at(format!("Mounts[{at}]")),
    };
    Ok(Asked { mount, options: None })
}

fn kind(word: &str) -> MountKind {
    match word {
        "bind" => MountKind::Bind,
        "volume" => MountKind::Volume,
        "tmpfs" => MountKind::Tmpfs,
        "image" => MountKind::Image,
        _ => MountKind::Other,
    }
}

/// Where a mount has its files, as it is written down.
pub(crate) fn place(asked: &Asked, around: Around<'_>) -> Place {
    match asked.mount.kind {
        MountKind::Tmpfs | MountKind::Image | MountKind::Other => Place::Nowhere,
        MountKind::Volume => around.volumes.place(&asked.mount, asked.options.as_ref()),
        MountKind::Bind => Place::at(&asked.mount.source),
    }
}

/// The mount with the path that it has on the host; a volume can be made of several.
fn on_the_host(found: Asked, around: Around<'_>) -> Vec<Mount> {
    let place = place(&found, around);
    let mut mount = found.mount;
    match place {
        Place::Nowhere => vec![mount],
        Place::Unknown(why) => {
            (mount.host_path, mount.node) = (Fact::Unknown(why.clone()), Fact::Unknown(why));
            vec![mount]
        }
        Place::At { paths, writable } => {
            mount.writable &= writable;
            let led = paths.into_iter().map(|source| Mount { source, ..mount.clone() });
            led.map(|mut mount| {
                around.ground.lead(&mut mount);
                mount
            })
            .collect()
        }
    }
}

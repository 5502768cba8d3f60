//! Mounts as they were asked for: `--volume`, `--mount` and `--tmpfs`.

use dockward_engine::api::{MountSpec, Texts};
use dockward_model::facts::{Fact, Mount, MountKind, Origin};

use super::{Asked, Unread, kind, listed};
use crate::container::Record;
use crate::field::{Odd, filled, part, text_part};

pub(super) fn mounts(r: &Record<'_>) -> Result<Vec<Asked>, Unread> {
    let binds =
        r.answered.list("HostConfig.Binds", r.host(|h| &h.binds), |at, text| Ok(bind(r, at, text)));
    let specs = r.answered.list("HostConfig.Mounts", r.host(|h| &h.mounts), |at, one| {
        asked_mount(one, r.answered.origin_at(format!("HostConfig.Mounts[{at}]")))
    });
    let tmpfs = r.host(|h| &h.tmpfs);
    let tmpfs = r.answered.read("HostConfig.Tmpfs", tmpfs, "an object of texts", |all| {
        Ok(Some(all.iter().map(|(path, options)| memory(r, path, options)).collect()))
    });
    let mut all = listed(binds)?;
    all.extend(listed(specs)?);
    all.extend(listed(tmpfs)?);
    Ok(all)
}

/// `source:target[:options]`; a source that is no path is a volume's name, and a target alone is
/// a volume without one.
fn bind(r: &Record<'_>, at: usize, text: &str) -> Asked {
    let mut parts = text.splitn(3, ':');
    let first = parts.next().unwrap_or_default();
    let (source, target) = parts.next().map_or(("", first), |target| (first, target));
    let options: Vec<&str> = parts.next().unwrap_or_default().split(',').collect();
    let is_path = source.starts_with('/');
    let propagation = options.iter().find(|word| {
        matches!(**word, "shared" | "slave" | "private" | "rshared" | "rslave" | "rprivate")
    });
    let mount = Mount {
        kind: if is_path { MountKind::Bind } else { MountKind::Volume },
        volume: filled(source).filter(|_| !is_path),
        driver: r.host(|h| &h.volume_driver).known().and_then(|d| filled(d)).filter(|_| !is_path),
        source: if is_path { source.to_owned() } else { String::new() },
        host_path: Fact::Absent,
        node: Fact::Absent,
        target: target.to_owned(),
        writable: !options.contains(&"ro"),
        propagation: propagation.copied().unwrap_or_default().to_owned(),
        origin: r.answered.origin_at(format!("HostConfig.Binds[{at}]")),
    };
    Asked { mount, options: None }
}

/// A mount as `--mount` asks for it.
pub(crate) fn asked_mount(one: &MountSpec, origin: Origin) -> Result<Asked, Odd> {
    let kind = kind(&text_part("Type", &one.kind)?);
    let source = text_part("Source", &one.source)?;
    let is_volume = kind == MountKind::Volume;
    let bind = one.bind_options.known();
    let propagation = bind.map(|b| text_part("Propagation", &b.propagation)).transpose()?;
    let driver = one.volume_options.known().and_then(|v| v.driver_config.known());
    let mount = Mount {
        kind,
        volume: filled(&source).filter(|_| is_volume),
        driver: driver.and_then(|d| d.name.known()).and_then(|name| filled(name)),
        source: if is_volume { String::new() } else { source },
        host_path: Fact::Absent,
        node: Fact::Absent,
        target: text_part("Target", &one.target)?,
        writable: !part("ReadOnly", &one.read_only)?.copied().unwrap_or_default(),
        propagation: propagation.unwrap_or_default(),
        origin,
    };
    let options: Option<Texts> = driver.and_then(|d| d.options.known()).cloned();
    Ok(Asked { mount, options })
}

fn memory(r: &Record<'_>, path: &str, options: &str) -> Asked {
    let mount = Mount {
        kind: MountKind::Tmpfs,
        volume: None,
        driver: None,
        source: String::new(),
        host_path: Fact::Absent,
        node: Fact::Absent,
        target: path.to_owned(),
        writable: !options.split(',').any(|word| word == "ro"),
        propagation: String::new(),
        origin: r.answered.origin_at(format!("HostConfig.Tmpfs[{path}]")),
    };
    Asked { mount, options: None }
}

//! Folders of the host that a container mounts: only from roots that callers can't write, so that
//! what was judged is what is mounted.

use dockward_collect::requested::Surroundings;
use dockward_collect::tree::Tree;
use dockward_engine::Ask;
use dockward_model::facts::{Container, Fact, FileFacts, Mount, MountKind};
use serde::Deserialize;

use crate::engine::{Engine, Unasked};
use crate::judge::Held;
use crate::violation::Violation;

const RULE: &str = "guard-bind-root";

/// The mounts that may not be: at most one violation each. `root` is whether the caller is root on
/// the host, who can write everywhere anyway.
pub(crate) fn judge(
    held: &Held<'_>,
    c: &Container,
    around: &Surroundings,
    engine: &dyn Engine,
    root: bool,
) -> Result<Vec<Violation>, Unasked> {
    if held.denies(RULE).is_none() {
        return Ok(Vec::new());
    }
    let mounts = match &c.mounts.fact {
        Fact::Known(mounts) => mounts.as_slice(),
        Fact::Absent => return Ok(Vec::new()),
        Fact::Unknown(why) => return Ok(vec![violation(format!("its mounts: {why}"), "")]),
    };
    let data_root = around.daemon.data_root.get().map_or("", String::as_str);
    let of_host: Vec<&Mount> = mounts.iter().filter(|m| is_of_host(m, data_root)).collect();
    if of_host.is_empty() {
        return Ok(Vec::new());
    }
    let others = if root { Vec::new() } else { written_by_others(engine, &c.id.0)? };
    let files = around.files();
    let mut broken = Vec::new();
    for mount in of_host {
        let wrong = match &mount.host_path {
            Fact::Known(path) => wrong(held, path, &files, &others, root),
            Fact::Absent => None,
            Fact::Unknown(why) => {
                Some(violation(format!("where {} leads: {why}", shown(mount)), ""))
            }
        };
        broken.extend(wrong);
    }
    Ok(broken)
}

/// A volume of the engine's own lies in a folder that nobody but root gets into.
fn is_of_host(mount: &Mount, data_root: &str) -> bool {
    let own = |path: &str| {
        let rest = path.strip_prefix(data_root).and_then(|rest| rest.strip_prefix("/volumes/"));
        !data_root.is_empty() && rest.is_some_and(|rest| rest.ends_with("/_data"))
    };
    match mount.kind {
        MountKind::Tmpfs | MountKind::Image | MountKind::Other => false,
        MountKind::Bind => true,
        MountKind::Volume => !mount.source.is_empty() && !own(&mount.source),
    }
}

fn shown(mount: &Mount) -> &str {
    if mount.source.is_empty() { &mount.target } else { &mount.source }
}

fn violation(message: String, fix: impl Into<String>) -> Violation {
    Violation::new(RULE, message, fix)
}

fn wrong(
    held: &Held<'_>,
    path: &str,
    files: &Fact<impl Tree>,
    others: &[Written],
    root: bool,
) -> Option<Violation> {
    let roots = || held.config.guard.bind_roots.iter().chain(&held.settings.bind_roots);
    if !roots().any(|root| path == root || is_below(path, root)) {
        let named: Vec<&str> = roots().map(String::as_str).collect();
        let allowed = match named.as_slice() {
            [] => "no folder of the host may be mounted here".to_owned(),
            some => format!("only from {}", some.join(", ")),
        };
        let fix = "use a named volume (`-v name:/path`), or ask for it among `bind-roots`";
        return Some(violation(format!("mounts {path} of the host: {allowed}"), fix));
    }
    if root {
        return None;
    }
    if let Some(other) = others.iter().find(|other| is_below(path, &other.source)) {
        let message = format!(
            "mounts {path}, and the container {} can write to {} above it: it could lead elsewhere by then",
            other.container, other.source
        );
        return Some(violation(message, "mount the same folder as a whole, or a named volume"));
    }
    loose(path, files).map(|(folder, why)| {
        violation(
            format!("mounts {path}, and {folder} on the way to it {why}: it could lead elsewhere by then"),
            format!("`chown root:root {folder}; chmod go-w {folder}`"),
        )
    })
}

fn is_below(path: &str, folder: &str) -> bool {
    path.strip_prefix(folder.trim_end_matches('/'))
        .is_some_and(|rest| rest.len() > 1 && rest.starts_with('/'))
}

/// The first folder on the way to `path`, itself left out, in which others than root can put
/// something else.
fn loose(path: &str, files: &Fact<impl Tree>) -> Option<(String, String)> {
    let Fact::Known(files) = files else {
        return Some(("/".to_owned(), "can't be looked at".to_owned()));
    };
    let ends = path.match_indices('/').map(|(at, _)| at.max(1));
    for end in ends {
        let folder = path.get(..end).unwrap_or("/");
        match files.stat(folder) {
            Fact::Known(facts) if is_roots(&facts) => {}
            Fact::Known(facts) => {
                let why = format!("belongs to {}, mode {:o}", facts.uid, facts.mode & 0o7777);
                return Some((folder.to_owned(), why));
            }
            // The engine makes what is missing, in a folder that was looked at.
            Fact::Absent => return None,
            Fact::Unknown(why) => {
                return Some((folder.to_owned(), format!("can't be looked at: {why}")));
            }
        }
    }
    None
}

fn is_roots(facts: &FileFacts) -> bool {
    facts.uid == 0 && facts.mode & 0o022 == 0
}

/// A folder of the host that a container can write to.
struct Written {
    container: String,
    source: String,
}

#[derive(Deserialize)]
struct Listed {
    #[serde(rename = "Id")]
    id: String,
    #[serde(rename = "Names", default)]
    names: Option<Vec<String>>,
    #[serde(rename = "Mounts", default)]
    mounts: Option<Vec<Mounted>>,
}

#[derive(Deserialize)]
struct Mounted {
    #[serde(rename = "Source", default)]
    source: String,
    #[serde(rename = "RW", default)]
    writable: bool,
}

fn written_by_others(engine: &dyn Engine, own: &str) -> Result<Vec<Written>, Unasked> {
    let text = engine.ask(&Ask::Containers)?.unwrap_or_default();
    let list: Vec<Listed> = serde_json::from_str(&text)
        .map_err(|error| Unasked(format!("its list of containers: {error}")))?;
    let mut written = Vec::new();
    for one in list.into_iter().filter(|one| one.id != own) {
        let container = one.names.unwrap_or_default().into_iter().next().unwrap_or(one.id);
        let container = container.trim_start_matches('/').to_owned();
        let mounts = one.mounts.unwrap_or_default().into_iter();
        let mounts = mounts.filter(|mount| mount.writable && mount.source.starts_with('/'));
        written.extend(
            mounts.map(|mount| Written { container: container.clone(), source: mount.source }),
        );
    }
    Ok(written)
}

#[cfg(test)]
mod tests {
    use super::*;
    use dockward_collect::tree::Recorded;

    fn folder(uid: u32, mode: u32) -> FileFacts {
        FileFacts { mode, uid, gid: 0, node: "dir".into(), modified: None }
    }

    #[test]
    fn below_is_by_whole_names() {
        assert!(is_below("/srv/data/a", "/srv/data") && is_below("/srv", "/"));
        assert!(!is_below("/srv/data", "/srv/data") && !is_below("/srv/database", "/srv/data"));
    }

    #[test]
    fn each_folder_on_the_way_must_be_roots_and_the_last_need_not() {
        let files = |mode, uid| {
            let tree =
                Recorded::new().node("/", folder(0, 0o755), b"").node("/srv", folder(0, mode), b"");
            Fact::Known(tree.node("/srv/data", folder(uid, 0o777), b""))
        };
        assert_eq!(loose("/srv/data", &files(0o755, 1000)), None);
        assert_eq!(loose("/srv/data", &files(0o775, 0)).unwrap().0, "/srv");
        assert_eq!(loose("/srv/data/sub", &files(0o755, 1000)).unwrap().0, "/srv/data");
        assert_eq!(loose("/srv/new/sub", &files(0o755, 0)), None);
        assert!(loose("/srv", &Fact::<Recorded>::Absent).is_some());
    }

    #[test]
    fn the_engines_own_volumes_are_not_of_the_host() {
        let mount = |kind, source: &str| Mount {
            kind,
            volume: None,
            driver: None,
            source: source.into(),
            host_path: Fact::Absent,
            node: Fact::Absent,
            target: "/x".into(),
            writable: true,
            propagation: String::new(),
            origin: dockward_model::facts::Origin::Nowhere,
        };
        let root = "/var/lib/docker";
        assert!(!is_of_host(&mount(MountKind::Volume, "/var/lib/docker/volumes/v/_data"), root));
        assert!(is_of_host(&mount(MountKind::Volume, "/etc"), root));
        assert!(is_of_host(&mount(MountKind::Bind, "/var/lib/docker/volumes/v/_data"), root));
    }
}

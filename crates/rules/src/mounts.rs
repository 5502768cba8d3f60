//! The mounts of a container that show a place of the host, and what each of them means.

use std::borrow::Cow;

use dockward_model::facts::{Case, Fact, Mount, MountKind, MountedFs, Origin};
use dockward_model::verdict::{Evidence, Failure, Outcome};

use crate::host_path::{self, Access, Meaning, Relation, Weight};
use crate::standing::opens_as_root;

/// A mount of a path of the host.
pub(crate) struct HostMount<'a> {
    pub(crate) mount: &'a Mount,
    /// The path on the host by which it is judged, without detours; empty where it is not absolute.
    pub(crate) path: Cow<'a, str>,
    /// Why it isn't known where the path really leads.
    pub(crate) unresolved: Option<&'a str>,
}

/// The mounts that show a place of the host; `Err` where the list could not be read.
pub(crate) fn of_host<'a>(case: &'a Case<'_>) -> Result<Vec<HostMount<'a>>, Outcome> {
    let field = &case.container.mounts;
    match &field.fact {
        Fact::Known(list) => Ok(list.iter().filter_map(host_mount).collect()),
        Fact::Absent => Ok(Vec::new()),
        Fact::Unknown(_) => Err(Outcome::unread(field)),
    }
}

fn host_mount(mount: &Mount) -> Option<HostMount<'_>> {
    let unresolved = mount.host_path.unknown();
    if matches!(mount.kind, MountKind::Tmpfs | MountKind::Image) {
        return None;
    }
    match mount.judged_path() {
        Some(path) => {
            let path = host_path::normal(path).unwrap_or_default();
            Some(HostMount { mount, path, unresolved })
        }
        // A volume whose place could not be resolved and that has no path of its own.
        None => unresolved.map(|_| HostMount { mount, path: Cow::Borrowed(""), unresolved }),
    }
}

/// A place of the host that can be reached through a mount, and what that means.
pub(crate) struct Hit {
    pub(crate) meaning: Meaning,
    /// What was seen, in words: path, target, and what it means.
    told: String,
    /// What to remove, as the user wrote it.
    named: String,
    origin: Origin,
    /// Whether it is the kernel's word.
    in_force: bool,
}

impl Hit {
    fn evidence(&self, expected: &str) -> Evidence {
        let evidence = Evidence::at(&self.origin, &*self.told, expected);
        if self.in_force { evidence.effective() } else { evidence }
    }
}

/// The worst that writing through this mount means, if it can be written through at all: a
/// read-only mount can have writable ones below it, which the kernel shows.
pub(crate) fn written(case: &Case<'_>, mount: &HostMount<'_>) -> Option<Hit> {
    if is_written_itself(mount.mount) {
        return hit(case, mount, Access::Write);
    }
    let kernel = &case.container.kernel()?.mounts;
    let below = kernel.get()?.iter().filter(|fs| is_open_below(case, mount.mount, fs));
    let hits = below.filter_map(|fs| {
        let inner = fs.target.strip_prefix(mount.mount.target.trim_end_matches('/'))?;
        let path = format!("{}{inner}", mount.path);
        let path = host_path::normal(&path)?;
        let meaning = host_path::meaning(&path, Access::Write, data_root(case))?;
        let told = format!("{path} at {}, writable: {}", fs.target, meaning.describe());
        let named = named(mount.mount);
        Some(Hit { meaning, told, named, origin: kernel.origin.clone(), in_force: true })
    });
    hits.max_by_key(|hit| hit.meaning.weight)
}

/// Whether `fs` is a writable part of the host's tree below `mount`, not another mount of the
/// container's own.
fn is_open_below(case: &Case<'_>, mount: &Mount, fs: &MountedFs) -> bool {
    let below = |target: &str| host_path::relation(&host_path::normal(target)?, &fs.target);
    let own = case.container.mounts.get().is_some_and(|list| {
        list.iter().any(|other| {
            let nested = host_path::relation(&mount.target, &other.target);
            nested == Some(Relation::Inside)
                && matches!(below(&other.target), Some(Relation::Is | Relation::Inside))
        })
    });
    !fs.read_only && !own && below(&mount.target) == Some(Relation::Inside)
}

/// The worst that reading through this mount means.
pub(crate) fn read(case: &Case<'_>, mount: &HostMount<'_>) -> Option<Hit> {
    hit(case, mount, Access::Read)
}

fn hit(case: &Case<'_>, mount: &HostMount<'_>, access: Access) -> Option<Hit> {
    let place = host_path::meaning(&mount.path, access, data_root(case));
    let device = is_block_device(mount.mount).then(|| disk(case));
    let meaning = place.into_iter().chain(device).max_by_key(|m| m.weight)?;
    let mode = if mount.mount.writable { "writable" } else { "read-only" };
    let target = &mount.mount.target;
    let told = format!("{} at {target}, {mode}: {}", told_path(mount), meaning.describe());
    let in_force = mount.unresolved.is_none();
    let (named, origin) = (named(mount.mount), mount.mount.origin.clone());
    Some(Hit { meaning, told, named, origin, in_force })
}

/// The mount as the user wrote it: a volume by its name, else the path.
pub(crate) fn named(mount: &Mount) -> String {
    match &mount.volume {
        Some(volume) => format!("the volume `{volume}`"),
        None => format!("the mount of `{}`", mount.source),
    }
}

/// The path as judged, and as written where that differs.
pub(crate) fn told_path<'a>(mount: &'a HostMount<'_>) -> Cow<'a, str> {
    let written = &mount.mount.source;
    let same = written.trim_end_matches('/') == mount.path || *written == mount.path;
    if same || written.is_empty() {
        Cow::Borrowed(&mount.path)
    } else {
        Cow::Owned(format!("{} (written {written})", mount.path))
    }
}

/// A node of a disk. Read-only says nothing for a device, and only the device cgroup keeps it shut.
fn disk(case: &Case<'_>) -> Meaning {
    let rules = case.container.device_cgroup_rules.get().is_some_and(|list| !list.is_empty());
    let open = rules || case.effective.privileged.get() == Some(&true);
    let weight = if open { Weight::Root } else { Weight::Much };
    Meaning { weight, relation: Relation::Is, place: "/dev", what: "a disk of the host" }
}

/// Whether a mount is written through itself, so that a writable one below it is nothing new.
pub(crate) fn is_written_itself(mount: &Mount) -> bool {
    mount.writable || is_block_device(mount)
}

fn is_block_device(mount: &Mount) -> bool {
    mount.node.known().is_some_and(|node| node == "block")
}

fn data_root<'a>(case: &'a Case<'_>) -> Option<&'a str> {
    case.daemon.data_root.get().map(String::as_str)
}

/// The failure that tells the worst of `hits` after `begin`, each as a piece of evidence, and how
/// much that one weighs; nothing where there are none. `instead` is the fix beside removing it.
pub(crate) fn failure(
    case: &Case<'_>,
    mut hits: Vec<Hit>,
    begin: &str,
    expected: &str,
    instead: &str,
) -> Option<(Weight, Failure)> {
    hits.sort_by_key(|hit| std::cmp::Reverse(hit.meaning.weight));
    let (worst, rest) = hits.split_first()?;
    let more = match rest.len() {
        0 => String::new(),
        1 => " (and 1 more mount)".into(),
        n => format!(" (and {n} more mounts)"),
    };
    let message = format!("{begin}: {}{more}", worst.told);
    let fix = format!("remove {} (`-v`, `volumes:`), or {instead}", worst.named);
    let failure = Failure::new(message, worst.evidence(expected), fix)
        .and(rest.iter().map(|hit| hit.evidence(expected)));
    let weight = worst.meaning.weight;
    Some((weight, opens_as_root(case, failure, weight.severity(), weight.gain())))
}

/// The outcome where nothing was found: unknown if it isn't known where some mount leads.
pub(crate) fn nothing_found(mounts: &[HostMount<'_>]) -> Outcome {
    let unresolved = mounts.iter().find_map(|mount| Some((mount, mount.unresolved?)));
    unresolved.map_or(Outcome::Pass, |(mount, why)| {
        let source = if mount.mount.source.is_empty() { "the volume" } else { &mount.mount.source };
        Outcome::Unknown(format!("where {source} at {} leads: {why}", mount.mount.target))
    })
}

#[cfg(test)]
mod tests;

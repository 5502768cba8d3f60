//! A container's cgroup and the limits in it (cgroups(7)).

use dockward_model::facts::{CgroupView, Fact, Field, Origin};

use super::mountinfo;
use crate::tree::Tree;

/// Longer than any limit file.
const LIMIT: usize = 4096;
/// Version 1 writes "no limit" as the largest number of whole pages.
const NO_LIMIT: u64 = 1 << 62;

/// Where cgroup hierarchies are mounted, as we ourselves see them, each opened once.
pub(crate) struct Hierarchies {
    mounts: Vec<Hierarchy>,
}

struct Hierarchy {
    files: Fact<Box<dyn Tree>>,
    /// Controllers of a version 1 hierarchy; none for version 2.
    controllers: Option<String>,
    root: String,
    target: String,
}

impl Hierarchies {
    /// From the text of our own mountinfo.
    pub(crate) fn open(tree: &dyn Tree, text: &str) -> Self {
        let of = |line: mountinfo::Line<'_>| {
            let controllers = match line.fs_type {
                "cgroup" => Some(line.super_options.to_owned()),
                "cgroup2" => None,
                _ => return None,
            };
            let (root, target) = (mountinfo::unescape(line.root), mountinfo::unescape(line.target));
            Some(Hierarchy { files: tree.below(&target), controllers, root, target })
        };
        Self { mounts: mountinfo::lines(text).filter_map(of).collect() }
    }

    fn with(&self, controller: Option<&str>) -> impl Iterator<Item = &Hierarchy> {
        self.mounts.iter().filter(move |mount| match (&mount.controllers, controller) {
            (Some(all), Some(wanted)) => all.split(',').any(|one| one == wanted),
            (None, None) => true,
            _ => false,
        })
    }
}

/// The lines of `/proc/PID/cgroup`.
#[derive(Debug, Clone)]
pub(crate) struct Membership<'a> {
    text: &'a str,
}

impl<'a> Membership<'a> {
    pub(crate) fn parse(text: &'a str) -> Self {
        Self { text }
    }

    fn lines(&self) -> impl Iterator<Item = (&'a str, &'a str)> {
        self.text.lines().filter_map(|line| line.split_once(':')?.1.split_once(':'))
    }

    /// Whether any cgroup of the process is named after the container.
    pub(crate) fn names(&self, id: &str) -> bool {
        self.lines().any(|(_, path)| path.split('/').any(|part| part.contains(id)))
    }

    /// Version 1's path for a controller, else version 2's.
    fn path(&self, controller: &str) -> Option<(Option<&'static str>, &'a str)> {
        let named = match controller {
            "memory" => "memory",
            "pids" => "pids",
            _ => "cpu",
        };
        let in_v1 = self.lines().find(|(all, _)| all.split(',').any(|one| one == named));
        let in_v2 = || self.lines().find(|(all, _)| all.is_empty()).map(|(_, path)| (None, path));
        in_v1.map(|(_, path)| (Some(named), path)).or_else(in_v2)
    }
}

/// A folder of a hierarchy, and whether that is of version 1.
struct Folder<'a> {
    hierarchy: &'a Hierarchy,
    /// Beneath where the hierarchy is mounted.
    path: String,
    is_v1: bool,
}

impl Folder<'_> {
    fn show(&self, file: &str) -> String {
        format!("{}{}/{file}", self.hierarchy.target, self.path)
    }
}

/// The limits of the container's own cgroup, by its process's membership.
pub(crate) fn view(hierarchies: &Hierarchies, membership: &Membership<'_>, id: &str) -> CgroupView {
    let folder = |controller| folder(hierarchies, membership, controller, id);
    CgroupView {
        memory: limit(folder("memory"), "memory.limit_in_bytes", "memory.max", bytes),
        pids: limit(folder("pids"), "pids.max", "pids.max", number),
        cpu_millis: cpu(folder("cpu")),
    }
}

fn folder<'a>(
    hierarchies: &'a Hierarchies,
    membership: &Membership<'_>,
    controller: &str,
    id: &str,
) -> Result<Folder<'a>, String> {
    let (version_1, path) =
        membership.path(controller).ok_or_else(|| format!("no cgroup for {controller}"))?;
    // An init in there may have moved itself further down; the limits are on the container's own.
    let mut end = 0;
    for part in path.split_inclusive('/') {
        end += part.len();
        if part.contains(id) {
            let own = path.get(..end).unwrap_or_default().trim_end_matches('/');
            return mounted_at(hierarchies, version_1, own);
        }
    }
    Err(format!("the cgroup {path} is not named after the container"))
}

fn mounted_at<'a>(
    hierarchies: &'a Hierarchies,
    version_1: Option<&str>,
    path: &str,
) -> Result<Folder<'a>, String> {
    if path.split('/').any(|part| part == "..") {
        return Err("its cgroup lies outside our own cgroup namespace".into());
    }
    hierarchies
        .with(version_1)
        .find_map(|mount| {
            let below = path.strip_prefix(mount.root.trim_end_matches('/'))?;
            let inside = below.is_empty() || below.starts_with('/');
            let (path, is_v1) = (below.to_owned(), version_1.is_some());
            inside.then_some(Folder { hierarchy: mount, path, is_v1 })
        })
        .ok_or_else(|| format!("the cgroup {path} is not mounted where we can see it"))
}

fn limit(
    folder: Result<Folder<'_>, String>,
    v1: &'static str,
    v2: &'static str,
    parse: fn(&str) -> Fact<u64>,
) -> Field<u64> {
    let folder = match folder {
        Ok(folder) => folder,
        Err(why) => return Field::unknown(why, Origin::kernel("/sys/fs/cgroup", v2)),
    };
    let file = if folder.is_v1 { v1 } else { v2 };
    let fact = match read(&folder, file) {
        Fact::Known(text) => parse(&text),
        Fact::Absent => Fact::Absent,
        Fact::Unknown(why) => Fact::Unknown(why),
    };
    Field { fact, origin: Origin::kernel(folder.show(file), "") }
}

/// A limit file. Absent where the cgroup is there and has no such controller: nothing limits it.
fn read(folder: &Folder<'_>, file: &str) -> Fact<String> {
    let files = match &folder.hierarchy.files {
        Fact::Known(files) => files,
        Fact::Absent => return Fact::Unknown(format!("{} is gone", folder.hierarchy.target)),
        Fact::Unknown(why) => return Fact::Unknown(why.clone()),
    };
    match files.read_text(&format!("{}/{file}", folder.path), LIMIT) {
        Fact::Absent => match files.stat(&folder.path) {
            Fact::Known(_) => Fact::Absent,
            Fact::Absent => Fact::Unknown(format!("the cgroup {} is gone", folder.path)),
            Fact::Unknown(why) => Fact::Unknown(why),
        },
        other => other,
    }
}

fn cpu(folder: Result<Folder<'_>, String>) -> Field<u64> {
    match folder {
        Ok(folder) if folder.is_v1 => {
            let origin = Origin::kernel(folder.show("cpu.cfs_quota_us"), "");
            let quota = read(&folder, "cpu.cfs_quota_us");
            let period = read(&folder, "cpu.cfs_period_us");
            let fact = match (quota, period) {
                (Fact::Known(quota), Fact::Known(period)) => millis(quota.trim(), period.trim()),
                (Fact::Unknown(why), _) | (_, Fact::Unknown(why)) => Fact::Unknown(why),
                (Fact::Absent, _) | (_, Fact::Absent) => Fact::Absent,
            };
            Field { fact, origin }
        }
        other => limit(other, "", "cpu.max", |text| {
            let (quota, period) = text.trim().split_once(' ').unwrap_or((text.trim(), "100000"));
            millis(quota, period)
        }),
    }
}

/// Thousandths of a CPU.
fn millis(quota: &str, period: &str) -> Fact<u64> {
    if quota == "max" || quota == "-1" {
        return Fact::Absent;
    }
    match (quota.parse::<u64>(), period.parse::<u64>()) {
        (Ok(quota), Ok(period)) if period > 0 => Fact::Known(quota.saturating_mul(1000) / period),
        _ => Fact::Unknown(format!("a CPU limit of {quota:?} in {period:?} can't be read")),
    }
}

fn number(text: &str) -> Fact<u64> {
    match text.trim() {
        "max" => Fact::Absent,
        digits => digits.parse().map_or_else(
            |_| Fact::Unknown(format!("a limit of {digits:?} can't be read")),
            Fact::Known,
        ),
    }
}

fn bytes(text: &str) -> Fact<u64> {
    match number(text) {
        Fact::Known(huge) if huge >= NO_LIMIT => Fact::Absent,
        other => other,
    }
}

#[cfg(test)]
mod tests;

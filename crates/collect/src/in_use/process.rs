//! What one process has open or mapped (proc_pid_maps(5), proc_pid_fd(5)).

use std::collections::{BTreeMap, BTreeSet};

use dockward_model::facts::{Fact, Process};

use crate::kernel::cgroup::Membership;
use crate::kernel::mountinfo;
use crate::tree::Proc;

/// How much of a list of mappings is read, in bytes: some 100,000 of them.
const MAPS: usize = 8 << 20;
/// How many open files of a process are looked at.
const MOST_OPEN: usize = 1 << 16;
/// What the kernel writes after the path of a file that has lost its name.
const DELETED: &str = " (deleted)";

/// The files of a process by their paths, and whether they have lost their name since.
#[derive(Debug)]
pub(super) struct Opened {
    pub(super) files: BTreeMap<String, bool>,
    pub(super) sockets: Fact<BTreeSet<u64>>,
    /// Why some could not be seen.
    pub(super) unread: Option<String>,
}

/// Where something else is mounted than the root: what lies below is not of the image.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Mounts {
    others: Vec<String>,
}

impl Mounts {
    /// The mounts of a container's process, read once for each mount namespace.
    pub(super) fn image(own: &Proc, known: &mut BTreeMap<String, Self>) -> Fact<Self> {
        let namespace = own.link("ns/mnt").known().cloned().unwrap_or_default();
        if let Some(mounts) = known.get(&namespace).filter(|_| !namespace.is_empty()) {
            return Fact::Known(mounts.clone());
        }
        let mounts = own.read_text("mountinfo", mountinfo::LIMIT).map(|text| Self::parse(text));
        if let Fact::Known(mounts) = &mounts {
            known.insert(namespace, mounts.clone());
        }
        mounts
    }

    fn parse(text: &str) -> Self {
        let targets = mountinfo::lines(text).map(|line| mountinfo::unescape(line.target));
        let mut others: Vec<_> = targets.filter(|target| target != "/").collect();
        others.sort_unstable();
        others.dedup();
        Self { others }
    }

    /// Whether a path lies on the root's own file system.
    fn holds(&self, path: &str) -> bool {
        !self.others.iter().any(|other| {
            path.strip_prefix(other.as_str())
                .is_some_and(|rest| rest.starts_with('/') || rest.is_empty())
        })
    }
}

/// The device and the folder in it that a process has as its root.
pub(super) type Root = ((u32, u32), String);

/// The root of the process of this name (`self`).
pub(super) fn root(proc: &Proc, name: &str) -> Option<Root> {
    let text = proc.read_text(&format!("{name}/mountinfo"), mountinfo::LIMIT);
    parse_root(text.known()?)
}

/// The last mount at `/` is the one that is seen.
fn parse_root(text: &str) -> Option<Root> {
    let at_root = mountinfo::lines(text).filter(|line| line.target == "/").last()?;
    Some((at_root.device, at_root.root.to_owned()))
}

/// Whether a process has this root, read once for each mount namespace.
pub(super) fn is_below(own: &Proc, root: &Root, known: &mut BTreeMap<String, bool>) -> Fact<bool> {
    let namespace = match own.link("ns/mnt") {
        Fact::Known(namespace) => namespace,
        Fact::Absent => return Fact::Absent,
        Fact::Unknown(why) => return Fact::Unknown(why),
    };
    if let Some(is) = known.get(&namespace) {
        return Fact::Known(*is);
    }
    let is = own.read_text("mountinfo", mountinfo::LIMIT);
    let is = is.map(|text| parse_root(text).as_ref() == Some(root));
    if let Fact::Known(is) = &is {
        known.insert(namespace, *is);
    }
    is
}

/// Whether a cgroup of the process is named after a container.
pub(super) fn is_in_cgroup_of(own: &Proc, id: &str) -> bool {
    let text = own.read_text("cgroup", 1 << 16);
    text.known().is_some_and(|text| Membership::parse(text).names(id))
}

/// Everything that a process has open or mapped; nothing of one that has ended meanwhile.
pub(super) fn opened(own: &Proc, process: &Process, mounts: &Mounts) -> Opened {
    let mut files = BTreeMap::new();
    let mut take = |path: &str| {
        let (path, deleted) = named(path);
        if path.starts_with('/') && mounts.holds(path) && !files.contains_key(path) {
            files.insert(path.to_owned(), deleted);
        }
    };
    if let Some(exe) = &process.exe {
        take(exe);
    }
    let mapped = mapped(own, &mut take);
    let (sockets, open) = open(own, mounts, &mut take);
    let unread = mapped.err().or(open.err());
    let unread = unread.map(|why| format!("{} (pid {}): {why}", process.comm, process.pid));
    Opened { files, sockets, unread }
}

fn named(path: &str) -> (&str, bool) {
    path.strip_suffix(DELETED).map_or((path, false), |path| (path, true))
}

fn mapped(own: &Proc, take: &mut dyn FnMut(&str)) -> Result<(), String> {
    let (maps, whole) = match own.read_start("maps", MAPS) {
        Fact::Known(read) => read,
        Fact::Absent => return Ok(()),
        Fact::Unknown(why) => return Err(why),
    };
    let text = String::from_utf8_lossy(&maps);
    let mut last = "";
    // The last line may have been cut.
    let end = if whole { text.len() } else { text.rfind('\n').unwrap_or(0) };
    for path in text.get(..end).unwrap_or_default().lines().filter_map(path_of) {
        if path != last {
            take(path);
            last = path;
        }
    }
    if whole { Ok(()) } else { Err(format!("its mappings are more than {MAPS} bytes")) }
}

/// The path in `7f00-7f01 r-xp 00000000 fe:00 1234      /usr/lib/x.so`.
fn path_of(line: &str) -> Option<&str> {
    let path = line.splitn(6, ' ').nth(5)?.trim_start();
    path.starts_with('/').then_some(path)
}

fn open(
    own: &Proc,
    mounts: &Mounts,
    take: &mut dyn FnMut(&str),
) -> (Fact<BTreeSet<u64>>, Result<(), String>) {
    let numbers = match own.numbers("fd", MOST_OPEN) {
        Fact::Known(numbers) => numbers,
        Fact::Absent => return (Fact::Absent, Ok(())),
        Fact::Unknown(why) => return (Fact::Unknown(why.clone()), Err(why)),
    };
    let mut sockets = BTreeSet::new();
    for number in numbers {
        let name = format!("fd/{number}");
        let Fact::Known(link) = own.link(&name) else { continue };
        if let Some(inode) = link.strip_prefix("socket:[").and_then(|rest| rest.strip_suffix(']')) {
            sockets.extend(inode.parse::<u64>());
        } else if link.starts_with('/') && mounts.holds(named(&link).0) && own.is_file(&name) {
            take(&link);
        }
    }
    (Fact::Known(sockets), Ok(()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mapping_is_told_by_its_path_if_it_has_one() {
        let line =
            "7f3c1a000000-7f3c1a028000 r--p 00000000 fe:00 1573       /usr/lib/a b.so (deleted)";
        assert_eq!(path_of(line).map(named), Some(("/usr/lib/a b.so", true)));
        for line in [
            "7ffd0-7ffd1 rw-p 00000000 00:00 0                          [stack]",
            "7f3c1-7f3c2 rw-p 00000000 00:00 0 ",
            "",
            "x",
        ] {
            assert_eq!(path_of(line), None, "{line}");
        }
    }

    #[test]
    fn what_lies_below_another_mount_is_not_of_the_image() {
        let mounts = Mounts::parse(
            "1 0 0:50 / / rw - overlay overlay rw\n2 1 0:51 / /proc rw - proc proc rw\n\
             3 1 8:1 /srv/v /usr/lib/plug\\040ins rw - ext4 /dev/sda1 rw\n",
        );
        assert!(mounts.holds("/usr/lib/x.so") && mounts.holds("/usr/lib/plug inside"));
        assert!(!mounts.holds("/usr/lib/plug ins/x.so") && !mounts.holds("/proc/1/maps"));
        assert!(!mounts.holds("/usr/lib/plug ins"), "a file that was mounted itself");
    }

    #[test]
    fn the_root_that_was_mounted_last_is_the_one_that_is_seen() {
        let text = "1 0 0:2 / / rw - rootfs rootfs rw\n2 1 254:0 /a / rw - ext4 /dev/vda rw\n";
        assert_eq!(parse_root(text), Some(((254, 0), "/a".into())));
        assert_eq!(parse_root(""), None);
    }
}

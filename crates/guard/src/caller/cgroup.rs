//! In which container a process runs, by its cgroups and namespaces.
//!
//! A process leaves its cgroup only where it may write to another, so a name that an engine gave is
//! believed where root alone could have made it: the folder that holds it belongs to root, and
//! nobody else may write there. Users make cgroups below their own (`user@1000.service`), with any
//! name; those are never taken for the engine's.

use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use dockward_model::ContainerId;

use super::Within;
use super::status::{Status, text};

/// Where that process runs.
pub(super) fn within(pid: u32, status: &Status) -> Result<Within, String> {
    let own = own()?;
    let cgroups = text(&format!("/proc/{pid}/cgroup"))?;
    let users = text(&format!("/proc/{pid}/uid_map"))?;
    let maker = |line: &Line<'_>, folder: &str| own.made_by_root(line, folder);
    Ok(match container(&cgroups, &maker) {
        Found::Container(id) => Within::Container(id),
        Found::Other(why) => Within::Elsewhere(why.to_owned()),
        Found::None if status.depth > own.depth => {
            Within::Elsewhere("it is in a process namespace of its own".to_owned())
        }
        Found::None if users != own.users => {
            Within::Elsewhere("it is in a user namespace of its own".to_owned())
        }
        Found::None => Within::Host,
    })
}

/// What the guard's own process is compared with.
struct Own {
    depth: usize,
    users: String,
    mounts: Vec<Mount>,
}

/// A mounted hierarchy of cgroups.
struct Mount {
    at: PathBuf,
    unified: bool,
    options: String,
}

fn own() -> Result<&'static Own, String> {
    static OWN: OnceLock<Result<Own, String>> = OnceLock::new();
    OWN.get_or_init(|| {
        Ok(Own {
            depth: Status::parse(&text("/proc/self/status")?)?.depth,
            users: text("/proc/self/uid_map")?,
            mounts: text("/proc/self/mountinfo")?.lines().filter_map(mount).collect(),
        })
    })
    .as_ref()
    .map_err(Clone::clone)
}

/// A line of `proc_pid_mountinfo(5)`, where it is of cgroups, whole.
fn mount(line: &str) -> Option<Mount> {
    let (before, behind) = line.split_once(" - ")?;
    let mut before = before.split(' ').skip(3);
    let (root, at) = (before.next()?, before.next()?);
    let mut behind = behind.split(' ');
    let (kind, _, options) = (behind.next()?, behind.next()?, behind.next()?);
    let unified = kind == "cgroup2";
    (root == "/" && (unified || kind == "cgroup")).then(|| Mount {
        at: PathBuf::from(at),
        unified,
        options: options.to_owned(),
    })
}

impl Own {
    /// Whether only root can have made what is in a folder of a hierarchy; none where it cannot be
    /// looked at.
    fn made_by_root(&self, line: &Line<'_>, folder: &str) -> Option<bool> {
        let mount = self.mounts.iter().find(|mount| line.is_of(mount))?;
        let folder = mount.at.join(folder.trim_start_matches('/'));
        let found = Path::new(&folder).symlink_metadata().ok()?;
        Some(found.is_dir() && found.uid() == 0 && found.mode() & 0o022 == 0)
    }
}

/// A line of `/proc/PID/cgroup` (`cgroups(7)`).
struct Line<'a> {
    controllers: &'a str,
    path: &'a str,
}

impl<'a> Line<'a> {
    fn parse(line: &'a str) -> Option<Self> {
        let (_, rest) = line.split_once(':')?;
        let (controllers, path) = rest.split_once(':')?;
        path.starts_with('/').then_some(Self { controllers, path })
    }

    fn is_of(&self, mount: &Mount) -> bool {
        let mut options = mount.options.split(',');
        match self.controllers.split(',').next() {
            Some("") | None => mount.unified,
            Some(first) => !mount.unified && options.any(|option| option == first),
        }
    }
}

#[derive(Debug, PartialEq, Eq)]
enum Found {
    None,
    Container(ContainerId),
    Other(&'static str),
}

/// The container that all hierarchies agree on. Whoever is in one in any of them is not outside.
fn container(cgroups: &str, made_by_root: &dyn Fn(&Line<'_>, &str) -> Option<bool>) -> Found {
    let mut found: Option<&str> = None;
    let mut sure = false;
    for line in cgroups.lines() {
        let Some(line) = Line::parse(line) else { return Found::Other("its cgroups are odd") };
        if line.path.split('/').any(|part| part == "..") {
            return Found::Other("its cgroup is not below the guard's");
        }
        let (id, folder) = match outermost(line.path) {
            Named::Nothing => continue,
            Named::Other => return Found::Other("it is in a container of another engine"),
            Named::Container { id, folder } => (id, folder),
        };
        if found.is_some_and(|other| other != id) {
            return Found::Other("its cgroups are those of two containers");
        }
        found = Some(id);
        match made_by_root(&line, folder) {
            Some(false) => {
                return Found::Other("its cgroup is in a folder that is not root's alone");
            }
            Some(true) => sure = true,
            None => {}
        }
    }
    match found {
        None => Found::None,
        Some(id) if sure => Found::Container(ContainerId(id.to_owned())),
        Some(_) => Found::Other("it cannot be told who made its cgroup"),
    }
}

enum Named<'a> {
    Nothing,
    Container { id: &'a str, folder: &'a str },
    Other,
}

/// The outermost part of a path that an engine names after a container: what is further in is up to
/// what runs in there.
fn outermost(path: &str) -> Named<'_> {
    let mut before = 0_usize;
    for part in path.split('/') {
        let scope = part.strip_prefix("docker-").and_then(|rest| rest.strip_suffix(".scope"));
        if let Some(id) = [Some(part), scope].into_iter().flatten().find(|name| is_id(name)) {
            return Named::Container { id, folder: path.get(..before).unwrap_or_default() };
        }
        if part.split(['-', '.', '_']).any(is_id) {
            return Named::Other;
        }
        before = before.saturating_add(part.len()).saturating_add(1);
    }
    Named::Nothing
}

fn is_id(name: &str) -> bool {
    name.len() == 64 && name.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(digit: &str) -> String {
        digit.repeat(64)
    }

    fn by_root(cgroups: &str) -> Found {
        container(cgroups, &|_, _| Some(true))
    }

    fn is(digit: &str) -> Found {
        Found::Container(ContainerId(id(digit)))
    }

    #[test]
    fn both_drivers_names_are_known_at_any_depth() {
        let a = id("a");
        for path in [
            format!("0::/docker/{a}"),
            format!("0::/system.slice/docker-{a}.scope"),
            format!("0::/custom.slice/docker-{a}.scope/init"),
            format!("4:memory:/dockward/run/docker/{a}\n3:cpuset:/docker/{a}\n0::/"),
            format!("0::/{a}"),
        ] {
            assert_eq!(by_root(&path), is("a"), "{path}");
        }
    }

    #[test]
    fn what_runs_inside_cannot_name_another_container() {
        let (a, b) = (id("a"), id("b"));
        assert_eq!(by_root(&format!("0::/docker/{a}/docker/{b}")), is("a"));
        assert_eq!(by_root(&format!("0::/docker/{a}/docker-{b}.scope")), is("a"));
        let two = format!("4:memory:/docker/{a}\n3:cpuset:/docker/{b}");
        assert!(matches!(by_root(&two), Found::Other(_)));
    }

    #[test]
    fn who_left_one_hierarchy_is_still_in_the_container() {
        let path = format!("4:memory:/\n3:cpuset:/docker/{}\n0::/", id("a"));
        assert_eq!(by_root(&path), is("a"));
    }

    #[test]
    fn a_name_that_a_user_could_have_made_is_no_container_and_not_the_host() {
        let path = format!("0::/user.slice/user@1000.service/docker-{}.scope", id("a"));
        let asked = |_: &Line<'_>, folder: &str| Some(folder != "/user.slice/user@1000.service/");
        assert!(matches!(container(&path, &asked), Found::Other(_)));
        assert!(matches!(container(&path, &|_, _| None), Found::Other(_)));
    }

    #[test]
    fn other_engines_and_namespaces_are_neither() {
        let a = id("a");
        for path in [
            format!("0::/machine.slice/libpod-{a}.scope/container"),
            format!("0::/kubepods.slice/cri-containerd-{a}.scope"),
            format!("0::/../../docker/{a}"),
            "0::/..".to_owned(),
            "nonsense".to_owned(),
        ] {
            assert!(matches!(by_root(&path), Found::Other(_)), "{path}");
        }
    }

    #[test]
    fn the_host_has_no_such_names() {
        for path in ["0::/user.slice/user-0.slice/session-1.scope", "0::/", "1:name=systemd:/"] {
            assert_eq!(by_root(path), Found::None, "{path}");
        }
        let upper = format!("0::/docker/{}", "A".repeat(64));
        assert_eq!(by_root(&upper), Found::None);
    }

    #[test]
    fn hierarchies_are_found_by_their_controllers() {
        let memory =
            mount("35 31 0:32 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory").unwrap();
        let unified =
            mount("41 31 0:38 / /sys/fs/cgroup rw shared:9 - cgroup2 cgroup2 rw").unwrap();
        let line = |text| Line::parse(text).unwrap();
        assert!(line("4:memory:/x").is_of(&memory) && !line("4:memory:/x").is_of(&unified));
        assert!(line("0::/x").is_of(&unified) && !line("0::/x").is_of(&memory));
        assert!(!line("5:cpu,cpuacct:/x").is_of(&memory));
        assert!(
            mount("35 31 0:32 /../.. /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory").is_none()
        );
        assert!(mount("31 23 0:28 / /sys/fs/cgroup rw - tmpfs tmpfs rw").is_none());
    }

    #[test]
    fn this_process_is_told_and_not_a_container_by_chance() {
        let status = Status::parse(&text("/proc/self/status").unwrap()).unwrap();
        let within = within(std::process::id(), &status).unwrap();
        assert!(!matches!(within, Within::Elsewhere(_)), "{within:?}");
    }
}

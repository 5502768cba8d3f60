//! On which file system the data root lies, as the daemon sees its mounts.

use dockward_model::facts::{Fact, Field, HeldBy, Origin, Partition};

use crate::kernel::mountinfo::{self, Line, unescape};
use crate::tree::{Proc, Tree};

/// Folders that the system fills, so that a full disk would hurt it.
const SYSTEM: &[&str] = &[
    "/", "/etc", "/home", "/opt", "/root", "/tmp", "/usr", "/var", "/var/lib", "/var/log",
    "/var/tmp",
];

/// What holds the data root; `files` and `pid` are the daemon's, or our own where they are not
/// known.
pub(crate) fn partition(
    proc: &Fact<Proc>,
    pid: Option<i32>,
    files: Option<&dyn Tree>,
    data_root: &Field<String>,
) -> Field<Partition> {
    let name = pid.map_or_else(|| "self/mountinfo".to_owned(), |pid| format!("{pid}/mountinfo"));
    let origin = Origin::kernel(format!("/proc/{name}"), "");
    let (Fact::Known(proc), Some(files)) = (proc, files) else {
        return Field::unknown("the host's own files were not looked at", origin);
    };
    let fact = match (proc.read_text(&name, mountinfo::LIMIT), real(files, data_root)) {
        (Fact::Known(text), Ok(path)) => of(&text, &path),
        (Fact::Unknown(why), _) | (_, Err(why)) => Fact::Unknown(why),
        (Fact::Absent, _) => Fact::Unknown("the engine's process has ended".into()),
    };
    Field { fact, origin }
}

fn real(files: &dyn Tree, data_root: &Field<String>) -> Result<String, String> {
    let path = match &data_root.fact {
        Fact::Known(path) => path,
        Fact::Absent => return Err("the engine names no data root".into()),
        Fact::Unknown(why) => return Err(why.clone()),
    };
    match files.real(path) {
        Fact::Known(real) => Ok(real),
        Fact::Absent => Err(format!("the data root {path} is not in sight")),
        Fact::Unknown(why) => Err(why),
    }
}

fn of(text: &str, data_root: &str) -> Fact<Partition> {
    let lines: Vec<_> = mountinfo::lines(text).map(|line| (unescape(line.target), line)).collect();
    match held(&lines, data_root) {
        Some(data_root) => {
            let system = SYSTEM.iter().filter_map(|path| held(&lines, path)).collect();
            Fact::Known(Partition { data_root, system })
        }
        None => Fact::Unknown(format!("no mount holds {data_root}")),
    }
}

/// The innermost mount, and of several at one place the last, which lies over the others.
fn held(lines: &[(String, Line<'_>)], path: &str) -> Option<HeldBy> {
    let holds = |target: &str| {
        let rest = path.strip_prefix(target.trim_end_matches('/'));
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    let holding = lines.iter().filter(|(target, _)| holds(target));
    let (target, line) = holding.max_by_key(|(target, _)| target.len())?;
    Some(HeldBy {
        path: path.to_owned(),
        mounted_at: target.clone(),
        root: unescape(line.root),
        device: format!("{}:{}", line.device.0, line.device.1),
        fs_type: line.fs_type.to_owned(),
        source: unescape(line.source),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tree::Recorded;

    const MOUNTS: &str = "\
21 1 253:0 / / rw - ext4 /dev/mapper/vg-root rw
22 21 0:20 / /proc rw - proc proc rw
23 21 253:1 / /data rw - xfs /dev/mapper/vg-data rw
24 21 253:2 / /var rw - ext4 /dev/mapper/vg-var rw
25 21 253:2 / /varnish rw - ext4 /dev/mapper/vg-var rw
26 24 253:3 / /var/lib/my\\040docker rw - ext4 /dev/sdb1 rw
27 24 253:4 / /var/lib/my\\040docker rw - xfs /dev/sdc1 rw
";

    fn at(path: &str) -> (String, String) {
        let Fact::Known(partition) = of(MOUNTS, path) else { panic!("{path}") };
        (partition.data_root.mounted_at, partition.data_root.device)
    }

    fn pair(mounted_at: &str, device: &str) -> (String, String) {
        (mounted_at.into(), device.into())
    }

    #[test]
    fn the_innermost_mount_holds_a_path_and_the_last_one_lies_on_top() {
        assert_eq!(at("/data/docker"), pair("/data", "253:1"));
        assert_eq!(at("/var/lib/docker"), pair("/var", "253:2"));
        assert_eq!(at("/srv/docker"), pair("/", "253:0"));
        assert_eq!(at("/var/lib/my docker"), pair("/var/lib/my docker", "253:4"));
        assert_eq!(at("/database"), pair("/", "253:0"));
    }

    #[test]
    fn the_systems_folders_are_told_beside_it() {
        let Fact::Known(partition) = of(MOUNTS, "/data") else { panic!("not read") };
        let device = |path: &str| {
            partition.system.iter().find(|one| one.path == path).map(|one| one.device.as_str())
        };
        assert_eq!((device("/"), device("/var/log")), (Some("253:0"), Some("253:2")));
        assert_eq!(partition.system.len(), SYSTEM.len());
    }

    #[test]
    fn links_of_the_data_root_are_followed_first() {
        let tree =
            Recorded::new().symlink("/var/lib/docker", "/data/docker").file("/data/docker/x", "");
        let root = |path: &str| Field::known(path.to_owned(), Origin::Nowhere);
        assert_eq!(real(&tree, &root("/var/lib/docker")), Ok("/data/docker".into()));
        assert!(real(&tree, &root("/srv")).is_err_and(|why| why.contains("not in sight")));
        assert!(real(&tree, &Field::unknown("eof", Origin::Nowhere)).is_err());
        assert!(real(&tree, &Field::absent(Origin::Nowhere)).is_err());
    }

    #[test]
    fn without_mounts_or_files_nothing_is_known() {
        assert!(of("", "/data").unknown().is_some());
        let root = Field::known("/".to_owned(), Origin::Nowhere);
        assert!(partition(&Fact::Absent, None, None, &root).fact.unknown().is_some());
        let here = partition(&Proc::host(), None, Some(&Recorded::new().file("/x", "")), &root);
        assert_eq!(here.get().map(|p| p.data_root.mounted_at.as_str()), Some("/"));
    }
}

//! The host as Dockward itself sees it: the one that it runs on, or one below a folder.

use std::path::{Path, PathBuf};

use dockward_model::facts::{self, Fact, Field, Host, Viewer};

use crate::host;
use crate::places::below;
use crate::tree::{Hidden, Live, Proc};
use crate::unseen::Notes;

/// This host as Dockward itself sees it.
pub(crate) struct Sight {
    /// Its processes.
    pub(crate) proc: Fact<Proc>,
    /// Its files.
    pub(crate) files: Fact<Live>,
    /// The folder that it is mounted below.
    pub(crate) root: Option<PathBuf>,
}

impl Sight {
    /// The host that we run on, or the one below `root`.
    pub(crate) fn of(root: Option<&Path>) -> Self {
        let root = root.map(|root| std::path::absolute(root).unwrap_or_else(|_| root.to_owned()));
        let root = root.filter(|root| root != Path::new("/"));
        match &root {
            None => Self { proc: Proc::host(), files: Live::host(), root: None },
            Some(folder) => {
                let files = Live::at(&folder.display().to_string());
                let proc = files.known().map_or_else(
                    || Fact::Unknown("its root could not be opened".to_owned()),
                    Proc::below,
                );
                Self { proc, files, root }
            }
        }
    }

    /// What this run looks at by its nature.
    pub(crate) fn kind(&self) -> facts::Sight {
        match (&self.root, &self.proc) {
            (Some(_), Fact::Absent) => facts::Sight::Files,
            _ => facts::Sight::Whole,
        }
    }

    /// Where a path of that host is for us. `real` is the same with every link resolved, so that
    /// none leads out.
    pub(crate) fn outside(&self, path: &str, real: &str) -> PathBuf {
        match &self.root {
            Some(root) => root.join(real.trim_start_matches('/')),
            None => path.into(),
        }
    }

    /// What a path of ours is called there; none where it is not there.
    pub(crate) fn beneath(&self, path: &str) -> Option<String> {
        match &self.root {
            Some(root) => below(path, root),
            None => Some(path.to_owned()),
        }
    }

    /// Looks at the host.
    pub(crate) fn host(&self, notes: &Notes) -> Host {
        let kind = self.kind();
        let Fact::Known(files) = &self.files else { return Host::default() };
        notes.extend(host::directory_services(files));
        let viewer = viewer();
        // Below a root what is in sight is that host, wherever we are ourselves.
        let outside = Viewer { in_container: false, ..viewer.clone() };
        let mut host = match (kind.beyond(), &self.proc) {
            (Some(why), _) => {
                let tree = Hidden::none(files).hide("/proc", why).hide("/sys", why);
                let mut host = host::host(&tree, &Fact::Unknown(why.to_owned()), outside);
                // The kernel that answers is the one that we run on.
                let origin = || host.audit.switch.origin.clone();
                let unseen = (Field::unknown(why, origin()), Field::unknown(why, origin()));
                (host.audit.switch, host.audit.loaded) = unseen;
                host
            }
            (None, Fact::Known(proc)) if self.root.is_some() => {
                host::host(&without_our_own(files, proc), &self.proc, outside)
            }
            (None, _) => host::host(files, &self.proc, viewer.clone()),
        };
        (host.viewer, host.sight) = (viewer, kind);
        host
    }
}

/// Who we are, by the files and processes that are our own.
fn viewer() -> Viewer {
    match Live::host() {
        Fact::Known(own) => host::viewer(&own, &Proc::host()),
        _ => Viewer::default(),
    }
}

/// Another's procfs shows some of its files as they are in the namespaces of whoever reads.
fn without_our_own<'a>(files: &'a Live, proc: &Proc) -> Hidden<'a> {
    let own = |kind: &str, option: &str| {
        format!("Dockward has {kind} namespace of its own: start its container with {option}")
    };
    let mut tree = Hidden::none(files);
    if !proc.shares_with_first("net") {
        tree = tree.hide("/proc/sys/net", own("a network", "--network host"));
    }
    if !proc.shares_with_first("uts") {
        tree = tree.hide("/proc/sys/kernel/hostname", own("a UTS", "--uts host"));
    }
    tree
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A host's files without a kernel, and one engine's stale folder.
    fn image() -> tempfile::TempDir {
        let dir = tempfile::tempdir().unwrap();
        for folder in ["etc/docker", "proc/sys/kernel", "sys/kernel/security", "run"] {
            std::fs::create_dir_all(dir.path().join(folder)).unwrap();
        }
        let write = |path: &str, text: &str| std::fs::write(dir.path().join(path), text).unwrap();
        write("etc/hostname", "image-7\n");
        write("etc/os-release", "PRETTY_NAME=\"Debian GNU/Linux 12 (bookworm)\"\n");
        write("etc/passwd", "root:x:0:0::/root:/bin/sh\n");
        write("etc/group", "root:x:0:\n");
        write("etc/docker/daemon.json", "{}");
        // What an image's author puts where a kernel would show its settings.
        write("proc/sys/kernel/kptr_restrict", "2\n");
        write("proc/sys/kernel/osrelease", "6.1\n");
        write("sys/kernel/security/lsm", "apparmor\n");
        dir
    }

    #[test]
    fn of_a_disk_image_files_are_seen_and_nothing_that_poses_as_a_kernel() {
        let dir = image();
        let sight = Sight::of(Some(dir.path()));
        assert_eq!(sight.kind(), facts::Sight::Files);
        let host = sight.host(&Notes::default());
        assert_eq!(host.hostname.get().map(String::as_str), Some("image-7"));
        assert_eq!(host.os.get().map(String::as_str), Some("Debian GNU/Linux 12 (bookworm)"));
        assert_eq!(host.groups.get().map(Vec::len), Some(1));
        assert!(host.files["/etc/docker/daemon.json"].get().is_some());
        let why = facts::Sight::Files.beyond();
        assert_eq!(host.sysctls["kernel.kptr_restrict"].fact.unknown(), why);
        assert_eq!(host.kernel.fact.unknown(), why);
        assert_eq!(host.lsms.fact.unknown(), why);
        assert_eq!(host.listening.fact.unknown(), why);
        assert_eq!(host.cgroups.fact.unknown(), why);
        assert_eq!(host.memory_bytes.fact.unknown(), why);
    }

    #[test]
    fn a_link_in_the_place_of_the_procfs_leads_nowhere() {
        let dir = image();
        std::fs::remove_dir_all(dir.path().join("proc")).unwrap();
        std::os::unix::fs::symlink("/proc", dir.path().join("proc")).unwrap();
        assert_eq!(Sight::of(Some(dir.path())).kind(), facts::Sight::Files);
    }

    #[test]
    fn the_hosts_own_root_is_no_other_host() {
        let sight = Sight::of(Some(Path::new("/")));
        assert!(sight.root.is_none() && sight.proc.known().is_some());
        assert_eq!(sight.kind(), facts::Sight::Whole);
        assert_eq!(sight.beneath("/run/docker.sock"), Some("/run/docker.sock".into()));
    }

    #[test]
    fn paths_are_told_from_both_sides() {
        let dir = image();
        let sight = Sight::of(Some(dir.path()));
        let outside = sight.outside("/var/run/docker.sock", "/run/docker.sock");
        assert_eq!(outside, dir.path().join("run/docker.sock"));
        let shown = outside.display().to_string();
        assert_eq!(sight.beneath(&shown), Some("/run/docker.sock".into()));
        assert_eq!(sight.beneath("/run/docker.sock"), None);
    }
}

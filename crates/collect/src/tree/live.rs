//! Files of this host, of a process's mount namespace, or below any folder.

use std::collections::BTreeMap;
use std::os::fd::OwnedFd;
use std::sync::{Arc, mpsc};
use std::time::Duration;

use dockward_model::facts::{Fact, FileFacts};
use jiff::Timestamp;
use rustix::fs::{CWD, FileType, Mode, OFlags, Statx, openat};

use super::Tree;
use super::beneath::{Beneath, Found, Identity, Last, Reach};
use super::proc::Proc;
use super::refusal::{Refusal, into_fact};
use crate::kernel::mountinfo;

/// How long a file system that another host answers for is waited for.
const PATIENCE: Duration = Duration::from_secs(2);

/// File systems that another host or a user's process answers for, perhaps never.
const REMOTE: &[&str] = &[
    "9p", "afs", "ceph", "cifs", "coda", "fuse", "fuseblk", "gfs2", "lustre", "ncpfs", "nfs",
    "nfs4", "ocfs2", "smb3", "smbfs", "virtiofs",
];

/// The kernel's own: nothing that a container's files lead to is read from there.
const KERNELS_OWN: &[&str] = &[
    "binfmt_misc",
    "bpf",
    "cgroup",
    "cgroup2",
    "configfs",
    "debugfs",
    "devpts",
    "devtmpfs",
    "efivarfs",
    "fusectl",
    "mqueue",
    "nsfs",
    "proc",
    "pstore",
    "securityfs",
    "selinuxfs",
    "sysfs",
    "tracefs",
];

/// Whose files they are: it decides what is looked into.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Owner {
    /// The host's administrator or the daemon's.
    Host,
    /// Whoever built or runs a container.
    Container,
}

/// Files beneath a folder of this machine. No path leads out of it.
#[derive(Debug, Clone)]
pub struct Live {
    beneath: Arc<Beneath>,
}

impl Live {
    /// The files that Dockward itself sees. Unknown only where `/` can't be opened.
    #[must_use]
    pub fn host() -> Fact<Self> {
        Self::at("/")
    }

    /// The files below a folder, as if it were `/`.
    #[must_use]
    pub fn at(folder: &str) -> Fact<Self> {
        let opened = openat(CWD, folder, FOLDER, Mode::empty())
            .map_err(|errno| Refusal::from_kernel(errno, folder));
        let mounts = std::fs::read_to_string("/proc/self/mountinfo").unwrap_or_default();
        let shown = folder.trim_end_matches('/').to_owned();
        into_fact(opened.map(|root| Self::new(root, shown, &mounts, Owner::Host)), folder)
    }

    /// The files that a process sees: its own root in its own mount namespace.
    #[must_use]
    pub fn of_process(proc: &Proc, pid: i32) -> Fact<Self> {
        Self::seen_by(proc, pid, Owner::Host)
    }

    /// The files that a container's process sees. They may be hostile: links into `/proc`, `/sys`
    /// and `/dev` are not followed to their content.
    #[must_use]
    pub fn of_container(proc: &Proc, pid: i32) -> Fact<Self> {
        Self::seen_by(proc, pid, Owner::Container)
    }

    fn seen_by(proc: &Proc, pid: i32, owner: Owner) -> Fact<Self> {
        let mounts = match proc.read_text(&format!("{pid}/mountinfo"), mountinfo::LIMIT) {
            Fact::Known(mounts) => mounts,
            Fact::Absent => return Fact::Unknown(format!("process {pid} has ended")),
            Fact::Unknown(why) => return Fact::Unknown(why),
        };
        let name = format!("{pid}/root");
        let opened = proc.open(&name, FOLDER);
        let shown = proc.show(&name);
        into_fact(opened.map(|root| Self::new(root, shown, &mounts, owner)), &proc.show(&name))
    }

    fn new(root: OwnedFd, shown: String, mounts: &str, owner: Owner) -> Self {
        let (mut remote, mut closed) = (BTreeMap::new(), BTreeMap::new());
        for line in mountinfo::lines(mounts) {
            // An automount point would mount something if it were looked into.
            let is_closed = line.fs_type == "autofs"
                || (owner == Owner::Container && KERNELS_OWN.contains(&line.fs_type));
            if is_closed {
                closed.insert(line.device, line.fs_type.to_owned());
            } else if is_remote(line.fs_type) {
                remote.insert(line.device, line.fs_type.to_owned());
            }
        }
        Self { beneath: Arc::new(Beneath::new(root, shown, remote, closed)) }
    }

    /// A folder, opened to look things up in it; a link at its end is not followed.
    pub(crate) fn folder(&self, path: &str) -> Result<OwnedFd, Refusal> {
        self.beneath.open_folder(path, Reach::Local)
    }

    /// How a path is called in messages.
    pub(crate) fn show(&self, path: &str) -> String {
        self.beneath.show(path)
    }

    /// The same as a fact. One that another host answers for is not opened.
    pub(crate) fn open_folder(&self, path: &str) -> Fact<OwnedFd> {
        into_fact(self.folder(path), &self.show(path))
    }

    /// Which file stands at a path, whatever its name.
    pub(crate) fn identity(&self, path: &str) -> Fact<Identity> {
        self.ask(path, |beneath, path, reach| {
            Ok(beneath.find(path, Last::Follow, reach)?.identity())
        })
    }

    /// Asks, and where a file system comes in the way that may never answer, asks in a thread of
    /// its own that is left behind when it takes too long.
    fn ask<T: Send + 'static>(
        &self,
        path: &str,
        question: impl Fn(&Beneath, &str, Reach) -> Result<T, Refusal> + Send + 'static,
    ) -> Fact<T> {
        let first = question(&self.beneath, path, Reach::Local);
        let Err(Refusal::Remote(kind)) = first else {
            return into_fact(first, &self.beneath.show(path));
        };
        let shown = self.beneath.show(path);
        let (beneath, owned) = (Arc::clone(&self.beneath), path.to_owned());
        let (answer, answered) = mpsc::channel();
        let asked = std::thread::Builder::new().name("slow file system".into()).spawn(move || {
            // Nobody may be waiting any more: that is what the deadline is for.
            let _ = answer.send(question(&beneath, &owned, Reach::Everything));
        });
        match asked.map_err(|_| ()).and_then(|_| answered.recv_timeout(PATIENCE).map_err(|_| ())) {
            Ok(result) => into_fact(result, &shown),
            Err(()) => Fact::Unknown(format!(
                "{shown} lies on {kind}, which did not answer within {} s",
                PATIENCE.as_secs()
            )),
        }
    }
}

const FOLDER: OFlags = OFlags::PATH.union(OFlags::DIRECTORY).union(OFlags::CLOEXEC);

impl Tree for Live {
    fn read(&self, path: &str, limit: usize) -> Fact<Vec<u8>> {
        self.ask(path, move |beneath, path, reach| beneath.content(path, limit, reach))
    }

    fn stat(&self, path: &str) -> Fact<FileFacts> {
        self.ask(path, |beneath, path, reach| {
            Ok(file_facts(&beneath.find(path, Last::Follow, reach)?))
        })
    }

    fn link(&self, path: &str) -> Fact<String> {
        self.ask(path, |beneath, path, reach| beneath.link(path, reach))
    }

    fn list(&self, dir: &str, max: usize) -> Fact<Vec<String>> {
        self.ask(dir, move |beneath, dir, reach| beneath.names(dir, max, reach))
    }

    fn real(&self, path: &str) -> Fact<String> {
        self.ask(path, |beneath, path, reach| {
            Ok(beneath.find(path, Last::Follow, reach)?.path().to_owned())
        })
    }

    fn below(&self, dir: &str) -> Fact<Box<dyn Tree>> {
        let narrowed = self
            .ask(dir, |beneath, dir, reach| Ok(beneath.narrowed_to(beneath.folder(dir, reach)?)));
        match narrowed {
            Fact::Known(beneath) => Fact::Known(Box::new(Self { beneath: Arc::new(beneath) })),
            Fact::Absent => Fact::Absent,
            Fact::Unknown(why) => Fact::Unknown(why),
        }
    }
}

fn is_remote(fs_type: &str) -> bool {
    REMOTE.contains(&fs_type) || fs_type.starts_with("fuse.")
}

fn file_facts(found: &Found) -> FileFacts {
    let stat: &Statx = found.stat();
    let nanoseconds = i32::try_from(stat.stx_mtime.tv_nsec).unwrap_or(0);
    FileFacts {
        mode: u32::from(stat.stx_mode) & 0o7777,
        uid: stat.stx_uid,
        gid: stat.stx_gid,
        node: node(found.kind()).to_owned(),
        modified: Timestamp::new(stat.stx_mtime.tv_sec, nanoseconds).ok(),
    }
}

/// The model's word for a kind of file.
fn node(kind: FileType) -> &'static str {
    match kind {
        FileType::RegularFile => "file",
        FileType::Directory => "dir",
        FileType::Socket => "socket",
        FileType::BlockDevice => "block",
        FileType::CharacterDevice => "char",
        FileType::Fifo => "fifo",
        FileType::Symlink => "link",
        _ => "other",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Instant;

    /// A folder whose file system is said to be of another type.
    fn pretended(fs_type: &str) -> (tempfile::TempDir, Live) {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("file"), "text").unwrap();
        let root = openat(CWD, dir.path(), FOLDER, Mode::empty()).unwrap();
        let Fact::Known(real) = Live::at(dir.path().to_str().unwrap()) else { panic!("no folder") };
        let (major, minor) = real.identity("/file").known().unwrap().device;
        let mounts = format!("1 1 {major}:{minor} / / rw - {fs_type} x rw\n");
        (dir, Live::new(root, String::new(), &mounts, Owner::Host))
    }

    #[test]
    fn a_file_system_of_another_host_is_read_while_it_answers() {
        for fs_type in ["nfs4", "fuse.sshfs", "9p"] {
            let (_dir, tree) = pretended(fs_type);
            assert_eq!(tree.read("/file", 9), Fact::Known(b"text".to_vec()), "{fs_type}");
            assert_eq!(tree.real("/none"), Fact::Absent, "{fs_type}");
        }
    }

    #[test]
    fn a_file_system_that_never_answers_is_left_after_two_seconds() {
        let (_dir, tree) = pretended("fuse.sshfs");
        let start = Instant::now();
        let answer: Fact<()> = tree.ask("/file", |_, _, reach| match reach {
            Reach::Local => Err(Refusal::Remote("fuse.sshfs".into())),
            Reach::Everything => {
                std::thread::sleep(Duration::from_secs(60));
                Ok(())
            }
        });
        let why = "/file lies on fuse.sshfs, which did not answer within 2 s";
        assert_eq!(answer, Fact::Unknown(why.into()));
        assert!(start.elapsed() < Duration::from_secs(20));
    }

    #[test]
    fn an_automount_point_is_not_set_off() {
        let (_dir, tree) = pretended("autofs");
        let why = "/file lies on autofs, which is not looked into";
        assert_eq!(tree.stat("/file"), Fact::Unknown(why.into()));
    }
}

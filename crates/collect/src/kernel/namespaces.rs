//! `/proc/PID/ns` (namespaces(7)).

use dockward_model::facts::{Fact, Field, NamespaceIds, Origin};

use super::status::is_kernel_thread;
use crate::tree::Proc;

const KINDS: [&str; 6] = ["pid", "net", "ipc", "uts", "user", "cgroup"];

/// The inode numbers of a process's namespaces. Absent where the kernel has no such kind.
#[derive(Debug, Clone)]
pub(crate) struct Namespaces {
    inodes: [Fact<u64>; KINDS.len()],
    path: String,
}

impl Namespaces {
    pub(crate) fn read(proc: &Proc, pid: i32) -> Self {
        let inodes = KINDS.map(|kind| inode(proc, pid, kind));
        Self { inodes, path: proc.show(&format!("{pid}/ns")) }
    }

    /// The host's: those of process 1. Where that one is shielded even from us, those of the
    /// kernel's own thread 2, which is always in the first namespaces there are.
    pub(crate) fn of_host(proc: &Proc) -> Self {
        let first = Self::read(proc, 1);
        let is_readable = first.inodes.iter().all(|inode| inode.unknown().is_none());
        if is_readable || !is_kernel_thread(proc, 2) {
            return first;
        }
        let kernels = Self::read(proc, 2).inodes;
        let pairs = first.inodes.into_iter().zip(kernels);
        let merged = pairs.map(|(own, other)| if own.unknown().is_some() { other } else { own });
        let mut inodes = KINDS.map(|_| Fact::Absent);
        inodes.iter_mut().zip(merged).for_each(|(slot, inode)| *slot = inode);
        Self { inodes, path: first.path }
    }

    /// Nothing is known of them, for this reason.
    pub(crate) fn unknown(why: &str) -> Self {
        Self { inodes: KINDS.map(|_| Fact::Unknown(why.to_owned())), path: String::new() }
    }

    fn of(&self, kind: &str) -> &Fact<u64> {
        let at = KINDS.iter().position(|known| *known == kind).unwrap_or(0);
        self.inodes.get(at).unwrap_or(&Fact::Absent)
    }

    /// These namespaces beside the host's (of process 1) and the daemon's.
    pub(crate) fn beside(&self, host: &Self, daemon: &Self) -> NamespaceIds {
        let is_host = |kind: &'static str| {
            let fact = same(self.of(kind), host.of(kind), Some(daemon.of(kind)));
            Field { fact, origin: Origin::kernel(format!("{}/{kind}", self.path), "") }
        };
        let user = same(self.of("user"), host.of("user"), None);
        let user_origin = Origin::kernel(format!("{}/user", self.path), "");
        NamespaceIds {
            pid_is_host: is_host("pid"),
            net_is_host: is_host("net"),
            ipc_is_host: is_host("ipc"),
            uts_is_host: is_host("uts"),
            // A rootless daemon's own user namespace is not the host's: root in there is a user.
            user_is_host: Field { fact: user, origin: user_origin },
            cgroup_is_host: is_host("cgroup"),
            net: self.of("net").clone(),
            pid: self.of("pid").clone(),
        }
    }

    /// Inode of the pid namespace.
    pub(crate) fn pid(&self) -> &Fact<u64> {
        self.of("pid")
    }

    /// Inode of the network namespace.
    pub(crate) fn net(&self) -> &Fact<u64> {
        self.of("net")
    }
}

/// Whether we see the files that the kernel started with: then we are in no container, whatever
/// stands among them. Only there are the kernel's own threads to be seen beside us.
pub(crate) fn is_first_mount_namespace(proc: &Proc) -> bool {
    let own = proc.link("self/ns/mnt");
    let is_ours = |pid: i32| {
        let its = proc.link(&format!("{pid}/ns/mnt"));
        its.known().is_some() && its == own
    };
    is_kernel_thread(proc, 2) && (is_ours(1) || is_ours(2)) && !own_user_namespace(proc)
}

fn own_user_namespace(proc: &Proc) -> bool {
    proc.link("self/ns/user") != proc.link("2/ns/user")
}

/// The inode in a link such as `pid:[4026531836]`.
pub(crate) fn inode(proc: &Proc, pid: i32, kind: &str) -> Fact<u64> {
    let name = format!("{pid}/ns/{kind}");
    match proc.link(&name) {
        Fact::Known(text) => parse(&text).map_or_else(
            || Fact::Unknown(format!("{} reads {text:?}", proc.show(&name))),
            Fact::Known,
        ),
        Fact::Absent => Fact::Absent,
        Fact::Unknown(why) => Fact::Unknown(why),
    }
}

/// The number between the brackets.
pub(crate) fn parse(text: &str) -> Option<u64> {
    text.split_once(":[")?.1.strip_suffix(']')?.parse().ok()
}

/// Whether a namespace is the host's: the one of process 1, or the daemon's own where an engine
/// itself lives in namespaces. One that the kernel does not have is shared by all.
fn same(its: &Fact<u64>, host: &Fact<u64>, daemon: Option<&Fact<u64>>) -> Fact<bool> {
    let its = match its {
        Fact::Known(its) => its,
        Fact::Absent => return Fact::Known(true),
        Fact::Unknown(why) => return Fact::Unknown(why.clone()),
    };
    if host.known() == Some(its) || daemon.and_then(Fact::known) == Some(its) {
        return Fact::Known(true);
    }
    match host {
        Fact::Unknown(why) => Fact::Unknown(why.clone()),
        Fact::Known(_) | Fact::Absent => Fact::Known(false),
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    fn unknown() -> Fact<u64> {
        Fact::Unknown("permission denied".into())
    }

    #[test]
    fn the_daemons_namespace_counts_as_the_hosts() {
        let (host, daemon) = (Fact::Known(1), Fact::Known(2));
        assert_eq!(same(&Fact::Known(1), &host, Some(&daemon)), Fact::Known(true));
        assert_eq!(same(&Fact::Known(2), &host, Some(&daemon)), Fact::Known(true));
        assert_eq!(same(&Fact::Known(3), &host, Some(&daemon)), Fact::Known(false));
        assert_eq!(same(&Fact::Known(2), &host, None), Fact::Known(false));
    }

    #[test]
    fn a_host_that_cannot_be_read_is_no_proof_of_a_namespace_of_its_own() {
        assert!(same(&Fact::Known(3), &unknown(), Some(&Fact::Known(2))).unknown().is_some());
        assert!(same(&unknown(), &Fact::Known(3), None).unknown().is_some());
        assert_eq!(same(&Fact::Absent, &Fact::Absent, None), Fact::Known(true));
    }

    #[test]
    fn only_beside_the_kernels_threads_are_its_first_files_seen() {
        let dir = tempfile::tempdir().unwrap();
        let Fact::Known(proc) = Proc::pretended(dir.path()) else { panic!("no folder") };
        assert!(!is_first_mount_namespace(&proc));
        for (process, namespace) in [("self", 1), ("1", 1), ("2", 1)] {
            let ns = dir.path().join(process).join("ns");
            std::fs::create_dir_all(&ns).unwrap();
            symlink(format!("mnt:[{namespace}]"), ns.join("mnt")).unwrap();
            symlink("user:[1]", ns.join("user")).unwrap();
        }
        assert!(!is_first_mount_namespace(&proc), "process 2 is a container's");
        std::fs::write(dir.path().join("2/stat"), "2 (kthreadd) S 0 0 0 0 -1 2129984 0").unwrap();
        assert!(is_first_mount_namespace(&proc));
        std::fs::remove_file(dir.path().join("self/ns/mnt")).unwrap();
        symlink("mnt:[9]", dir.path().join("self/ns/mnt")).unwrap();
        assert!(!is_first_mount_namespace(&proc), "a container with the host's processes");
    }

    #[test]
    fn the_number_is_taken_from_the_link() {
        assert_eq!(parse("pid:[4026531836]"), Some(4_026_531_836));
        for odd in ["pid:4026531836", "pid:[]", "pid:[-1]", "", "[1]"] {
            assert_eq!(parse(odd), None, "{odd:?}");
        }
    }

    #[test]
    fn our_own_namespaces_are_the_same_as_our_own() {
        let Fact::Known(proc) = Proc::host() else { panic!("no procfs") };
        let own = i32::try_from(std::process::id()).unwrap();
        let ours = Namespaces::read(&proc, own);
        let beside = ours.beside(&ours, &Namespaces::unknown("no daemon"));
        assert_eq!(beside.pid_is_host.get(), Some(&true));
        assert_eq!(beside.user_is_host.get(), Some(&true));
        assert!(beside.net.known().is_some_and(|inode| *inode > 0));
    }
}

//! What the kernel says of a running container, read below `/proc/PID`.

use serde::{Deserialize, Serialize};

use crate::facts::{CapSet, Fact, Field};

/// What the kernel says of a container's first process and its namespaces.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct KernelView {
    /// Real uid of the first process, in the host's user namespace (`status`, `Uid`).
    pub uid: Field<u32>,
    /// Effective capabilities (`CapEff`).
    pub cap_effective: Field<CapSet>,
    /// Bounding set (`CapBnd`): what a root process in there can have.
    pub cap_bounding: Field<CapSet>,
    /// `Seccomp`: 0 off, 1 strict, 2 filter.
    pub seccomp: Field<u8>,
    /// `NoNewPrivs`.
    pub no_new_privs: Field<bool>,
    /// `/proc/PID/uid_map`.
    pub uid_map: Field<Vec<IdMapping>>,
    /// Which namespaces are the same as PID 1's on the host.
    pub namespaces: NamespaceIds,
    /// `/proc/PID/attr/current`: the LSM's label or profile.
    pub lsm_label: Field<String>,
    /// `/proc/PID/mountinfo`, pseudo file systems and binds.
    pub mounts: Field<Vec<MountedFs>>,
    /// Sockets that listen in its network namespace.
    pub listening: Field<Vec<ListeningSocket>>,
    /// Of these, the sockets that its own processes hold (`/proc/PID/fd`): looked for only where
    /// it is on the host's network, absent elsewhere.
    pub own_listening: Field<Vec<ListeningSocket>>,
    /// Processes in its pid namespace.
    pub processes: Field<Vec<Process>>,
    /// Cgroup limits as the kernel has them.
    pub cgroup: CgroupView,
}

/// Limits as written in the container's cgroup. Absent means unlimited.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct CgroupView {
    /// Memory limit in bytes.
    pub memory: Field<u64>,
    /// Number of processes.
    pub pids: Field<u64>,
    /// CPU time in thousandths of a CPU.
    pub cpu_millis: Field<u64>,
}

/// A line of `/proc/PID/uid_map` (user_namespaces(7)).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct IdMapping {
    /// First id inside.
    pub inside: u32,
    /// First id outside, in the host's user namespace.
    pub outside: u32,
    /// How many ids.
    pub count: u32,
}

/// Inode numbers of namespaces (`/proc/PID/ns/*`), and the host's beside them.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct NamespaceIds {
    /// Whether the container's pid namespace is the host's.
    pub pid_is_host: Field<bool>,
    /// Whether its network namespace is the host's.
    pub net_is_host: Field<bool>,
    /// Whether its IPC namespace is the host's.
    pub ipc_is_host: Field<bool>,
    /// Whether its UTS namespace is the host's.
    pub uts_is_host: Field<bool>,
    /// Whether its user namespace is the host's.
    pub user_is_host: Field<bool>,
    /// Whether its cgroup namespace is the host's.
    pub cgroup_is_host: Field<bool>,
    /// The network namespace's inode, to see who shares it.
    pub net: Fact<u64>,
    /// The pid namespace's inode.
    pub pid: Fact<u64>,
}

/// A line of `/proc/PID/mountinfo` that matters (proc_pid_mountinfo(5)).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MountedFs {
    /// Root of the mount within its file system.
    pub root: String,
    /// Where it is mounted in the container.
    pub target: String,
    /// File system type, such as `cgroup2`.
    pub fs_type: String,
    /// What is mounted, as the kernel names it: a device, `overlay`, `tmpfs`.
    pub source: String,
    /// Whether it is mounted read-only, by the mount's or the super block's options.
    pub read_only: bool,
    /// Whether it is in a shared peer group.
    pub shared: bool,
}

/// Which transport a socket speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Protocol {
    /// TCP.
    Tcp,
    /// UDP.
    Udp,
    /// SCTP.
    Sctp,
}

impl Protocol {
    /// The name in lower case.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Tcp => "tcp",
            Self::Udp => "udp",
            Self::Sctp => "sctp",
        }
    }
}

/// A socket that listens, from `/proc/PID/net/{tcp,tcp6,udp,udp6}`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct ListeningSocket {
    /// The protocol.
    pub protocol: Protocol,
    /// The address; `0.0.0.0` and `::` mean every one.
    pub address: std::net::IpAddr,
    /// The port.
    pub port: u16,
    /// The socket's inode, by which its owner is found.
    pub inode: u64,
}

impl std::fmt::Display for ListeningSocket {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let address = std::net::SocketAddr::new(self.address, self.port);
        write!(f, "{address}/{}", self.protocol.name())
    }
}

/// A process in a container, named by what the kernel says it runs, not by its argv.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Process {
    /// Its pid in our own pid namespace.
    pub pid: i32,
    /// `/proc/PID/comm`.
    pub comm: String,
    /// The target of `/proc/PID/exe`; absent where it can't be read.
    pub exe: Option<String>,
}

//! What was seen of the host itself.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{
    AuditRules, CapSet, Distribution, Field, Inspection, KernelPackage, ListeningSocket, Owner,
    Process, SignaturePolicy, Unit,
};
use crate::ContainerId;

/// The host.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Host {
    /// The host's name.
    pub hostname: Field<String>,
    /// `PRETTY_NAME` of `/etc/os-release`.
    pub os: Field<String>,
    /// Kernel release (`uname -r`).
    pub kernel: Field<String>,
    /// The upstream release that Ubuntu's kernel was made from (`/proc/version_signature`, last
    /// word); absent elsewhere.
    pub kernel_base: Field<String>,
    /// Who owns the kernel that runs.
    pub kernel_owner: Field<Owner>,
    /// The version of Debian's package that the running kernel was built in, by its own word
    /// (`/proc/version`: `Debian 6.1.55-1`); absent elsewhere.
    pub kernel_build: Field<String>,
    /// The packages of kernels that are installed; absent where no manager keeps records.
    pub kernel_packages: Field<Vec<KernelPackage>>,
    /// Its packages, compared with advisories; none where there are no advisories to compare with.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub inspection: Option<Field<Inspection>>,
    /// The distribution (os-release(5)).
    pub distribution: Field<Distribution>,
    /// Security modules in force, in order (`/sys/kernel/security/lsm`).
    pub lsms: Field<Vec<String>>,
    /// How far root itself is kept out of the running kernel: `none`, `integrity` or
    /// `confidentiality` (`/sys/kernel/security/lockdown`, kernel_lockdown(7)). Absent where the
    /// kernel has no lockdown.
    pub lockdown: Field<String>,
    /// Whether SELinux forbids what its policy does not allow (`/sys/fs/selinux/enforce`);
    /// permissive, it only writes it to the log. Absent where SELinux is not in force.
    pub selinux_enforcing: Field<bool>,
    /// How cgroups are mounted.
    pub cgroups: Field<CgroupLayout>,
    /// Sysctls that were looked for, by their dotted name.
    pub sysctls: BTreeMap<String, Field<String>>,
    /// Groups of `/etc/group`.
    pub groups: Field<Vec<Group>>,
    /// Users of `/etc/passwd`.
    pub users: Field<Vec<User>>,
    /// Where else users and groups come from by `/etc/nsswitch.conf`: `sss`, `ldap`. Nobody asks
    /// there. Absent where there are the files alone.
    pub directories: Field<Vec<String>>,
    /// Uids that users may map into user namespaces (`/etc/subuid`, subuid(5)).
    pub subuids: Field<Vec<SubordinateRange>>,
    /// Gids that users may map into user namespaces (`/etc/subgid`, subgid(5)).
    pub subgids: Field<Vec<SubordinateRange>>,
    /// Owners and modes of files that matter, by path.
    pub files: BTreeMap<String, Field<FileFacts>>,
    /// Where paths of `files` lead by symbolic links, if that is elsewhere.
    pub links: BTreeMap<String, String>,
    /// Certificates and keys of registries, by the folder that holds a folder for each registry
    /// (`/etc/docker/certs.d`); absent where there is none.
    pub registry_files: BTreeMap<String, Field<Vec<String>>>,
    /// systemd's units of engines, by name (`docker.service`, …); absent where no file defines one.
    pub units: BTreeMap<String, Field<Unit>>,
    /// Firewalls that a person set up on this host and that Docker's own rules go around: `ufw`,
    /// `firewalld`, `nftables`. Absent where none is switched on.
    pub firewall: Field<Vec<String>>,
    /// `/etc/containers/policy.json`: which signatures Podman and others of its family ask for.
    pub signature_policy: Field<SignaturePolicy>,
    /// Sockets that listen in the host's network namespace.
    pub listening: Field<Vec<ListeningSocket>>,
    /// Who has those of them open that are not on loopback, by the socket's inode. Sockets of the
    /// kernel's own are not in here, nor those of processes that we may not look into.
    pub listeners: Field<BTreeMap<u64, Process>>,
    /// The kernel's audit: its rules in force and as written down.
    pub audit: AuditRules,
    /// Memory in bytes.
    pub memory_bytes: Field<u64>,
    /// Who looked: what can be seen depends on it.
    pub viewer: Viewer,
    /// What this run could look at by its nature.
    pub sight: Sight,
}

/// What of a host a run looks at. What lies out of sight is not asked for: a question about it
/// does not arise, and leaves nothing incomplete.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Sight {
    /// Files, kernel and processes.
    #[default]
    Whole,
    /// Files below a folder, without a kernel: a disk image.
    Files,
    /// What an engine on another host tells.
    Engine,
}

impl Sight {
    /// How every reason ends why a fact is unknown that lies out of sight; none where nothing does.
    #[must_use]
    pub const fn beyond(self) -> Option<&'static str> {
        match self {
            Self::Whole => None,
            Self::Files => Some("not visible below the folder given by --root"),
            Self::Engine => Some("the engine is on another host: run dockward there"),
        }
    }

    /// Whether this is the reason of a fact that lies out of sight.
    #[must_use]
    pub fn is_beyond(self, why: &str) -> bool {
        // Of another host nobody looked at anything.
        let unlooked = self == Self::Engine && why.ends_with("not looked at");
        unlooked || self.beyond().is_some_and(|end| why.ends_with(end))
    }
}

/// Who ran the collection.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Viewer {
    /// Effective uid.
    pub uid: u32,
    /// Effective capabilities; root in a container lacks most.
    pub capabilities: CapSet,
    /// Whether Dockward itself runs in a container.
    pub in_container: bool,
    /// The container that it runs in, where an engine's own mounts in it name one.
    pub container: Option<ContainerId>,
}

/// How cgroups are mounted (cgroups(7)).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CgroupLayout {
    /// Version 1 only.
    V1,
    /// Version 1 controllers, with an unused version 2 tree beside them.
    Hybrid,
    /// Version 2 only.
    V2,
}

/// A line of `/etc/group`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Group {
    /// The name.
    pub name: String,
    /// The number.
    pub gid: u32,
    /// Users listed as members; those who have it as their first group are not among them.
    pub members: Vec<String>,
    /// The line in the file.
    pub line: u32,
}

/// A line of `/etc/passwd`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct User {
    /// The name.
    pub name: String,
    /// The number.
    pub uid: u32,
    /// The first group.
    pub gid: u32,
    /// The login shell.
    pub shell: String,
}

/// A line of `/etc/subuid` or `/etc/subgid`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SubordinateRange {
    /// The user's name, or uid in digits.
    pub owner: String,
    /// The first id.
    pub start: u64,
    /// How many ids, at least one.
    pub count: u64,
    /// The line in the file.
    pub line: u32,
}

impl SubordinateRange {
    /// The last id of it.
    #[must_use]
    pub const fn last(&self) -> u64 {
        self.start.saturating_add(self.count.saturating_sub(1))
    }

    /// Whether an id is in it.
    #[must_use]
    pub const fn holds(&self, id: u64) -> bool {
        self.start <= id && id <= self.last()
    }
}

/// Owner and mode of a file, symlinks followed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileFacts {
    /// Permission bits, the lower twelve of `st_mode`.
    pub mode: u32,
    /// Owner.
    pub uid: u32,
    /// Group.
    pub gid: u32,
    /// What it is: `dir`, `file`, `socket`, `block`, `char`, `fifo`.
    pub node: String,
    /// When its content last changed.
    pub modified: Option<Timestamp>,
}

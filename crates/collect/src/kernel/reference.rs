//! What containers are compared with, read once for all of them.

use std::collections::BTreeMap;
use std::sync::{Mutex, OnceLock, PoisonError};

use dockward_model::facts::{CgroupView, Fact, Field, ListeningSocket, Origin};

use super::cgroup::{self, Hierarchies, Membership};
use super::namespaces::Namespaces;
use super::processes::Processes;
use super::{mountinfo, sockets};
use crate::tree::{Proc, Tree};

/// The host's namespaces, the daemon's, every process, and where cgroups are mounted. One of these
/// serves all containers of an engine, from several threads.
pub struct Reference<'a> {
    files: &'a dyn Tree,
    host: Namespaces,
    daemon: Namespaces,
    processes: Processes,
    mounts: Fact<String>,
    hierarchies: OnceLock<Fact<Hierarchies>>,
    /// By network namespace: containers often share one, and the kernel takes its time over it.
    listening: Mutex<BTreeMap<u64, Field<Vec<ListeningSocket>>>>,
}

impl<'a> Reference<'a> {
    /// Looks at the host once. `host` and `files` are as we ourselves see them; `inside` is the
    /// procfs in which the engine counts processes ([`Proc::of`]), `daemon` the daemon's process
    /// in `host`, where it is known.
    #[must_use]
    pub fn new(host: &Proc, files: &'a dyn Tree, inside: &Proc, daemon: Option<i32>) -> Self {
        Self {
            files,
            host: Namespaces::of_host(host),
            daemon: daemon.map_or_else(
                || Namespaces::unknown("the daemon's process is not known"),
                |pid| Namespaces::read(host, pid),
            ),
            processes: Processes::scan(inside),
            mounts: host.read_text("self/mountinfo", mountinfo::LIMIT),
            hierarchies: OnceLock::new(),
            listening: Mutex::default(),
        }
    }

    /// The same, with cgroups where process 1 has them mounted: of a host below a folder, `files`
    /// has its paths and not ours.
    pub(crate) fn by_the_mounts_of_process_1(mut self, host: &Proc) -> Self {
        self.mounts = host.read_text("1/mountinfo", mountinfo::LIMIT);
        self
    }

    pub(crate) fn host(&self) -> &Namespaces {
        &self.host
    }

    pub(crate) fn daemon(&self) -> &Namespaces {
        &self.daemon
    }

    pub(crate) fn processes(&self) -> &Processes {
        &self.processes
    }

    /// Sockets that listen in the network namespace of a process, read once for each namespace.
    pub(crate) fn listening(
        &self,
        proc: &Proc,
        pid: i32,
        namespace: &Fact<u64>,
    ) -> Field<Vec<ListeningSocket>> {
        let read = || sockets::listening(proc, &pid.to_string());
        let Some(inode) = namespace.known() else { return read() };
        let cache = || self.listening.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(seen) = cache().get(inode) {
            return seen.clone();
        }
        let seen = read();
        if seen.get().is_some() {
            cache().insert(*inode, seen.clone());
        }
        seen
    }

    /// The limits in the container's cgroup.
    pub(crate) fn limits(&self, membership: &Fact<String>, id: &str) -> CgroupView {
        let open = || self.mounts.map(|text| Hierarchies::open(self.files, text));
        let why = match (self.hierarchies.get_or_init(open), membership) {
            (Fact::Known(hierarchies), Fact::Known(text)) => {
                return cgroup::view(hierarchies, &Membership::parse(text), id);
            }
            (Fact::Unknown(why), _) | (_, Fact::Unknown(why)) => why.as_str(),
            _ => "its cgroup is not to be seen",
        };
        let unknown = || Field::unknown(why, Origin::kernel("/sys/fs/cgroup", ""));
        CgroupView { memory: unknown(), pids: unknown(), cpu_millis: unknown() }
    }
}

//! Which files running processes have open or mapped, and which packages these are of.
//!
//! What a program read and closed again can't be seen: modules of interpreted languages are such.
//! A file that a mount from outside brought (a bind, a volume) is not the image's, whatever its
//! path.

mod owned;
mod process;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};

use dockward_model::facts::{Container, Fact, KernelView, Process};
use dockward_package::files::without_usr;

use crate::kernel::namespaces;
use crate::kernel::processes::describe;
use crate::tree::Proc;
use process::{Mounts, Opened};

pub use owned::{Use, uses};

/// How many different files are kept of one container or of the host.
const MOST_FILES: usize = 1 << 16;
/// How often one of them is in use by one of its processes, all in all.
const MOST_USES: usize = 1 << 20;

/// What the processes of a container, or of the host, have open or mapped.
#[derive(Debug, Default)]
pub struct InUse {
    /// Its processes.
    pub processes: Vec<InUseBy>,
    /// Files, by their path without `/usr` where usr-merge makes both the same.
    files: BTreeMap<Vec<u8>, InUseFile>,
    uses: usize,
    /// Why some of it could not be seen, if so: a file that isn't in here may then be in use.
    pub unread: Option<String>,
}

/// A process that was looked at.
#[derive(Debug)]
pub struct InUseBy {
    /// The process.
    pub process: Process,
    /// The inodes of the sockets that it has open; unknown where they could not be read.
    pub sockets: Fact<BTreeSet<u64>>,
}

/// A file that is in use.
#[derive(Debug)]
struct InUseFile {
    path: String,
    deleted: bool,
    /// Positions in [`InUse::processes`], in order.
    by: Vec<usize>,
}

impl InUse {
    /// What a container's processes use. Absent where it does not run. `proc` counts processes as its
    /// engine does ([`Proc::of`]).
    #[must_use]
    pub fn of_container(proc: &Proc, container: &Container) -> Fact<Self> {
        let view = match &container.kernel {
            Fact::Known(view) => view,
            Fact::Absent => return Fact::Absent,
            Fact::Unknown(why) => return Fact::Unknown(why.clone()),
        };
        let processes = match &view.processes.fact {
            Fact::Known(processes) => processes,
            Fact::Absent => return Fact::Absent,
            Fact::Unknown(why) => return Fact::Unknown(why.clone()),
        };
        let mut found = Self::default();
        let mut mounts = BTreeMap::new();
        for process in processes {
            // One that is gone uses nothing, and its number may be another's by now.
            let Fact::Known(own) = proc.within(process.pid) else { continue };
            if is_its(&own, view, &container.id.0) {
                found.look(&own, process, &mut |own| Mounts::image(own, &mut mounts));
            }
        }
        Fact::Known(found)
    }

    /// What the host's own processes use: those that have the same root as we have, though some of
    /// it may be hidden from them.
    #[must_use]
    pub fn of_host(proc: &Proc) -> Fact<Self> {
        let Some(root) = process::root(proc, "self") else {
            return Fact::Unknown("our own root is not known".to_owned());
        };
        let pids = match proc.pids() {
            Fact::Known(pids) => pids,
            Fact::Absent => return Fact::Unknown("no processes are to be seen".to_owned()),
            Fact::Unknown(why) => return Fact::Unknown(why),
        };
        let (mut found, mut roots) = (Self::default(), BTreeMap::new());
        for pid in pids {
            let Fact::Known(own) = proc.within(pid) else { continue };
            match process::is_below(&own, &root, &mut roots) {
                Fact::Known(true) => {}
                Fact::Known(false) | Fact::Absent => continue,
                Fact::Unknown(why) => {
                    found.unread.get_or_insert(why);
                    continue;
                }
            }
            let Some(process) = describe(proc, pid) else { continue };
            found.look(&own, &process, &mut |_| Fact::Known(Mounts::default()));
        }
        Fact::Known(found)
    }

    fn look(
        &mut self,
        own: &Proc,
        process: &Process,
        mounts: &mut dyn FnMut(&Proc) -> Fact<Mounts>,
    ) {
        let place = self.processes.len();
        let mounts = match mounts(own) {
            Fact::Known(mounts) => mounts,
            Fact::Absent => return,
            Fact::Unknown(why) => {
                self.unread.get_or_insert(why);
                return;
            }
        };
        let Opened { files, sockets, unread } = process::opened(own, process, &mounts);
        self.unread = self.unread.take().or(unread);
        self.processes.push(InUseBy { process: process.clone(), sockets });
        for (path, deleted) in files {
            self.take(&path, deleted, place);
        }
    }

    fn take(&mut self, path: &str, deleted: bool, by: usize) {
        let key = without_usr(path.as_bytes());
        if self.uses >= MOST_USES
            || (self.files.len() >= MOST_FILES && !self.files.contains_key(key))
        {
            let why = format!("more than {MOST_FILES} files are in use");
            self.unread.get_or_insert(why);
            return;
        }
        let new = || InUseFile { path: path.to_owned(), deleted, by: Vec::new() };
        let file = self.files.entry(key.to_vec()).or_insert_with(new);
        // Some may have what stands there now, and others what was there before.
        file.deleted &= deleted;
        if file.by.last() != Some(&by) {
            file.by.push(by);
            self.uses += 1;
        }
    }

    fn get(&self, path: &[u8]) -> Option<&InUseFile> {
        self.files.get(without_usr(path))
    }

    /// How many different files are in use.
    #[must_use]
    pub fn len(&self) -> usize {
        self.files.len()
    }

    /// Whether no file is.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.files.is_empty()
    }
}

/// Whether a process is one of the container's still: its number may mean another by now.
fn is_its(own: &Proc, view: &KernelView, id: &str) -> bool {
    if view.namespaces.pid_is_host.get() == Some(&false) {
        let inode = own.link("ns/pid").known().and_then(|link| namespaces::parse(link));
        return inode.is_some() && inode.as_ref() == view.namespaces.pid.known();
    }
    process::is_in_cgroup_of(own, id)
}

//! Which processes there are, and in which pid namespaces: found once for all containers.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use dockward_model::facts::{Fact, Field, Origin, Process};

use super::cgroup::Membership;
use super::{namespaces, status};
use crate::tree::Proc;

/// More than this in one container are not listed.
const MAX_IN_ONE: usize = 4096;

/// What one look at every process gave.
#[derive(Debug, Default)]
struct Seen {
    by_namespace: BTreeMap<u64, Vec<i32>>,
    /// Processes of the procfs's own pid namespace that even we may not look at.
    shielded: Vec<i32>,
    /// Why some process further down could not be told.
    hidden: Option<String>,
}

/// All processes by their pid namespace.
#[derive(Debug)]
pub(crate) struct Processes {
    proc: Proc,
    seen: Fact<Seen>,
    /// Cgroup membership of processes, read once, and only where a container shares the host's pid
    /// namespace.
    memberships: Mutex<BTreeMap<i32, String>>,
}

impl Processes {
    /// Looks at every process once.
    pub(crate) fn scan(proc: &Proc) -> Self {
        Self { proc: proc.clone(), seen: group(proc), memberships: Mutex::default() }
    }

    /// The processes in a pid namespace; where that is the host's, those in the container's cgroup.
    pub(crate) fn of(
        &self,
        namespace: &Fact<u64>,
        is_host: &Fact<bool>,
        id: &str,
    ) -> Field<Vec<Process>> {
        let origin = Origin::kernel(self.proc.show("*/ns/pid"), "");
        match self.pids_of(namespace, is_host, id) {
            Ok(pids) if pids.is_empty() => Field::unknown("none of its processes was seen", origin),
            Ok(pids) if pids.len() > MAX_IN_ONE => {
                Field::unknown(format!("more than {MAX_IN_ONE} processes"), origin)
            }
            Ok(pids) => {
                let list = pids.into_iter().filter_map(|pid| describe(&self.proc, pid)).collect();
                Field::known(list, origin)
            }
            Err(why) => Field::unknown(why, origin),
        }
    }

    fn pids_of(
        &self,
        namespace: &Fact<u64>,
        is_host: &Fact<bool>,
        id: &str,
    ) -> Result<Vec<i32>, String> {
        let (seen, inode) = match (&self.seen, namespace) {
            (Fact::Known(seen), Fact::Known(inode)) => (seen, inode),
            (Fact::Unknown(why), _) | (_, Fact::Unknown(why)) => return Err(why.clone()),
            _ => return Err("this kernel has no pid namespaces".into()),
        };
        let pids = seen.by_namespace.get(inode).map(Vec::as_slice).unwrap_or_default();
        match (is_host, &seen.hidden) {
            (Fact::Known(false), None) => Ok(pids.to_vec()),
            (Fact::Known(false), Some(why)) | (Fact::Unknown(why), _) => Err(why.clone()),
            _ => Ok(self.in_cgroup(&[pids, &seen.shielded].concat(), id)),
        }
    }

    fn in_cgroup(&self, pids: &[i32], id: &str) -> Vec<i32> {
        let mut memberships = self.memberships.lock().unwrap_or_else(PoisonError::into_inner);
        let is_in = |pid: &i32| {
            let text = memberships.entry(*pid).or_insert_with(|| {
                let text = self.proc.read_text(&format!("{pid}/cgroup"), 1 << 16);
                text.known().cloned().unwrap_or_default()
            });
            Membership::parse(text).names(id)
        };
        pids.iter().copied().filter(is_in).collect()
    }
}

/// None where the process has ended in the meantime.
pub(crate) fn describe(proc: &Proc, pid: i32) -> Option<Process> {
    let comm = proc.read_text(&format!("{pid}/comm"), 256);
    let exe = proc.link(&format!("{pid}/exe")).known().cloned();
    Some(Process { pid, comm: comm.known()?.trim_end_matches('\n').to_owned(), exe })
}

/// Sorts every process by its pid namespace.
fn group(proc: &Proc) -> Fact<Seen> {
    proc.pids().map(|pids| {
        let mut seen = Seen::default();
        for pid in pids.iter().copied() {
            match namespaces::inode(proc, pid, "pid") {
                Fact::Known(inode) => seen.by_namespace.entry(inode).or_default().push(pid),
                Fact::Absent => {}
                // What lives in the procfs's own namespace is in no container's.
                Fact::Unknown(_) if status::pids(proc, pid).len() == 1 => seen.shielded.push(pid),
                // A list that lacks some would be taken for whole.
                Fact::Unknown(why) => seen.hidden = Some(why),
            }
        }
        seen
    })
}

//! What the kernel says of a container: read below `/proc/PID` of its first process.
//!
//! Invariant: what is told of a container was read of that container. A pid that meanwhile means
//! another process gives nothing.

pub(crate) mod cgroup;
mod diag;
mod id_map;
mod modules;
pub(crate) mod mountinfo;
pub(crate) mod namespaces;
mod netlink;
mod netns;
pub(crate) mod packet_filter;
pub(crate) mod processes;
mod reference;
pub(crate) mod socket_owners;
pub(crate) mod sockets;
pub(crate) mod status;
#[cfg(test)]
mod tests;

use dockward_model::facts::{Fact, Field, KernelView, NamespaceIds, Origin};

pub use reference::Reference;

use crate::tree::Proc;
use cgroup::Membership;
use namespaces::Namespaces;
use status::{Status, start_time, there};

/// How much of a small file is read, in bytes.
const SMALL: usize = 64 * 1024;

/// What the kernel says of the container whose first process is `pid` in `proc`.
///
/// `proc` counts processes as the engine does (see [`Proc::of`]); `id` is the container's full id,
/// by which the process is known as the container's. Unknown where it is not, or is gone.
#[must_use]
pub fn view(proc: &Proc, pid: i32, reference: &Reference<'_>, id: &str) -> Fact<KernelView> {
    let before = match start_time(proc, pid) {
        Fact::Known(time) if pid > 0 => time,
        Fact::Unknown(why) => return Fact::Unknown(why),
        Fact::Known(_) | Fact::Absent => return not_its(pid),
    };
    let membership = there(proc.read_text(&format!("{pid}/cgroup"), SMALL), pid);
    let mounts = there(proc.read_text(&format!("{pid}/mountinfo"), mountinfo::LIMIT), pid);
    if !is_named_after(&membership, &mounts, id) {
        return match (membership, mounts) {
            (Fact::Unknown(why), _) | (_, Fact::Unknown(why)) => Fact::Unknown(why),
            _ => not_its(pid),
        };
    }
    let view = read(proc, pid, reference, id, &membership, &mounts);
    match start_time(proc, pid) {
        Fact::Known(after) if after == before => Fact::Known(view),
        _ => not_its(pid),
    }
}

fn not_its<T>(pid: i32) -> Fact<T> {
    Fact::Unknown(format!("process {pid} is not this container's any more"))
}

/// A container's cgroup is named after it. One that left its cgroup still has the engine's own
/// files (`/etc/hosts`, `/etc/resolv.conf`) mounted from a folder of that name.
fn is_named_after(membership: &Fact<String>, mounts: &Fact<String>, id: &str) -> bool {
    if id.len() < 12 {
        return false;
    }
    let by_cgroup = membership.known().is_some_and(|text| Membership::parse(text).names(id));
    by_cgroup
        || mounts.known().is_some_and(|text| {
            mountinfo::lines(text).any(|line| line.root.split('/').any(|part| part == id))
        })
}

fn read(
    proc: &Proc,
    pid: i32,
    reference: &Reference<'_>,
    id: &str,
    membership: &Fact<String>,
    mounts: &Fact<String>,
) -> KernelView {
    let status = Status::read(proc, pid);
    let own = Namespaces::read(proc, pid);
    let namespaces = own.beside(reference.host(), reference.daemon());
    let uid_map = format!("{pid}/uid_map");
    let listening = reference.listening(proc, pid, own.net());
    let processes = processes(reference, &own, &namespaces, id);
    let own_listening = match namespaces.net_is_host.get() {
        Some(true) => sockets::held_by(proc, &processes, &listening),
        _ => Field::absent(listening.origin.clone()),
    };
    KernelView {
        uid: status.uid(),
        cap_effective: status.capabilities("CapEff"),
        cap_bounding: status.capabilities("CapBnd"),
        seccomp: status.seccomp(),
        no_new_privs: status.no_new_privs(),
        uid_map: parsed(proc, &uid_map, there(proc.read_text(&uid_map, SMALL), pid), id_map::parse),
        lsm_label: lsm_label(proc, pid),
        mounts: parsed(proc, &format!("{pid}/mountinfo"), mounts.clone(), mountinfo::mounts),
        listening,
        own_listening,
        processes,
        cgroup: reference.limits(membership, id),
        namespaces,
    }
}

fn processes(
    reference: &Reference<'_>,
    own: &Namespaces,
    namespaces: &NamespaceIds,
    id: &str,
) -> Field<Vec<dockward_model::facts::Process>> {
    reference.processes().of(own.pid(), &namespaces.pid_is_host.fact, id)
}

fn parsed<T>(
    proc: &Proc,
    name: &str,
    text: Fact<String>,
    parse: impl Fn(&str) -> Fact<T>,
) -> Field<T> {
    let fact = match text {
        Fact::Known(text) => parse(&text),
        Fact::Absent => Fact::Absent,
        Fact::Unknown(why) => Fact::Unknown(why),
    };
    Field { fact, origin: Origin::kernel(proc.show(name), "") }
}

/// The security module's label. Absent where no module labels processes.
fn lsm_label(proc: &Proc, pid: i32) -> Field<String> {
    let name = format!("{pid}/attr/current");
    let fact = match proc.read_label(&name) {
        Fact::Known(text) => {
            let label = text.trim_end_matches(['\0', '\n']);
            if label.is_empty() { Fact::Absent } else { Fact::Known(label.to_owned()) }
        }
        other => other,
    };
    Field { fact, origin: Origin::kernel(proc.show(&name), "") }
}

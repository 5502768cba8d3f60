//! Which processes have sockets open (proc_pid_fd(5)).

use std::collections::{BTreeMap, BTreeSet};

use dockward_model::facts::{Fact, Field, ListeningSocket, Origin, Process};

use super::namespaces;
use super::processes::describe;
use super::sockets::open_sockets;
use crate::tree::Proc;

/// After this many sockets of others the search for owners ends.
const MAX_SOCKETS: usize = 1 << 20;

/// Who has those sockets of the host open that are not on loopback, by inode. Of several, the one
/// that is not process 1, which keeps the sockets of the services that it starts.
pub(crate) fn owners(
    proc: &Proc,
    listening: &Field<Vec<ListeningSocket>>,
) -> Field<BTreeMap<u64, Process>> {
    let origin = Origin::kernel(proc.show("*/fd"), "");
    let (sockets, pids) = match (&listening.fact, proc.pids()) {
        (Fact::Known(sockets), Fact::Known(pids)) => (sockets, pids),
        (Fact::Unknown(why), _) => return Field::unknown(why.clone(), origin),
        (_, Fact::Unknown(why)) => return Field::unknown(why, origin),
        _ => return Field::absent(origin),
    };
    let outside = sockets.iter().filter(|socket| !socket.address.is_loopback());
    let wanted = outside.map(|socket| socket.inode).filter(|inode| *inode != 0).collect();
    Field::known(search(proc, &pids, wanted), origin)
}

fn search(proc: &Proc, pids: &[i32], mut wanted: BTreeSet<u64>) -> BTreeMap<u64, Process> {
    let mut owners = BTreeMap::new();
    let mut seen = 0;
    let host = namespaces::inode(proc, 1, "net");
    let others = pids.iter().copied().filter(|pid| *pid != 1);
    for pid in others.chain([1]) {
        if wanted.is_empty() || seen > MAX_SOCKETS {
            break;
        }
        // A process in another network namespace may hold one of the host's, but hardly ever does.
        let elsewhere = matches!((&host, namespaces::inode(proc, pid, "net")),
            (Fact::Known(host), Fact::Known(its)) if *host != its);
        if elsewhere {
            continue;
        }
        let Fact::Known(open) = open_sockets(proc, pid) else { continue };
        seen += open.len();
        let held: Vec<u64> = open.intersection(&wanted).copied().collect();
        if let (false, Some(process)) = (held.is_empty(), describe(proc, pid)) {
            for inode in held {
                wanted.remove(&inode);
                owners.insert(inode, process.clone());
            }
        }
    }
    owners
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;

    use super::*;
    use crate::kernel::sockets;

    #[test]
    fn the_process_behind_a_socket_is_found_unless_it_is_on_loopback() {
        let Fact::Known(proc) = Proc::host() else { panic!("no procfs") };
        let inner = TcpListener::bind("127.0.0.1:0").unwrap();
        let listening = sockets::listening(&proc, "self");
        let port = inner.local_addr().unwrap().port();
        let all = listening.get().unwrap();
        let socket = all.iter().find(|socket| socket.port == port).unwrap();
        assert!(!owners(&proc, &listening).get().unwrap().contains_key(&socket.inode));
        let pid = i32::try_from(std::process::id()).unwrap();
        let found = search(&proc, &[1, pid], [socket.inode].into());
        assert_eq!(found[&socket.inode].pid, pid);
    }

    #[test]
    fn what_listens_unknown_has_unknown_owners() {
        let Fact::Known(proc) = Proc::host() else { panic!("no procfs") };
        let unread = Field::unknown("permission denied", Origin::Nowhere);
        assert!(owners(&proc, &unread).fact.unknown().is_some());
    }
}

//! Questions to the kernel from within the network namespace of a process.
//!
//! Netlink answers for the namespace in which its socket was opened. A thread of ours enters the
//! other one for that question alone and ends: nothing is started in there, nothing written, and
//! no other thread of ours leaves the namespace that it is in.

use std::os::fd::{AsFd, OwnedFd};

use rustix::fs::OFlags;
use rustix::thread::{LinkNameSpaceType, move_into_link_name_space};

use crate::tree::Proc;

/// Asks in the network namespace of a process (`self` is ours). None where it can't be entered:
/// the process is gone, or we may not (CAP_SYS_ADMIN is needed).
pub(super) fn within<T: Send + 'static>(
    proc: &Proc,
    process: &str,
    ask: impl FnOnce() -> T + Send + 'static,
) -> Option<T> {
    let name = format!("{process}/ns/net");
    let own = std::fs::read_link("/proc/thread-self/ns/net").ok()?;
    if proc.link(&name).known().is_some_and(|its| own.as_os_str() == its.as_str()) {
        return Some(ask());
    }
    let namespace = proc.open(&name, OFlags::RDONLY | OFlags::CLOEXEC).ok()?;
    let inside = std::thread::Builder::new().name("network namespace".into());
    inside.spawn(move || enter(&namespace).map(|()| ask())).ok()?.join().ok()?
}

fn enter(namespace: &OwnedFd) -> Option<()> {
    move_into_link_name_space(namespace.as_fd(), Some(LinkNameSpaceType::Network)).ok()
}

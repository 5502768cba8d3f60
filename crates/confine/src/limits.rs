//! What a process may use (setrlimit(2)), and which descriptors it keeps.

use rustix::io::Errno;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// What a confined process may use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Its address space, in bytes.
    pub memory: u64,
}

/// How many descriptors it may have: three that every process has, two of a request, and some that
/// come and go.
const DESCRIPTORS: u64 = 16;

pub(crate) fn set(most: &Limits) -> Result<(), Errno> {
    for (resource, most) in [
        (Resource::As, most.memory),
        (Resource::Nofile, DESCRIPTORS),
        (Resource::Fsize, 0),
        (Resource::Core, 0),
        (Resource::Nproc, 0),
        (Resource::Memlock, 0),
        (Resource::Msgqueue, 0),
    ] {
        // What is lower already stays, since only root could raise it.
        let now = getrlimit(resource).maximum.unwrap_or(u64::MAX);
        let most = Some(most.min(now));
        setrlimit(resource, Rlimit { current: most, maximum: most })?;
    }
    Ok(())
}

/// Closes every descriptor but the first three: whoever started us may have left some open. At the
/// start of a process nothing of ours holds one.
pub(crate) fn close_others() {
    let all: Vec<i32> = match std::fs::read_dir("/proc/self/fd") {
        Ok(names) => {
            names.filter_map(|name| name.ok()?.file_name().to_str()?.parse().ok()).collect()
        }
        Err(_) => (0..4096).collect(),
    };
    for descriptor in all.into_iter().filter(|descriptor| *descriptor > 2) {
        // The one that the folder was read with is closed already.
        let _ = nix::unistd::close(descriptor);
    }
}

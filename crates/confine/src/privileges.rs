//! Users, groups and capabilities.

use rustix::io::Errno;
use rustix::process::{Gid, Uid, getgid, getuid};
use rustix::thread::{
    CapabilitySet, CapabilitySets, capabilities, clear_ambient_capability_set, set_capabilities,
    set_thread_groups, set_thread_res_gid, set_thread_res_uid,
};

/// The user and the group that own nothing: `nobody` and `nogroup`, the kernel's `overflowuid`.
const NOBODY: u32 = 65534;

/// Whether this is root, or has any capability.
pub(crate) fn is_privileged() -> bool {
    let has_some = capabilities(None).is_ok_and(|sets| !sets.permitted.is_empty());
    getuid().is_root() || rustix::process::geteuid().is_root() || has_some
}

/// Becomes nobody, without groups.
///
/// # Errors
///
/// We may not, or nobody is not in this namespace of users.
pub(crate) fn become_nobody() -> Result<(), String> {
    let (user, group) = (Uid::from_raw(NOBODY), Gid::from_raw(NOBODY));
    let became = || -> Result<(), Errno> {
        set_thread_groups(&[])?;
        set_thread_res_gid(group, group, group)?;
        set_thread_res_uid(user, user, user)
    };
    became().map_err(|why| why.to_string())?;
    if (getuid(), getgid()) == (user, group) { Ok(()) } else { Err("it had no effect".to_owned()) }
}

/// Gives up every capability. To get one back takes the execution of a file, which
/// `no_new_privs` keeps from giving any.
///
/// # Errors
///
/// Some are left.
pub(crate) fn drop_capabilities() -> Result<(), String> {
    let none = CapabilitySet::empty();
    // Kernels before 4.3 have none of these.
    let _ = clear_ambient_capability_set();
    let sets = CapabilitySets { effective: none, permitted: none, inheritable: none };
    set_capabilities(None, sets).map_err(|why| why.to_string())?;
    let left = capabilities(None).map_err(|why| why.to_string())?;
    if left.permitted.is_empty() { Ok(()) } else { Err(format!("{:?}", left.permitted)) }
}

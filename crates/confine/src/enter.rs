//! Giving up everything, one after the other.

use rustix::process::{
    DumpableBehavior, Signal, set_dumpable_behavior, set_parent_process_death_signal,
};
use serde::{Deserialize, Serialize};

use crate::{Limits, files, limits, privileges, syscalls};

/// How well a process is confined.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Confinement {
    /// What could not be had; empty where all could.
    pub missing: Vec<Missing>,
}

/// Something that could not be had, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Missing {
    /// Landlock, or a part of it: files are out of reach by the filter of system calls alone.
    Files(String),
    /// The filter of system calls: files are out of reach by Landlock alone.
    Syscalls(String),
    /// The user and the groups that are nobody's. All capabilities are gone even so.
    User(String),
}

/// Gives up all that a parser does not need, for good: limits, privileges, files, system calls.
///
/// Only the calling thread is confined, so nothing else may run yet. What is open stays open, and the
/// process is ended once the thread that started it has ended.
///
/// # Errors
///
/// It would be too much to parse hostile input with: where it runs as root, capabilities or system
/// calls are left to it; where not, neither Landlock nor a filter of system calls can be had.
pub(crate) fn enter(most: &Limits) -> Result<Confinement, String> {
    let mut missing = Vec::new();
    let was_root = privileges::is_privileged();
    if was_root && let Err(why) = privileges::become_nobody() {
        missing.push(Missing::User(why));
    }
    privileges::drop_capabilities().map_err(|why| format!("capabilities are kept: {why}"))?;
    limits::set(most).map_err(|why| format!("limits can't be set: {why}"))?;
    // After the user: changing that makes a process dumpable by its own rules and forgets the signal
    // (prctl(2), PR_SET_DUMPABLE, PR_SET_PDEATHSIG).
    set_dumpable_behavior(DumpableBehavior::NotDumpable).map_err(|why| why.to_string())?;
    set_parent_process_death_signal(Some(Signal::KILL)).map_err(|why| why.to_string())?;
    rustix::thread::set_no_new_privs(true).map_err(|why| why.to_string())?;
    let files = files::deny();
    let syscalls = syscalls::deny();
    if let Err(why) = &syscalls
        && (was_root || files.is_err())
    {
        return Err(format!("system calls can't be filtered: {why}"));
    }
    missing.extend(files.err().map(Missing::Files));
    missing.extend(syscalls.err().map(Missing::Syscalls));
    Ok(Confinement { missing })
}

//! Parsers of what others write, by themselves: for fuzzing, which gives them any bytes at all.
//!
//! Each takes bytes as they come and gives what was understood. None may panic, hang or take memory
//! that its input doesn't have.

use std::path::Path;

use dockward_model::facts::{AuditRule, Fact, MountedFs, PacketFilter, Snapshot};

use crate::certificate;
use crate::host::kernel_rule;
use crate::kernel::{mountinfo, packet_filter};
use crate::record::{self, RecordError};
use crate::tree::Tree;

/// The mounts of a mountinfo (proc_pid_mountinfo(5)).
#[must_use]
pub fn mounts(mountinfo: &str) -> Fact<Vec<MountedFs>> {
    mountinfo::mounts(mountinfo)
}

/// How many certificates a PEM file (RFC 7468) holds; absent where one of them can't be read.
#[must_use]
pub fn certificates(pem: &str) -> Option<usize> {
    certificate::all(pem).map(|all| all.len())
}

/// A rule of the kernel's audit (`struct audit_rule_data` of `linux/audit.h`).
#[must_use]
pub fn audit_rule(bytes: &[u8], tree: &dyn Tree) -> Option<AuditRule> {
    kernel_rule(bytes, tree)
}

/// The rules of a packet filter out of netlink's messages (`linux/netfilter/nf_tables.h`).
///
/// # Errors
/// Where the messages can't be read, in words.
pub fn packet_filter(dump: &[u8]) -> Result<PacketFilter, String> {
    packet_filter::from_dump(dump)
}

/// A recording.
///
/// # Errors
/// Where it is none, or of another version.
pub fn snapshot(bytes: &[u8]) -> Result<Snapshot, RecordError> {
    record::parse(bytes, Path::new("recording"))
}

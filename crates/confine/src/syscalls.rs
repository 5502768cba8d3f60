//! A filter of system calls (seccomp(2)): what is not on the list fails with EPERM, so that a
//! library that tries something goes on without it, and an attacker gets nothing.

use std::collections::BTreeMap;

use nix::libc::{self, c_long};
use seccompiler::{
    BpfProgram, SeccompAction, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition, SeccompFilter,
    SeccompRule, TargetArch, apply_filter,
};

/// What works on descriptors that are there, on memory, and on the thread itself.
const ALLOWED: &[c_long] = &[
    libc::SYS_read,
    libc::SYS_readv,
    libc::SYS_pread64,
    libc::SYS_write,
    libc::SYS_writev,
    libc::SYS_recvmsg,
    libc::SYS_recvfrom,
    libc::SYS_sendmsg,
    libc::SYS_sendto,
    libc::SYS_lseek,
    libc::SYS_close,
    libc::SYS_ppoll,
    libc::SYS_munmap,
    libc::SYS_mremap,
    libc::SYS_brk,
    libc::SYS_madvise,
    libc::SYS_futex,
    libc::SYS_getrandom,
    libc::SYS_clock_gettime,
    libc::SYS_sched_yield,
    libc::SYS_getpid,
    libc::SYS_gettid,
    libc::SYS_sigaltstack,
    libc::SYS_rt_sigprocmask,
    libc::SYS_rt_sigreturn,
    libc::SYS_restart_syscall,
    libc::SYS_exit,
    libc::SYS_exit_group,
];

/// Denies every system call but these.
///
/// # Errors
///
/// The kernel takes no filter, or none is known for this architecture.
pub(crate) fn deny() -> Result<(), String> {
    let arch = TargetArch::try_from(std::env::consts::ARCH).map_err(|why| why.to_string())?;
    let program = program(arch).map_err(|why| why.to_string())?;
    apply_filter(&program).map_err(|why| match why {
        seccompiler::Error::Seccomp(why) | seccompiler::Error::Prctl(why) => why.to_string(),
        other => other.to_string(),
    })
}

fn program(arch: TargetArch) -> Result<BpfProgram, seccompiler::BackendError> {
    let mut rules: BTreeMap<i64, Vec<SeccompRule>> = BTreeMap::new();
    rules.extend(ALLOWED.iter().map(|call| (*call, Vec::new())));
    // No memory that can be run: whoever bends a pointer finds no room for code of their own.
    let executable = u64::try_from(libc::PROT_EXEC).unwrap_or(u64::MAX);
    for call in [libc::SYS_mmap, libc::SYS_mprotect] {
        let is_plain = condition(2, SeccompCmpOp::MaskedEq(executable), 0)?;
        rules.insert(call, vec![SeccompRule::new(vec![is_plain])?]);
    }
    // Aborting: what a process does to itself that gets no memory.
    let own = condition(0, SeccompCmpOp::Eq, std::process::id().into())?;
    let abort = u64::try_from(libc::SIGABRT).unwrap_or(u64::MAX);
    let abort = condition(2, SeccompCmpOp::Eq, abort)?;
    rules.insert(libc::SYS_tgkill, vec![SeccompRule::new(vec![own, abort])?]);
    let denied = SeccompAction::Errno(libc::EPERM.unsigned_abs());
    SeccompFilter::new(rules, denied, SeccompAction::Allow, arch)?.try_into()
}

fn condition(
    argument: u8,
    operator: SeccompCmpOp,
    value: u64,
) -> Result<SeccompCondition, seccompiler::BackendError> {
    SeccompCondition::new(argument, SeccompCmpArgLen::Dword, operator, value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_filter_can_be_made_for_each_architecture() {
        for arch in [TargetArch::x86_64, TargetArch::aarch64] {
            assert!(program(arch).is_ok_and(|program| program.len() > ALLOWED.len()));
        }
    }

    #[test]
    fn nothing_that_opens_starts_or_reaches_is_allowed() {
        for call in [
            libc::SYS_openat,
            libc::SYS_openat2,
            libc::SYS_execve,
            libc::SYS_execveat,
            libc::SYS_clone,
            libc::SYS_clone3,
            libc::SYS_socket,
            libc::SYS_connect,
            libc::SYS_ptrace,
            libc::SYS_kill,
            libc::SYS_statx,
            libc::SYS_ioctl,
            libc::SYS_unshare,
            libc::SYS_io_uring_setup,
            libc::SYS_process_vm_writev,
            libc::SYS_pidfd_open,
            libc::SYS_fcntl,
        ] {
            assert!(!ALLOWED.contains(&call), "{call}");
        }
    }
}

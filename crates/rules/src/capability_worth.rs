//! What each capability beyond the engine's default set is worth to root in a container.
//!
//! A pure table (capabilities(7); what the engine's own seccomp filter opens along with each is in
//! moby `profiles/seccomp/default_linux.go`).

use dockward_model::facts::{Capability, Case, NamespaceMode};
use dockward_model::verdict::{Gain, Severity};

/// What a capability is worth.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Worth {
    pub(crate) capability: Capability,
    /// What it lets root in the container do, after "root in it".
    pub(crate) allows: &'static str,
    pub(crate) severity: Severity,
    pub(crate) gain: Option<Gain>,
}

/// A row: capability, severity, gain, what it allows.
type Row = (Capability, Severity, Option<Gain>, &'static str);

use Capability as C;
use Severity::{Critical, High, Low, Medium};

#[rustfmt::skip]
const ROWS: &[Row] = &[
    (C::SysAdmin, Critical, Some(Gain::HostRoot), "mounts file systems and attaches programs to the kernel"),
    (C::SysModule, Critical, Some(Gain::HostRoot), "loads code into the kernel"),
    (C::DacReadSearch, High, Some(Gain::HostFiles), "opens any file of the host's disk by its number"),
    (C::SysRawio, High, None, "reaches the machine's ports and memory"),
    (C::Perfmon, High, None, "watches every process of the host, its memory included"),
    (C::Bpf, Medium, None, "loads programs into the kernel"),
    (C::SysPtrace, Medium, None, "reads and changes every other process in it"),
    (C::NetAdmin, Medium, None, "changes its network and reaches the kernel's packet filters"),
    (C::SysBoot, Medium, None, "restarts, and where seccomp is off loads another kernel"),
    (C::SysTime, Medium, None, "sets the host's clock"),
    (C::Syslog, Medium, None, "reads the kernel's log and addresses"),
    (C::MacAdmin, Medium, None, "changes the rules of the host's security modules"),
    (C::MacOverride, Medium, None, "is exempt from rules of the host's security modules"),
    (C::CheckpointRestore, Medium, None, "copies other processes with their memory"),
    (C::SysResource, Low, None, "goes beyond limits and disk quotas"),
    (C::LinuxImmutable, Low, None, "makes files that cannot be removed"),
    (C::AuditControl, Low, None, "changes the audit rules where it has the host's processes"),
    (C::AuditRead, Low, None, "reads the audit trail where it has the host's network"),
    (C::IpcOwner, Low, None, "reads shared memory of every user in it"),
    (C::IpcLock, Low, None, "keeps memory from being swapped out"),
    (C::SysNice, Low, None, "puts its processes before others'"),
    (C::SysPacct, Low, None, "switches process accounting"),
    (C::SysTtyConfig, Low, None, "hangs up terminals"),
    (C::WakeAlarm, Low, None, "wakes the machine"),
    (C::BlockSuspend, Low, None, "keeps the machine awake"),
    (C::Lease, Low, None, "delays others' access to files"),
    (C::NetBroadcast, Low, None, "sends to all on its network"),
];

/// What `capability` is worth in this container: a namespace of the host's makes some worse.
pub(crate) fn worth(case: &Case<'_>, capability: Capability) -> Worth {
    let row = ROWS.iter().find(|row| row.0 == capability);
    let (severity, gain, allows) = match row {
        Some((_, severity, gain, allows)) => (*severity, gain.clone(), *allows),
        None => (Low, None, "has what is among the engine's defaults"),
    };
    let (severity, gain, allows) = beyond(case, capability).unwrap_or((severity, gain, allows));
    Worth { capability, allows, severity, gain }
}

/// What it is worth together with a namespace of the host's.
fn beyond(case: &Case<'_>, c: Capability) -> Option<(Severity, Option<Gain>, &'static str)> {
    let e = &case.effective;
    let host = |mode: Option<&NamespaceMode>| mode == Some(&NamespaceMode::Host);
    match c {
        // AppArmor's and SELinux's usual profiles keep it off processes outside.
        C::SysPtrace if host(e.pid.get()) && e.is_held_by_lsm() => {
            Some((High, None, "changes the host's processes if AppArmor or SELinux lets it"))
        }
        C::SysPtrace if host(e.pid.get()) => {
            Some((Critical, Some(Gain::HostRoot), "takes over any process of the host"))
        }
        C::AuditControl if host(e.pid.get()) => Some((High, None, "switches the host's audit off")),
        C::NetAdmin if host(e.net.get()) => {
            Some((High, None, "rewrites the host's firewall and routes"))
        }
        C::NetRaw if host(e.net.get()) => {
            Some((Medium, None, "reads and forges the host's traffic"))
        }
        C::AuditRead if host(e.net.get()) => Some((Medium, None, "reads the host's audit trail")),
        C::IpcOwner if host(e.ipc.get()) => {
            Some((Medium, None, "reads shared memory of every user of the host"))
        }
        C::NetRaw => Some((Low, None, "reads and forges traffic of its neighbours")),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::judged::case_with;
    use dockward_model::facts::{CapSet, DEFAULT_CAPABILITIES, sample};

    #[test]
    fn every_capability_beyond_the_default_set_is_in_the_table_once() {
        let beyond: Vec<_> = CapSet::FULL.minus(DEFAULT_CAPABILITIES).iter().collect();
        let mut rows: Vec<_> = ROWS.iter().map(|row| row.0).collect();
        rows.sort_unstable();
        assert_eq!(rows, beyond);
    }

    #[test]
    fn reaching_into_processes_is_root_only_with_the_hosts_and_without_apparmor() {
        let worth_of = |pid: &str, options: &[&str]| {
            let mut facts = case_with(|c| c.pid_mode = sample::known(pid.into(), ""));
            let options = options.iter().map(ToString::to_string).collect();
            facts.daemon.security_options = sample::known(options, "SecurityOptions");
            let worth = worth(&facts.case(), C::SysPtrace);
            (worth.severity, worth.gain)
        };
        assert_eq!(worth_of("", &["name=seccomp"]), (Medium, None));
        assert_eq!(worth_of("host", &["name=apparmor"]), (High, None));
        assert_eq!(worth_of("host", &["name=seccomp"]), (Critical, Some(Gain::HostRoot)));
    }

    #[test]
    fn the_hosts_network_makes_some_worse() {
        let host = case_with(|c| c.network_mode = sample::known("host".into(), ""));
        for (capability, severity) in [(C::NetAdmin, High), (C::NetRaw, Medium)] {
            assert_eq!(worth(&host.case(), capability).severity, severity, "{capability}");
        }
        assert_eq!(worth(&case_with(|_| ()).case(), C::NetAdmin).severity, Medium);
    }
}

//! Kernel settings below `/proc/sys` (sysctl(8)).

use std::collections::BTreeMap;

use dockward_model::facts::Field;

use super::kernel_line;
use crate::tree::Tree;

/// The settings that are looked for, by their dotted names. None holds a dot within a part.
const NAMES: &[&str] = &[
    "fs.protected_fifos",
    "fs.protected_hardlinks",
    "fs.protected_regular",
    "fs.protected_symlinks",
    "fs.suid_dumpable",
    "kernel.apparmor_restrict_unprivileged_userns",
    "kernel.core_pattern",
    "kernel.dmesg_restrict",
    "kernel.keys.maxkeys",
    "kernel.kptr_restrict",
    "kernel.modules_disabled",
    "kernel.panic",
    "kernel.panic_on_oops",
    "kernel.perf_event_paranoid",
    "kernel.randomize_va_space",
    "kernel.sysrq",
    "kernel.unprivileged_bpf_disabled",
    "kernel.unprivileged_userns_clone",
    "kernel.yama.ptrace_scope",
    "net.bridge.bridge-nf-call-ip6tables",
    "net.bridge.bridge-nf-call-iptables",
    "net.ipv4.conf.all.rp_filter",
    "net.ipv4.conf.all.route_localnet",
    "net.ipv4.conf.default.route_localnet",
    "net.ipv4.conf.docker0.route_localnet",
    "net.ipv4.ip_forward",
    "net.ipv4.ip_unprivileged_port_start",
    "net.ipv6.conf.all.forwarding",
    "user.max_user_namespaces",
    "vm.overcommit_memory",
    "vm.unprivileged_userfaultfd",
];

pub(super) fn sysctls(tree: &dyn Tree) -> BTreeMap<String, Field<String>> {
    let read = |name: &&str| {
        let path = format!("/proc/sys/{}", name.replace('.', "/"));
        ((*name).to_owned(), kernel_line(tree, &path))
    };
    NAMES.iter().map(read).collect()
}

#[cfg(test)]
mod tests {
    use dockward_model::facts::Fact;

    use super::*;
    use crate::tree::Recorded;

    #[test]
    fn a_setting_is_known_absent_or_unknown() {
        let tree = Recorded::new()
            .file("/proc/sys/net/bridge/bridge-nf-call-iptables", "1\n")
            .refused("/proc/sys/kernel/kptr_restrict", "permission denied");
        let seen = sysctls(&tree);
        let of = |name: &str| &seen[name].fact;
        assert_eq!(*of("net.bridge.bridge-nf-call-iptables"), Fact::Known("1".into()));
        assert!(of("kernel.kptr_restrict").unknown().is_some());
        assert!(of("kernel.yama.ptrace_scope").is_absent());
        let origin = seen["kernel.core_pattern"].origin.to_string();
        assert_eq!(origin, "/proc/sys/kernel/core_pattern");
    }
}

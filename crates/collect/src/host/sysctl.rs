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
    "kernel.kexec_load_disabled",
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
    "net.ipv4.ip_forward",
    "net.ipv4.ip_unprivileged_port_start",
    "net.ipv6.conf.all.forwarding",
    "user.max_user_namespaces",
    "vm.overcommit_memory",
    "vm.unprivileged_userfaultfd",
];

const FOLDER: &str = "/proc/sys/net/ipv4/conf";
/// Where there are more, only the named ones above are looked at.
const MAX_INTERFACES: usize = 16 * 1024;

pub(super) fn sysctls(tree: &dyn Tree) -> BTreeMap<String, Field<String>> {
    let read = |name: &&str| {
        let path = format!("/proc/sys/{}", name.replace('.', "/"));
        ((*name).to_owned(), kernel_line(tree, &path))
    };
    let mut all: BTreeMap<_, _> = NAMES.iter().map(read).collect();
    for interface in interfaces(tree) {
        let path = format!("{FOLDER}/{interface}/route_localnet");
        // An interface's name may hold a dot, so that its path is not made of the setting's name.
        let name = format!("net.ipv4.conf.{interface}.route_localnet");
        all.entry(name).or_insert_with(|| kernel_line(tree, &path));
    }
    all
}

/// Interfaces that have settings of their own; the host's ends of containers' cables, which there
/// are many of, are none that packets are taken from.
fn interfaces(tree: &dyn Tree) -> Vec<String> {
    let names = tree.list(FOLDER, MAX_INTERFACES).known().cloned().unwrap_or_default();
    names.into_iter().filter(|name| !name.starts_with("veth")).collect()
}

#[cfg(test)]
mod tests {
    use dockward_model::facts::Fact;

    use super::*;
    use crate::tree::Recorded;

    #[test]
    fn route_localnet_is_looked_at_on_every_interface_but_containers_cables() {
        let tree = Recorded::new()
            .file("/proc/sys/net/ipv4/conf/all/route_localnet", "0\n")
            .file("/proc/sys/net/ipv4/conf/br-0a1b2c3d4e5f/route_localnet", "1\n")
            .file("/proc/sys/net/ipv4/conf/eth0.7/route_localnet", "0\n")
            .file("/proc/sys/net/ipv4/conf/veth1234567/route_localnet", "0\n");
        let seen = sysctls(&tree);
        let of = |name: &str| seen.get(name).and_then(|field| field.get().cloned());
        assert_eq!(of("net.ipv4.conf.br-0a1b2c3d4e5f.route_localnet").as_deref(), Some("1"));
        assert_eq!(of("net.ipv4.conf.eth0.7.route_localnet").as_deref(), Some("0"));
        assert!(!seen.keys().any(|name| name.contains("veth")));
    }

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

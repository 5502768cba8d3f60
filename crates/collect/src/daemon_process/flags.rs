//! Every flag of dockerd, and the key of daemon.json that says the same.
//!
//! Taken from `dockerd --help` of 20.10, 26.1 and 28.5 and moby `cmd/dockerd/config*.go`, hidden
//! and former flags included.

/// What a flag's value is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// True where it stands alone; a value only after `=`.
    Bool,
    Text,
    Number,
    /// Each use adds one entry.
    List,
    /// As a list; one use may hold several, separated by commas.
    CommaList,
    /// Each use adds `name=value`.
    Map,
    /// Each use adds `name` or `name=BOOL`.
    Switches,
    /// `name=soft:hard`.
    Ulimits,
    /// `name=path`.
    Runtimes,
    /// `base=CIDR,size=N`.
    Pools,
    /// `network=name=value`.
    MapOfMaps,
    /// A member of the `proxies` object, under the flag's own name.
    Proxy,
}

/// One flag.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Flag {
    pub(super) name: &'static str,
    pub(super) short: Option<char>,
    /// The key in daemon.json.
    pub(super) key: &'static str,
    pub(super) kind: Kind,
}

const fn flag(name: &'static str, kind: Kind) -> Flag {
    Flag { name, short: None, key: name, kind }
}

const fn keyed(name: &'static str, key: &'static str, kind: Kind) -> Flag {
    Flag { name, short: None, key, kind }
}

const fn short(short: char, name: &'static str, key: &'static str, kind: Kind) -> Flag {
    Flag { name, short: Some(short), key, kind }
}

use Kind::{
    Bool, CommaList, List, Map, MapOfMaps, Number, Pools, Proxy, Runtimes, Switches, Text, Ulimits,
};

const FLAGS: &[Flag] = &[
    keyed("add-runtime", "runtimes", Runtimes),
    flag("allow-direct-routing", Bool),
    flag("allow-nondistributable-artifacts", List),
    flag("api-cors-header", Text),
    keyed("authorization-plugin", "authorization-plugins", List),
    flag("bip", Text),
    flag("bip6", Text),
    short('b', "bridge", "bridge", Text),
    flag("bridge-accept-fwmark", Text),
    keyed("cdi-spec-dir", "cdi-spec-dirs", List),
    flag("cgroup-parent", Text),
    flag("cluster-advertise", Text),
    flag("cluster-store", Text),
    keyed("cluster-store-opt", "cluster-store-opts", Map),
    flag("config-file", Text),
    flag("containerd", Text),
    flag("containerd-namespace", Text),
    keyed("containerd-plugins-namespace", "containerd-plugin-namespace", Text),
    flag("cpu-rt-period", Number),
    flag("cpu-rt-runtime", Number),
    flag("cri-containerd", Bool),
    flag("data-root", Text),
    short('D', "debug", "debug", Bool),
    keyed("default-address-pool", "default-address-pools", Pools),
    flag("default-cgroupns-mode", Text),
    flag("default-gateway", Text),
    flag("default-gateway-v6", Text),
    flag("default-ipc-mode", Text),
    keyed("default-network-opt", "default-network-opts", MapOfMaps),
    flag("default-runtime", Text),
    flag("default-shm-size", Text),
    keyed("default-ulimit", "default-ulimits", Ulimits),
    flag("dns", CommaList),
    keyed("dns-opt", "dns-opts", List),
    flag("dns-search", List),
    keyed("exec-opt", "exec-opts", List),
    flag("exec-root", Text),
    flag("experimental", Bool),
    keyed("feature", "features", Switches),
    flag("firewall-backend", Text),
    flag("fixed-cidr", Text),
    flag("fixed-cidr-v6", Text),
    short('g', "graph", "data-root", Text),
    short('G', "group", "group", Text),
    flag("help", Bool),
    short('H', "host", "hosts", List),
    keyed("host-gateway-ip", "host-gateway-ips", CommaList),
    keyed("http-proxy", "proxies", Proxy),
    keyed("https-proxy", "proxies", Proxy),
    flag("icc", Bool),
    flag("init", Bool),
    flag("init-path", Text),
    keyed("insecure-registry", "insecure-registries", List),
    flag("ip", Text),
    flag("ip-forward", Bool),
    flag("ip-forward-no-drop", Bool),
    flag("ip-masq", Bool),
    flag("ip6tables", Bool),
    flag("iptables", Bool),
    flag("ipv6", Bool),
    keyed("label", "labels", List),
    flag("live-restore", Bool),
    flag("log-driver", Text),
    flag("log-format", Text),
    short('l', "log-level", "log-level", Text),
    keyed("log-opt", "log-opts", Map),
    flag("max-concurrent-downloads", Number),
    flag("max-concurrent-uploads", Number),
    flag("max-download-attempts", Number),
    flag("metrics-addr", Text),
    flag("mtu", Number),
    flag("network-control-plane-mtu", Number),
    flag("network-diagnostic-port", Number),
    flag("no-new-privileges", Bool),
    keyed("no-proxy", "proxies", Proxy),
    keyed("node-generic-resource", "node-generic-resources", List),
    flag("oom-score-adjust", Number),
    short('p', "pidfile", "pidfile", Text),
    flag("raw-logs", Bool),
    keyed("registry-mirror", "registry-mirrors", List),
    short('r', "restart", "restart", Bool),
    flag("rootless", Bool),
    flag("seccomp-profile", Text),
    flag("selinux-enabled", Bool),
    flag("shutdown-timeout", Number),
    short('s', "storage-driver", "storage-driver", Text),
    keyed("storage-opt", "storage-opts", List),
    flag("swarm-default-advertise-addr", Text),
    flag("tls", Bool),
    flag("tlscacert", Text),
    flag("tlscert", Text),
    flag("tlskey", Text),
    flag("tlsverify", Bool),
    flag("userland-proxy", Bool),
    flag("userland-proxy-path", Text),
    flag("userns-remap", Text),
    flag("validate", Bool),
    short('v', "version", "version", Bool),
];

/// The flag of this long name.
pub(super) fn by_name(name: &str) -> Option<&'static Flag> {
    FLAGS.iter().find(|flag| flag.name == name)
}

/// The flag of this letter.
pub(super) fn by_letter(letter: char) -> Option<&'static Flag> {
    FLAGS.iter().find(|flag| flag.short == Some(letter))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_in_order_so_that_a_missing_flag_is_seen() {
        let names: Vec<_> = FLAGS.iter().map(|flag| flag.name.replace('-', " ")).collect();
        let mut sorted = names.clone();
        sorted.sort();
        sorted.dedup();
        assert_eq!(names, sorted);
    }

    #[test]
    fn flags_whose_keys_are_plural_lead_to_the_key() {
        for (name, key) in [
            ("host", "hosts"),
            ("insecure-registry", "insecure-registries"),
            ("authorization-plugin", "authorization-plugins"),
            ("default-ulimit", "default-ulimits"),
            ("graph", "data-root"),
            ("icc", "icc"),
        ] {
            assert_eq!(by_name(name).map(|flag| flag.key), Some(key));
        }
        assert_eq!(by_letter('H').map(|flag| flag.key), Some("hosts"));
        assert_eq!(by_name("hosts"), None);
    }
}

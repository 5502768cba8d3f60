//! `/info`.

use std::collections::BTreeMap;

use crate::api::SwarmInfo;
use crate::record::record;

record! {
    /// `/info`: the engine and its host as it sees them.
    pub struct Info {
        /// `ID`: the engine's own id.
        id: String = "ID",
        /// `Name`: the host's name.
        name: String = "Name",
        /// `OperatingSystem`: such as `Debian GNU/Linux 12 (bookworm)`.
        operating_system: String = "OperatingSystem",
        /// `OSVersion`: such as `12`.
        os_version: String = "OSVersion",
        /// `OSType`: `linux` or `windows`.
        os_type: String = "OSType",
        /// `Architecture`: the kernel's spelling, such as `x86_64`.
        architecture: String = "Architecture",
        /// `KernelVersion`: the kernel's release.
        kernel_version: String = "KernelVersion",
        /// `ServerVersion`: the engine's version.
        server_version: String = "ServerVersion",
        /// `NCPU`: processors that the engine may use.
        ncpu: i64 = "NCPU",
        /// `MemTotal`: bytes of memory.
        mem_total: i64 = "MemTotal",
        /// `SystemTime`: the host's clock, RFC 3339.
        system_time: String = "SystemTime",
        /// `DockerRootDir`: the data root, `/var/lib/docker` by default.
        docker_root_dir: String = "DockerRootDir",
        /// `Driver`: the storage driver.
        driver: String = "Driver",
        /// `DriverStatus`: pairs of a name and a value.
        driver_status: Vec<Vec<String>> = "DriverStatus",
        /// `LoggingDriver`: the default for containers.
        logging_driver: String = "LoggingDriver",
        /// `CgroupDriver`: `cgroupfs`, `systemd` or `none`.
        cgroup_driver: String = "CgroupDriver",
        /// `CgroupVersion`: `1` or `2`, as text.
        cgroup_version: String = "CgroupVersion",
        /// `SecurityOptions`: such as `name=seccomp,profile=builtin`, `name=userns`,
        /// `name=rootless`, `name=no-new-privileges`.
        security_options: Vec<String> = "SecurityOptions",
        /// `Warnings`: what the engine itself warns of.
        warnings: Vec<String> = "Warnings",
        /// `LiveRestoreEnabled`: whether containers outlive the daemon.
        live_restore_enabled: bool = "LiveRestoreEnabled",
        /// `ExperimentalBuild`: whether experimental features are on.
        experimental_build: bool = "ExperimentalBuild",
        /// `Debug`: whether the daemon is in debug mode.
        debug: bool = "Debug",
        /// `RegistryConfig`: registries and how they are reached.
        registry_config: RegistryConfig = "RegistryConfig",
        /// `IndexServerAddress`: the default registry's index.
        index_server_address: String = "IndexServerAddress",
        /// `Runtimes`: OCI runtimes by name.
        runtimes: BTreeMap<String, Runtime> = "Runtimes",
        /// `DefaultRuntime`: the name of the default one.
        default_runtime: String = "DefaultRuntime",
        /// `Plugins`: plugins by kind, of both the old and the managed sort.
        plugins: PluginNames = "Plugins",
        /// `MemoryLimit`: whether the kernel can limit memory.
        memory_limit: bool = "MemoryLimit",
        /// `SwapLimit`: whether the kernel can limit swap.
        swap_limit: bool = "SwapLimit",
        /// `PidsLimit`: whether the kernel can limit processes.
        pids_limit: bool = "PidsLimit",
        /// `CpuCfsQuota`: whether the kernel can limit processor time.
        cpu_cfs_quota: bool = "CpuCfsQuota",
        /// `OomKillDisable`: whether the kernel can spare a container from the OOM killer.
        oom_kill_disable: bool = "OomKillDisable",
        /// `IPv4Forwarding`: whether the host forwards IPv4.
        ipv4_forwarding: bool = "IPv4Forwarding",
        /// `BridgeNfIptables`: whether bridged IPv4 traffic passes iptables.
        bridge_nf_iptables: bool = "BridgeNfIptables",
        /// `BridgeNfIp6tables`: whether bridged IPv6 traffic passes ip6tables.
        bridge_nf_ip6tables: bool = "BridgeNfIp6tables",
        /// `Containerd`: where containerd listens (API 1.46 on).
        containerd: Containerd = "Containerd",
        /// `ContainerdCommit`: the version of containerd.
        containerd_commit: Commit = "ContainerdCommit",
        /// `RuncCommit`: the version of runc.
        runc_commit: Commit = "RuncCommit",
        /// `InitCommit`: the version of docker-init.
        init_commit: Commit = "InitCommit",
        /// `InitBinary`: its name.
        init_binary: String = "InitBinary",
        /// `Containers`: how many there are.
        containers: i64 = "Containers",
        /// `ContainersRunning`: how many of them run.
        containers_running: i64 = "ContainersRunning",
        /// `ContainersPaused`: how many of them are paused.
        containers_paused: i64 = "ContainersPaused",
        /// `ContainersStopped`: how many of them are stopped.
        containers_stopped: i64 = "ContainersStopped",
        /// `Images`: how many images there are.
        images: i64 = "Images",
        /// `Swarm`: this node's part in a swarm.
        swarm: SwarmInfo = "Swarm",
        /// `Labels`: the daemon's labels, `key=value`.
        labels: Vec<String> = "Labels",
        /// `DefaultAddressPools`: where new networks take their subnets from.
        default_address_pools: Vec<AddressPool> = "DefaultAddressPools",
        /// `FirewallBackend`: who writes the firewall's rules (API 1.49 on).
        firewall_backend: FirewallBackend = "FirewallBackend",
        /// `DiscoveredDevices`: devices found by CDI (API 1.50 on).
        discovered_devices: Vec<DiscoveredDevice> = "DiscoveredDevices",
        /// `CDISpecDirs`: where CDI looks (API 1.44 on).
        cdi_spec_dirs: Vec<String> = "CDISpecDirs",
        /// `Isolation`: Windows' isolation technology; empty elsewhere.
        isolation: String = "Isolation",
        /// `HttpProxy`: can hold a password.
        http_proxy: String = "HttpProxy",
        /// `HttpsProxy`: can hold a password.
        https_proxy: String = "HttpsProxy",
        /// `NoProxy`: what is reached without a proxy.
        no_proxy: String = "NoProxy",
    }

    /// `/info`, `RegistryConfig`.
    pub struct RegistryConfig {
        /// `InsecureRegistryCIDRs`: where TLS is not asked for; `::1/128` and `127.0.0.0/8`
        /// are always there.
        insecure_registry_cidrs: Vec<String> = "InsecureRegistryCIDRs",
        /// `IndexConfigs`: registries by name.
        index_configs: BTreeMap<String, IndexConfig> = "IndexConfigs",
        /// `Mirrors`: mirrors of the default registry, as URLs.
        mirrors: Vec<String> = "Mirrors",
    }

    /// `/info`, one of `RegistryConfig.IndexConfigs`.
    pub struct IndexConfig {
        /// `Name`: host and port.
        name: String = "Name",
        /// `Mirrors`: URLs.
        mirrors: Vec<String> = "Mirrors",
        /// `Secure`: false for one listed in `insecure-registries`.
        secure: bool = "Secure",
        /// `Official`: whether it is the default registry.
        official: bool = "Official",
    }

    /// `/info`, one of `Runtimes`.
    pub struct Runtime {
        /// `path`: the binary, by name or path.
        path: String = "path",
        /// `runtimeArgs`: its arguments.
        runtime_args: Vec<String> = "runtimeArgs",
    }

    /// `/info`, `Plugins`: names of plugins by what they do.
    pub struct PluginNames {
        /// `Volume`.
        volume: Vec<String> = "Volume",
        /// `Network`.
        network: Vec<String> = "Network",
        /// `Authorization`: null where no authorization plugin is configured.
        authorization: Vec<String> = "Authorization",
        /// `Log`.
        log: Vec<String> = "Log",
    }

    /// `/info`, `Containerd`.
    pub struct Containerd {
        /// `Address`: its socket.
        address: String = "Address",
    }

    /// `/info`, `ContainerdCommit` and its like.
    pub struct Commit {
        /// `ID`: a version or a commit.
        id: String = "ID",
    }

    /// `/info`, one of `DefaultAddressPools`.
    pub struct AddressPool {
        /// `Base`: a network in CIDR form.
        base: String = "Base",
        /// `Size`: the prefix length of the subnets cut from it.
        size: i64 = "Size",
    }

    /// `/info`, `FirewallBackend`.
    pub struct FirewallBackend {
        /// `Driver`: `iptables`, `nftables`, `iptables+firewalld`, …
        driver: String = "Driver",
        /// `Info`: pairs of a name and a value.
        info: Vec<Vec<String>> = "Info",
    }

    /// `/info`, one of `DiscoveredDevices`.
    pub struct DiscoveredDevice {
        /// `Source`: `cdi`.
        source: String = "Source",
        /// `ID`: the name to ask for it by.
        id: String = "ID",
    }
}

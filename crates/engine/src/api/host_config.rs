//! `HostConfig` of `/containers/{id}/json`.

use std::collections::BTreeMap;

use crate::Lenient;
use crate::api::Texts;
use crate::record::record;

/// Bindings by `port/protocol`; null for a port that is only exposed.
pub type PortBindings = BTreeMap<String, Lenient<Vec<PortBinding>>>;

record! {
    /// `HostConfig` of a container.
    pub struct HostConfig {
        /// `Binds`: `source:destination[:options]`.
        binds: Vec<String> = "Binds",
        /// `Mounts`: as asked for with `--mount`.
        mounts: Vec<MountSpec> = "Mounts",
        /// `NetworkMode`: `default`, `bridge`, `host`, `none`, `container:…` or a name.
        network_mode: String = "NetworkMode",
        /// `PortBindings`: as asked for.
        port_bindings: PortBindings = "PortBindings",
        /// `RestartPolicy`.
        restart_policy: RestartPolicy = "RestartPolicy",
        /// `AutoRemove`: `--rm`.
        auto_remove: bool = "AutoRemove",
        /// `VolumeDriver`.
        volume_driver: String = "VolumeDriver",
        /// `VolumesFrom`: `container[:mode]`.
        volumes_from: Vec<String> = "VolumesFrom",
        /// `CapAdd`: with or without `CAP_`.
        cap_add: Vec<String> = "CapAdd",
        /// `CapDrop`: with or without `CAP_`.
        cap_drop: Vec<String> = "CapDrop",
        /// `CgroupnsMode`: `private` or `host`.
        cgroupns_mode: String = "CgroupnsMode",
        /// `Dns`.
        dns: Vec<String> = "Dns",
        /// `DnsOptions`.
        dns_options: Vec<String> = "DnsOptions",
        /// `DnsSearch`.
        dns_search: Vec<String> = "DnsSearch",
        /// `ExtraHosts`: `name:address`.
        extra_hosts: Vec<String> = "ExtraHosts",
        /// `GroupAdd`.
        group_add: Vec<String> = "GroupAdd",
        /// `IpcMode`: `private`, `shareable`, `host`, `none` or `container:…`.
        ipc_mode: String = "IpcMode",
        /// `Cgroup`: `container:…` or empty.
        cgroup: String = "Cgroup",
        /// `Links`: `container:alias`.
        links: Vec<String> = "Links",
        /// `OomScoreAdj`.
        oom_score_adj: i64 = "OomScoreAdj",
        /// `PidMode`: empty, `host` or `container:…`.
        pid_mode: String = "PidMode",
        /// `Privileged`.
        privileged: bool = "Privileged",
        /// `PublishAllPorts`.
        publish_all_ports: bool = "PublishAllPorts",
        /// `ReadonlyRootfs`.
        readonly_rootfs: bool = "ReadonlyRootfs",
        /// `SecurityOpt`: such as `seccomp=unconfined`, `no-new-privileges`.
        security_opt: Vec<String> = "SecurityOpt",
        /// `StorageOpt`: such as `size`.
        storage_opt: Texts = "StorageOpt",
        /// `Tmpfs`: options by path.
        tmpfs: Texts = "Tmpfs",
        /// `UTSMode`: empty or `host`.
        uts_mode: String = "UTSMode",
        /// `UsernsMode`: empty or `host`.
        userns_mode: String = "UsernsMode",
        /// `ShmSize`: bytes.
        shm_size: i64 = "ShmSize",
        /// `Sysctls`.
        sysctls: Texts = "Sysctls",
        /// `Runtime`: the OCI runtime's name.
        runtime: String = "Runtime",
        /// `Isolation`: Windows only.
        isolation: String = "Isolation",
        /// `CpuShares`: a weight; 0 for the default.
        cpu_shares: i64 = "CpuShares",
        /// `Memory`: bytes; 0 for no limit.
        memory: i64 = "Memory",
        /// `NanoCpus`: processors times 10^9; 0 for no limit.
        nano_cpus: i64 = "NanoCpus",
        /// `CgroupParent`.
        cgroup_parent: String = "CgroupParent",
        /// `BlkioWeight`: 10 to 1000; 0 for the default.
        blkio_weight: i64 = "BlkioWeight",
        /// `BlkioWeightDevice`.
        blkio_weight_device: Vec<WeightDevice> = "BlkioWeightDevice",
        /// `BlkioDeviceReadBps`: bytes a second.
        blkio_device_read_bps: Vec<ThrottleDevice> = "BlkioDeviceReadBps",
        /// `BlkioDeviceWriteBps`: bytes a second.
        blkio_device_write_bps: Vec<ThrottleDevice> = "BlkioDeviceWriteBps",
        /// `BlkioDeviceReadIOps`: operations a second.
        blkio_device_read_iops: Vec<ThrottleDevice> = "BlkioDeviceReadIOps",
        /// `BlkioDeviceWriteIOps`: operations a second.
        blkio_device_write_iops: Vec<ThrottleDevice> = "BlkioDeviceWriteIOps",
        /// `CpuPeriod`: microseconds; 0 for the default.
        cpu_period: i64 = "CpuPeriod",
        /// `CpuQuota`: microseconds in each period; 0 for no limit.
        cpu_quota: i64 = "CpuQuota",
        /// `CpuRealtimePeriod`: microseconds.
        cpu_realtime_period: i64 = "CpuRealtimePeriod",
        /// `CpuRealtimeRuntime`: microseconds.
        cpu_realtime_runtime: i64 = "CpuRealtimeRuntime",
        /// `CpusetCpus`: such as `0-3,5`.
        cpuset_cpus: String = "CpusetCpus",
        /// `CpusetMems`: memory nodes.
        cpuset_mems: String = "CpusetMems",
        /// `Devices`.
        devices: Vec<DeviceMapping> = "Devices",
        /// `DeviceCgroupRules`: such as `c 1:3 rwm`.
        device_cgroup_rules: Vec<String> = "DeviceCgroupRules",
        /// `DeviceRequests`: GPUs, CDI devices.
        device_requests: Vec<DeviceRequest> = "DeviceRequests",
        /// `MemoryReservation`: bytes.
        memory_reservation: i64 = "MemoryReservation",
        /// `MemorySwap`: bytes of memory and swap; -1 for no limit.
        memory_swap: i64 = "MemorySwap",
        /// `MemorySwappiness`: 0 to 100.
        memory_swappiness: i64 = "MemorySwappiness",
        /// `OomKillDisable`: null or absent under cgroup v2.
        oom_kill_disable: bool = "OomKillDisable",
        /// `PidsLimit`: null, 0 or -1 for no limit.
        pids_limit: i64 = "PidsLimit",
        /// `Ulimits`.
        ulimits: Vec<Ulimit> = "Ulimits",
        /// `LogConfig`.
        log_config: LogConfig = "LogConfig",
        /// `Init`: null for the daemon's default.
        init: bool = "Init",
        /// `MaskedPaths`: an empty list with `systempaths=unconfined`; null when privileged.
        masked_paths: Vec<String> = "MaskedPaths",
        /// `ReadonlyPaths`: an empty list with `systempaths=unconfined`; null when privileged.
        readonly_paths: Vec<String> = "ReadonlyPaths",
        /// `Annotations`: for the OCI runtime.
        annotations: Texts = "Annotations",
    }

    /// One of `HostConfig.Mounts`.
    pub struct MountSpec {
        /// `Type`: as in [`MountPoint`](crate::api::MountPoint).
        kind: String = "Type",
        /// `Source`: a path, or a volume's name.
        source: String = "Source",
        /// `Target`: in the container.
        target: String = "Target",
        /// `ReadOnly`: absent where false.
        read_only: bool = "ReadOnly",
        /// `BindOptions`.
        bind_options: BindOptions = "BindOptions",
        /// `VolumeOptions`.
        volume_options: VolumeOptions = "VolumeOptions",
        /// `TmpfsOptions`.
        tmpfs_options: TmpfsOptions = "TmpfsOptions",
    }

    /// `BindOptions` of a mount.
    pub struct BindOptions {
        /// `Propagation`: such as `rshared`.
        propagation: String = "Propagation",
        /// `NonRecursive`.
        non_recursive: bool = "NonRecursive",
        /// `CreateMountpoint`.
        create_mountpoint: bool = "CreateMountpoint",
        /// `ReadOnlyNonRecursive`: mounts below a read-only one stay writable.
        read_only_non_recursive: bool = "ReadOnlyNonRecursive",
        /// `ReadOnlyForceRecursive`.
        read_only_force_recursive: bool = "ReadOnlyForceRecursive",
    }

    /// `VolumeOptions` of a mount.
    pub struct VolumeOptions {
        /// `NoCopy`.
        no_copy: bool = "NoCopy",
        /// `Labels`.
        labels: Texts = "Labels",
        /// `Subpath`: below the volume.
        subpath: String = "Subpath",
        /// `DriverConfig`.
        driver_config: DriverConfig = "DriverConfig",
    }

    /// `VolumeOptions.DriverConfig` of a mount.
    pub struct DriverConfig {
        /// `Name`.
        name: String = "Name",
        /// `Options`: as in [`Volume`](crate::api::Volume).
        options: Texts = "Options",
    }

    /// `TmpfsOptions` of a mount.
    pub struct TmpfsOptions {
        /// `SizeBytes`.
        size_bytes: i64 = "SizeBytes",
        /// `Mode`: permission bits.
        mode: i64 = "Mode",
    }

    /// One binding of a port.
    pub struct PortBinding {
        /// `HostIp`: empty for every address.
        host_ip: String = "HostIp",
        /// `HostPort`: a port, a range, or empty for any.
        host_port: String = "HostPort",
    }

    /// `HostConfig.RestartPolicy`.
    pub struct RestartPolicy {
        /// `Name`: empty, `no`, `always`, `unless-stopped` or `on-failure`.
        name: String = "Name",
        /// `MaximumRetryCount`: for `on-failure`; 0 for no limit.
        maximum_retry_count: i64 = "MaximumRetryCount",
    }

    /// One of `HostConfig.BlkioWeightDevice`.
    pub struct WeightDevice {
        /// `Path`.
        path: String = "Path",
        /// `Weight`.
        weight: i64 = "Weight",
    }

    /// One of `HostConfig.BlkioDeviceReadBps` and its like.
    pub struct ThrottleDevice {
        /// `Path`.
        path: String = "Path",
        /// `Rate`: bytes or operations a second.
        rate: i64 = "Rate",
    }

    /// One of `HostConfig.Devices`.
    pub struct DeviceMapping {
        /// `PathOnHost`.
        path_on_host: String = "PathOnHost",
        /// `PathInContainer`.
        path_in_container: String = "PathInContainer",
        /// `CgroupPermissions`: of `rwm`.
        cgroup_permissions: String = "CgroupPermissions",
    }

    /// One of `HostConfig.DeviceRequests`.
    pub struct DeviceRequest {
        /// `Driver`: such as `nvidia` or `cdi`.
        driver: String = "Driver",
        /// `Count`: -1 for all.
        count: i64 = "Count",
        /// `DeviceIDs`.
        device_ids: Vec<String> = "DeviceIDs",
        /// `Capabilities`: alternatives, each a list.
        capabilities: Vec<Vec<String>> = "Capabilities",
        /// `Options`.
        options: Texts = "Options",
    }

    /// One of `HostConfig.Ulimits`.
    pub struct Ulimit {
        /// `Name`: such as `nofile`.
        name: String = "Name",
        /// `Soft`: -1 for no limit.
        soft: i64 = "Soft",
        /// `Hard`: -1 for no limit.
        hard: i64 = "Hard",
    }

    /// `HostConfig.LogConfig`.
    pub struct LogConfig {
        /// `Type`: the log driver.
        kind: String = "Type",
        /// `Config`: its options; can hold secrets.
        config: Texts = "Config",
    }
}

//! A container, a daemon and a host in which every field is known, to start tests from.

pub mod firewall;

use std::sync::Arc;

use super::{
    Container, Daemon, Effective, Fact, Field, Host, KernelView, Limits, Origin, RestartPolicy,
};
use crate::ContainerId;

/// A field that was looked for and is not there.
#[must_use]
pub fn absent<T>(name: &'static str) -> Field<T> {
    Field::absent(Origin::api(&endpoint(), name))
}

/// A field that was read.
#[must_use]
pub fn known<T>(value: T, name: &'static str) -> Field<T> {
    Field::known(value, Origin::api(&endpoint(), name))
}

/// A field that could not be read.
#[must_use]
pub fn unknown<T>(name: &'static str) -> Field<T> {
    Field::unknown("unexpected end of file", Origin::api(&endpoint(), name))
}

fn endpoint() -> Arc<str> {
    Arc::from("/containers/web/json")
}

/// `docker create --name web nginx`: nothing was asked for, it doesn't run.
#[must_use]
pub fn container() -> Container {
    Container {
        id: ContainerId("4f".repeat(32)),
        name: "web".into(),
        image: "nginx:1.29".into(),
        image_id: absent("Image"),
        image_now: absent("Image"),
        label_secrets: absent("Config.Labels"),
        running: known(false, "State.Running"),
        pid: absent("State.Pid"),
        created: absent("Created"),
        started: absent("State.StartedAt"),
        finished: absent("State.FinishedAt"),
        user: absent("Config.User"),
        user_uid: known(0, "Config.User"),
        groups: absent("HostConfig.GroupAdd"),
        privileged: known(false, "HostConfig.Privileged"),
        cap_add: absent("HostConfig.CapAdd"),
        cap_drop: absent("HostConfig.CapDrop"),
        security_opt: absent("HostConfig.SecurityOpt"),
        apparmor_profile: absent("AppArmorProfile"),
        selinux_label: absent("ProcessLabel"),
        masked_paths: absent("HostConfig.MaskedPaths"),
        readonly_paths: absent("HostConfig.ReadonlyPaths"),
        read_only_root: known(false, "HostConfig.ReadonlyRootfs"),
        network_mode: known("bridge".into(), "HostConfig.NetworkMode"),
        pid_mode: absent("HostConfig.PidMode"),
        ipc_mode: known("private".into(), "HostConfig.IpcMode"),
        uts_mode: absent("HostConfig.UTSMode"),
        userns_mode: absent("HostConfig.UsernsMode"),
        cgroupns_mode: known("private".into(), "HostConfig.CgroupnsMode"),
        cgroup_parent: absent("HostConfig.CgroupParent"),
        runtime: known("runc".into(), "HostConfig.Runtime"),
        mounts: absent("Mounts"),
        devices: absent("HostConfig.Devices"),
        device_cgroup_rules: absent("HostConfig.DeviceCgroupRules"),
        device_requests: absent("HostConfig.DeviceRequests"),
        ports: absent("NetworkSettings.Ports"),
        networks: known(vec!["bridge".into()], "NetworkSettings.Networks"),
        limits: limits(),
        restart: known(
            RestartPolicy { name: "no".into(), max_retries: 0 },
            "HostConfig.RestartPolicy",
        ),
        healthcheck: absent("Config.Healthcheck"),
        log_driver: known("json-file".into(), "HostConfig.LogConfig.Type"),
        env: absent("Config.Env"),
        argv: absent("Config.Cmd"),
        execs: absent("ExecIDs"),
        kernel: Fact::Absent,
        ..Container::default()
    }
}

fn limits() -> Limits {
    Limits {
        memory: absent("HostConfig.Memory"),
        memory_reservation: absent("HostConfig.MemoryReservation"),
        memory_swap: absent("HostConfig.MemorySwap"),
        nano_cpus: absent("HostConfig.NanoCpus"),
        cpu_quota: absent("HostConfig.CpuQuota"),
        cpu_period: absent("HostConfig.CpuPeriod"),
        cpu_shares: absent("HostConfig.CpuShares"),
        cpuset_cpus: absent("HostConfig.CpusetCpus"),
        pids: absent("HostConfig.PidsLimit"),
        blkio_weight: absent("HostConfig.BlkioWeight"),
        blkio_device_limits: absent("HostConfig.BlkioDeviceReadBps"),
        oom_kill_disable: absent("HostConfig.OomKillDisable"),
        oom_score_adj: absent("HostConfig.OomScoreAdj"),
        ulimits: absent("HostConfig.Ulimits"),
    }
}

/// An engine of version 28 with stock settings, on cgroup version 2, with seccomp and AppArmor.
#[must_use]
pub fn daemon() -> Daemon {
    let info = Arc::from("/info");
    let text = |value: &str, field: &'static str| {
        Field::known(value.to_owned(), Origin::api(&info, field))
    };
    let options = ["name=apparmor", "name=seccomp,profile=builtin", "name=cgroupns"];
    let options = options.iter().map(ToString::to_string).collect();
    Daemon {
        endpoint: "unix:///var/run/docker.sock".into(),
        socket: text("/run/docker.sock", ""),
        version: text("28.5.2", "ServerVersion"),
        api_version: text("1.51", "ApiVersion"),
        security_options: Field::known(options, Origin::api(&info, "SecurityOptions")),
        live_restore: Field::known(false, Origin::api(&info, "LiveRestoreEnabled")),
        logging_driver: text("json-file", "LoggingDriver"),
        storage_driver: text("overlay2", "Driver"),
        experimental: Field::known(false, Origin::api(&info, "ExperimentalBuild")),
        insecure_registries: Field::absent(Origin::api(&info, "RegistryConfig")),
        authorization_plugins: Field::absent(Origin::api(&info, "Plugins.Authorization")),
        default_runtime: text("runc", "DefaultRuntime"),
        data_root: text("/var/lib/docker", "DockerRootDir"),
        cgroup_version: text("2", "CgroupVersion"),
        cgroup_driver: text("systemd", "CgroupDriver"),
        warnings: Field::absent(Origin::api(&info, "Warnings")),
        config: Fact::Absent,
        ..Daemon::default()
    }
}

/// A host with AppArmor and no firewall of its own.
#[must_use]
pub fn host() -> Host {
    let lsm = Origin::kernel("/sys/kernel/security/lsm", "");
    let lsms = ["lockdown", "capability", "yama", "apparmor"].iter().map(ToString::to_string);
    Host {
        hostname: Field::known("web-07".into(), Origin::kernel("/proc/sys/kernel/hostname", "")),
        lsms: Field::known(lsms.collect(), lsm),
        lockdown: Field::known(
            "integrity".into(),
            Origin::kernel("/sys/kernel/security/lockdown", ""),
        ),
        selinux_enforcing: Field::absent(Origin::kernel("/sys/fs/selinux/enforce", "")),
        directories: Field::absent(Origin::file("/etc/nsswitch.conf", None)),
        subuids: Field::absent(Origin::file("/etc/subuid", None)),
        subgids: Field::absent(Origin::file("/etc/subgid", None)),
        firewall: Field::absent(Origin::file("/etc/ufw/ufw.conf", None)),
        signature_policy: Field::absent(Origin::file("/etc/containers/policy.json", None)),
        ..Host::default()
    }
}

/// What the kernel shows of [`container`] when it runs: nothing beyond the defaults.
#[must_use]
pub fn kernel() -> KernelView {
    let status = |field: &'static str| Origin::kernel("/proc/4711/status", field);
    let own = || Field::known(false, Origin::kernel("/proc/4711/ns", ""));
    KernelView {
        uid: Field::known(0, status("Uid")),
        cap_effective: Field::known(super::DEFAULT_CAPABILITIES, status("CapEff")),
        cap_bounding: Field::known(super::DEFAULT_CAPABILITIES, status("CapBnd")),
        seccomp: Field::known(2, status("Seccomp")),
        no_new_privs: Field::known(false, status("NoNewPrivs")),
        uid_map: Field::absent(Origin::kernel("/proc/4711/uid_map", "")),
        namespaces: super::NamespaceIds {
            pid_is_host: own(),
            net_is_host: own(),
            ipc_is_host: own(),
            uts_is_host: own(),
            user_is_host: Field::known(true, Origin::kernel("/proc/4711/ns/user", "")),
            cgroup_is_host: own(),
            net: Fact::Known(4_026_532_001),
            pid: Fact::Known(4_026_532_002),
        },
        lsm_label: Field::known(
            "docker-default (enforce)".into(),
            Origin::kernel("/proc/4711/attr/current", ""),
        ),
        mounts: Field::absent(Origin::kernel("/proc/4711/mountinfo", "")),
        listening: Field::absent(Origin::kernel("/proc/4711/net/tcp", "")),
        own_listening: Field::absent(Origin::kernel("/proc/4711/net/tcp", "")),
        processes: Field::absent(Origin::kernel("/proc", "")),
        cgroup: super::CgroupView {
            memory: Field::absent(Origin::kernel("/sys/fs/cgroup", "memory.max")),
            pids: Field::absent(Origin::kernel("/sys/fs/cgroup", "pids.max")),
            cpu_millis: Field::absent(Origin::kernel("/sys/fs/cgroup", "cpu.max")),
        },
    }
}

/// What [`container`] comes to under [`daemon`].
#[must_use]
pub fn effective() -> Effective {
    Effective::of(&container(), &daemon())
}

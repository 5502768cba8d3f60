//! `/containers/json`, `/containers/{id}/json` and `/exec/{id}/json`.

use std::collections::BTreeMap;

use crate::api::{GraphDriver, HostConfig, PortBindings, Texts};
use crate::from_json::Present;
use crate::record::record;

record! {
    /// One of `/containers/json`.
    pub struct ContainerSummary {
        /// `Id`: 64 hexadecimal digits.
        id: String = "Id",
        /// `Names`: each with a leading slash; several where others link to it.
        names: Vec<String> = "Names",
        /// `Image`: as it was asked for, or the id where that name is gone.
        image: String = "Image",
        /// `ImageID`: with `sha256:`.
        image_id: String = "ImageID",
        /// `State`: `created`, `running`, `paused`, `restarting`, `removing`, `exited`, `dead`.
        state: String = "State",
        /// `Labels`.
        labels: Texts = "Labels",
        /// `Created`: seconds since 1970.
        created: i64 = "Created",
        /// `SizeRw`: bytes that it wrote; only where sizes were asked for.
        size_rw: i64 = "SizeRw",
        /// `SizeRootFs`: bytes of its file system; only where sizes were asked for.
        size_root_fs: i64 = "SizeRootFs",
    }

    /// `/containers/{id}/json`.
    pub struct ContainerInspect {
        /// `Id`: 64 hexadecimal digits.
        id: String = "Id",
        /// `Created`: RFC 3339.
        created: String = "Created",
        /// `Path`: the command that runs.
        path: String = "Path",
        /// `Args`: its arguments; can hold secrets.
        args: Vec<String> = "Args",
        /// `State`.
        state: Box<ContainerState> = "State",
        /// `Image`: the image's id, with `sha256:`.
        image: String = "Image",
        /// `Name`: with a leading slash.
        name: String = "Name",
        /// `RestartCount`.
        restart_count: i64 = "RestartCount",
        /// `Driver`: the storage driver.
        driver: String = "Driver",
        /// `Platform`: `linux` or `windows`.
        platform: String = "Platform",
        /// `MountLabel`: SELinux.
        mount_label: String = "MountLabel",
        /// `ProcessLabel`: SELinux.
        process_label: String = "ProcessLabel",
        /// `AppArmorProfile`: `docker-default`, `unconfined`, or empty without AppArmor.
        app_armor_profile: String = "AppArmorProfile",
        /// `ExecIDs`: null where nothing was executed in it.
        exec_ids: Vec<String> = "ExecIDs",
        /// `GraphDriver`: where its file system lies.
        graph_driver: GraphDriver = "GraphDriver",
        /// `ResolvConfPath`: on the host.
        resolv_conf_path: String = "ResolvConfPath",
        /// `HostnamePath`: on the host.
        hostname_path: String = "HostnamePath",
        /// `HostsPath`: on the host.
        hosts_path: String = "HostsPath",
        /// `LogPath`: on the host.
        log_path: String = "LogPath",
        /// `HostConfig`: what was asked for that depends on the host.
        host_config: Box<HostConfig> = "HostConfig",
        /// `Mounts`: what is mounted in fact.
        mounts: Vec<MountPoint> = "Mounts",
        /// `Config`: what was asked for that does not depend on the host.
        config: Box<ContainerConfig> = "Config",
        /// `NetworkSettings`.
        network_settings: NetworkSettings = "NetworkSettings",
    }

    /// `State` of a container.
    pub struct ContainerState {
        /// `Status`: as in [`ContainerSummary::state`].
        status: String = "Status",
        /// `Running`: true for a paused one too.
        running: bool = "Running",
        /// `Paused`.
        paused: bool = "Paused",
        /// `Restarting`.
        restarting: bool = "Restarting",
        /// `Dead`.
        dead: bool = "Dead",
        /// `OOMKilled`.
        oom_killed: bool = "OOMKilled",
        /// `Pid`: of its first process, in the engine's PID namespace; 0 where none runs.
        pid: i64 = "Pid",
        /// `ExitCode`.
        exit_code: i64 = "ExitCode",
        /// `StartedAt`: RFC 3339; year 1 where it never started.
        started_at: String = "StartedAt",
        /// `FinishedAt`: RFC 3339; year 1 where it never ended.
        finished_at: String = "FinishedAt",
        /// `Health`: only where it has a health check.
        health: Health = "Health",
    }

    /// `State.Health` of a container, without the output of the checks.
    pub struct Health {
        /// `Status`: `none`, `starting`, `healthy` or `unhealthy`.
        status: String = "Status",
        /// `FailingStreak`.
        failing_streak: i64 = "FailingStreak",
    }

    /// One of `Mounts` of a container.
    pub struct MountPoint {
        /// `Type`: `bind`, `volume`, `tmpfs`, `image`, `cluster` or `npipe`.
        kind: String = "Type",
        /// `Name`: of a volume.
        name: String = "Name",
        /// `Source`: on the host.
        source: String = "Source",
        /// `Destination`: in the container.
        destination: String = "Destination",
        /// `Driver`: of a volume.
        driver: String = "Driver",
        /// `Mode`: options as they were asked for, such as `ro,z`.
        mode: String = "Mode",
        /// `RW`: whether it can be written.
        rw: bool = "RW",
        /// `Propagation`: such as `rprivate`.
        propagation: String = "Propagation",
    }

    /// `Config` of a container or an image.
    pub struct ContainerConfig {
        /// `Hostname`.
        hostname: String = "Hostname",
        /// `Domainname`.
        domainname: String = "Domainname",
        /// `User`: `name`, `uid`, `name:group`, …; empty for root.
        user: String = "User",
        /// `Env`: `key=value`; can hold secrets.
        env: Vec<String> = "Env",
        /// `Cmd`: can hold secrets.
        cmd: Vec<String> = "Cmd",
        /// `Entrypoint`: can hold secrets.
        entrypoint: Vec<String> = "Entrypoint",
        /// `Image`: as it was asked for.
        image: String = "Image",
        /// `Labels`.
        labels: Texts = "Labels",
        /// `ExposedPorts`: `port/protocol`.
        exposed_ports: BTreeMap<String, Present> = "ExposedPorts",
        /// `Healthcheck`.
        healthcheck: Healthcheck = "Healthcheck",
        /// `Volumes`: paths at which anonymous volumes are made.
        volumes: BTreeMap<String, Present> = "Volumes",
        /// `WorkingDir`.
        working_dir: String = "WorkingDir",
        /// `OnBuild`: instructions for images built on this one.
        on_build: Vec<String> = "OnBuild",
        /// `Shell`: for instructions in shell form.
        shell: Vec<String> = "Shell",
        /// `StopSignal`.
        stop_signal: String = "StopSignal",
        /// `StopTimeout`: seconds.
        stop_timeout: i64 = "StopTimeout",
        /// `Tty`.
        tty: bool = "Tty",
        /// `OpenStdin`.
        open_stdin: bool = "OpenStdin",
    }

    /// `Config.Healthcheck` of a container or an image.
    pub struct Healthcheck {
        /// `Test`: empty (inherit), `["NONE"]`, `["CMD", …]` or `["CMD-SHELL", …]`.
        test: Vec<String> = "Test",
        /// `Interval`: nanoseconds.
        interval: i64 = "Interval",
        /// `Timeout`: nanoseconds.
        timeout: i64 = "Timeout",
        /// `Retries`.
        retries: i64 = "Retries",
        /// `StartPeriod`: nanoseconds.
        start_period: i64 = "StartPeriod",
    }

    /// `NetworkSettings` of a container.
    pub struct NetworkSettings {
        /// `SandboxKey`: the file that holds its network namespace.
        sandbox_key: String = "SandboxKey",
        /// `Ports`: what is published in fact; null for a port that is only exposed.
        ports: PortBindings = "Ports",
        /// `Networks`: by name.
        networks: BTreeMap<String, NetworkEndpoint> = "Networks",
    }

    /// One of `NetworkSettings.Networks` of a container.
    pub struct NetworkEndpoint {
        /// `NetworkID`.
        network_id: String = "NetworkID",
        /// `EndpointID`.
        endpoint_id: String = "EndpointID",
        /// `IPAddress`: IPv4; empty without.
        ip_address: String = "IPAddress",
        /// `GlobalIPv6Address`: empty without.
        global_ipv6_address: String = "GlobalIPv6Address",
        /// `Gateway`: IPv4; empty without.
        gateway: String = "Gateway",
        /// `IPv6Gateway`: empty without.
        ipv6_gateway: String = "IPv6Gateway",
        /// `MacAddress`.
        mac_address: String = "MacAddress",
        /// `Aliases`.
        aliases: Vec<String> = "Aliases",
    }

    /// `/exec/{id}/json`: a process that was started in a container.
    pub struct ExecInspect {
        /// `ID`.
        id: String = "ID",
        /// `ContainerID`.
        container_id: String = "ContainerID",
        /// `Running`.
        running: bool = "Running",
        /// `Pid`: in the engine's PID namespace.
        pid: i64 = "Pid",
        /// `ExitCode`: null while it runs.
        exit_code: i64 = "ExitCode",
        /// `ProcessConfig`.
        process_config: ExecProcess = "ProcessConfig",
    }

    /// `ProcessConfig` of an exec.
    pub struct ExecProcess {
        /// `privileged`: absent where it was not asked for.
        privileged: bool = "privileged",
        /// `user`: absent where it was not asked for.
        user: String = "user",
        /// `entrypoint`: the command.
        entrypoint: String = "entrypoint",
        /// `arguments`: can hold secrets.
        arguments: Vec<String> = "arguments",
        /// `tty`.
        tty: bool = "tty",
    }
}

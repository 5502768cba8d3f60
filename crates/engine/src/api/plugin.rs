//! `/plugins`: the managed ones; those of the old sort are only named in `/info`.

use crate::record::record;

record! {
    /// One of `/plugins`.
    pub struct Plugin {
        /// `Id`.
        id: String = "Id",
        /// `Name`: with its tag.
        name: String = "Name",
        /// `Enabled`: whether it runs.
        enabled: bool = "Enabled",
        /// `PluginReference`: what it was installed from.
        reference: String = "PluginReference",
        /// `Settings`: what an administrator granted and changed.
        settings: PluginSettings = "Settings",
        /// `Config`: what its author asked for.
        config: PluginConfig = "Config",
    }

    /// `Settings` of a plugin.
    pub struct PluginSettings {
        /// `Mounts`.
        mounts: Vec<PluginMount> = "Mounts",
        /// `Devices`.
        devices: Vec<PluginDevice> = "Devices",
        /// `Env`: `key=value`; can hold a secret.
        env: Vec<String> = "Env",
        /// `Args`: can hold a secret.
        args: Vec<String> = "Args",
    }

    /// `Config` of a plugin.
    pub struct PluginConfig {
        /// `Description`.
        description: String = "Description",
        /// `Interface`: what it serves.
        interface: PluginInterface = "Interface",
        /// `Linux`: privileges.
        linux: PluginLinux = "Linux",
        /// `Network`: `Type` is `host`, `bridge` or `none`.
        network: PluginNetwork = "Network",
        /// `IpcHost`: whether it shares the host's IPC namespace.
        ipc_host: bool = "IpcHost",
        /// `PidHost`: whether it shares the host's PID namespace.
        pid_host: bool = "PidHost",
    }

    /// `Config.Interface` of a plugin.
    pub struct PluginInterface {
        /// `Types`: such as `docker.volumedriver/1.0` or `docker.authz/1.0`.
        types: Vec<String> = "Types",
        /// `Socket`: the name of its socket.
        socket: String = "Socket",
    }

    /// `Config.Linux` of a plugin.
    pub struct PluginLinux {
        /// `Capabilities`: with `CAP_`.
        capabilities: Vec<String> = "Capabilities",
        /// `AllowAllDevices`.
        allow_all_devices: bool = "AllowAllDevices",
        /// `Devices`.
        devices: Vec<PluginDevice> = "Devices",
    }

    /// `Config.Network` of a plugin.
    pub struct PluginNetwork {
        /// `Type`.
        kind: String = "Type",
    }

    /// One of `Settings.Mounts` of a plugin.
    pub struct PluginMount {
        /// `Name`.
        name: String = "Name",
        /// `Type`: such as `bind`.
        kind: String = "Type",
        /// `Source`: on the host.
        source: String = "Source",
        /// `Destination`: in the plugin.
        destination: String = "Destination",
        /// `Options`: such as `rbind`.
        options: Vec<String> = "Options",
    }

    /// One of `Settings.Devices` of a plugin.
    pub struct PluginDevice {
        /// `Name`.
        name: String = "Name",
        /// `Path`: on the host.
        path: String = "Path",
    }
}

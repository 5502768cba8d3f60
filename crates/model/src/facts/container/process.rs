//! Environment, arguments, devices, and commands started by `docker exec`.

use serde::{Deserialize, Serialize};

use crate::facts::{Origin, Sighting};

/// A variable of the environment. The value itself is never kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EnvVar {
    /// Its name.
    pub name: String,
    /// The secret that its value looks like, if any.
    pub secret: Option<Sighting>,
    /// Where it was read, such as `Config.Env[3]`.
    pub origin: Origin,
}

/// A word of the command line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Argument {
    /// The word; what looked like a secret in it is replaced.
    pub text: String,
    /// The secret that stood in it, if any.
    pub secret: Option<Sighting>,
}

/// A device of the host (`HostConfig.Devices`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Device {
    /// The path on the host.
    pub host_path: String,
    /// The path in the container.
    pub container_path: String,
    /// Any of `r`, `w`, `m` (make the node).
    pub permissions: String,
}

/// A device asked for by driver or capability (`HostConfig.DeviceRequests`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeviceRequest {
    /// The driver; may be empty.
    pub driver: String,
    /// How many; -1 is all.
    pub count: i64,
    /// Named devices.
    pub ids: Vec<String>,
    /// Capabilities asked for, such as `gpu`.
    pub capabilities: Vec<String>,
}

/// A `docker exec` that the engine still knows (`GET /exec/ID/json`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExecSession {
    /// Its id.
    pub id: String,
    /// Whether it still runs.
    pub running: bool,
    /// `ProcessConfig.privileged`.
    pub privileged: bool,
    /// `ProcessConfig.user`; empty is the container's own.
    pub user: String,
    /// The command, secrets replaced.
    pub command: String,
    /// Where it was read.
    pub origin: Origin,
}

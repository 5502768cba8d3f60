//! What a container may do, wherever that is written: inspect, a create request, a Compose
//! service, an image's config. One shape for all four, each field with its origin.

mod health;
mod kernel;
mod limits;
mod mount;
mod port;
mod process;

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

pub use health::{Healthcheck, RestartPolicy};
pub use kernel::{
    CgroupView, IdMapping, KernelView, ListeningSocket, MountedFs, NamespaceIds, Process, Protocol,
};
pub use limits::{Limits, Ulimit};
pub use mount::{Mount, MountKind};
pub use port::PublishedPort;
pub use process::{Argument, Device, DeviceRequest, EnvVar, ExecSession};

use super::{Fact, Field};
use crate::{ContainerId, ImageId};

/// A container as configured, and as the kernel shows it where it runs.
///
/// A configured field is `Absent` where nothing was said, so that the place decides what that
/// means. What the engine makes of it is in [`super::Effective`].
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Container {
    /// The full id; empty where there is none yet (a request, a Compose service).
    pub id: ContainerId,
    /// The name without its leading slash.
    pub name: String,
    /// The image's name as the user wrote it.
    pub image: String,
    /// The image that it was made from (`Image`).
    pub image_id: Field<ImageId>,
    /// The image that this name means on this host today; absent where the name is a digest or no
    /// longer there.
    pub image_now: Field<ImageId>,
    /// Labels; values that look like secrets are replaced before they get here.
    pub labels: BTreeMap<String, String>,
    /// Secrets seen in labels: label and sighting.
    pub label_secrets: Field<Vec<(String, super::Sighting)>>,
    /// Whether it runs at this moment (`State.Running`).
    pub running: Field<bool>,
    /// Its first process in our own pid namespace (`State.Pid`); absent when not running.
    pub pid: Field<i32>,
    /// When it was made.
    pub created: Field<Timestamp>,
    /// When it was last started (`State.StartedAt`); absent where it never was.
    pub started: Field<Timestamp>,
    /// When it last ended (`State.FinishedAt`); absent where it never did.
    pub finished: Field<Timestamp>,

    /// `Config.User`, as written: name or number, with or without a group.
    pub user: Field<String>,
    /// The uid that `user` means by the container's own `/etc/passwd`; unknown where that could not
    /// be read. An absent or empty `user` is uid 0.
    pub user_uid: Field<u32>,
    /// `HostConfig.GroupAdd`.
    pub groups: Field<Vec<String>>,
    /// `HostConfig.Privileged`.
    pub privileged: Field<bool>,
    /// `HostConfig.CapAdd`.
    pub cap_add: Field<Vec<String>>,
    /// `HostConfig.CapDrop`.
    pub cap_drop: Field<Vec<String>>,
    /// `HostConfig.SecurityOpt`, as written (`seccomp=unconfined`, `seccomp:unconfined`, …).
    pub security_opt: Field<Vec<String>>,
    /// `AppArmorProfile` of inspect: the profile that the engine says it applied.
    pub apparmor_profile: Field<String>,
    /// `ProcessLabel` of inspect: the SELinux label.
    pub selinux_label: Field<String>,
    /// `HostConfig.MaskedPaths`; an empty list is `systempaths=unconfined`.
    pub masked_paths: Field<Vec<String>>,
    /// `HostConfig.ReadonlyPaths`.
    pub readonly_paths: Field<Vec<String>>,
    /// `HostConfig.ReadonlyRootfs`.
    pub read_only_root: Field<bool>,

    /// `HostConfig.NetworkMode`.
    pub network_mode: Field<String>,
    /// `HostConfig.PidMode`.
    pub pid_mode: Field<String>,
    /// `HostConfig.IpcMode`.
    pub ipc_mode: Field<String>,
    /// `HostConfig.UTSMode`.
    pub uts_mode: Field<String>,
    /// `HostConfig.UsernsMode`.
    pub userns_mode: Field<String>,
    /// `HostConfig.CgroupnsMode`.
    pub cgroupns_mode: Field<String>,
    /// `HostConfig.CgroupParent`.
    pub cgroup_parent: Field<String>,
    /// `HostConfig.Runtime`.
    pub runtime: Field<String>,

    /// Mounts of every kind, resolved on the host as far as could be.
    pub mounts: Field<Vec<Mount>>,
    /// `HostConfig.Devices`.
    pub devices: Field<Vec<Device>>,
    /// `HostConfig.DeviceCgroupRules`.
    pub device_cgroup_rules: Field<Vec<String>>,
    /// `HostConfig.DeviceRequests` (GPUs and the like).
    pub device_requests: Field<Vec<DeviceRequest>>,

    /// Published ports.
    pub ports: Field<Vec<PublishedPort>>,
    /// The names of the networks that it is attached to.
    pub networks: Field<Vec<String>>,

    /// Limits on memory, CPU, processes and I/O.
    pub limits: Limits,
    /// `HostConfig.RestartPolicy`.
    pub restart: Field<RestartPolicy>,
    /// `Config.Healthcheck`, the image's included.
    pub healthcheck: Field<Healthcheck>,
    /// `HostConfig.LogConfig.Type`.
    pub log_driver: Field<String>,

    /// The environment: names, and whether a value is a secret. Values are not kept.
    pub env: Field<Vec<EnvVar>>,
    /// Entrypoint and command, secrets replaced.
    pub argv: Field<Vec<Argument>>,
    /// Commands that were started in it by `docker exec` and that the engine still knows.
    pub execs: Field<Vec<ExecSession>>,

    /// What the kernel says; absent when it doesn't run.
    pub kernel: Fact<KernelView>,

    /// The engine's own words, for evidence; never recorded, since it holds secrets.
    #[serde(skip)]
    pub raw: Option<std::sync::Arc<str>>,
}

impl Container {
    /// The Compose service and project, from Compose's own labels.
    #[must_use]
    pub fn compose(&self) -> Option<(&str, &str)> {
        let project = self.labels.get("com.docker.compose.project")?;
        let service = self.labels.get("com.docker.compose.service")?;
        Some((project, service))
    }

    /// What the kernel says, where it could be read.
    #[must_use]
    pub const fn kernel(&self) -> Option<&KernelView> {
        self.kernel.known()
    }

    /// Whether it runs at this moment; unknown counts as running, since judging more is safer.
    #[must_use]
    pub fn may_run(&self) -> bool {
        self.running.get().copied().unwrap_or(true)
    }
}

//! From the engine's record of a container to container facts.

mod devices;
mod exec;
mod limits;
mod mount;
mod port;
mod user;
mod words;

use std::sync::Arc;

use dockward_engine::api::{ContainerConfig, ContainerInspect, ContainerState, HostConfig};
use dockward_engine::{FromJson, Lenient};
use dockward_model::facts::{Container, Fact, Healthcheck, KernelView, RestartPolicy};
use dockward_model::{ContainerId, ImageId};
use jiff::Timestamp;

use crate::field::{Answered, Odd, filled, text_part};
use crate::ground::Ground;
use crate::image::Names;
use crate::volume::Volumes;

pub(crate) use exec::{MOST_EXECS, exec_session};
pub(crate) use limits::ulimit;
pub(crate) use mount::{Asked, asked_mount, place};
pub(crate) use words::{arguments, env, healthcheck_kind, labels_of};

/// What is known of the host and the engine when a container's record is read.
#[derive(Clone, Copy)]
pub(crate) struct Around<'a> {
    /// The engine's volumes.
    pub(crate) volumes: &'a Volumes,
    /// What names mean which images.
    pub(crate) images: &'a Names,
    /// What the host itself shows.
    pub(crate) ground: &'a dyn Ground,
}

/// A record and what was asked for it.
struct Record<'a> {
    answered: Answered,
    inspect: &'a ContainerInspect,
}

impl Record<'_> {
    fn host<T>(&self, pick: impl FnOnce(&HostConfig) -> &Lenient<T>) -> Lenient<&T> {
        self.inspect.host_config.within(|host| pick(host))
    }

    fn config<T>(&self, pick: impl FnOnce(&ContainerConfig) -> &Lenient<T>) -> Lenient<&T> {
        self.inspect.config.within(|config| pick(config))
    }

    fn state<T>(&self, pick: impl FnOnce(&ContainerState) -> &Lenient<T>) -> Lenient<&T> {
        self.inspect.state.within(|state| pick(state))
    }
}

/// The facts of a container. Sessions of `docker exec` are not in the record: they stay unknown
/// here where there are any.
pub(crate) fn container(
    id: &str,
    inspect: &ContainerInspect,
    raw: Option<Arc<str>>,
    around: Around<'_>,
) -> Container {
    let answered = Answered::new(&format!("/containers/{id}/json"));
    let mut c = Container { id: ContainerId(id.to_owned()), raw, ..Container::default() };
    fill(&mut c, &Record { answered, inspect }, around);
    c
}

/// The facts of a container that is asked for, where `inspect` is what the engine would record.
pub(crate) fn requested(inspect: &ContainerInspect, around: Around<'_>) -> Container {
    let record = Record { answered: Answered::request(), inspect };
    let mut c = Container::default();
    fill(&mut c, &record, around);
    c
}

/// In place: it is thousands of bytes.
fn fill(c: &mut Container, record: &Record<'_>, around: Around<'_>) {
    identity(c, record, around.images);
    security(c, record);
    namespaces(c, record);
    devices::fill(c, record);
    words::fill(c, record);
    c.running = record.answered.flag("State.Running", record.state(|s| &s.running));
    c.kernel = kernel(c, record, around.ground);
    c.user_uid = user::uid(c, record, around.ground);
    c.mounts = mount::mounts(record, around);
    c.ports = port::ports(record, &c.running);
    c.limits = limits::limits(record);
    behaviour(c, record);
}

/// A container whose record could not be read: every fact of it is unknown.
pub(crate) fn unread(id: &str, why: &str, around: Around<'_>) -> Container {
    let nothing = ContainerInspect::stand_in(why).unwrap_or_default();
    container(id, &nothing, None, around)
}

fn identity(c: &mut Container, r: &Record<'_>, images: &Names) {
    let name = r.inspect.name.known().map_or("", String::as_str);
    name.strip_prefix('/').unwrap_or(name).clone_into(&mut c.name);
    c.image = r.inspect.config.known().and_then(|i| i.image.known()).cloned().unwrap_or_default();
    c.image_id = r.answered.text("Image", r.inspect.image.as_ref()).map(|id| ImageId(id.clone()));
    c.image_now = images.now(&c.image);
    c.created = r.answered.read("Created", r.inspect.created.as_ref(), "a time", |t| time(t));
    let when = |field: &'static str, value: Lenient<&String>| {
        r.answered.read(field, value, "a time", |text| time(text))
    };
    c.started = when("State.StartedAt", r.state(|s| &s.started_at));
    c.finished = when("State.FinishedAt", r.state(|s| &s.finished_at));
    c.pid = r.answered.read("State.Pid", r.state(|s| &s.pid), "a number", pid);
}

/// A time as the engine writes it; the year 1 is its way to say "never".
pub(crate) fn time(text: &str) -> Result<Option<Timestamp>, Odd> {
    if text.is_empty() || text.starts_with("0001-") {
        return Ok(None);
    }
    text.parse().map(Some).map_err(|_| "is no time as RFC 3339 has it".to_owned())
}

fn pid(pid: &i64) -> Result<Option<i32>, Odd> {
    match i32::try_from(*pid) {
        Ok(0) => Ok(None),
        Ok(pid) if pid > 0 => Ok(Some(pid)),
        _ => Err(format!("is {pid}, which is no process")),
    }
}

/// Nothing is asked of the kernel for what doesn't run.
fn kernel(c: &Container, r: &Record<'_>, ground: &dyn Ground) -> Fact<KernelView> {
    // One that is about to be restarted counts as running, and has no process.
    let has_none = r.state(|s| &s.pid).known() == Some(&&0);
    match (&c.running.fact, &c.pid.fact) {
        (Fact::Known(false), _) => Fact::Absent,
        (Fact::Known(true), Fact::Absent) if has_none => Fact::Absent,
        (Fact::Unknown(why), _) | (Fact::Known(true), Fact::Unknown(why)) => {
            Fact::Unknown(why.clone())
        }
        (Fact::Known(true), Fact::Known(pid)) => ground.kernel(&c.id.0, *pid),
        _ => Fact::Unknown("the engine names no process of it".to_owned()),
    }
}

fn security(c: &mut Container, r: &Record<'_>) {
    let a = &r.answered;
    c.user = a.text("Config.User", r.config(|i| &i.user));
    c.groups = a.texts("HostConfig.GroupAdd", r.host(|h| &h.group_add));
    c.privileged = a.flag("HostConfig.Privileged", r.host(|h| &h.privileged));
    c.cap_add = a.texts("HostConfig.CapAdd", r.host(|h| &h.cap_add));
    c.cap_drop = a.texts("HostConfig.CapDrop", r.host(|h| &h.cap_drop));
    c.security_opt = a.texts("HostConfig.SecurityOpt", r.host(|h| &h.security_opt));
    c.apparmor_profile = a.text("AppArmorProfile", r.inspect.app_armor_profile.as_ref());
    c.selinux_label = a.text("ProcessLabel", r.inspect.process_label.as_ref());
    // An empty list here is `systempaths=unconfined`; none at all is the engine's own list.
    c.masked_paths = a.texts_even_none("HostConfig.MaskedPaths", r.host(|h| &h.masked_paths));
    c.readonly_paths = a.texts_even_none("HostConfig.ReadonlyPaths", r.host(|h| &h.readonly_paths));
    c.read_only_root = a.flag("HostConfig.ReadonlyRootfs", r.host(|h| &h.readonly_rootfs));
}

fn namespaces(c: &mut Container, r: &Record<'_>) {
    let a = &r.answered;
    c.network_mode = a.text("HostConfig.NetworkMode", r.host(|h| &h.network_mode));
    c.pid_mode = a.text("HostConfig.PidMode", r.host(|h| &h.pid_mode));
    c.ipc_mode = a.text("HostConfig.IpcMode", r.host(|h| &h.ipc_mode));
    c.uts_mode = a.text("HostConfig.UTSMode", r.host(|h| &h.uts_mode));
    c.userns_mode = a.text("HostConfig.UsernsMode", r.host(|h| &h.userns_mode));
    c.cgroupns_mode = a.text("HostConfig.CgroupnsMode", r.host(|h| &h.cgroupns_mode));
    c.cgroup_parent = a.text("HostConfig.CgroupParent", r.host(|h| &h.cgroup_parent));
    c.runtime = a.text("HostConfig.Runtime", r.host(|h| &h.runtime));
    let networks = r.inspect.network_settings.within(|n| &n.networks);
    c.networks = a.read("NetworkSettings.Networks", networks, "an object", |all| {
        Ok(crate::field::not_empty(all.keys().cloned().collect()))
    });
}

fn behaviour(c: &mut Container, r: &Record<'_>) {
    let a = &r.answered;
    let policy = r.host(|h| &h.restart_policy);
    c.restart = a.read("HostConfig.RestartPolicy", policy, "an object", |policy| {
        let max_retries = crate::field::part("MaximumRetryCount", &policy.maximum_retry_count)?;
        let max_retries = max_retries.copied().unwrap_or_default();
        let name = filled(&text_part("Name", &policy.name)?);
        Ok(name.map(|name| RestartPolicy { name, max_retries }))
    });
    let status = r.inspect.state.known().and_then(|s| s.health.known());
    let status = status.and_then(|h| h.status.known()).cloned();
    c.healthcheck = a.read("Config.Healthcheck", r.config(|i| &i.healthcheck), "an object", |h| {
        Ok(Some(Healthcheck { kind: healthcheck_kind(h)?, status }))
    });
    let log = r.inspect.host_config.within(|h| &h.log_config);
    c.log_driver = a.read("HostConfig.LogConfig.Type", log, "an object", |log| {
        Ok(filled(&text_part("Type", &log.kind)?))
    });
}

#[cfg(test)]
mod tests;

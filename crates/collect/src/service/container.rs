//! The container facts of a service. What a swarm has no word for is absent: its tasks get the
//! engine's default, and never more than that.

use std::net::IpAddr;

use data_encoding::BASE64;
use dockward_engine::api::{Privileges, ServicePort, TaskLimits};
use dockward_engine::{FromJson as _, Lenient};
use dockward_model::facts::{
    Container, Fact, Field, Healthcheck, Limits, Mount, Protocol, PublishedPort, Sighting,
};

use super::{Networks, Record, within};
use crate::container::{self, Around, Asked, time};
use crate::field::{Answered, Odd, filled, not_empty, part, text_part};
use crate::resolve::uid_of;
use crate::tree::Recorded;
use crate::volume::Place;

/// The path of a field of `ContainerSpec`.
macro_rules! spec {
    ($field:literal) => {
        concat!("Spec.TaskTemplate.ContainerSpec.", $field)
    };
}

/// `seen` are the secrets that stood in the service's own labels.
pub(super) fn container(
    r: &Record<'_>,
    networks: &Networks,
    around: Around<'_>,
    seen: Vec<(String, Sighting)>,
) -> Container {
    let mut c = nothing_said(&r.answered);
    c.name = r.spec(|s| &s.name).known().map(|name| (*name).clone()).unwrap_or_default();
    c.image = r.container(|i| &i.image).known().map(|name| (*name).clone()).unwrap_or_default();
    c.image_now = around.images.now(&c.image);
    let created = r.service.created_at.as_ref();
    c.created = r.answered.read("CreatedAt", created, "a time", |text| time(text));
    words(&mut c, r, seen);
    security(&mut c, r);
    attached(&mut c, r, networks);
    c.mounts = mounts(r, around);
    c.ports = ports(r);
    limits(&mut c.limits, r);
    let check = r.container(|s| &s.healthcheck);
    c.healthcheck = r.answered.read(spec!("Healthcheck"), check, "an object", |check| {
        let kind = filled(&container::healthcheck_kind(check)?);
        Ok(kind.map(|kind| Healthcheck { kind, status: None }))
    });
    let log = within(r.task(|t| &t.log_driver), |log| &log.name);
    c.log_driver = r.answered.text("Spec.TaskTemplate.LogDriver.Name", log);
    c
}

fn words(c: &mut Container, r: &Record<'_>, mut seen: Vec<(String, Sighting)>) {
    let a = &r.answered;
    c.env = container::env(a, spec!("Env"), r.container(|s| &s.env));
    let labels = r.container(|s| &s.labels);
    (c.labels, c.label_secrets) = container::labels_of(a, spec!("Labels"), labels);
    if !seen.is_empty() && c.label_secrets.fact.unknown().is_none() {
        seen.extend(c.label_secrets.get().cloned().unwrap_or_default());
        c.label_secrets = Field::known(seen, a.origin("Spec.Labels"));
    }
    let command = a.texts(spec!("Command"), r.container(|s| &s.command));
    let args = a.texts(spec!("Args"), r.container(|s| &s.args));
    c.argv = match (&command.fact, &args.fact) {
        (Fact::Unknown(_), _) => command.map(|_| Vec::new()),
        (_, Fact::Unknown(_)) => args.map(|_| Vec::new()),
        (Fact::Absent, Fact::Absent) => Field::absent(args.origin),
        _ => {
            let all = command.get().into_iter().chain(args.get()).flatten();
            let all: Vec<&str> = all.map(String::as_str).collect();
            let origin =
                if args.get().is_some() { args.origin.clone() } else { command.origin.clone() };
            Field::known(container::arguments(&all), origin)
        }
    };
}

fn security(c: &mut Container, r: &Record<'_>) {
    let a = &r.answered;
    c.user = a.text(spec!("User"), r.container(|s| &s.user));
    c.user_uid = match c.user.get() {
        Some(user) => Field { origin: c.user.origin.clone(), ..uid_of(&Recorded::new(), user) },
        None => c.user.map(|_| 0),
    };
    c.groups = a.texts(spec!("Groups"), r.container(|s| &s.groups));
    c.cap_add = a.texts(spec!("CapabilityAdd"), r.container(|s| &s.capability_add));
    c.cap_drop = a.texts(spec!("CapabilityDrop"), r.container(|s| &s.capability_drop));
    c.read_only_root = a.flag(spec!("ReadOnly"), r.container(|s| &s.read_only));
    let privileges = r.container(|s| &s.privileges);
    c.security_opt = a.read(spec!("Privileges"), privileges, "an object", |privileges| {
        Ok(not_empty(options(privileges)?))
    });
}

/// Privileges as the same options that a container would be given.
fn options(privileges: &Privileges) -> Result<Vec<String>, Odd> {
    let mut options = Vec::new();
    if let Some(label) = part("SELinuxContext", &privileges.selinux_context)? {
        if part("Disable", &label.disable)?.copied().unwrap_or_default() {
            options.push("label=disable".to_owned());
        }
        let kind = filled(&text_part("Type", &label.kind)?);
        options.extend(kind.map(|kind| format!("label=type:{kind}")));
    }
    if let Some(seccomp) = part("Seccomp", &privileges.seccomp)? {
        match text_part("Mode", &seccomp.mode)?.as_str() {
            "unconfined" => options.push("seccomp=unconfined".to_owned()),
            "custom" => {
                let profile = text_part("Profile", &seccomp.profile)?;
                let profile = BASE64
                    .decode(profile.as_bytes())
                    .map_err(|_| "holds a seccomp profile that is not in base64".to_owned())?;
                options.push(format!("seccomp={}", String::from_utf8_lossy(&profile)));
            }
            _ => {}
        }
    }
    if let Some(apparmor) = part("AppArmor", &privileges.app_armor)?
        && text_part("Mode", &apparmor.mode)? == "disabled"
    {
        options.push("apparmor=unconfined".to_owned());
    }
    if part("NoNewPrivileges", &privileges.no_new_privileges)?.copied().unwrap_or_default() {
        options.push("no-new-privileges".to_owned());
    }
    Ok(options)
}

/// A service is on the host's network where it is attached to the network `host`.
fn attached(c: &mut Container, r: &Record<'_>, networks: &Networks) {
    let new = r.task(|t| &t.networks);
    let (field, list) = if new.is_absent() {
        ("Spec.Networks", r.spec(|s| &s.networks))
    } else {
        ("Spec.TaskTemplate.Networks", new)
    };
    c.networks =
        r.answered.read(field, list, "a list", |list| Ok(not_empty(networks.names(list)?)));
    let on_host = c.networks.get().is_some_and(|names| names.iter().any(|name| name == "host"));
    c.network_mode = match c.networks.fact.unknown() {
        Some(_) => c.networks.map(|_| String::new()),
        None if on_host => c.networks.map(|_| "host".to_owned()),
        None => Field::absent(c.networks.origin.clone()),
    };
}

/// Mounts, and where they lead on this node: the others are most often like it. A volume that is
/// not here and brings no options is a folder of the engine's own.
fn mounts(r: &Record<'_>, around: Around<'_>) -> Field<Vec<Mount>> {
    let specs = r.container(|s| &s.mounts);
    let asked = r.answered.list(spec!("Mounts"), specs, |at, one| {
        let origin = r.answered.origin_at(format!("{}[{at}]", spec!("Mounts")));
        container::asked_mount(one, origin)
    });
    asked.map(|all| all.iter().flat_map(|asked| led(asked, around)).collect())
}

fn led(asked: &Asked, around: Around<'_>) -> Vec<Mount> {
    let Place::At { paths, writable } = container::place(asked, around) else {
        return vec![asked.mount.clone()];
    };
    let lead = |source: String| {
        let mut mount = Mount { source, ..asked.mount.clone() };
        mount.writable &= writable;
        around.ground.lead(&mut mount);
        if mount.host_path.known().is_none() {
            (mount.host_path, mount.node) = (Fact::Known(mount.source.clone()), Fact::Absent);
        }
        mount
    };
    paths.into_iter().map(lead).collect()
}

/// The ports that it has in fact, else those that are asked for. They are open on every address.
fn ports(r: &Record<'_>) -> Field<Vec<PublishedPort>> {
    let bound = within(r.service.endpoint.as_ref(), |e| &e.ports);
    let (field, list) = if bound.is_absent() {
        ("Spec.EndpointSpec.Ports", within(r.spec(|s| &s.endpoint_spec), |e| &e.ports))
    } else {
        ("Endpoint.Ports", bound)
    };
    r.answered.list(field, list, |at, one| port(r, field, at, one))
}

fn port(r: &Record<'_>, field: &str, at: usize, one: &ServicePort) -> Result<PublishedPort, Odd> {
    let number = |name: &str, value: &Lenient<i64>| -> Result<u16, Odd> {
        let port = part(name, value)?.copied().unwrap_or_default();
        u16::try_from(port).map_err(|_| format!("holds one whose {name} is no port"))
    };
    let protocol = match text_part("Protocol", &one.protocol)?.as_str() {
        "" | "tcp" => Protocol::Tcp,
        "udp" => Protocol::Udp,
        "sctp" => Protocol::Sctp,
        _ => return Err("holds a port of an unknown protocol".to_owned()),
    };
    Ok(PublishedPort {
        host_address: None::<IpAddr>,
        host_port: number("PublishedPort", &one.published_port)?,
        container_port: number("TargetPort", &one.target_port)?,
        protocol,
        origin: r.answered.origin_at(format!("{field}[{at}]")),
    })
}

fn limits(limits: &mut Limits, r: &Record<'_>) {
    let a = &r.answered;
    let all = within(r.task(|t| &t.resources), |r| &r.limits);
    let nothing = TaskLimits::default();
    let odd = all.odd().and_then(TaskLimits::stand_in);
    let all = odd.as_ref().or_else(|| all.known().copied()).unwrap_or(&nothing);
    limits.nano_cpus =
        a.number("Spec.TaskTemplate.Resources.Limits.NanoCPUs", all.nano_cpus.as_ref());
    limits.memory =
        a.number("Spec.TaskTemplate.Resources.Limits.MemoryBytes", all.memory_bytes.as_ref());
    limits.pids = a.number("Spec.TaskTemplate.Resources.Limits.Pids", all.pids.as_ref());
    limits.oom_score_adj = a.number(spec!("OomScoreAdj"), r.container(|s| &s.oom_score_adj));
    let ulimits = r.container(|s| &s.ulimits);
    limits.ulimits = a.list(spec!("Ulimits"), ulimits, |_, one| container::ulimit(one));
}

/// A container of which a service says nothing.
fn nothing_said(a: &Answered) -> Container {
    fn no<T>(a: &Answered) -> Field<T> {
        Field::absent(a.origin("Spec.TaskTemplate"))
    }
    Container {
        image_id: no(a),
        running: no(a),
        pid: no(a),
        privileged: no(a),
        apparmor_profile: no(a),
        selinux_label: no(a),
        masked_paths: no(a),
        readonly_paths: no(a),
        pid_mode: no(a),
        ipc_mode: no(a),
        uts_mode: no(a),
        userns_mode: no(a),
        cgroupns_mode: no(a),
        cgroup_parent: no(a),
        runtime: no(a),
        devices: no(a),
        device_cgroup_rules: no(a),
        device_requests: no(a),
        limits: Limits {
            memory_reservation: no(a),
            memory_swap: no(a),
            cpu_quota: no(a),
            cpu_period: no(a),
            cpu_shares: no(a),
            cpuset_cpus: no(a),
            blkio_weight: no(a),
            blkio_device_limits: no(a),
            oom_kill_disable: no(a),
            ..Limits::default()
        },
        restart: no(a),
        execs: no(a),
        kernel: Fact::Absent,
        ..Container::default()
    }
}

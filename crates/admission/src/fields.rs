//! Fields of a request that no rule over containers knows the worth of.

use dockward_policy::Profile;
use dockward_request::Value as Body;

use crate::decide::Asked;
use crate::violation::Violation;

/// Settings of the kernel that a container has for itself and can harm nobody else with: those of the
/// baseline of Kubernetes' Pod Security Standards.
const SAFE_SYSCTLS: &[&str] = &[
    "kernel.shm_rmid_forced",
    "net.ipv4.ip_local_port_range",
    "net.ipv4.ip_local_reserved_ports",
    "net.ipv4.ip_unprivileged_port_start",
    "net.ipv4.ping_group_range",
    "net.ipv4.tcp_fin_timeout",
    "net.ipv4.tcp_keepalive_intvl",
    "net.ipv4.tcp_keepalive_probes",
    "net.ipv4.tcp_keepalive_time",
    "net.ipv4.tcp_syncookies",
];

/// Types of SELinux that are containers' own.
const CONTAINER_TYPES: &[&str] = &["container_t", "container_init_t", "container_kvm_t"];

/// Log drivers that keep logs on this host. The others send them to wherever the request says.
const LOCAL_LOGS: &[&str] = &["", "none", "local", "json-file", "journald"];

/// What of a request for a container is set and can't be judged.
pub(crate) fn unjudged(asked: &Asked<'_>, body: &Body) -> Vec<Violation> {
    let host = |field: &str| body.at(&["HostConfig", field]).filter(|value| !value.says_nothing());
    let text = |field: &str| host(field).and_then(Body::text).unwrap_or_default();
    let mut found = Vec::new();
    let mut add = |wrong: bool, field: &str, why: &str| {
        if wrong {
            found.extend(violation(asked, &format!("HostConfig.{field}"), why));
        }
    };
    let runtimes = asked.around.daemon.runtimes.get();
    let runtime = text("Runtime");
    let known = runtimes.is_some_and(|known| known.contains_key(runtime));
    let log =
        body.at(&["HostConfig", "LogConfig", "Type"]).and_then(Body::text).unwrap_or_default();
    let mounts = host("Mounts").map_or(&[][..], Body::items).iter();
    let mut kinds = mounts.filter_map(|mount| mount.get("Type").and_then(Body::text));
    let sysctls = host("Sysctls").map_or(&[][..], Body::entries);
    let options = host("SecurityOpt").map_or(&[][..], Body::items).iter().filter_map(Body::text);
    let restricted = asked.held.profile() == Profile::Restricted;
    add(
        host("Annotations").is_some(),
        "Annotations",
        "and runtimes take hooks and paths of the host from them",
    );
    add(host("Cgroup").is_some(), "Cgroup", "and puts it in the cgroup of something else");
    add(!matches!(text("Isolation"), "" | "default"), "Isolation", "and is none of Linux");
    add(!runtime.is_empty() && !known, "Runtime", "and is none that the engine is set up with");
    add(
        !LOCAL_LOGS.contains(&log),
        "LogConfig.Type",
        "and the engine sends to wherever it says, sockets of the host among that",
    );
    add(
        kinds.any(|kind| !matches!(kind, "bind" | "volume" | "tmpfs" | "image")),
        "Mounts.Type",
        "and is none of bind, volume, tmpfs and image",
    );
    add(sysctls.iter().any(|(name, _)| !is_safe(name)), "Sysctls", "and is none of the safe ones");
    add(
        options.into_iter().any(is_odd_label),
        "SecurityOpt",
        "and gives it an SELinux label that is no container's",
    );
    add(
        restricted && host("VolumesFrom").is_some(),
        "VolumesFrom",
        "and gives it all that another container mounts",
    );
    found
}

/// What of a request for a service is set and can't be judged.
pub(crate) fn of_service(asked: &Asked<'_>, body: &Body) -> Vec<Violation> {
    let spec = |field: &str| body.at(&["TaskTemplate", "ContainerSpec", field]);
    let mut found = Vec::new();
    if spec("Sysctls").map_or(&[][..], Body::entries).iter().any(|(name, _)| !is_safe(name)) {
        found.extend(violation(asked, "ContainerSpec.Sysctls", "and is none of the safe ones"));
    }
    let log = body.at(&["TaskTemplate", "LogDriver", "Name"]).and_then(Body::text);
    if !LOCAL_LOGS.contains(&log.unwrap_or_default()) {
        found.extend(violation(
            asked,
            "LogDriver.Name",
            "and the engine sends to wherever it says",
        ));
    }
    found
}

fn violation(asked: &Asked<'_>, field: &str, why: &str) -> Option<Violation> {
    asked.held.violation(Violation::new(
        "guard-field",
        format!("{field} is set, {why}"),
        "leave it out",
    ))
}

fn is_safe(sysctl: &str) -> bool {
    SAFE_SYSCTLS.contains(&sysctl.replace('/', ".").as_str())
}

/// `label=type:…`, `label=user:…`, `label:role:…`; a level alone only narrows.
fn is_odd_label(option: &str) -> bool {
    let label = option.strip_prefix("label").and_then(|rest| rest.strip_prefix(['=', ':']));
    match label.map(|label| label.split_once(':').unwrap_or((label, ""))) {
        None | Some(("level", _)) => false,
        Some(("type", kind)) => !CONTAINER_TYPES.contains(&kind),
        Some(_) => true,
    }
}

//! What AppArmor and SELinux hold a container to.

use super::{NamespaceMode, namespace, security_opts};
use crate::facts::{Container, Daemon, Fact, Field};

/// What a security module of the kernel holds a container to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Confinement {
    /// Nothing.
    Unconfined,
    /// A profile of this name that logs and stops nothing.
    OnlyLogs(String),
    /// The profile or label of this name.
    Confined(String),
}

/// The profile that the engine gives who asks for none (moby `profiles/apparmor`).
const DEFAULT_PROFILE: &str = "docker-default";

/// SELinux types that may do on the host whatever its own services may (container-selinux).
const FREE_TYPES: &[&str] =
    &["spc_t", "unconfined_t", "unconfined_service_t", "container_runtime_t", "init_t", "kernel_t"];

/// The kernel decides; else the engine's own record; else the option, and the engine's default.
pub(super) fn apparmor(
    c: &Container,
    daemon: &Daemon,
    privileged: &Field<bool>,
) -> Field<Confinement> {
    if let Some(label) = c.kernel().map(|k| &k.lsm_label)
        && let Some(seen) = label.get().and_then(|text| apparmor_label(text))
    {
        return Field::known(seen, label.origin.clone());
    }
    let engine = daemon.security_option("apparmor");
    match &engine.fact {
        Fact::Known(_) => {}
        Fact::Absent => return Field::absent(engine.origin),
        Fact::Unknown(why) => return Field::unknown(why.clone(), engine.origin),
    }
    if c.apparmor_profile.get().is_some_and(|name| !name.is_empty()) {
        return c.apparmor_profile.map(|name| by_name(name));
    }
    let own = security_opts(c, "apparmor").map(|list| list.last().cloned());
    match (own.fact, &privileged.fact) {
        (Fact::Unknown(why), _) => Field::unknown(why, own.origin),
        (Fact::Known(Some(name)), _) => Field::known(by_name(&name), own.origin),
        (_, Fact::Known(true)) => Field::known(Confinement::Unconfined, privileged.origin.clone()),
        (_, Fact::Unknown(why)) => Field::unknown(why.clone(), privileged.origin.clone()),
        (_, _) => Field::known(Confinement::Confined(DEFAULT_PROFILE.into()), engine.origin),
    }
}

fn by_name(name: &str) -> Confinement {
    match name {
        "unconfined" => Confinement::Unconfined,
        other => Confinement::Confined(other.to_owned()),
    }
}

/// AppArmor writes `unconfined` or `profile (mode)`; everything else is another module's label.
fn apparmor_label(text: &str) -> Option<Confinement> {
    let text = text.trim();
    if text == "unconfined" {
        return Some(Confinement::Unconfined);
    }
    let (name, mode) = text.strip_suffix(')')?.rsplit_once(" (")?;
    Some(match mode {
        "complain" => Confinement::OnlyLogs(name.to_owned()),
        "unconfined" => Confinement::Unconfined,
        _ => Confinement::Confined(name.to_owned()),
    })
}

/// The kernel decides; else the engine's own record; else the options, and the engine's default.
pub(super) fn selinux(
    c: &Container,
    daemon: &Daemon,
    privileged: &Field<bool>,
) -> Field<Confinement> {
    if let Some(label) = c.kernel().map(|k| &k.lsm_label)
        && let Some(seen) = label.get().and_then(|text| selinux_label(text))
    {
        return Field::known(seen, label.origin.clone());
    }
    let engine = daemon.security_option("selinux");
    match &engine.fact {
        Fact::Known(_) => {}
        Fact::Absent => return Field::absent(engine.origin),
        Fact::Unknown(why) => return Field::unknown(why.clone(), engine.origin),
    }
    if let Some(seen) = c.selinux_label.get().and_then(|text| selinux_label(text)) {
        return Field::known(seen, c.selinux_label.origin.clone());
    }
    let own = security_opts(c, "label");
    match (&own.fact, &privileged.fact) {
        (Fact::Unknown(why), _) => Field::unknown(why.clone(), own.origin),
        (Fact::Known(list), _) if !list.is_empty() => {
            Field::known(by_options(list), own.origin.clone())
        }
        (_, Fact::Known(true)) => Field::known(Confinement::Unconfined, privileged.origin.clone()),
        (_, Fact::Unknown(why)) => Field::unknown(why.clone(), privileged.origin.clone()),
        (_, _) => unlabelled_for_host_namespace(c).unwrap_or_else(|| {
            Field::known(Confinement::Confined("container_t".into()), engine.origin)
        }),
    }
}

/// The engine drops the label of who has the host's pid or IPC namespace (moby
/// `daemon/create_unix.go`, `generateSecurityOpt`).
fn unlabelled_for_host_namespace(c: &Container) -> Option<Field<Confinement>> {
    let shared = [&c.pid_mode, &c.ipc_mode]
        .into_iter()
        .map(|mode| namespace(mode, None))
        .find(|mode| mode.get() == Some(&NamespaceMode::Host))?;
    Some(Field::known(Confinement::Unconfined, shared.origin))
}

fn by_options(list: &[String]) -> Confinement {
    let kind = list.iter().rev().find_map(|option| option.strip_prefix("type:"));
    match kind {
        _ if list.iter().any(|option| option == "disable") => Confinement::Unconfined,
        Some(kind) => by_type(kind),
        None => Confinement::Confined("container_t".into()),
    }
}

fn by_type(kind: &str) -> Confinement {
    if FREE_TYPES.contains(&kind) {
        Confinement::Unconfined
    } else {
        Confinement::Confined(kind.to_owned())
    }
}

/// A context is `user:role:type:level` (selinux(8)).
fn selinux_label(text: &str) -> Option<Confinement> {
    let text = text.trim_matches(|c: char| c.is_whitespace() || c == '\0');
    if text.contains(' ') {
        return None;
    }
    text.split(':').nth(2).map(by_type)
}

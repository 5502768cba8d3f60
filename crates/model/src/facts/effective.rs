//! What the engine makes of what was configured, and what the kernel says of the result.
//!
//! Computed once a container, here and nowhere else. The kernel decides where it could be asked;
//! else the configuration under the daemon's settings; each value keeps the origin that decided.

use super::{CapSet, Container, Daemon, Fact, Field, Host, Origin};

/// Where a container is written down. It decides what a missing field means and what a failing
/// verdict becomes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Place {
    /// A service of a Compose file.
    Compose,
    /// A request to make a container.
    Request,
    /// The engine's record of a container.
    Record,
    /// The config of an image.
    Image,
}

/// A container before the rules: what was written, what it comes to, and where it stands.
#[derive(Debug)]
pub struct Case<'a> {
    /// The container as configured.
    pub container: &'a Container,
    /// The daemon that it runs under.
    pub daemon: &'a Daemon,
    /// The host.
    pub host: &'a Host,
    /// Where it is written down.
    pub place: Place,
    /// What it comes to.
    pub effective: Effective,
}

impl<'a> Case<'a> {
    /// Computes what the engine makes of `container`.
    #[must_use]
    pub fn new(container: &'a Container, daemon: &'a Daemon, host: &'a Host, place: Place) -> Self {
        let effective = Effective::of(container, daemon);
        Self { container, daemon, host, place, effective }
    }
}

/// A namespace of a container.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NamespaceMode {
    /// Its own.
    Own,
    /// The host's.
    Host,
    /// That of the container with this id or name.
    Container(String),
}

/// The seccomp filter in force.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Seccomp {
    /// None.
    Unconfined,
    /// The engine's own profile.
    Default,
    /// Another profile: the container's own or the daemon's.
    Custom,
}

/// The user namespace that a container is in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum UserNamespace {
    /// The host's: uid 0 inside is uid 0 outside.
    Host,
    /// Another one: uid 0 inside is an ordinary user outside.
    Remapped,
}

/// Who the container's process runs as, seen from inside.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RunsAs {
    /// Uid 0.
    Root,
    /// Another uid.
    Uid(u32),
}

/// What a container comes to.
#[derive(Debug, Clone)]
pub struct Effective {
    /// Whether it is privileged.
    pub privileged: Field<bool>,
    /// Capabilities that a root process in it can have.
    pub capabilities: Field<CapSet>,
    /// The seccomp filter.
    pub seccomp: Field<Seccomp>,
    /// Whether set-uid programs give nothing.
    pub no_new_privs: Field<bool>,
    /// Who its first process is started as.
    pub runs_as: Field<RunsAs>,
    /// The user namespace.
    pub userns: Field<UserNamespace>,
    /// The pid namespace.
    pub pid: Field<NamespaceMode>,
    /// The network namespace.
    pub net: Field<NamespaceMode>,
    /// The IPC namespace.
    pub ipc: Field<NamespaceMode>,
    /// The UTS namespace.
    pub uts: Field<NamespaceMode>,
    /// The cgroup namespace.
    pub cgroup: Field<NamespaceMode>,
    /// Whether `/proc/kcore`, `/proc/sysrq-trigger` and their like are masked.
    pub system_paths_masked: Field<bool>,
}

impl Effective {
    /// Computes what the engine makes of `c` under `daemon`.
    #[must_use]
    pub fn of(c: &Container, daemon: &Daemon) -> Self {
        let privileged = or_default(&c.privileged, false, "Privileged");
        Self {
            capabilities: capabilities(c, &privileged),
            seccomp: seccomp(c, daemon, &privileged),
            no_new_privs: no_new_privs(c, daemon),
            runs_as: runs_as(c),
            userns: userns(c, daemon, &privileged),
            pid: namespace(&c.pid_mode, c.kernel().map(|k| &k.namespaces.pid_is_host)),
            net: namespace(&c.network_mode, c.kernel().map(|k| &k.namespaces.net_is_host)),
            ipc: namespace(&c.ipc_mode, c.kernel().map(|k| &k.namespaces.ipc_is_host)),
            uts: namespace(&c.uts_mode, c.kernel().map(|k| &k.namespaces.uts_is_host)),
            cgroup: cgroup_namespace(c, daemon),
            system_paths_masked: system_paths(c, &privileged),
            privileged,
        }
    }

    /// Whether root in the container is root on the host: uid 0 in the host's user namespace.
    /// Unknown counts as yes.
    #[must_use]
    pub fn root_is_host_root(&self) -> bool {
        self.userns.get() != Some(&UserNamespace::Remapped)
    }
}

fn or_default<T: Clone>(field: &Field<T>, default: T, of: &'static str) -> Field<T> {
    match field.fact {
        Fact::Absent => Field::known(default, Origin::default_of(of)),
        Fact::Known(_) | Fact::Unknown(_) => field.clone(),
    }
}

fn capabilities(c: &Container, privileged: &Field<bool>) -> Field<CapSet> {
    if let Some(kernel) = c.kernel().filter(|k| k.cap_bounding.get().is_some()) {
        return kernel.cap_bounding.clone();
    }
    match &privileged.fact {
        Fact::Known(true) => return Field::known(CapSet::FULL, privileged.origin.clone()),
        Fact::Unknown(why) => return Field::unknown(why.clone(), privileged.origin.clone()),
        Fact::Known(false) | Fact::Absent => {}
    }
    let none = Vec::new();
    let list = |field: &Field<Vec<String>>| match &field.fact {
        Fact::Known(list) => Ok(list.clone()),
        Fact::Absent => Ok(none.clone()),
        Fact::Unknown(why) => Err(Field::unknown(why.clone(), field.origin.clone())),
    };
    let (add, drop) = match (list(&c.cap_add), list(&c.cap_drop)) {
        (Ok(add), Ok(drop)) => (add, drop),
        (Err(unknown), _) | (_, Err(unknown)) => return unknown,
    };
    match CapSet::configured(&add, &drop) {
        Ok(set) if add.is_empty() && drop.is_empty() => {
            Field::known(set, Origin::default_of("CapAdd"))
        }
        Ok(set) if add.is_empty() => Field::known(set, c.cap_drop.origin.clone()),
        Ok(set) => Field::known(set, c.cap_add.origin.clone()),
        Err(word) => Field::unknown(format!("`{word}` is no capability"), c.cap_add.origin.clone()),
    }
}

/// The value of an option of `SecurityOpt` in either spelling: `key=value` or `key:value`. A bare
/// key has the value `true`. The last one holds.
fn security_opt(c: &Container, key: &str) -> Field<String> {
    let value = |list: &Vec<String>| {
        list.iter().rev().find_map(|option| {
            let rest = option.strip_prefix(key)?;
            match rest.chars().next() {
                None => Some("true".to_owned()),
                Some('=' | ':') => rest.get(1..).map(str::to_owned),
                Some(_) => None,
            }
        })
    };
    let origin = c.security_opt.origin.clone();
    match &c.security_opt.fact {
        Fact::Known(list) => value(list)
            .map_or_else(|| Field::absent(origin.clone()), |v| Field::known(v, origin.clone())),
        Fact::Absent => Field::absent(origin),
        Fact::Unknown(why) => Field::unknown(why.clone(), origin),
    }
}

fn seccomp(c: &Container, daemon: &Daemon, privileged: &Field<bool>) -> Field<Seccomp> {
    let configured = configured_seccomp(c, daemon, privileged);
    let Some(kernel) = c.kernel().map(|k| &k.seccomp) else { return configured };
    match (kernel.get(), configured.get()) {
        (Some(0), _) => Field::known(Seccomp::Unconfined, kernel.origin.clone()),
        (Some(_), Some(Seccomp::Default)) => Field::known(Seccomp::Default, kernel.origin.clone()),
        (Some(_), _) => Field::known(Seccomp::Custom, kernel.origin.clone()),
        (None, _) => configured,
    }
}

fn configured_seccomp(c: &Container, daemon: &Daemon, privileged: &Field<bool>) -> Field<Seccomp> {
    let own = security_opt(c, "seccomp");
    let word = |text: &str| match text {
        "unconfined" => Seccomp::Unconfined,
        "builtin" | "default" => Seccomp::Default,
        _ => Seccomp::Custom,
    };
    match (&privileged.fact, &own.fact) {
        (Fact::Known(true), _) => Field::known(Seccomp::Unconfined, privileged.origin.clone()),
        (_, Fact::Known(text)) => Field::known(word(text), own.origin),
        (Fact::Unknown(why), _) => Field::unknown(why.clone(), privileged.origin.clone()),
        (_, Fact::Unknown(why)) => Field::unknown(why.clone(), own.origin),
        _ => {
            let wide = daemon.security_option("seccomp");
            match wide.fact {
                Fact::Known(settings) => {
                    let profile = settings.strip_prefix("profile=").unwrap_or("builtin").to_owned();
                    Field::known(word(&profile), wide.origin)
                }
                Fact::Absent => Field::known(Seccomp::Unconfined, wide.origin),
                Fact::Unknown(why) => Field::unknown(why, wide.origin),
            }
        }
    }
}

fn no_new_privs(c: &Container, daemon: &Daemon) -> Field<bool> {
    if let Some(kernel) = c.kernel().filter(|k| k.no_new_privs.get().is_some()) {
        return kernel.no_new_privs.clone();
    }
    let own = security_opt(c, "no-new-privileges");
    match own.fact {
        Fact::Known(text) => Field::known(text != "false" && text != "0", own.origin),
        Fact::Unknown(why) => Field::unknown(why, own.origin),
        Fact::Absent => {
            let wide = daemon.security_option("no-new-privileges");
            match wide.fact {
                Fact::Known(_) => Field::known(true, wide.origin),
                Fact::Absent => Field::known(false, own.origin),
                Fact::Unknown(why) => Field::unknown(why, wide.origin),
            }
        }
    }
}

fn runs_as(c: &Container) -> Field<RunsAs> {
    let named = |uid: u32| if uid == 0 { RunsAs::Root } else { RunsAs::Uid(uid) };
    match &c.user.fact {
        Fact::Absent => return Field::known(RunsAs::Root, Origin::default_of("User")),
        Fact::Unknown(why) => return Field::unknown(why.clone(), c.user.origin.clone()),
        Fact::Known(text) => {
            let user = text.split(':').next().unwrap_or_default();
            if user.is_empty() || user == "root" {
                return Field::known(RunsAs::Root, c.user.origin.clone());
            }
            if let Ok(uid) = user.parse::<u32>() {
                return Field::known(named(uid), c.user.origin.clone());
            }
        }
    }
    c.user_uid.map(|uid| named(*uid))
}

fn userns(c: &Container, daemon: &Daemon, privileged: &Field<bool>) -> Field<UserNamespace> {
    let kernel = c.kernel().map(|k| &k.namespaces.user_is_host);
    if let Some((host, field)) = kernel.and_then(|f| f.get().map(|host| (*host, f))) {
        let seen = if host { UserNamespace::Host } else { UserNamespace::Remapped };
        return Field::known(seen, field.origin.clone());
    }
    let rootless = daemon.security_option("rootless");
    if rootless.get().is_some() {
        return Field::known(UserNamespace::Remapped, rootless.origin);
    }
    if c.userns_mode.get().is_some_and(|mode| mode == "host") {
        return Field::known(UserNamespace::Host, c.userns_mode.origin.clone());
    }
    let remapped = daemon.security_option("userns");
    match (remapped.fact, privileged.get()) {
        (Fact::Known(_), Some(false)) => Field::known(UserNamespace::Remapped, remapped.origin),
        (Fact::Known(_), _) => Field::known(UserNamespace::Host, privileged.origin.clone()),
        (Fact::Absent, _) => Field::known(UserNamespace::Host, remapped.origin),
        (Fact::Unknown(why), _) => Field::unknown(why, remapped.origin),
    }
}

/// Joins what was configured with what the kernel shows: either is enough to say "the host's".
fn namespace(mode: &Field<String>, is_host: Option<&Field<bool>>) -> Field<NamespaceMode> {
    if let Some(field) = is_host.filter(|f| f.get() == Some(&true)) {
        return Field::known(NamespaceMode::Host, field.origin.clone());
    }
    let parse = |text: &String| match text.split_once(':') {
        Some(("container", other)) => NamespaceMode::Container(other.to_owned()),
        _ if text == "host" => NamespaceMode::Host,
        _ => NamespaceMode::Own,
    };
    match &mode.fact {
        Fact::Absent => Field::known(NamespaceMode::Own, mode.origin.clone()),
        Fact::Known(_) | Fact::Unknown(_) => mode.map(parse),
    }
}

/// The default differs: private on cgroup version 2, the host's on version 1, or as
/// `default-cgroupns-mode` says.
fn cgroup_namespace(c: &Container, daemon: &Daemon) -> Field<NamespaceMode> {
    let kernel = c.kernel().map(|k| &k.namespaces.cgroup_is_host);
    if !c.cgroupns_mode.fact.is_absent() || kernel.is_some_and(|f| f.get().is_some()) {
        return namespace(&c.cgroupns_mode, kernel);
    }
    let wide = daemon.configured_text("default-cgroupns-mode");
    if wide.get().is_some() {
        return namespace(&wide, None);
    }
    daemon.cgroup_version.map(|version| match version.as_str() {
        "2" => NamespaceMode::Own,
        _ => NamespaceMode::Host,
    })
}

fn system_paths(c: &Container, privileged: &Field<bool>) -> Field<bool> {
    match (&privileged.fact, &c.masked_paths.fact) {
        (Fact::Known(true), _) => Field::known(false, privileged.origin.clone()),
        (Fact::Unknown(why), _) => Field::unknown(why.clone(), privileged.origin.clone()),
        (_, Fact::Absent) => Field::known(true, Origin::default_of("MaskedPaths")),
        (_, _) => c.masked_paths.map(|paths| !paths.is_empty()),
    }
}

#[cfg(test)]
mod tests;

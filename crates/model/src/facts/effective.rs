//! What the engine makes of what was configured, and what the kernel says of the result.
//!
//! Computed once a container, here and nowhere else. The kernel decides where it could be asked;
//! else the configuration under the daemon's settings; each value keeps the origin that decided.

mod cgroups;
mod confinement;
mod filter;

use super::{CapSet, Container, Daemon, Fact, Field, Host, KernelView, Origin};
pub use confinement::Confinement;
pub use filter::Seccomp;

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
    /// A service of a swarm: what its tasks are made with, on this node or another.
    Service,
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
    /// That of the container with this id or name, or of this Compose service.
    Container(String),
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
    /// What AppArmor holds it to. Absent where the engine doesn't use AppArmor.
    pub apparmor: Field<Confinement>,
    /// What SELinux holds it to. Absent where the engine doesn't use SELinux.
    pub selinux: Field<Confinement>,
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
    /// Whether the cgroup tree that the engine mounts is writable.
    pub cgroups_writable: Field<bool>,
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
            seccomp: filter::seccomp(c, daemon, &privileged),
            apparmor: confinement::apparmor(c, daemon, &privileged),
            selinux: confinement::selinux(c, daemon, &privileged),
            no_new_privs: no_new_privs(c, daemon),
            runs_as: runs_as(c),
            userns: userns(c, daemon, &privileged),
            pid: namespace(&c.pid_mode, c.kernel().map(|k| &k.namespaces.pid_is_host)),
            net: namespace(&c.network_mode, c.kernel().map(|k| &k.namespaces.net_is_host)),
            ipc: namespace(&c.ipc_mode, c.kernel().map(|k| &k.namespaces.ipc_is_host)),
            uts: namespace(&c.uts_mode, c.kernel().map(|k| &k.namespaces.uts_is_host)),
            cgroup: cgroups::namespace_of(c, daemon),
            cgroups_writable: cgroups::writable(c, &privileged),
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

    /// Whether AppArmor or SELinux stands between root in the container and the host's kernel
    /// settings, mounts and processes. Unknown counts as no.
    #[must_use]
    pub fn is_held_by_lsm(&self) -> bool {
        [&self.apparmor, &self.selinux]
            .iter()
            .any(|field| matches!(field.get(), Some(Confinement::Confined(_))))
    }

    /// Whether its first process is started as another user than root and no set-uid program makes
    /// it root: both must be known.
    #[must_use]
    pub fn never_root(&self) -> bool {
        matches!(self.runs_as.get(), Some(RunsAs::Uid(_))) && self.no_new_privs.get() == Some(&true)
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

/// The values of an option of `SecurityOpt` in either spelling: `key=value` or `key:value`. A bare
/// key has the value `true`.
fn security_opts(c: &Container, key: &str) -> Field<Vec<String>> {
    let value = |option: &String| {
        let rest = option.strip_prefix(key)?;
        match rest.chars().next() {
            None => Some("true".to_owned()),
            Some('=' | ':') => rest.get(1..).map(str::to_owned),
            Some(_) => None,
        }
    };
    c.security_opt.map(|list| list.iter().filter_map(value).collect())
}

/// The value that holds: the last one.
fn security_opt(c: &Container, key: &str) -> Field<String> {
    let values = security_opts(c, key);
    match values.fact {
        Fact::Known(mut list) => match list.pop() {
            Some(last) => Field::known(last, values.origin),
            None => Field::absent(values.origin),
        },
        Fact::Absent => Field::absent(values.origin),
        Fact::Unknown(why) => Field::unknown(why, values.origin),
    }
}

fn no_new_privs(c: &Container, daemon: &Daemon) -> Field<bool> {
    if let Some(kernel) = c.kernel().filter(|k| k.no_new_privs.get().is_some()) {
        return kernel.no_new_privs.clone();
    }
    let own = security_opt(c, "no-new-privileges");
    match own.fact {
        Fact::Known(text) => truth("no-new-privileges", &text, own.origin),
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

/// A Boolean as the engine reads it (Go's `strconv.ParseBool`); it refuses everything else.
fn truth(key: &str, text: &str, origin: Origin) -> Field<bool> {
    match text {
        "1" | "t" | "T" | "true" | "TRUE" | "True" => Field::known(true, origin),
        "0" | "f" | "F" | "false" | "FALSE" | "False" => Field::known(false, origin),
        _ => Field::unknown(format!("{key} is `{text}`, not true or false"), origin),
    }
}

/// The kernel's word that it runs as root holds over the configuration. Another uid there proves
/// less: what starts as root may step down later, and could have stayed.
fn runs_as(c: &Container) -> Field<RunsAs> {
    let configured = configured_user(c);
    let Some(kernel) = c.kernel() else { return configured };
    match (uid_inside(kernel), configured.get()) {
        (Some(0), _) => Field::known(RunsAs::Root, kernel.uid.origin.clone()),
        (Some(uid), None) => Field::known(RunsAs::Uid(uid), kernel.uid.origin.clone()),
        (_, _) => configured,
    }
}

/// The first process's uid as the container sees it, by its map (user_namespaces(7)).
fn uid_inside(kernel: &KernelView) -> Option<u32> {
    let outside = *kernel.uid.get()?;
    let map = match &kernel.uid_map.fact {
        Fact::Known(map) => map,
        Fact::Absent => return Some(outside),
        Fact::Unknown(_) => return None,
    };
    map.iter().find_map(|line| {
        let offset = outside.checked_sub(line.outside)?;
        (offset < line.count).then(|| line.inside.saturating_add(offset))
    })
}

fn configured_user(c: &Container) -> Field<RunsAs> {
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
    // Whatever that user's engine and processes look like, root there is that user.
    if daemon.user.get().is_some() {
        return Field::known(UserNamespace::Remapped, daemon.user.origin.clone());
    }
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
    if let (Some(_), Fact::Unknown(why)) = (remapped.get(), &c.userns_mode.fact) {
        return Field::unknown(why.clone(), c.userns_mode.origin.clone());
    }
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
        Some(("container" | "service", other)) => NamespaceMode::Container(other.to_owned()),
        _ if text == "host" => NamespaceMode::Host,
        _ => NamespaceMode::Own,
    };
    match &mode.fact {
        Fact::Absent => Field::known(NamespaceMode::Own, mode.origin.clone()),
        Fact::Known(_) | Fact::Unknown(_) => mode.map(parse),
    }
}

/// `--security-opt systempaths=unconfined` reaches the engine as two empty lists; in a Compose
/// file it is still the option. Either list being empty bares the half of it.
fn system_paths(c: &Container, privileged: &Field<bool>) -> Field<bool> {
    match &privileged.fact {
        Fact::Known(true) => return Field::known(false, privileged.origin.clone()),
        Fact::Unknown(why) => return Field::unknown(why.clone(), privileged.origin.clone()),
        Fact::Known(false) | Fact::Absent => {}
    }
    let option = security_opt(c, "systempaths");
    if option.get().is_some_and(|text| text == "unconfined") {
        return Field::known(false, option.origin);
    }
    let lists = [&c.masked_paths, &c.readonly_paths];
    let bare = lists.iter().find(|list| list.get().is_some_and(Vec::is_empty));
    let unread = lists.iter().find_map(|list| list.fact.unknown().map(|why| (why, &list.origin)));
    match (bare, unread) {
        (Some(list), _) => Field::known(false, list.origin.clone()),
        (None, Some((why, origin))) => Field::unknown(why, origin.clone()),
        (None, None) if c.masked_paths.fact.is_absent() => {
            Field::known(true, Origin::default_of("MaskedPaths"))
        }
        (None, None) => Field::known(true, c.masked_paths.origin.clone()),
    }
}

#[cfg(test)]
mod tests;

//! What a container sees of the cgroup tree, and whether it may write there.

use super::{NamespaceMode, namespace, security_opt, truth};
use crate::facts::{Container, Daemon, Fact, Field, Origin};

/// The default differs: private on cgroup version 2, the host's on version 1, or as
/// `default-cgroupns-mode` says.
pub(super) fn namespace_of(c: &Container, daemon: &Daemon) -> Field<NamespaceMode> {
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

/// The engine mounts the tree read-only, but for privileged containers and for
/// `writable-cgroups=true`. The kernel decides where its mounts could be read.
pub(super) fn writable(c: &Container, privileged: &Field<bool>) -> Field<bool> {
    let mounts = c.kernel().map(|k| &k.mounts);
    if let Some((list, field)) = mounts.and_then(|field| Some((field.get()?, field))) {
        let open = list.iter().any(|m| m.fs_type.starts_with("cgroup") && !m.read_only);
        return Field::known(open, field.origin.clone());
    }
    let option = security_opt(c, "writable-cgroups");
    match (&privileged.fact, option.fact) {
        (Fact::Known(true), _) => Field::known(true, privileged.origin.clone()),
        (Fact::Unknown(why), _) => Field::unknown(why.clone(), privileged.origin.clone()),
        (_, Fact::Known(text)) => truth("writable-cgroups", &text, option.origin),
        (_, Fact::Absent) => Field::known(false, Origin::default_of("SecurityOpt")),
        (_, Fact::Unknown(why)) => Field::unknown(why, option.origin),
    }
}

//! Facts of the host by name: what nobody looked at is unknown, never absent.

use dockward_model::facts::{Daemon, Fact, Field, FileFacts, Host, Origin, Sight};

fn unlooked(host: &Host) -> &'static str {
    host.sight.beyond().filter(|_| host.sight == Sight::Engine).unwrap_or("not looked at")
}

/// Owner and mode of `path`.
pub(crate) fn file(host: &Host, path: &str) -> Field<FileFacts> {
    host.files
        .get(path)
        .cloned()
        .unwrap_or_else(|| Field::unknown(unlooked(host), Origin::file(path, None)))
}

/// A line of the file that was read there.
pub(crate) fn line(origin: &Origin, line: u32) -> Origin {
    match origin {
        Origin::File { path, .. } => Origin::file(path.clone(), Some(line)),
        other => other.clone(),
    }
}

/// The value of a sysctl, by its dotted name.
pub(crate) fn sysctl(host: &Host, name: &str) -> Field<String> {
    host.sysctls.get(name).cloned().unwrap_or_else(|| {
        let path = format!("/proc/sys/{}", name.replace('.', "/"));
        Field::unknown(unlooked(host), Origin::kernel(path, ""))
    })
}

/// Who the engine runs as: uid 0, or for a rootless engine the owner of its process.
pub(crate) fn engine_uid(daemon: &Daemon) -> Fact<u32> {
    let process = daemon.process.fact.map(|process| process.uid);
    if let Fact::Known(uid) = daemon.user.fact {
        return Fact::Known(uid);
    }
    match (daemon.security_option("rootless").fact, process) {
        (_, Fact::Known(uid)) => Fact::Known(uid),
        (Fact::Absent, _) => Fact::Known(0),
        (Fact::Known(_), _) => Fact::Unknown("a rootless engine, and its process not seen".into()),
        (Fact::Unknown(why), _) => Fact::Unknown(why),
    }
}

/// The engine's major version, where it says one.
pub(crate) fn major_version(daemon: &Daemon) -> Option<u32> {
    daemon.version.get()?.split('.').next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use dockward_model::facts::sample;

    #[test]
    fn what_nobody_looked_at_is_unknown() {
        let host = sample::host();
        assert!(file(&host, "/etc/shadow").fact.unknown().is_some());
        assert!(sysctl(&host, "kernel.kptr_restrict").fact.unknown().is_some());
    }

    #[test]
    fn a_rootless_engine_without_its_process_has_no_known_owner() {
        let mut daemon = sample::daemon();
        assert_eq!(engine_uid(&daemon), Fact::Known(0));
        daemon.security_options = sample::known(vec!["name=rootless".into()], "SecurityOptions");
        assert!(engine_uid(&daemon).unknown().is_some());
    }

    #[test]
    fn a_major_version_is_read_from_a_version_with_a_suffix() {
        let mut daemon = sample::daemon();
        daemon.version = sample::known("20.10.24+dfsg1".into(), "Version");
        assert_eq!(major_version(&daemon), Some(20));
    }
}

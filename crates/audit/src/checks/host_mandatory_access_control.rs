use dockward_model::facts::{Host, Snapshot};
use dockward_model::verdict::{Evidence, Failure, Outcome};

crate::check! {
    /// ## Why
    /// AppArmor or SELinux is the fence behind the fence: where a capability or a mount gives a
    /// container too much, its profile still forbids writing to `/proc/sysrq-trigger` or mounting
    /// the host's disk. Without either, one mistake in a container's settings is enough.
    ///
    /// ## Fix
    /// Debian, Ubuntu, SUSE: install `apparmor`, boot with `security=apparmor`. Fedora, Red Hat:
    /// `setenforce 1`, `SELINUX=enforcing` in `/etc/selinux/config`, and `"selinux-enabled": true`
    /// in daemon.json. Restart the engine.
    ///
    /// ## References
    /// docs.docker.com, "AppArmor security profiles for Docker"; `/sys/kernel/security/lsm`;
    /// `/sys/fs/selinux/enforce`: permissive, SELinux forbids nothing. Where the kernel has neither, this is the one finding of it: containers are not blamed for it.
    id: "host-mandatory-access-control", title: "AppArmor or SELinux confines containers",
    severity: Medium, area: Host, cis16: [], cis18: [], Host: mandatory_access_control
}

fn mandatory_access_control(snapshot: &Snapshot) -> Outcome {
    let used = |name: &str| {
        let mut engines = snapshot.engines.iter();
        engines.any(|engine| engine.daemon.security_option(name).get().is_some())
    };
    if used("apparmor") {
        return Outcome::Pass;
    }
    if used("selinux") {
        return enforcing(&snapshot.host);
    }
    let field = &snapshot.host.lsms;
    let Some(list) = field.get() else { return Outcome::unread(field) };
    let has = |name: &str| list.iter().any(|lsm| lsm == name);
    let asked = snapshot.engines.iter().any(|e| e.daemon.security_options.get().is_some());
    let (message, fix) = match (has("apparmor") || has("selinux"), asked) {
        (true, false) if has("apparmor") => return Outcome::Pass,
        (true, false) => return enforcing(&snapshot.host),
        (true, true) => (
            "the kernel has AppArmor or SELinux, and the engine uses neither",
            "install the tools (`apparmor`), or set \"selinux-enabled\": true; restart the engine",
        ),
        (false, _) => (
            "neither AppArmor nor SELinux is in force",
            "install and switch on the one that this distribution comes with",
        ),
    };
    let seen = if list.is_empty() { "none".to_owned() } else { list.join(",") };
    let evidence = Evidence::of(field, seen, "apparmor or selinux, used by the engine");
    Failure::new(message, evidence, fix).into()
}

/// Whether SELinux does more than to write a log.
fn enforcing(host: &Host) -> Outcome {
    let field = &host.selinux_enforcing;
    match field.get() {
        Some(true) => Outcome::Pass,
        Some(false) => Failure::new(
            "SELinux is permissive: it forbids containers nothing and only writes a log",
            Evidence::of(field, "0, permissive", "1, enforcing"),
            "run `setenforce 1`, and set SELINUX=enforcing in /etc/selinux/config",
        )
        .into(),
        None => Outcome::unread(field),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::judged::{assert_fails, assert_passes, assert_unknown, engine_with, snapshot_with};
    use dockward_model::facts::{Engine, Field, sample};

    fn with(lsms: Field<Vec<String>>, engines: Vec<Engine>) -> Outcome {
        mandatory_access_control(&snapshot_with(|s| (s.host.lsms, s.engines) = (lsms, engines)))
    }

    fn lsms(names: &[&str]) -> Field<Vec<String>> {
        sample::known(names.iter().map(ToString::to_string).collect(), "lsm")
    }

    fn engine(option: &str) -> Engine {
        let options = sample::known(vec![option.to_owned()], "SecurityOptions");
        engine_with(|e| e.daemon.security_options = options)
    }

    #[test]
    fn an_engine_that_uses_one_passes() {
        assert_passes(with(sample::unknown("lsm"), vec![engine("name=apparmor")]));
    }

    #[test]
    fn selinux_counts_where_it_enforces() {
        let mode = |fact: Field<bool>, engines: &[&str]| {
            mandatory_access_control(&snapshot_with(|s| {
                s.host.lsms = lsms(&["selinux"]);
                s.host.selinux_enforcing = fact;
                s.engines = engines.iter().map(|option| engine(option)).collect();
            }))
        };
        for engines in [&["name=selinux"][..], &[]] {
            assert_passes(mode(sample::known(true, "enforce"), engines));
            let failure = assert_fails(mode(sample::known(false, "enforce"), engines));
            assert!(failure.message.contains("permissive"), "{}", failure.message);
            assert_unknown(mode(sample::unknown("enforce"), engines));
            assert_unknown(mode(sample::absent("enforce"), engines));
        }
    }

    #[test]
    fn a_kernel_with_neither_fails_once_for_the_host() {
        assert_fails(with(lsms(&["capability", "yama"]), vec![engine("name=cgroupns")]));
        assert_fails(with(lsms(&["capability"]), Vec::new()));
    }

    #[test]
    fn a_kernel_with_one_that_the_engine_leaves_aside_fails() {
        assert_fails(with(lsms(&["capability", "selinux"]), vec![engine("name=cgroupns")]));
    }

    #[test]
    fn without_an_engine_the_kernel_decides() {
        assert_passes(with(lsms(&["apparmor"]), Vec::new()));
    }

    #[test]
    fn an_unread_or_missing_list_is_unknown() {
        assert_unknown(with(sample::unknown("lsm"), Vec::new()));
        assert_unknown(with(sample::absent("lsm"), vec![engine("name=cgroupns")]));
    }
}

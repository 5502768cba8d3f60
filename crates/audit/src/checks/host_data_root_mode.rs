use dockward_model::facts::{Engine, Snapshot};
use dockward_model::verdict::{Evidence, Failure, Foothold, Gain, Outcome, Severity};

use crate::lookup;

crate::check! {
    /// ## Why
    /// The data root holds every container's files, every volume and their set-uid programs. Where
    /// everyone may enter it, local users read what containers keep, and start a set-uid program
    /// of an old image, with all its known holes, as root on the host (CVE-2021-41091).
    ///
    /// ## Fix
    /// `chmod 0710 /var/lib/docker` (the folder that `docker info` calls Docker Root Dir), and
    /// find out what made it wider: a backup or a monitoring job, most often.
    ///
    /// ## References
    /// moby `daemon/daemon_unix.go`, `setupDaemonRoot`: 0710 since 20.10.9, 0711 before.
    id: "host-data-root-mode", title: "only root reads the engine's data root",
    severity: Medium, area: Host, cis16: [], cis18: [], Engine: data_root_mode
}

fn data_root_mode(snapshot: &Snapshot, engine: &Engine) -> Outcome {
    let root = &engine.daemon.data_root;
    root.judge(Outcome::unread(root), |path| {
        let field = lookup::file(&snapshot.host, path);
        if field.get().is_none() {
            return Outcome::unread(&field);
        }
        field.judge(Outcome::Pass, |file| {
            let (message, severity) = match file.mode & 0o007 {
                0 => return Outcome::Pass,
                0o001 => ("everyone may enter", Severity::Low),
                bits if bits & 0o002 != 0 => ("everyone may write to", Severity::Critical),
                _ => ("everyone may list", Severity::Medium),
            };
            let seen = format!("mode {:04o}", file.mode);
            let evidence = Evidence::of(&field, seen, "0710").effective();
            let message = format!("{message} the data root {path}");
            let failure = Failure::new(message, evidence, format!("`chmod 0710 {path}`"));
            match (severity, engine.daemon.is_rootless()) {
                (Severity::Critical, false) => {
                    failure.severity(severity).opens(Gain::HostRoot, Foothold::LocalUser).into()
                }
                (Severity::Critical, true) => failure.severity(Severity::High).into(),
                _ => failure.severity(severity).into(),
            }
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::judged::{
        assert_fails, assert_passes, assert_unknown, engine_with, file, host_with, snapshot,
        snapshot_with,
    };
    use dockward_model::facts::sample;

    fn with(mode: u32) -> Outcome {
        let host = host_with("/var/lib/docker", file(mode, 0, 0));
        data_root_mode(&snapshot_with(|s| s.host = host), &engine_with(|_| {}))
    }

    #[test]
    fn what_engines_make_passes() {
        assert_passes(with(0o710));
        assert_passes(with(0o700));
    }

    #[test]
    fn the_wider_it_is_the_worse() {
        assert_eq!(assert_fails(with(0o711)).severity, Some(Severity::Low));
        assert_eq!(assert_fails(with(0o755)).severity, Some(Severity::Medium));
        let writable = assert_fails(with(0o733));
        assert_eq!(writable.severity, Some(Severity::Critical));
        assert_eq!(writable.openings[0].gain, Gain::HostRoot);
    }

    #[test]
    fn unread_or_unseen_is_unknown() {
        assert_unknown(data_root_mode(&snapshot(), &engine_with(|_| {})));
        for root in [sample::unknown("DockerRootDir"), sample::absent("DockerRootDir")] {
            let engine = engine_with(|e| e.daemon.data_root = root);
            assert_unknown(data_root_mode(&snapshot(), &engine));
        }
    }
}

use dockward_model::facts::Snapshot;
use dockward_model::verdict::Outcome;

use crate::containerd_sockets;

crate::check! {
    /// ## Why
    /// containerd starts containers for whoever connects to its socket, with any mount and any
    /// privilege, and past the engine: nothing of the engine's authorization or log is asked.
    /// Whose group it is may connect as well, as far as the mode lets it.
    ///
    /// ## Fix
    /// `chown root:root` on the socket; in containerd's config.toml, `[grpc]`, set `uid = 0` and
    /// `gid = 0`, and restart it.
    ///
    /// ## References
    /// CIS Docker Benchmark 3.23; containerd-config.toml(5). The service's socket is meant, the one
    /// that an engine was told of (`--containerd`), and the one of an engine that starts its own.
    id: "host-containerd-socket-owner", title: "containerd's socket belongs to root",
    severity: High, area: Host, cis16: ["3.23"], cis18: ["3.23"], Host: owner
}

fn owner(snapshot: &Snapshot) -> Outcome {
    containerd_sockets::judge(snapshot, |file| file.judge_owner())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::judged::{
        assert_fails, assert_not_applicable, assert_passes, assert_unknown, engine_with, file,
        host_with, snapshot, snapshot_with,
    };
    use dockward_model::facts::{Field, FileFacts, Origin};
    use dockward_model::verdict::Severity;

    const PATH: &str = "/run/containerd/containerd.sock";
    const OWN: &str = "/run/docker/containerd/containerd.sock";

    fn with(socket: Field<FileFacts>) -> Outcome {
        owner(&snapshot_with(|s| s.host = host_with(PATH, socket)))
    }

    #[test]
    fn a_socket_of_roots_passes() {
        assert_passes(with(file(0o660, 0, 0)));
        assert_passes(with(file(0o666, 0, 0)));
    }

    #[test]
    fn another_owner_or_a_group_that_may_connect_is_root() {
        for socket in [file(0o600, 1000, 0), file(0o660, 0, 998)] {
            let failure = assert_fails(with(socket));
            assert_eq!(failure.severity, Some(Severity::High));
            assert!(!failure.openings.is_empty());
        }
        assert_eq!(assert_fails(with(file(0o600, 0, 998))).severity, Some(Severity::Low));
    }

    #[test]
    fn the_engines_own_containerd_is_looked_at_too() {
        let mut host = host_with(PATH, file(0o660, 0, 0));
        host.files.insert(OWN.into(), file(0o666, 1000, 0));
        let engines = vec![engine_with(|_| {})];
        assert_fails(owner(&snapshot_with(|s| (s.host, s.engines) = (host, engines))));
    }

    #[test]
    fn no_containerd_is_nothing_to_judge_and_an_unseen_one_is_unknown() {
        assert_not_applicable(with(Field::absent(Origin::file(PATH, None))));
        assert_unknown(with(Field::unknown("permission denied", Origin::Nowhere)));
        assert_unknown(owner(&snapshot()));
    }
}

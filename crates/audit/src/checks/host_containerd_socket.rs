use dockward_model::facts::Snapshot;
use dockward_model::verdict::Outcome;

use crate::guarded::Guarded;
use crate::together;

crate::check! {
    /// ## Why
    /// containerd starts containers for whoever connects to its socket, with any mount and any
    /// privilege, and past the engine: nothing of the engine's authorization or log is asked.
    ///
    /// ## Fix
    /// `chown root:root` and `chmod 0660` on the socket; in containerd's config.toml, `[grpc]`,
    /// set `uid = 0` and `gid = 0`, and restart it.
    ///
    /// ## References
    /// CIS Docker Benchmark 3.23, 3.24; containerd-config.toml(5).
    id: "host-containerd-socket", title: "only root uses containerd's socket",
    severity: High, area: Host, cis16: ["3.23", "3.24"], cis18: ["3.23", "3.24"],
    Host: containerd_socket
}

/// The service's own, and the one of an engine that starts its own containerd.
const SOCKETS: [&str; 2] =
    ["/run/containerd/containerd.sock", "/run/docker/containerd/containerd.sock"];

fn containerd_socket(snapshot: &Snapshot) -> Outcome {
    let judge = |path: &&str| {
        let socket = Guarded::new(&snapshot.host, path, 0);
        together::all([socket.judge_owner(), socket.judge_mode(0o660)], "no socket")
    };
    let mut looked_at = SOCKETS.iter().filter(|path| snapshot.host.files.contains_key(**path));
    let first = looked_at.next();
    if first.is_none() {
        return Outcome::Unknown("containerd's socket: not looked at".into());
    }
    together::all(first.into_iter().chain(looked_at).map(judge), "no containerd here")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::judged::{
        assert_fails, assert_not_applicable, assert_passes, assert_unknown, file, host_with,
        snapshot, snapshot_with,
    };
    use dockward_model::facts::{Field, FileFacts, Origin};
    use dockward_model::verdict::Severity;

    fn with(socket: Field<FileFacts>) -> Outcome {
        let host = host_with(SOCKETS[0], socket);
        containerd_socket(&snapshot_with(|s| s.host = host))
    }

    #[test]
    fn a_socket_of_roots_alone_passes() {
        assert_passes(with(file(0o660, 0, 0)));
    }

    #[test]
    fn everyone_a_group_or_another_owner_are_root() {
        for (socket, severity) in [
            (file(0o666, 0, 0), Severity::Critical),
            (file(0o466, 0, 0), Severity::Critical),
            (file(0o660, 0, 998), Severity::High),
            (file(0o600, 1000, 0), Severity::High),
        ] {
            let failure = assert_fails(with(socket));
            assert_eq!(failure.severity, Some(severity));
            assert!(!failure.openings.is_empty());
        }
    }

    #[test]
    fn the_engines_own_containerd_is_looked_at_too() {
        let mut host = host_with(SOCKETS[0], Field::absent(Origin::file(SOCKETS[0], None)));
        host.files.insert(SOCKETS[1].into(), file(0o666, 0, 0));
        assert_fails(containerd_socket(&snapshot_with(|s| s.host = host)));
    }

    #[test]
    fn no_containerd_is_nothing_to_judge_and_an_unseen_one_is_unknown() {
        assert_not_applicable(with(Field::absent(Origin::file(SOCKETS[0], None))));
        assert_unknown(with(Field::unknown("permission denied", Origin::Nowhere)));
        assert_unknown(containerd_socket(&snapshot()));
    }
}

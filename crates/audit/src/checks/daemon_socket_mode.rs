use dockward_model::facts::{Engine, Fact, Snapshot};
use dockward_model::verdict::Outcome;

use crate::guarded::Guarded;
use crate::{engine_sockets, lookup};

crate::check! {
    /// ## Why
    /// To connect to a Unix socket takes write permission and nothing else. A socket that everyone
    /// may write to makes every account and every service on this host root, since the engine
    /// mounts `/` into a container for whoever asks.
    ///
    /// ## Fix
    /// `chmod 0660 /run/docker.sock`, and the same where it comes from at the next start:
    /// `SocketMode=0660` in docker.socket. Then find out who made it wider, and for which program.
    ///
    /// ## References
    /// CIS Docker Benchmark 3.16; unix(7), "Pathname socket ownership and permissions".
    id: "daemon-socket-mode", title: "only owner and group may use the engine's socket",
    severity: Medium, area: Daemon, cis16: ["3.16"], cis18: ["3.16"], Engine: socket_mode
}

/// Who owns a socket changes only what is gained: a rootless engine's unread user counts as root.
fn socket_mode(snapshot: &Snapshot, engine: &Engine) -> Outcome {
    let owner = match lookup::engine_uid(&engine.daemon) {
        Fact::Known(uid) => uid,
        Fact::Absent | Fact::Unknown(_) => 0,
    };
    engine_sockets::judge(&snapshot.host, &engine.daemon, |path| {
        Guarded::new(&snapshot.host, path, owner).judge_mode(0o660)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::judged::{
        assert_fails, assert_not_applicable, assert_passes, assert_unknown, engine_with, file,
        host_with, snapshot, snapshot_with,
    };
    use dockward_model::facts::{Listener, ListenerAuth, Origin, sample};
    use dockward_model::verdict::{Foothold, Severity};

    fn with(mode: u32) -> Outcome {
        let host = host_with("/run/docker.sock", file(mode, 0, 998));
        socket_mode(&snapshot_with(|s| s.host = host), &engine_with(|_| {}))
    }

    #[test]
    fn a_socket_for_everyone_is_root_for_everyone() {
        for mode in [0o666, 0o662, 0o777] {
            let failure = assert_fails(with(mode));
            assert_eq!(failure.severity, Some(Severity::Critical), "{mode:04o}");
            assert_eq!(failure.openings[0].needs, Foothold::LocalUser);
        }
    }

    #[test]
    fn a_mode_whose_digits_make_a_small_number_is_no_better() {
        assert_eq!(assert_fails(with(0o466)).severity, Some(Severity::Critical));
    }

    #[test]
    fn reading_alone_connects_nobody() {
        assert_eq!(assert_fails(with(0o664)).severity, Some(Severity::Low));
    }

    #[test]
    fn owner_and_group_alone_pass() {
        assert_passes(with(0o660));
        assert_passes(with(0o600));
    }

    #[test]
    fn every_socket_of_an_engine_counts() {
        let listener = Listener {
            address: "unix:///srv/second.sock".into(),
            authentication: ListenerAuth::FileMode,
            origin: Origin::Nowhere,
        };
        let engine = engine_with(|e| e.daemon.listeners = sample::known(vec![listener], ""));
        let mut host = host_with("/run/docker.sock", file(0o660, 0, 998));
        host.files.insert("/srv/second.sock".into(), file(0o666, 0, 998));
        let outcome = socket_mode(&snapshot_with(|s| s.host = host), &engine);
        assert!(assert_fails(outcome).message.contains("/srv/second.sock"));
    }

    #[test]
    fn an_unseen_socket_is_unknown() {
        assert_unknown(socket_mode(&snapshot(), &engine_with(|_| {})));
        let engine = engine_with(|e| e.daemon.socket = sample::unknown("socket"));
        assert_unknown(socket_mode(&snapshot(), &engine));
    }

    #[test]
    fn an_engine_reached_otherwise_is_not_asked() {
        let engine = engine_with(|e| e.daemon.socket = sample::absent("socket"));
        assert_not_applicable(socket_mode(&snapshot(), &engine));
    }
}

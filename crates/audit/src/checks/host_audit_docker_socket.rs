use dockward_model::facts::Snapshot;
use dockward_model::verdict::Outcome;

use crate::{audited, together};

crate::check! {
    /// ## Why
    /// docker.socket is the unit by which systemd makes the engine's socket: it says who owns it,
    /// with which mode, and where else to listen. The socket itself, docker.sock, can be given to
    /// others with one chmod. Both are judged.
    ///
    /// ## Fix
    /// A line `-w /run/docker.sock -p wa -k docker` in `/etc/audit/rules.d/docker.rules`, then
    /// `augenrules --load`. The finding names the path that this host has. Writing and changes of
    /// owner and mode have to be recorded, of all users and of 32-bit programs too. The rules in
    /// force count; where the kernel does not tell them, those that the next start loads.
    ///
    /// ## References
    /// CIS Docker Benchmark 1.1.9; audit.rules(7), augenrules(8). The benchmark's title means the
    /// unit, and its readers the socket.
    id: "host-audit-docker-socket",
    title: "changes to docker.socket and to the engine's socket are recorded",
    severity: Low, area: Host, cis16: ["1.1.9"], cis18: ["1.1.9"], Host: docker_socket
}

fn docker_socket(snapshot: &Snapshot) -> Outcome {
    let sockets = snapshot.engines.iter().filter_map(|engine| engine.daemon.socket.get());
    let mut paths: Vec<&str> = sockets.map(String::as_str).collect();
    if paths.is_empty() {
        paths.push("/run/docker.sock");
    }
    let parts = [audited::unit(snapshot, "docker.socket"), audited::files(snapshot, &paths)];
    together::all(parts, "neither the unit nor the socket exists")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audited::samples::{host, watch};
    use crate::judged::{
        assert_fails, assert_not_applicable, assert_passes, assert_unknown, engine_with,
    };
    use dockward_model::facts::sample;

    const UNIT: &str = "/usr/lib/systemd/system/docker.socket";
    const SOCKET: &str = "/run/docker.sock";

    fn of(watched: &[&str]) -> Outcome {
        let rules = watched.iter().map(|path| watch(path)).collect();
        docker_socket(&host(&[UNIT, SOCKET], rules))
    }

    #[test]
    fn the_unit_and_the_socket_are_both_judged() {
        assert_passes(of(&[UNIT, SOCKET]));
        assert!(assert_fails(of(&[UNIT])).message.contains("/run/docker.sock is not watched"));
        assert!(assert_fails(of(&[SOCKET])).message.contains("docker.socket is not watched"));
        assert_fails(of(&[]));
    }

    #[test]
    fn what_is_not_known_of_one_of_them_is_no_pass() {
        assert_unknown(docker_socket(&host(&[UNIT], vec![watch(UNIT)])));
        assert_unknown(docker_socket(&crate::judged::snapshot_with(|s| {
            s.host.audit = dockward_model::facts::AuditRules::default();
        })));
    }

    #[test]
    fn neither_unit_nor_socket_is_nothing_to_judge() {
        let mut snapshot = host(&[UNIT, SOCKET], Vec::new());
        for place in snapshot.host.audit.paths.values_mut() {
            place.fact = dockward_model::facts::Fact::Absent;
        }
        snapshot.host.units.insert("docker.socket".into(), sample::absent("docker.socket"));
        assert_not_applicable(docker_socket(&snapshot));
    }

    #[test]
    fn an_engine_that_listens_elsewhere_is_judged_there() {
        let socket = "/run/docker-2.sock";
        let mut snapshot = host(&[UNIT, socket], vec![watch(UNIT), watch(socket)]);
        let engine = engine_with(|e| e.daemon.socket = sample::known(socket.into(), ""));
        snapshot.engines = vec![engine];
        assert_passes(docker_socket(&snapshot));
    }
}

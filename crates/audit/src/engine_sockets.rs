//! The Unix sockets on which an engine answers: the one it was asked on, and all others.

use std::collections::BTreeSet;

use dockward_model::facts::{Daemon, Host, Listener};
use dockward_model::verdict::Outcome;

use crate::{together, unit_files};

/// Judges each of its sockets; they count as one.
pub(crate) fn judge(host: &Host, daemon: &Daemon, by: impl Fn(&str) -> Outcome) -> Outcome {
    let listed = sockets(host, daemon);
    if listed.is_empty() {
        let none = Outcome::NotApplicable("not reached by a socket".into());
        return daemon.socket.judge(none, |_| Outcome::Pass);
    }
    together::all(listed.iter().map(|path| by(path)), "no socket")
}

/// Paths, links resolved as far as they were seen.
fn sockets(host: &Host, daemon: &Daemon) -> BTreeSet<String> {
    let listeners = daemon.listeners.get().into_iter().flatten();
    let told = listeners.flat_map(|listener| of_listener(host, listener));
    let all = daemon.socket.get().cloned().into_iter().chain(told);
    all.map(|path| host.links.get(&path).cloned().unwrap_or(path)).collect()
}

/// With `fd://` the socket is systemd's, and its unit says where.
fn of_listener(host: &Host, listener: &Listener) -> Vec<String> {
    if listener.address.starts_with("fd://") {
        let unit = unit_files::unit(host, "docker.socket");
        return unit.get().into_iter().flat_map(|u| u.sockets()).map(str::to_owned).collect();
    }
    listener.address.strip_prefix("unix://").map(str::to_owned).into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::judged::{engine_with, snapshot};
    use dockward_model::facts::{Field, ListenerAuth, Origin, Unit, UnitSetting, sample};

    fn listener(address: &str) -> Listener {
        let authentication = ListenerAuth::FileMode;
        Listener { address: address.into(), authentication, origin: Origin::Nowhere }
    }

    #[test]
    fn a_socket_is_judged_once_under_any_name_and_systemds_too() {
        let mut host = snapshot().host;
        host.links.insert("/var/run/docker.sock".into(), "/run/docker.sock".into());
        let setting = UnitSetting {
            key: "ListenStream".into(),
            value: "/srv/unit.sock".into(),
            secret: None,
            origin: Origin::Nowhere,
        };
        let unit = Unit { settings: vec![setting], ..Unit::default() };
        host.units.insert("docker.socket".into(), Field::known(unit, Origin::Nowhere));
        let addresses = ["unix:///var/run/docker.sock", "fd://", "unix:///srv/a", "tcp://:1"];
        let list = addresses.map(listener).to_vec();
        let engine = engine_with(|e| e.daemon.listeners = sample::known(list, ""));
        let expected = ["/run/docker.sock", "/srv/a", "/srv/unit.sock"].map(str::to_owned);
        assert_eq!(sockets(&host, &engine.daemon), expected.into());
    }
}

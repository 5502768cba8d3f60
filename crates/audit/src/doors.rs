//! The TCP addresses on which an engine answers, and who may speak to it there.

use dockward_model::facts::{Daemon, Listener, ListenerAuth};
use dockward_model::verdict::Evidence;

/// A TCP address on which an engine answers.
#[derive(Debug)]
pub(crate) struct Door {
    /// Host and port, such as `0.0.0.0:2375`.
    pub(crate) address: String,
    /// How callers are known there.
    pub(crate) lock: Lock,
    /// Where that was read.
    pub(crate) evidence: Evidence,
}

/// How callers of a door are known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Lock {
    /// Not at all, and anyone on the way reads along.
    Open,
    /// Not at all.
    ServerOnly,
    /// By certificates.
    Certificates,
    /// Could not be told; says why.
    Unknown(String),
}

impl Door {
    /// Whether only processes in the host's own network namespace reach it.
    pub(crate) fn is_loopback(&self) -> bool {
        let host = self.address.rsplit_once(':').map_or(self.address.as_str(), |(host, _)| host);
        let host = host.trim_start_matches('[').trim_end_matches(']');
        // An engine told `tcp://:2375` listens on localhost (moby `opts/hosts.go`).
        host.is_empty()
            || host == "localhost"
            || host.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
    }
}

/// Every TCP door: the listeners that were seen, and those that the engine itself warns of.
pub(crate) fn doors(daemon: &Daemon) -> Vec<Door> {
    let seen = daemon.listeners.get().into_iter().flatten().filter_map(of_listener);
    let warned = daemon.warnings.get().into_iter().flatten();
    seen.chain(warned.filter_map(|warning| of_warning(daemon, warning))).collect()
}

fn of_listener(listener: &Listener) -> Option<Door> {
    let address = listener.address.strip_prefix("tcp://")?.to_owned();
    let (lock, seen) = match &listener.authentication {
        ListenerAuth::None | ListenerAuth::FileMode => (Lock::Open, "no TLS"),
        ListenerAuth::ServerOnly => (Lock::ServerOnly, "TLS, no client certificates"),
        ListenerAuth::ClientCertificates => (Lock::Certificates, "client certificates"),
        ListenerAuth::Unknown(why) => (Lock::Unknown(why.clone()), "TCP"),
    };
    let seen = format!("{}: {seen}", listener.address);
    let evidence = Evidence::at(&listener.origin, seen, "client certificates (tlsverify)");
    Some(Door { address, lock, evidence })
}

/// Moby `daemon/info.go`: "API is accessible on http://ADDRESS without encryption", or on https
/// "without TLS client verification".
fn of_warning(daemon: &Daemon, warning: &str) -> Option<Door> {
    let (_, rest) = warning.split_once("API is accessible on ")?;
    let (url, _) = rest.split_once(" without ")?;
    let (lock, address) = match url.split_once("://")? {
        ("http", address) => (Lock::Open, address),
        ("https", address) => (Lock::ServerOnly, address),
        _ => return None,
    };
    let first_line = warning.lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
    let evidence = Evidence::of(&daemon.warnings, first_line.trim(), "no such warning").effective();
    Some(Door { address: address.to_owned(), lock, evidence })
}

#[cfg(test)]
mod tests {
    use super::*;
    use dockward_model::facts::{Origin, sample};

    fn door(address: &str) -> Door {
        let evidence = Evidence::at(&Origin::Nowhere, "", "");
        Door { address: address.into(), lock: Lock::Open, evidence }
    }

    #[test]
    fn loopback_is_known_in_every_spelling() {
        for address in ["127.0.0.1:2375", "127.8.0.1:2375", "[::1]:2375", "localhost:1", ":2375"] {
            assert!(door(address).is_loopback(), "{address}");
        }
        for address in ["0.0.0.0:2375", "[::]:2375", "10.0.0.1:2375", "docker.lan:2375"] {
            assert!(!door(address).is_loopback(), "{address}");
        }
    }

    #[test]
    fn the_engines_warnings_of_old_and_new_are_read() {
        let mut daemon = sample::daemon();
        let warnings = [
            "WARNING: API is accessible on http://0.0.0.0:2375 without encryption.\n  Access …",
            "[DEPRECATION NOTICE]: API is accessible on https://[::]:2376 without TLS client \
             verification.",
            "WARNING: No swap limit support",
        ];
        let warnings = warnings.map(str::to_owned).to_vec();
        daemon.warnings = sample::known(warnings, "Warnings");
        let doors = doors(&daemon);
        let found: Vec<_> = doors.iter().map(|d| (d.address.as_str(), &d.lock)).collect();
        assert_eq!(found, [("0.0.0.0:2375", &Lock::Open), ("[::]:2376", &Lock::ServerOnly)]);
        assert!(!doors[0].evidence.seen.contains('\n'));
    }
}

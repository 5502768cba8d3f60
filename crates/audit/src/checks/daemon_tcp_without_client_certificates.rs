use dockward_model::facts::{Engine, Snapshot};
use dockward_model::verdict::{Failure, Foothold, Gain, Outcome, Severity};

use crate::doors::{Door, Lock, doors};

crate::check! {
    /// ## Why
    /// Who may speak to the engine may start a container with the host's `/` in it, and is root.
    /// On a TCP port without client certificates that is everyone who can connect: such ports are
    /// found within minutes and used. On loopback it is every local user and every container on
    /// the host's network.
    ///
    /// ## Fix
    /// Remove the `tcp://` address (`hosts` in daemon.json, `-H` in the unit, `ListenStream` of
    /// docker.socket) and use SSH: `docker -H ssh://user@host`. Where TCP must be: `"tlsverify":
    /// true` with `tlscacert`, `tlscert`, `tlskey`, a CA of its own and port 2376.
    ///
    /// ## References
    /// CIS Docker Benchmark 2.7 (1.6, 1.7), 2.8 (1.8); docs.docker.com, "Protect the Docker daemon
    /// socket". Judged by the sockets that are really open, by argv and daemon.json, and by what
    /// the engine warns of in `/info`.
    id: "daemon-tcp-without-client-certificates",
    title: "the API is on TCP only for known client certificates",
    severity: Critical, area: Daemon, cis16: ["2.7"], cis18: ["2.8"], Engine: tcp
}

fn tcp(_: &Snapshot, engine: &Engine) -> Outcome {
    let daemon = &engine.daemon;
    let doors = doors(daemon);
    let open = |door: &&Door| matches!(door.lock, Lock::Open | Lock::ServerOnly);
    let open: Vec<_> = doors.iter().filter(open).collect();
    if !open.is_empty() {
        return fail(&open, daemon.is_rootless()).into();
    }
    if daemon.listeners.get().is_none() {
        return Outcome::unread(&daemon.listeners);
    }
    let unsure = doors.iter().find_map(|door| match &door.lock {
        Lock::Unknown(why) => Some(Outcome::Unknown(format!("tcp://{}: {why}", door.address))),
        _ => None,
    });
    unsure.unwrap_or(Outcome::Pass)
}

fn fail(open: &[&Door], rootless: bool) -> Failure {
    let mut addresses: Vec<_> = open.iter().map(|door| door.address.as_str()).collect();
    addresses.sort_unstable();
    addresses.dedup();
    let local = open.iter().all(|door| door.is_loopback());
    let who = if local { "every local user and container on the host's network" } else { "anyone" };
    let what = if rootless { "control this engine" } else { "become root through the API" };
    let mut failure = Failure {
        severity: None,
        message: format!("{who} can {what} on tcp://{}", addresses.join(", tcp://")),
        evidence: open.iter().map(|door| door.evidence.clone()).collect(),
        fix: "remove the tcp:// address, or set \"tlsverify\": true with a CA of its own".into(),
        openings: Vec::new(),
    };
    if !rootless {
        let needs = if local { Foothold::LocalUser } else { Foothold::Network };
        failure = failure.opens(Gain::HostRoot, needs);
    }
    failure.severity(if local || rootless { Severity::High } else { Severity::Critical })
}

#[cfg(test)]
mod tests;

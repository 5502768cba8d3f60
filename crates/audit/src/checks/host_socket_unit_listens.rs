use std::net::SocketAddr;

use dockward_model::facts::{Fact, Snapshot, Unit, UnitSetting};
use dockward_model::verdict::{Evidence, Failure, Foothold, Gain, Outcome, Severity};

use crate::{together, unit_files};

crate::check! {
    /// ## Why
    /// What systemd listens on for the engine, the engine answers on. A TCP address in
    /// docker.socket is open to everyone who can connect, unless the engine asks for certificates;
    /// an abstract socket (`@name`) has no owner and no mode; and a socket file without
    /// `SocketMode` is 0666. Each makes whoever connects root. None of it shows in daemon.json.
    ///
    /// ## Fix
    /// `systemctl edit docker.socket`, and under `[Socket]`: an empty `ListenStream=` that takes
    /// back what was said, then `ListenStream=/run/docker.sock`, `SocketMode=0660`,
    /// `SocketUser=root`, `SocketGroup=docker`; then `systemctl restart docker.socket`.
    ///
    /// ## References
    /// systemd.socket(5): `SocketMode` is 0666 where it isn't set. What the unit says counts at its
    /// next start, whether it runs now or not.
    id: "host-socket-unit-listens", title: "systemd opens the engine's API to root and a group alone",
    severity: High, area: Host, cis16: [], cis18: [], Host: listens
}

const UNITS: [&str; 2] = ["docker.socket", "podman.socket"];

fn listens(snapshot: &Snapshot) -> Outcome {
    let verdict = |name: &str| {
        let field = unit_files::unit(&snapshot.host, name);
        field.judge(Outcome::NotApplicable(format!("no {name}")), |unit| {
            let addresses = unit.settings_of("ListenStream");
            let verdicts = addresses.map(|one| address(snapshot, name, unit, one));
            together::all(verdicts, "the unit listens nowhere")
        })
    };
    together::all(UNITS.map(verdict), "no socket unit")
}

fn address(snapshot: &Snapshot, name: &str, unit: &Unit, one: &UnitSetting) -> Outcome {
    let text = one.value.as_str();
    if text.starts_with('/') {
        return socket_file(unit, one);
    }
    if text.starts_with('@') {
        let who = "every process in the host's network namespace";
        return open(one, who, Foothold::LocalUser).severity(Severity::Critical).into();
    }
    let is_loopback = text.parse::<SocketAddr>().is_ok_and(|at| at.ip().is_loopback());
    // A number alone is a port on every address.
    let (who, needs, severity) = match text {
        _ if is_loopback => {
            let who = "every local user and container on the host's network";
            (who, Foothold::LocalUser, Severity::High)
        }
        _ if text.starts_with("vsock:") => {
            ("every virtual machine", Foothold::Network, Severity::High)
        }
        _ => ("anyone", Foothold::Network, Severity::Critical),
    };
    let failure = open(one, who, needs).severity(severity);
    match asks_for_certificates(snapshot, name) {
        Fact::Known(true) => Outcome::Pass,
        Fact::Known(false) => failure.into(),
        // With no engine to ask, its settings may say so.
        Fact::Absent => Outcome::Review(failure),
        Fact::Unknown(why) => Outcome::Unknown(why),
    }
}

/// Whether the engines that take their sockets from systemd ask callers for certificates, which
/// then holds for these too (moby `daemon/listeners`); absent where none was seen. Podman can't.
fn asks_for_certificates(snapshot: &Snapshot, unit: &str) -> Fact<bool> {
    if unit != "docker.socket" {
        return Fact::Known(false);
    }
    let engines = snapshot.engines.iter().map(|engine| &engine.daemon);
    let mut asked = Fact::Absent;
    for daemon in engines {
        let Some(listeners) = daemon.listeners.get() else {
            return daemon.listeners.fact.map(|_| false);
        };
        if listeners.iter().any(|listener| listener.address.starts_with("fd://")) {
            match &daemon.tls.authority.fact {
                Fact::Known(_) => asked = Fact::Known(true),
                Fact::Absent => return Fact::Known(false),
                Fact::Unknown(why) => return Fact::Unknown(why.clone()),
            }
        }
    }
    asked
}

/// The mode and the owner with which systemd makes the file.
fn socket_file(unit: &Unit, one: &UnitSetting) -> Outcome {
    let last = |key| unit.settings_of(key).last();
    let mode = match last("SocketMode").map(|mode| u32::from_str_radix(&mode.value, 8)) {
        None => 0o666,
        Some(Ok(mode)) => mode,
        Some(Err(_)) => return Outcome::Unknown("SocketMode is no octal number".into()),
    };
    if mode & 0o002 != 0 {
        let at = last("SocketMode").unwrap_or(one);
        let seen = format!("{} with mode {mode:04o}", one.value);
        return told(at, seen, "every local user", Foothold::LocalUser)
            .severity(Severity::Critical)
            .into();
    }
    match last("SocketUser").filter(|user| !["root", "0"].contains(&user.value.as_str())) {
        Some(user) => {
            let who = format!("the user {}", user.value);
            told(user, format!("SocketUser={}", user.value), &who, Foothold::LocalUser).into()
        }
        None => Outcome::Pass,
    }
}

fn open(one: &UnitSetting, who: &str, needs: Foothold) -> Failure {
    told(one, format!("ListenStream={}", one.value), who, needs)
}

fn told(at: &UnitSetting, seen: String, who: &str, needs: Foothold) -> Failure {
    let evidence = Evidence::at(&at.origin, seen, "a socket file, 0660, of root's");
    let message = format!("systemd opens the engine's API to {who}");
    let fix = "`systemctl edit docker.socket`: ListenStream=/run/docker.sock, SocketMode=0660";
    Failure::new(message, evidence, fix).opens(Gain::HostRoot, needs)
}

#[cfg(test)]
mod tests;

use dockward_model::facts::{Field, Snapshot};
use dockward_model::verdict::{Evidence, Failure, Outcome};

use crate::kernel_switches::{FURTHER, HARDENING, Standing};
use crate::listeners;

crate::check! {
    /// ## Why
    /// Containers are no stronger than the host below them: its kernel is theirs, and what listens
    /// on it can be attacked without any container. Whether a host is hardened is more than any
    /// tool sees; what can be seen of it stands here, for the person who decides.
    ///
    /// ## Fix
    /// Go through the evidence: boot with `lockdown=integrity`, use AppArmor or SELinux, set the
    /// switches of the kernel in `/etc/sysctl.d`, and switch off what need not listen. Hold the
    /// host to its distribution's own guide, then waive this check and say which guide that was.
    ///
    /// ## References
    /// CIS Docker Benchmark 1.2.1; kernel_lockdown(7); kernel.org, "Documentation for
    /// /proc/sys/kernel". `host-kernel-hardening`, `host-mandatory-access-control` and
    /// `host-services` judge what needs no decision.
    id: "host-hardening", title: "the host below the containers is hardened",
    severity: Low, area: Host, cis16: ["1.2.1"], cis18: ["1.2.1"], Host: hardening
}

/// How many listening sockets are named.
const MOST: usize = 20;

/// What was found, for a person.
#[derive(Default)]
struct Found {
    weak: Vec<&'static str>,
    unread: Vec<&'static str>,
    first_unread: Option<Outcome>,
    evidence: Vec<Evidence>,
    known: bool,
}

impl Found {
    fn could_not_read(&mut self, what: &'static str, why: Outcome) {
        self.unread.push(what);
        self.first_unread.get_or_insert(why);
    }

    fn read<T>(&mut self, what: &'static str, field: &Field<T>, seen: String, good: (bool, &str)) {
        self.known = true;
        self.evidence.push(Evidence::of(field, seen, good.1).effective());
        if !good.0 {
            self.weak.push(what);
        }
    }
}

fn hardening(snapshot: &Snapshot) -> Outcome {
    let mut found = Found::default();
    fences(snapshot, &mut found);
    switches(snapshot, &mut found);
    let reachable = reachable(snapshot, &mut found);
    if !found.known {
        return found.first_unread.unwrap_or(Outcome::Unknown("nothing was seen".into()));
    }
    let part = |what: &str, list: &[&str]| match list {
        [] => format!("{what}: none"),
        some => format!("{what}: {}", some.join(", ")),
    };
    let mut message = part("weaker than hardened guides want", &found.weak);
    message = format!("{message}; {reachable}");
    if !found.unread.is_empty() {
        message = format!("{message}; {}", part("not read", &found.unread));
    }
    Outcome::Review(Failure {
        severity: None,
        message,
        evidence: found.evidence,
        fix: "hold the host to its distribution's hardening guide, starting with these".into(),
        openings: Vec::new(),
    })
}

/// Lockdown and the security modules.
fn fences(snapshot: &Snapshot, found: &mut Found) {
    let lockdown = &snapshot.host.lockdown;
    let expected = "integrity or confidentiality";
    match lockdown.get() {
        Some(level) => {
            found.read("lockdown", lockdown, level.clone(), (level != "none", expected));
        }
        None if lockdown.fact.is_absent() => {
            found.read("lockdown", lockdown, "not in this kernel".into(), (false, expected));
        }
        None => found.could_not_read("lockdown", Outcome::unread(lockdown)),
    }
    let lsms = &snapshot.host.lsms;
    let Some(list) = lsms.get() else {
        return found.could_not_read("security modules", Outcome::unread(lsms));
    };
    let fenced = list.iter().any(|lsm| lsm == "apparmor" || lsm == "selinux");
    let seen = if list.is_empty() { "none".to_owned() } else { list.join(",") };
    found.read("security modules", lsms, seen, (fenced, "apparmor or selinux among them"));
}

fn switches(snapshot: &Snapshot, found: &mut Found) {
    for switch in HARDENING.iter().chain(&FURTHER) {
        match switch.on(&snapshot.host) {
            Standing::Good => found.known = true,
            Standing::Weak(evidence) => {
                found.known = true;
                found.weak.push(switch.name);
                found.evidence.push(evidence);
            }
            Standing::Unread(why) => found.could_not_read(switch.name, why),
        }
    }
}

/// What of the host can be reached from the network, in words.
fn reachable(snapshot: &Snapshot, found: &mut Found) -> String {
    let listeners = match listeners::on_the_network(snapshot) {
        Ok(listeners) => listeners,
        Err(why) => {
            found.could_not_read("listening sockets", why);
            return "what listens on the network is not known".into();
        }
    };
    found.known = true;
    let field = &snapshot.host.listening;
    let evidence = |listener: &listeners::Listener<'_>| {
        Evidence::of(field, listener.to_string(), "only what must be reachable").effective()
    };
    found.evidence.extend(listeners.iter().take(MOST).map(evidence));
    let many = match listeners.len() {
        0 => return "nothing of the host listens on the network".into(),
        1 => "1 socket".to_owned(),
        many => format!("{many} sockets"),
    };
    let mut names: Vec<_> = listeners.iter().take(MOST).map(listeners::Listener::name).collect();
    names.sort_unstable();
    names.dedup();
    format!("{many} of the host on the network: {}", names.join(", "))
}

#[cfg(test)]
mod tests;

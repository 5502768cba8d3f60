//! The seccomp filter in force.

use super::security_opt;
use crate::facts::{Container, Daemon, Fact, Field};

/// The seccomp filter in force.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Seccomp {
    /// None, or a profile that allows every call.
    Unconfined,
    /// A profile of one's own that allows every call but those that it names.
    AllowsUnnamed,
    /// The engine's own profile.
    Default,
    /// Another profile: the container's own or the daemon's.
    Custom,
}

/// The kernel's word that there is no filter decides. That there is one proves nothing where none
/// was configured: a program can install its own, and `docker exec` then starts without it.
pub(super) fn seccomp(c: &Container, daemon: &Daemon, privileged: &Field<bool>) -> Field<Seccomp> {
    let configured = configured_seccomp(c, daemon, privileged);
    let Some(kernel) = c.kernel().map(|k| &k.seccomp) else { return configured };
    match (kernel.get(), configured.get()) {
        (Some(0), _) => Field::known(Seccomp::Unconfined, kernel.origin.clone()),
        (None, _) | (Some(_), Some(Seccomp::Unconfined | Seccomp::AllowsUnnamed)) => configured,
        (Some(_), Some(Seccomp::Default)) => Field::known(Seccomp::Default, kernel.origin.clone()),
        (Some(_), _) => Field::known(Seccomp::Custom, kernel.origin.clone()),
    }
}

fn configured_seccomp(c: &Container, daemon: &Daemon, privileged: &Field<bool>) -> Field<Seccomp> {
    let own = security_opt(c, "seccomp");
    match (&privileged.fact, &own.fact) {
        (Fact::Known(true), _) => Field::known(Seccomp::Unconfined, privileged.origin.clone()),
        (_, Fact::Known(text)) => Field::known(of_profile(text), own.origin),
        (Fact::Unknown(why), _) => Field::unknown(why.clone(), privileged.origin.clone()),
        (_, Fact::Unknown(why)) => Field::unknown(why.clone(), own.origin),
        _ => {
            let wide = daemon.security_option("seccomp");
            match wide.fact {
                Fact::Known(settings) => {
                    let profile = settings.strip_prefix("profile=").unwrap_or("builtin").to_owned();
                    Field::known(of_profile(&profile), wide.origin)
                }
                Fact::Absent => Field::known(Seccomp::Unconfined, wide.origin),
                Fact::Unknown(why) => Field::unknown(why, wide.origin),
            }
        }
    }
}

/// What `seccomp=…` means: a word, a file, or the profile's own JSON, which is what the command
/// line sends (moby `profiles/seccomp`).
fn of_profile(text: &str) -> Seccomp {
    match text {
        "unconfined" => return Seccomp::Unconfined,
        "builtin" | "default" => return Seccomp::Default,
        _ => {}
    }
    let Ok(profile) = serde_json::from_str::<serde_json::Value>(text) else {
        return Seccomp::Custom;
    };
    let lets_through = |action: Option<&serde_json::Value>| {
        let action = action.and_then(serde_json::Value::as_str);
        matches!(action, Some("SCMP_ACT_ALLOW" | "SCMP_ACT_LOG" | "SCMP_ACT_TRACE"))
    };
    let calls = profile.get("syscalls").and_then(serde_json::Value::as_array);
    let denies = calls.is_some_and(|list| list.iter().any(|c| !lets_through(c.get("action"))));
    match (lets_through(profile.get("defaultAction")), denies) {
        (true, false) => Seccomp::Unconfined,
        (true, true) => Seccomp::AllowsUnnamed,
        (false, _) => Seccomp::Custom,
    }
}

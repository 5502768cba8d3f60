//! Engines of the family that obeys containers-policy.json(5).

use dockward_model::facts::Daemon;

/// Whether the engine is Podman (`/version`, `Components`: `Podman Engine`).
pub(crate) fn is(daemon: &Daemon) -> bool {
    let components = daemon.components.get();
    components.is_some_and(|all| all.keys().any(|name| name.starts_with("Podman")))
}

//! What programs need that people give the engine's socket to.

use super::Hidden;
use crate::glob::Glob;

/// What a well-known program needs of the engine, and no more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Preset {
    /// Traefik's Docker provider: lists and inspects containers, networks and services, and reads
    /// events.
    Traefik,
    /// Portainer: everything that people do by hand, within the profile.
    Portainer,
    /// Watchtower and its like: pulls images, and makes containers anew.
    Watchtower,
    /// A runner of CI jobs: builds images, and runs containers of its own.
    CiRunner,
    /// Exporters of metrics: looks at everything, without environments.
    Exporter,
}

impl Preset {
    /// Every preset.
    pub const ALL: [Self; 5] =
        [Self::Traefik, Self::Portainer, Self::Watchtower, Self::CiRunner, Self::Exporter];

    /// The word in settings.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Traefik => "traefik",
            Self::Portainer => "portainer",
            Self::Watchtower => "watchtower",
            Self::CiRunner => "ci-runner",
            Self::Exporter => "exporter",
        }
    }

    /// The operations that it may do.
    pub(super) fn operations(self) -> impl Iterator<Item = Glob> {
        let own: &[&str] = match self {
            Self::Traefik => &[
                "container-list",
                "container-inspect",
                "network-list",
                "network-inspect",
                "service-list",
                "service-inspect",
                "task-list",
                "node-list",
                "node-inspect",
                "system-events",
                "system-info",
            ],
            Self::Portainer => &[
                "container-*",
                "exec-*",
                "image-*",
                "network-*",
                "volume-*",
                "service-*",
                "task-*",
                "node-list",
                "node-inspect",
                "secret-*",
                "config-*",
                "plugin-list",
                "swarm-inspect",
                "system-*",
                "registry-*",
                "builder-prune",
            ],
            Self::Watchtower => &[
                "container-list",
                "container-inspect",
                "container-create",
                "container-start",
                "container-stop",
                "container-kill",
                "container-remove",
                "container-rename",
                "container-wait",
                "container-exec",
                "exec-start",
                "exec-inspect",
                "image-inspect",
                "image-create",
                "image-remove",
                "image-list",
                "network-connect",
                "network-disconnect",
                "network-inspect",
                "registry-distribution",
                "system-info",
            ],
            Self::CiRunner => &[
                "container-*",
                "exec-*",
                "image-*",
                "network-*",
                "volume-*",
                "builder-*",
                "registry-*",
                "system-*",
            ],
            Self::Exporter => &[
                "container-list",
                "container-inspect",
                "container-stats",
                "container-top",
                "image-list",
                "network-list",
                "volume-list",
                "service-list",
                "task-list",
                "node-list",
                "system-info",
                "system-df",
                "system-events",
            ],
        };
        let always = ["system-ping*", "system-version"];
        own.iter().copied().chain(always).map(Glob::new)
    }

    /// What it doesn't get to see.
    pub(super) const fn hides(self) -> &'static [Hidden] {
        match self {
            Self::Traefik | Self::Exporter => &[Hidden::Env, Hidden::Argv],
            Self::Portainer | Self::Watchtower | Self::CiRunner => &[],
        }
    }
}

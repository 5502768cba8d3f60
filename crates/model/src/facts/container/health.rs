//! Restart policy and health check.

use serde::{Deserialize, Serialize};

/// `HostConfig.RestartPolicy`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct RestartPolicy {
    /// `no`, `always`, `unless-stopped` or `on-failure`; empty means `no`.
    pub name: String,
    /// How often `on-failure` tries; 0 means without end.
    pub max_retries: i64,
}

/// `Config.Healthcheck`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Healthcheck {
    /// The first word of `Test`: `CMD`, `CMD-SHELL` or `NONE`; empty inherits the image's.
    pub kind: String,
    /// `State.Health.Status`, where it runs: `starting`, `healthy`, `unhealthy`.
    pub status: Option<String>,
}

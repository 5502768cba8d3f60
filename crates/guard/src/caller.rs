//! Who asks.

mod cgroup;
#[cfg(test)]
mod live_tests;
pub(crate) mod peer;
mod status;

use dockward_model::ContainerId;

/// Who asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Caller {
    /// A process of this machine, by its socket's peer credentials.
    Process(Process),
    /// Whoever holds the key of a verified client certificate.
    Certificate(Certificate),
}

/// A process that asks. Ids are those of the guard's own namespaces.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Process {
    /// The effective user id when it connected. It says nothing unless `within` is
    /// [`Within::Host`]: 0 in a container is not root.
    pub uid: u32,
    /// The effective group id when it connected.
    pub gid: u32,
    /// The supplementary groups. Empty where they could not be read for sure: a group may allow
    /// something, and must never be what denies it.
    pub groups: Vec<u32>,
    /// The process id when it connected; for telling people, never for deciding.
    pub pid: u32,
    /// Where it runs.
    pub within: Within,
}

/// Where a process runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Within {
    /// On the host, in no container.
    Host,
    /// In a container of the engine, whatever its user id.
    Container(ContainerId),
    /// Somewhere else, or it could not be told: never the host, never root. With the reason.
    Elsewhere(String),
}

/// The names in a verified client certificate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Certificate {
    /// The subject's common name.
    pub common_name: Option<String>,
    /// The subject's alternative names: DNS names, mail addresses, URIs, as text.
    pub names: Vec<String>,
}
